"""Before a learner has answered, nothing on a lesson's page gives the answer away; after the run, all of it is said."""

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from streamlit.testing.v1 import AppTest

from mbgd import load
from mbgd.charts.gradient_check import BEND, ROUNDING
from mbgd.experiments.frameworks.peers import installed
from mbgd.experiments.loop import timing
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.epochs import budget_plans
from mbgd.experiments.under_the_hood import update_costs
from mbgd.share.choices import Choices
from mbgd.ui import frameworks, under_the_hood
from mbgd.ui.gradient_check import check
from mbgd.ui.kit.predict import UNSURE
from mbgd.ui.loop import ways
from mbgd.ui.mistakes import epochs, rate
from mbgd.ui.mistakes.bugs import BUG_WORDS, lessons
from mbgd.ui.modes import exhaustion, noise, race, surface
from mbgd.ui.shapes import doubling
from mbgd.ui.shapes.steps import GROWS
from mbgd.ui.shapes.walk import TOLD
from tests.pages.app import (
    agreements,
    charts,
    healthy,
    html,
    opened_page,
    plain,
    predict,
    prose,
    run_experiment,
    unfolded,
)

CHOICES = Choices(data="diabetes", hidden=(16,), rate=0.02, epochs=3)  # those of opened_page
DATASET = load("diabetes")
SETTINGS = CHOICES.settings(len(DATASET.X_train))


class Lesson(NamedTuple):
    """A lesson: its page and address, the keys of its question and of its run, and what gives its answer away."""

    page: str
    query: dict[str, str]
    question: str
    run: str
    gives_away: tuple[str, ...]
    prepare: Callable[[AppTest], AppTest] = healthy


def bug(name: str) -> Lesson:
    words, lesson = BUG_WORDS[name], lessons()[name]
    case = BUGS[name].case(DATASET, SETTINGS)
    key = f"mistake_{name}"
    texts = (words.symptom, lesson.prediction(case), lesson.tries, "Which check catches it?")
    return Lesson("mistakes", {"mistake": name}, key, key, texts)


def part(module: object, query: str, *texts: str, prepare: Callable[[AppTest], AppTest] = healthy) -> Lesson:
    key = module.QUESTION.key  # type: ignore[attr-defined]
    return Lesson("modes", {"part": query}, key, key, (module.TRY, *texts), prepare)  # type: ignore[attr-defined]


def one_epoch(at: AppTest) -> AppTest:
    """A race that is short whatever the speed of the machine."""
    at.slider(key="race_seeds").set_value(1).run()
    at.segmented_control(key="race_limit").set_value("epochs").run()
    return healthy(at.select_slider(key="race_epochs").set_value(5).run())


def at_the_gradient_of_W(at: AppTest) -> AppTest:
    next(group for group in at.get("button_group") if group.key == "shape_step").set_value("dW1")
    return healthy(at.run())


def as_a_table(at: AppTest) -> AppTest:
    next(group for group in at.get("button_group") if group.key == "shape_view").set_value("all as one table")
    return healthy(at.run())


