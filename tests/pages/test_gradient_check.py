"""The page Gradient check: without a mistake, with each of them, and with the network that page Train has trained."""

import re

import numpy as np
import pytest

from mbgd.experiments.gradient_check.check import STEP_SIZES, step_name
from mbgd.experiments.gradient_check.verdict import size_of_step
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.checks import GRADIENT
from mbgd.ui.gradient_check.check import APART
from mbgd.ui.gradient_check.claims import BUG_QUESTION, STEP_QUESTION, step_verdict
from mbgd.ui.kit.predict import UNSURE, mark
from tests.charts.encoded import column
from tests.pages.app import (
    charts,
    healthy,
    opened,
    opened_page,
    other_page,
    predict,
    press,
    run_experiment,
    run_of,
    words,
)

FILE, KEY = "pages/gradient_check.py", "gradient_check"
STEP, BUG = "gradient_check_step", "gradient_check_bug"


def everything(at):
    return words(at) + " ".join(block.value for block in [*at.markdown, *at.caption])


def with_mistake(bug, **query):
    return healthy(opened_page(FILE, **query).selectbox(key="gradient_check_mistake").set_value(bug).run())


@pytest.mark.parametrize(
    ("query", "right"),
    [
        ({"activation": "tanh"}, "hundred-thousandth"),
        ({}, "thousandth"),
        ({"hidden": "none"}, "large"),
        ({"mode": "full"}, "hundred-thousandth"),
        ({"data": "sine", "size": "20", "validation": "50", "hidden": "1-1-1-1-1-1", "mode": "sgd"}, "thousandth"),
    ],
)
@pytest.mark.parametrize("picked", ["tiny", "hundred-thousandth", "thousandth", "large", UNSURE])
def test_the_run_marks_each_answer(query, right, picked):
    at = run_experiment(predict(opened_page(FILE, **query), STEP, picked), KEY)
    said = everything(at)
    assert ("✓ Right." in said) == (picked == right)
    assert ("✕ Not this time." in said) == (picked not in (right, UNSURE))
    assert "✓ agrees" in said
    assert "✕ differs" not in said


@pytest.mark.parametrize(("size", "h"), [(size_of_step(h), h) for h in STEP_SIZES])
def test_each_step_measured_falls_into_one_answer(size, h):
    def holds(text):
        low, high = map(float, re.findall(r"\d+e-\d+", text)[:2])
        return 0.99 * low <= h <= 1.01 * high

    assert [name for name, answer in STEP_QUESTION.answers.items() if holds(answer.text)] == [size]


def test_an_answer_that_chance_alone_keeps_from_being_right_is_not_marked_wrong():
    at = run_experiment(predict(opened_page(FILE), STEP, "thousandth"), KEY)
    check = at.session_state["jobs"][KEY].last.result
    numerical = np.tile(2 * check.analytic, (len(STEP_SIZES), 1))
    for h, error in (("3e-4", 1e-9), ("1e-4", 1.2e-9)):
        numerical[list(map(step_name, STEP_SIZES)).index(h)] = check.analytic * (1 + error)
    verdict = step_verdict(check._replace(numerical=numerical))
    kinds = [mark(STEP_QUESTION, name, verdict)[0] for name in ("thousandth", "hundred-thousandth", "large")]
    assert kinds == ["good", "good", "bad"]


def test_the_step_runs_the_way_of_the_axis_above_it():
    names = opened_page(FILE).select_slider(key="gradient_check_h").options
    assert names == [step_name(h) for h in sorted(STEP_SIZES)]


def test_the_second_view_draws_the_errors_of_the_points():
    at = run_experiment(predict(opened_page(FILE), STEP, "thousandth"), KEY)
    assert all("y" not in table.column_names for _, table in charts(at))
    at = healthy(at.segmented_control(key="gradient_check_view").set_value(APART).run())
    tables = [table for _, table in charts(at) if "y" in table.column_names]
    assert len(tables) == 1
    assert "numerical" in tables[0].column_names
    assert f"choose *{APART}* under the points" in everything(at)


@pytest.mark.parametrize(("query", "kinks"), [({}, True), ({"activation": "tanh"}, False)])
def test_a_kink_and_the_letters_are_explained_before_the_run(query, kinks):
    said = everything(opened_page(FILE, **query))
    assert ("Between the two the loss has a kink: a corner, with no derivative." in said) == kinks
    assert STEP_QUESTION.text.startswith("f is the loss, θ one of the weights or biases.")


@pytest.mark.parametrize(
    ("query", "cause"),
    [
        ({"mode": "full"}, "Here kinks decide: from h = 1e-5 on a step switches a ReLU unit."),
        (
            {"activation": "tanh"},
            "Here the bend decides: with rounding it is expected to make the least error near h",
        ),
        ({"hidden": "none"}, "Here nothing is in the way of large steps"),
    ],
)
def test_the_marking_says_what_decided(query, cause):
    assert cause in everything(run_experiment(predict(opened_page(FILE, **query), STEP, "thousandth"), KEY))


def test_no_answer_gives_a_cause_that_other_settings_lack():
    answers = STEP_QUESTION.answers
    assert "if the loss bends" in answers["hundred-thousandth"].why
    assert "first kink" in answers["hundred-thousandth"].why
    assert "large steps win, until" not in answers["thousandth"].why
    assert all("derivative that is not 0" in BUG_QUESTION.answers[name].why for name in ("steeper", "flatter"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"mode": "full"}, "on the first 256 of the 353 rows of the first batch of training"),
        ({"batch": "256"}, "weights, on the first batch of training"),
        ({}, "weights, on the first batch of training"),
    ],
)
def test_the_caption_says_which_rows_are_checked(query, said):
    assert said in everything(opened_page(FILE, **query))


