"""The page Gradient check: without a mistake, with each mistake, and with the network trained on the page Train."""

import math
import re

import numpy as np
import pytest

from mbgd.data.catalogue import datasets, load
from mbgd.experiments.gradient_check.check import STEP_SIZES, check_gradient, step_name
from mbgd.experiments.gradient_check.verdict import Expected, is_right, size_of_best, size_of_step, slope
from mbgd.experiments.gradients import OFF_THE_KINK
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.checks import CHECKS, GRADIENT
from mbgd.experiments.plain import Parts, start
from mbgd.experiments.step import finish
from mbgd.share.address import from_query
from mbgd.ui.gradient_check.check import APART, FIRST_STEP, VIEWS, WHAT_A_KINK_IS
from mbgd.ui.gradient_check.claims import BUG_QUESTION, STEP_QUESTION, bug_question, bug_verdict, step_verdict
from mbgd.ui.kit.predict import UNSURE, mark
from mbgd.ui.mistakes.bugs import BUG_WORDS
from tests.charts.encoded import column
from tests.pages.app import (
    DIABETES,
    agreements,
    charts,
    healthy,
    marking,
    notes,
    opened,
    opened_page,
    other_page,
    plain,
    predict,
    press,
    prose,
    rows,
    run_experiment,
    run_of,
    source,
    unfolded,
)

FILE, KEY = "pages/gradient_check.py", "gradient_check"
STEP = "gradient_check_step"


def checked(at):
    """The result of the gradient check."""
    return at.session_state["jobs"][KEY].last.result


def with_mistake(bug, **query):
    return healthy(opened_page(FILE, **query).selectbox(key="gradient_check_mistake").set_value(bug).run())


@pytest.mark.parametrize(
    ("query", "right", "limit", "figure"),
    [
        ({"activation": "tanh"}, "hundred-thousandth", "bend", "h = "),
        ({}, "thousandth", None, ""),
        ({"hidden": "none"}, "large", "nothing", ""),
        ({"mode": "full"}, "hundred-thousandth", "kink", "h = 1e-5"),
        (
            {"data": "sine", "size": "20", "validation": "50", "hidden": "1-1-1-1-1-1", "mode": "sgd"},
            *("thousandth", None, ""),
        ),
    ],
)
def test_the_run_marks_the_right_answer_and_no_other_and_says_what_limits_the_step(query, right, limit, figure):
    at = predict(opened_page(FILE, **query), STEP, right)
    assert marking(at, STEP) == "plain"
    at = run_experiment(at, KEY)
    assert marking(at, STEP) == "good"
    assert limit in (None, Expected(checked(at)).limit)
    assert step_verdict(checked(at)).measured in prose(at)
    assert figure in step_verdict(checked(at)).measured.split(". ")[-1]
    assert all(agreements(at))
    assert len(agreements(at)) >= 3
    verdict = step_verdict(checked(at))
    kinds = {name: mark(STEP_QUESTION, name, verdict)[0] for name in [*STEP_QUESTION.answers, UNSURE]}
    assert {name for name, kind in kinds.items() if kind == "good"} == {right}
    assert {name for name, kind in kinds.items() if kind == "plain"} == {UNSURE}


@pytest.mark.parametrize(("picked", "kind"), [("tiny", "bad"), (UNSURE, "plain")])
def test_the_page_marks_the_answer_that_was_picked(picked, kind):
    at = predict(opened_page(FILE), STEP, picked)
    assert marking(at, STEP) == "plain"
    assert marking(run_experiment(at, KEY), STEP) == kind


@pytest.mark.parametrize(("size", "h"), [(size_of_step(h), h) for h in STEP_SIZES])
def test_each_step_belongs_to_one_answer(size, h):
    def holds(text):
        low, high = map(float, re.findall(r"\d+e-\d+", text)[:2])
        return 0.99 * low <= h <= 1.01 * high

    assert [name for name, answer in STEP_QUESTION.answers.items() if holds(answer.text)] == [size]


def test_an_answer_too_close_to_tell_is_not_marked_wrong():
    at = run_experiment(predict(opened_page(FILE), STEP, "thousandth"), KEY)
    check = at.session_state["jobs"][KEY].last.result
    numerical = np.tile(2 * check.analytic, (len(STEP_SIZES), 1))
    for h, error in (("3e-4", 1e-9), ("1e-4", 1.2e-9)):
        numerical[list(map(step_name, STEP_SIZES)).index(h)] = check.analytic * (1 + error)
    verdict = step_verdict(check._replace(numerical=numerical))
    kinds = [mark(STEP_QUESTION, name, verdict)[0] for name in ("thousandth", "hundred-thousandth", "large")]
    assert kinds == ["good", "good", "bad"]


def test_the_step_slider_goes_from_small_to_large_like_the_axis_above():
    names = opened_page(FILE).select_slider(key="gradient_check_h").options
    assert names == [step_name(h) for h in sorted(STEP_SIZES)]