LETTERS = ("( B × ", "8·h1·n")  # of shapes and of costs
SHAPES = ("doubling", "doubling", (doubling.TRY, *TOLD.values(), *LETTERS, "Bytes with twice the rows", "Grows with B"))
LESSONS = {
    **{name: bug(name) for name in lessons()},
    "epochs": Lesson(
        "mistakes",
        {"mistake": "epochs"},
        "mistake_epochs",
        "mistake_epochs",
        (epochs.TRY, epochs.symptom(budget_plans(DATASET, SETTINGS)), "Only updates change", "times as many"),
    ),
    "rate": Lesson(
        "mistakes",
        {"mistake": "rate"},
        "mistake_rate",
        "mistake_rate",
        (rate.TRY, rate.SYMPTOM, "the loss diverges", " edge ", "λ_max", "'above'"),
    ),
    "race": part(race, "the-race", prepare=one_epoch),
    "surface": part(surface, "on-the-loss-surface", "2/λₘₐₓ"),
    "noise": part(noise, "the-noise-of-a-batch", "S²/B"),
    "exhaustion": part(exhaustion, "six-rows", "exhaustion"),
    "loop": Lesson("loop", {}, "loop_speed", "speed", (ways.TRY, ways.ONE_ROW)),
    "frameworks": Lesson(
        "frameworks", {}, "frameworks", "frameworks", (frameworks.things_to_try(installed()), "rounding only")
    ),
    "under the hood": Lesson("under_the_hood", {}, "hood", "costs", (under_the_hood.TRY, "matrix products alone take")),
    "shapes": Lesson("shapes", {}, *SHAPES, prepare=at_the_gradient_of_W),
    "shapes as a table": Lesson(
        "shapes", {}, *SHAPES[:2], (doubling.TRY, GROWS, LETTERS[0], "which grow with B"), prepare=as_a_table
    ),
    "gradient check": Lesson("gradient_check", {}, "gradient_check_step", "gradient_check", (check.TRY,)),
    "gradient check, lines": Lesson(
        "gradient_check", {"activation": "tanh"}, "gradient_check_step", "gradient_check", (BEND, ROUNDING)
    ),
}


def shown(spec: object) -> object:
    """A chart's specification without its filters, which nobody reads."""
    if isinstance(spec, dict):
        return {key: shown(value) for key, value in spec.items() if key != "transform"}
    return [shown(value) for value in spec] if isinstance(spec, list) else spec


def everything(at: AppTest) -> str:
    """All that a learner can read on the page: texts, the help of its controls, legends and labels of charts."""
    unfolded(at)
    specs = " ".join(str(shown(spec)) for spec, _ in charts(at))
    labels = " ".join(str(table.to_pydict().get(name, "")) for _, table in charts(at) for name in ("label", "series"))
    controls = " ".join(str(getattr(control, "options", "")) for control in [*at.get("button_group"), *at.selectbox])
    main = " ".join(re.findall(r"<h[12][^>]*>.*?</h[12]>", html(at)))
    folds = " ".join(panel.label for panel in at.expander)
    return " ".join([prose(at), specs, labels, controls, plain(main), folds])


@pytest.fixture(autouse=True)
def _short_turns(monkeypatch):
    """The times measured here need not be precise."""
    monkeypatch.setattr(timing, "TURN", 2e-4)
    monkeypatch.setattr(update_costs, "TURN", 2e-4)


@pytest.mark.parametrize("name", LESSONS)
def test_nothing_gives_the_answer_away_before_the_learner_has_answered_and_run(name):
    lesson = LESSONS[name]
    at = lesson.prepare(opened_page(f"pages/{lesson.page}.py", epochs="3", **lesson.query))
    for moment in ("before an answer", "before the run"):
        said = everything(at)
        for text in lesson.gives_away:
            assert text not in said, (moment, text)
        assert "Try this" not in said, moment
        if lesson.page != "loop":  # which counts memory on the same page
            assert not agreements(at), moment
        at = predict(at, lesson.question, UNSURE)
    said = everything(run_experiment(at, lesson.run, midway=True))
    for text in lesson.gives_away:
        assert text in said, text
    assert "Try this" in said


@pytest.mark.parametrize("name", ["summed", "epochs", "surface", "loop"])
def test_an_answer_on_other_data_gives_nothing_away(name):
    lesson = LESSONS[name]
    at = lesson.prepare(opened_page(f"pages/{lesson.page}.py", epochs="3", **lesson.query))
    at = run_experiment(predict(at, lesson.question, UNSURE), lesson.run)
    at = healthy(at.sidebar.number_input(key="choose_seed").set_value(3).run())
    assert "Try this" not in everything(at)
    for text in lesson.gives_away[:1]:
        assert text not in everything(at)
