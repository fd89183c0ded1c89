"""Before a learner has answered, nothing on a lesson's page gives the answer away; after the run, all of it is said."""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from streamlit.testing.v1 import AppTest

from mbgd import load
from mbgd.charts.gradient_check import BEND, ROUNDING
from mbgd.experiments.frameworks.comparison import recorded
from mbgd.experiments.frameworks.peers import installed
from mbgd.experiments.loop import timing
from mbgd.experiments.mistakes.bug import replacement
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.epochs import budget_plans
from mbgd.experiments.under_the_hood import update_costs
from mbgd.share.allowed import Among
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
    source,
)

CHOICES = Choices(data="diabetes", hidden=(16,), rate=0.02, epochs=3)  # those of opened_page
DATASET = load("diabetes")
SETTINGS = CHOICES.settings(len(DATASET.X_train))


class Asked(NamedTuple):
    """A question of a lesson: its key and that of its run, and what gives its answer away.

    claims: whether no claims of the page may be seen as long as it is open.
    """

    question: str
    run: str
    gives_away: tuple[str, ...]
    claims: bool = True


class Lesson(NamedTuple):
    """A lesson: its page and address, its questions in their order, and what to do before the first."""

    page: str
    query: dict[str, str]
    questions: tuple[Asked, ...]
    prepare: Callable[[AppTest], AppTest] = healthy


def bug(name: str) -> Lesson:
    words, lesson = BUG_WORDS[name], lessons()[name]
    case = BUGS[name].case(DATASET, SETTINGS)
    key, check = f"mistake_{name}", f"check_{name}"
    run = Asked(key, key, (words.symptom, lesson.prediction(case), lesson.tries, "Which check catches it?", TRIED))
    checks = Asked(check, check, (first_line(name), "Theory and measurement: "))
    return Lesson("mistakes", {"mistake": name}, (run, checks))


def first_line(name: str) -> str:
    """The first line of the function that a mistake puts in the place of the engine's."""
    return inspect.getsource(replacement(BUGS[name].parts(*BUGS[name].case(DATASET, SETTINGS)))).splitlines()[0]


def alone(page: str, query: dict[str, str], question: str, run: str, *texts: str, **more: Any) -> Lesson:
    """A lesson with one question, after which it says what to try."""
    return Lesson(page, query, (Asked(question, run, (*texts, TRIED)),), **more)


def part(module: Any, query: str, *texts: str, prepare: Callable[[AppTest], AppTest] = healthy) -> Lesson:
    key = module.QUESTION.key
    return alone("modes", {"part": query}, key, key, module.TRY, *texts, prepare=prepare)


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


TRIED = "Try this"
SMALL = {"data": "sine", "size": "20", "hidden": "2"}  # quick to measure
LETTERS = ("( B × ", "8·h1·n")  # of shapes and of costs
IN_CODE = "# (k, B) @ (B, n)"
SPEED = Asked("loop_speed", "speed", (ways.TRY, ways.ONE_ROW, TRIED), claims=False)  # it has the claims on memory, too
LESSONS = {
    **{name: bug(name) for name in lessons()},
    "epochs": alone(
        *("mistakes", {"mistake": "epochs"}, "mistake_epochs", "mistake_epochs"),
        *(epochs.TRY, epochs.symptom(budget_plans(DATASET, SETTINGS)), "Only updates change", "times as many"),
    ),
    "rate": alone(
        *("mistakes", {"mistake": "rate"}, "mistake_rate", "mistake_rate"),
        *(rate.TRY, rate.SYMPTOM, "the loss diverges", " edge ", "λ_max", "'above'", "def safe_bound"),
    ),
    "race": part(race, "the-race", prepare=one_epoch),
    "surface": part(surface, "on-the-loss-surface", "2/λₘₐₓ"),
    "noise": part(noise, "the-noise-of-a-batch", "S²/B"),
    "exhaustion": part(exhaustion, "six-rows", "proof by exhaustion"),
    "loop": Lesson(
        "loop", SMALL, (SPEED, Asked("loop_throughput", "throughput", ("at the peak (B = ",), claims=False))
    ),
    "frameworks": alone(
        *("frameworks", {}, "frameworks", "frameworks"),
        *(frameworks.things_to_try(installed()), "rounding only", f"Measured on {recorded()['date']}"),
    ),
    "under the hood": alone("under_the_hood", {}, "hood", "costs", under_the_hood.TRY, "matrix products alone take"),
    "shapes": alone(
        *("shapes", {}, "doubling", "doubling", doubling.TRY, IN_CODE, *TOLD.values(), *LETTERS),
        *("Bytes with twice the rows", "Grows with B"),
        prepare=at_the_gradient_of_W,
    ),
    "shapes as a table": alone(
        *("shapes", {}, "doubling", "doubling"),
        *(doubling.TRY, IN_CODE, GROWS, LETTERS[0], "float64 1,280", "which grow with B"),
        prepare=as_a_table,
    ),
    "gradient check": alone("gradient_check", {}, "gradient_check_step", "gradient_check", check.TRY),
    "gradient check, lines": alone(
        *("gradient_check", {"activation": "tanh"}, "gradient_check_step", "gradient_check", BEND, ROUNDING)
    ),
    "gradient check, mistake": alone(
        *("gradient_check", {"mistake": "summed"}, "gradient_check_bug_summed", "gradient_check", check.TRY),
        *(first_line("summed"), BUG_WORDS["summed"].symptom),
    ),
}
CHOOSE_THE_LESSON = ("mistake", "modes_part", "gradient_check_mistake")  # controls that leave it