SETTINGS = [
    {"activation": "tanh"},
    {"hidden": "none"},
    {"mode": "full"},
    {"mode": "sgd", "hidden": "64-64"},
    {"hidden": "8-8-8-8-8-8", "activation": "sigmoid"},
    {"hidden": "32", "mode": "full", "activation": "tanh"},
]


@pytest.mark.parametrize(
    ("data", "query"), [(data, {}) for data in datasets()] + [("penguins", query) for query in SETTINGS]
)
def test_the_slider_starts_at_a_step_that_tells_nothing(data, query):
    """It is neither the step with the smallest error, which the question asks for, nor one with the largest."""
    choices, _ = from_query({"data": data, "hidden": "16"} | query)
    dataset = load(**choices.data_options())
    settings = choices.settings(len(dataset.X_train))
    rng = np.random.default_rng(0)
    check = finish(check_gradient(dataset, settings, start(dataset, settings), rng, Parts()))
    curve, first = check.curve(), STEP_SIZES.index(FIRST_STEP)
    assert curve.min() < curve[first] < curve.max()
    assert size_of_step(FIRST_STEP) != size_of_best(check)


def test_the_slider_of_the_page_starts_there():
    assert opened_page(FILE).select_slider(key="gradient_check_h").value == FIRST_STEP


def test_the_step_and_the_view_are_chosen_without_running_again():
    at = run_experiment(predict(opened_page(FILE), STEP, "thousandth"), KEY)
    assert notes(at) == ["good"]
    at = healthy(at.select_slider(key="gradient_check_h").set_value(0.1).run())
    assert notes(at) == ["good", "changed"]  # at this step some parameters switch a unit
    assert "h = 1e-1" in prose(at)
    errors = next(table for _, table in charts(at) if "h" in table.column_names)
    assert column(errors, "h", series="chosen").tolist() == [0.1]
    assert all("y" not in table.column_names for _, table in charts(at) if "numerical" in table.column_names)
    at = healthy(at.segmented_control(key="gradient_check_view").set_value(APART).run())
    (table,) = (table for _, table in charts(at) if "numerical" in table.column_names)
    assert "y" in table.column_names
    assert f"*{VIEWS[APART].name}*" in prose(at)  # what to try, after the run


def described(at):
    """The descriptions of the points and of the errors at each step."""
    return [element.proto.alt for element in at.get("vega_lite_chart")]


def test_the_charts_are_described_with_their_numbers_after_the_check_and_alike_until_then():
    at = opened_page(FILE, hidden="32")  # not done at once
    before = described(at)
    at = press(predict(at, STEP, UNSURE), f"run_{KEY}")
    while not len(at.session_state["jobs"][KEY].last.result.numerical):
        at = healthy(at.run())
    assert not at.session_state["jobs"][KEY].finished
    assert described(at) == before
    at.session_state["jobs"][KEY].work(math.inf)
    at = healthy(at.run())
    check = checked(at)
    points, errors = described(at)
    assert all(text in errors for text in (f"{check.curve()[check.best]:.1e}", step_name(STEP_SIZES[check.best])))
    s, _ = slope(check, at=STEP_SIZES.index(FIRST_STEP))
    assert all(text in points for text in (f"slope {s:.4g}", f"{len(check.names)} parameters", step_name(FIRST_STEP)))
    at = healthy(at.segmented_control(key="gradient_check_view").set_value(APART).run())
    worst = check.errors(STEP_SIZES.index(FIRST_STEP)).max()
    assert f"{worst:.1e}" in described(at)[0]


def test_a_mistake_is_described_before_its_question():
    what = plain(BUG_WORDS["summed"].what)
    assert what not in prose(opened_page(FILE))
    assert what in prose(opened_page(FILE, mistake="summed"))


@pytest.mark.parametrize(("query", "kinks"), [({}, True), ({"activation": "tanh"}, False)])
def test_a_kink_is_explained_before_the_run_if_a_unit_can_have_one(query, kinks):
    assert (WHAT_A_KINK_IS in prose(unfolded(opened_page(FILE, **query)))) == kinks


@pytest.mark.parametrize(
    ("query", "figures"),
    [({"mode": "full"}, ["256", "353"]), ({"batch": "256"}, []), ({}, [])],
)
def test_the_caption_says_how_many_rows_are_checked(query, figures):
    assert re.findall(r"\d+", opened_page(FILE, **query).main.caption[-1].value) == figures


def test_the_caption_says_that_weights_were_moved_off_a_kink():
    at = opened_page(FILE, data="sine", size="300", hidden="1-1-1-1-1-1", batch="16")
    assert f"{OFF_THE_KINK:g}" not in at.main.caption[-1].value
    at = healthy(at.selectbox(key="gradient_check_mistake").set_value("bias_averaged").run())
    at = run_experiment(predict(at, bug_question("bias_averaged").key, "flatter"), KEY)
    assert checked(at).moved
    assert f"{OFF_THE_KINK:g}" in at.main.caption[-1].value
    zeros = int(np.count_nonzero(checked(at).analytic == 0))
    assert zeros > 0
    assert re.search(rf"\b{zeros} of the 14\b", bug_verdict(checked(at)).measured)
    assert all(agreements(at))