def test_weights_moved_off_a_kink_are_said_to_be():
    at = opened_page(FILE, data="sine", size="300", hidden="1-1-1-1-1-1", batch="16")
    assert "moved by about 0.01" not in everything(at)
    at = healthy(at.selectbox(key="gradient_check_mistake").set_value("bias_averaged").run())
    said = everything(run_experiment(predict(at, BUG, "flatter"), KEY))
    assert "at its first weights, each parameter moved by about 0.01, because a ReLU unit stood on its kink" in said
    assert "of the 14 derivatives are 0." in said
    assert "✕ differs" not in said


def test_a_run_that_was_stopped_says_how_far_it_is():
    at = press(predict(opened_page(FILE, data="digits", hidden="32"), STEP, "thousandth"), f"run_{KEY}")
    job = at.session_state["jobs"][KEY]
    while not len(job.last.result.numerical):
        at = healthy(at.run())
    at = press(at, f"stop_{KEY}")
    done = len(job.last.result.numerical)
    assert 0 < done < len(STEP_SIZES)
    said, least = everything(at), step_name(STEP_SIZES[done - 1])
    assert f"so far the largest {done} of 23, down to {least}: the points, too" in said
    assert "the circle is at the step chosen" not in said


@pytest.mark.parametrize("bug", list(BUGS))
def test_each_mistake_is_found_or_said_to_be_out_of_reach(bug):
    at = run_experiment(predict(with_mistake(bug), BUG, UNSURE), KEY)
    said = everything(at)
    found = BUGS[bug].check == GRADIENT
    assert ("The check has found it." in said) == found
    assert ("this check can’t see the mistake" in said) == (not found)
    assert (f"What catches this mistake: {BUGS[bug].check}." in said) == (not found)
    assert "✓ agrees" in said
    assert "✕ differs" not in said


@pytest.mark.parametrize(
    ("bug", "right"),
    [("summed", "steeper"), ("averaged_twice", "flatter"), ("bias_averaged", "apart"), ("last_dropped", "diagonal")],
)
@pytest.mark.parametrize("picked", ["steeper", "flatter", "apart", "diagonal"])
def test_the_points_mark_each_answer(bug, right, picked):
    said = everything(run_experiment(predict(with_mistake(bug), BUG, picked), KEY))
    assert ("✓ Right." in said) == (picked == right)
    assert ("✕ Not this time." in said) == (picked != right)


def test_the_factor_of_a_mistake_is_predicted_and_measured():
    said = everything(run_experiment(predict(with_mistake("bias_averaged", batch="32"), BUG, UNSURE), KEY))
    assert "analytic ÷ numerical, of the 17 biases 0.03125 0.03125 ✓ agrees" in said
    assert "analytic ÷ numerical, of the 176 weights 1 1 ✓ agrees" in said


def test_a_mistake_that_changes_nothing_here_is_said_to():
    said = everything(run_experiment(predict(with_mistake("averaged_twice", mode="sgd"), BUG, UNSURE), KEY))
    assert "With this network and batch the mistake changes nothing" in said


def test_the_step_is_chosen_without_running_again():
    at = run_experiment(predict(opened_page(FILE), STEP, "thousandth"), KEY)
    assert "✕ marks" not in everything(at)
    at = healthy(at.select_slider(key="gradient_check_h").set_value(0.1).run())
    said = everything(at)
    assert "✕ marks" in said
    assert "h = 1e-1" in said
    assert "✓ Right." in said
    errors = next(table for _, table in charts(at) if "h" in table.column_names)
    assert column(errors, "h", series="chosen").tolist() == [0.1]


def test_the_network_is_the_one_of_page_train():
    at = opened(epochs="5")
    at = press(at, "step_epoch")
    at = other_page(at, FILE)
    assert "after 23 updates on the page Train" in everything(at)
    at = run_experiment(predict(at, STEP, UNSURE), KEY)
    assert "✕ differs" not in everything(at)
    at.sidebar.text_input(key="choose_hidden").set_value("8").run()
    assert "at its first weights" in everything(healthy(at))
    assert "The settings have changed" in everything(at)


def test_weights_whose_gradients_overflow_are_not_checked():
    at = press(opened(), "step_epoch")
    run_of(at).training._layers[0].b[0] = 1e200
    assert "at its first weights" in everything(other_page(at, FILE))


@pytest.mark.parametrize(
    "query",
    [
        {"data": "digits", "hidden": "8-8-8-8-8-8", "batch": "8"},
        {"data": "sine", "size": "20", "mode": "sgd", "hidden": "none"},
        {"data": "penguins", "batch": "200", "rate": "10", "activation": "identity"},
    ],
)
def test_it_runs_with_whatever_the_sidebar_chooses(query):
    at = run_experiment(predict(opened_page(FILE, **query), STEP, UNSURE), KEY)
    assert "the gradient is that of the loss" in everything(at)
    assert "✕ differs" not in everything(at)


def test_the_code_shows_the_mistake_beside_the_function_it_replaces():
    at = with_mistake("summed")
    at.session_state["code"] = True
    code = "\n".join(block.value for block in at.run().code)
    for line in ("def quotient(", "def loss_and_gradient(", "def mse_and_derivative(", "def mse_summed("):
        assert line in code