def shown(spec: object) -> object:
    """A chart's specification without its filters, which nobody reads."""
    if isinstance(spec, dict):
        return {key: shown(value) for key, value in spec.items() if key != "transform"}
    return [shown(value) for value in spec] if isinstance(spec, list) else spec


def everything(at: AppTest) -> str:
    """All that a learner can read on the page with all folds open: texts, code, tables, controls, legends, labels."""
    folds = {panel.proto.id.rpartition("-")[2]: panel.proto.expanded for panel in at.expander}
    for key in (closed := [key for key, opened in folds.items() if not opened]):
        at.session_state[key] = True
    at = healthy(at.run()) if closed else at
    specs = " ".join(str(shown(spec)) for spec, _ in charts(at))
    labels = " ".join(str(table.to_pydict().get(name, "")) for _, table in charts(at) for name in ("label", "series"))
    controls = " ".join(str(getattr(control, "options", "")) for control in [*at.get("button_group"), *at.selectbox])
    main = " ".join(re.findall(r"<h[12][^>]*>.*?</h[12]>", html(at)))
    names = " ".join(panel.label for panel in at.expander)
    heads = " ".join(str(list(table.value.columns)) for table in at.dataframe)
    return " ".join([prose(at), source(at), specs, labels, controls, plain(main), names, heads])


def everywhere(at: AppTest) -> Iterator[str]:
    """All that a learner can read, with each switch of the page in its first and in its last position."""
    yield everything(at)
    if "linked" not in at.session_state:
        return
    page, before = at.session_state["page"], dict(at.session_state["kept"])
    for key, record in dict(at.session_state["linked"]).items():
        if record.page != page or key in CHOOSE_THE_LESSON or not isinstance(record.allowed, Among):
            continue
        others = [value for value in record.allowed.values if value != before.get(key, record.default)]
        for value in [*others[:1], *others[1:][-1:]]:
            turn(at, key, value)
            yield everything(healthy(at.run()))
        turn(at, key, before.get(key, record.default))
    healthy(at.run())


def turn(at: AppTest, key: str, value: Any) -> None:
    """Give a switch of the page this value at the next run, as `choose` does."""
    at.session_state["kept"][key] = value
    at.session_state["seeded_on"].pop(key, None)


@pytest.fixture(autouse=True)
def _short_turns(monkeypatch):
    """The times measured here need not be precise."""
    monkeypatch.setattr(timing, "TURN", 2e-4)
    monkeypatch.setattr(update_costs, "TURN", 2e-4)


@pytest.mark.parametrize("name", LESSONS)
def test_nothing_gives_an_answer_away_as_long_as_its_question_is_open(name):
    """Neither a text, nor a fold, nor a position of a switch."""
    lesson = LESSONS[name]
    at = lesson.prepare(opened_page(f"pages/{lesson.page}.py", epochs="3", **lesson.query))
    for place, asked in enumerate(lesson.questions):
        hidden = {text for later in lesson.questions[place:] for text in later.gives_away}
        for said in everywhere(at):
            assert not [text for text in hidden if text in said], "before an answer"
        at = predict(at, asked.question, UNSURE)
        said = everything(at)
        assert not [text for text in hidden if text in said], "before the run"
        assert not (asked.claims and agreements(at))
        said = everything(run_experiment(at, asked.run, midway=True))
        assert not [text for text in asked.gives_away if text not in said], "after the run"


@pytest.mark.parametrize("name", ["summed", "epochs", "surface", "loop"])
def test_an_answer_on_other_data_gives_nothing_away(name):
    lesson = LESSONS[name]
    at = lesson.prepare(opened_page(f"pages/{lesson.page}.py", epochs="3", **lesson.query))
    for asked in lesson.questions[: 2 if name == "summed" else 1]:
        at = run_experiment(predict(at, asked.question, UNSURE), asked.run)
    at = healthy(at.sidebar.number_input(key="choose_seed").set_value(3).run())
    said = everything(at)
    assert lesson.questions[0].gives_away[0] not in said
    assert TRIED not in said
    if name == "summed":  # and once the mistake has run again, its checks have not
        said = everything(run_experiment(at, lesson.questions[0].run))
        assert not [text for text in lesson.questions[1].gives_away if text in said]


def test_a_part_gives_no_answer_of_another_part_away():
    parts = {name: lesson for name, lesson in LESSONS.items() if lesson.page == "modes"}
    for name in ("surface", "exhaustion"):
        (asked,) = parts[name].questions
        at = opened_page("pages/modes.py", **parts[name].query)
        said = everything(run_experiment(predict(at, asked.question, UNSURE), asked.run))
        others = {text for other in parts if other != name for text in parts[other].questions[0].gives_away}
        assert not [text for text in others - set(asked.gives_away) if text in said], name