def test_a_stopped_run_says_how_many_steps_are_done():
    at = press(predict(opened_page(FILE, data="digits", hidden="32"), STEP, "thousandth"), f"run_{KEY}")
    job = at.session_state["jobs"][KEY]
    while not len(job.last.result.numerical):
        at = healthy(at.run())
    at = press(at, f"stop_{KEY}")
    done = len(job.last.result.numerical)
    assert 0 < done < len(STEP_SIZES)
    assert re.search(rf"\b{done} of {len(STEP_SIZES)}\b.*\b{step_name(STEP_SIZES[done - 1])}\b", prose(at))
    at = healthy(press(at, f"run_{KEY}"))
    job.work(math.inf)
    assert f" of {len(STEP_SIZES)}" not in prose(healthy(at.run()))


ANSWERS = {"summed": "steeper", "averaged_twice": "flatter", "bias_averaged": "apart", "last_dropped": "diagonal"}


@pytest.mark.parametrize("bug", list(BUGS))
def test_each_mistake_is_found_and_marked_by_the_points_or_the_page_of_the_other_checks_is_linked(bug):
    at = run_experiment(predict(with_mistake(bug), bug_question(bug).key, ANSWERS.get(bug, UNSURE)), KEY)
    found = GRADIENT in BUGS[bug].checks
    assert is_right(checked(at)) == (not found)
    assert notes(at)[-1] == ("bad" if found else "changed")
    links = [link.proto for link in at.get("page_link") if "mistakes" in link.proto.page]
    assert any(f"mistake={bug}" in link.query_string for link in links) == (not found)
    assert found or not set(BUGS[bug].checks) & set(re.findall("|".join(CHECKS), prose(at)))  # it is asked there
    assert agreements(at)
    assert all(agreements(at))
    if right := ANSWERS.get(bug):
        assert marking(at, bug_question(bug).key) == "good"
        kinds = {name: mark(BUG_QUESTION, name, bug_verdict(checked(at)))[0] for name in BUG_QUESTION.answers}
        assert kinds == {name: "good" if name == right else "bad" for name in BUG_QUESTION.answers}


def test_the_factor_of_a_mistake_is_predicted_and_measured():
    at = run_experiment(
        predict(with_mistake("bias_averaged", batch="32"), bug_question("bias_averaged").key, UNSURE), KEY
    )
    biases, weights = rows(at)[-2:]
    assert " 17 " in biases[0]
    assert biases[1:3] == ["0.03125", "0.03125"]
    assert " 176 " in weights[0]
    assert weights[1:3] == ["1", "1"]
    assert agreements(at) == [True, True]


def test_a_mistake_without_effect_here_is_not_found():
    at = run_experiment(
        predict(with_mistake("averaged_twice", mode="sgd"), bug_question("averaged_twice").key, UNSURE), KEY
    )
    assert is_right(checked(at))
    assert notes(at)[-1] == "changed"


def test_the_network_is_that_of_the_page_train():
    at = opened(**DIABETES, epochs="5")
    at = press(at, "step_epoch")
    at = other_page(at, FILE)
    assert re.search(r"\b23\b", at.main.caption[-1].value)
    at = run_experiment(predict(at, STEP, UNSURE), KEY)
    assert all(agreements(at))
    at.sidebar.text_input(key="choose_hidden").set_value("8").run()
    assert not re.search(r"\d", healthy(at).main.caption[-1].value)
    assert "changed" in notes(at)


def test_weights_whose_gradients_overflow_are_not_checked():
    at = press(opened(), "step_epoch")
    run_of(at).training._layers[0].b[0] = 1e200
    assert not re.search(r"\d", other_page(at, FILE).main.caption[-1].value)


@pytest.mark.parametrize(
    "query",
    [
        {"data": "digits", "hidden": "8-8-8-8-8-8", "batch": "8"},
        {"data": "sine", "size": "20", "mode": "sgd", "hidden": "none"},
        {"data": "penguins", "batch": "200", "rate": "10", "activation": "identity"},
    ],
)
def test_it_runs_with_all_settings_of_the_sidebar(query):
    at = run_experiment(predict(opened_page(FILE, **query), STEP, UNSURE), KEY)
    assert agreements(at)[0]
    assert all(agreements(at))


def test_the_code_shows_the_mistake_beside_the_function_it_replaces():
    at = run_experiment(predict(with_mistake("summed"), bug_question("summed").key, UNSURE), KEY)
    at.session_state["code"] = True
    code = source(healthy(at.run()))
    for line in ("def quotient(", "def loss_and_gradient(", "def mse_and_derivative(", "def mse_summed("):
        assert line in code
