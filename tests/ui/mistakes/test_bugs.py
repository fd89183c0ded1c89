"""The words of the bug lab: every verdict has its answer, every number its claim, and what is hidden is said to be."""

from dataclasses import replace

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.engine.losses import LOSSES
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.checks import Finding
from mbgd.experiments.mistakes.proofs import SCALING, Gap, Proof, proof
from mbgd.experiments.mistakes.side_by_side import Plan, Side, SideBySide, side_by_side
from mbgd.experiments.step import finish
from mbgd.ui.kit.predict import UNSURE, mark
from mbgd.ui.mistakes.bugs import checks_table, outcome
from mbgd.ui.mistakes.facts import RIGHT_AND_WRONG, TRY, claims, data_note, invisible, lines, prediction, right_settings
from mbgd.ui.mistakes.questions import OF_ROWS, QUESTIONS, symptom, verdict

NAMES = list(RIGHT_AND_WRONG)
SETTINGS = Settings(16, 4, 0.02, (8,))


def side(*losses, diverged=None, unused=(0,), never_used=0, sizes=(4, 4)):
    return Side(np.arange(len(losses), dtype=float), np.array(losses), 2, diverged, unused, never_used, sizes)


GOOD, LOST = side(4.0, 0.3), side(4.0, 1.0, diverged=2, unused=(), sizes=(0, 0))
ENDS = {
    "same": SideBySide(GOOD, side(4.0, 0.3), 1.0, 1),
    "higher": SideBySide(GOOD, side(4.0, 2.0), 1.0, 1),
    "lower": SideBySide(GOOD, side(4.0, 0.1), 1.0, 1),
    "constant": SideBySide(GOOD, side(4.0, 1.01), 1.0, 1),
    "explodes": SideBySide(GOOD, LOST, 1.0, 1),
    "right explodes": SideBySide(LOST, side(4.0, 0.3), 1.0, 1),
    "both explode": SideBySide(LOST, LOST, 1.0, 1),
    "dropped": SideBySide(GOOD, side(4.0, 0.3, unused=(3, 3), never_used=0), 1.0, 1),
    "never": SideBySide(GOOD, side(4.0, 0.3, unused=(3, 3), never_used=3), 1.0, 1),
    "carried": SideBySide(GOOD, side(4.0, 0.3, unused=(3, 2), sizes=(4, 7)), 1.0, 1),
}


def ran(name, settings, data):
    dataset = BUGS[name].data(load(data))
    right = right_settings(name, settings, len(dataset.X_train))
    return finish(side_by_side(Plan(dataset, right), Plan(dataset, right, BUGS[name].parts(dataset, right))))


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", QUESTIONS)
def test_whatever_a_run_does_is_among_the_answers_and_is_marked(name, end):
    question, decided = QUESTIONS[name], verdict(name, ENDS[end])
    assert decided.right in question.answers
    for picked in [*question.answers, UNSURE]:
        kind, text = mark(question, picked, decided)
        assert kind == ("good" if picked == decided.right else "plain" if picked == UNSURE else "bad")
        assert "explodes at update 2" in text or "ends at a loss of" in text


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_answer_has_a_reason_of_its_own(name):
    answers = QUESTIONS[name].answers.values()
    assert len({answer.why for answer in answers}) == len({answer.text for answer in answers}) == len(answers) >= 4
    assert all(len(answer.why) > 30 for answer in answers)


@pytest.mark.parametrize(
    ("name", "settings", "data", "expected"),
    [
        ("summed", SETTINGS, "diabetes", "explodes"),
        ("summed", replace(SETTINGS, batch_size=1), "diabetes", "same"),
        ("summed", replace(SETTINGS, learning_rate=1e-4), "diabetes", "lower"),
        ("averaged_twice", SETTINGS, "diabetes", "higher"),
        ("averaged_twice", replace(SETTINGS, batch_size=1), "diabetes", "same"),
        ("divided_by_b_alone", replace(SETTINGS, batch_size=240, epochs=10), "moons", "lower"),
        ("divided_by_b_alone", replace(SETTINGS, learning_rate=0.2, batch_size=1), "digits", "explodes"),
        ("no_shuffle_sorted", replace(SETTINGS, batch_size=1), "diabetes", "higher"),
        ("no_shuffle_sorted", replace(SETTINGS, batch_size=1_000), "diabetes", "same"),
        ("shuffled_apart", replace(SETTINGS, epochs=30), "diabetes", "constant"),
        ("shuffled_apart", replace(SETTINGS, learning_rate=1e-5), "diabetes", "same"),
        ("last_dropped", replace(SETTINGS, batch_size=100), "diabetes", "others"),
        ("last_dropped", replace(SETTINGS, batch_size=100, shuffle=False), "diabetes", "never"),
        ("last_dropped", replace(SETTINGS, batch_size=353), "diabetes", "once"),
        ("carried_over", replace(SETTINGS, batch_size=100), "diabetes", "larger"),
        ("carried_over", replace(SETTINGS, batch_size=353), "diabetes", "once"),
        ("carried_over", replace(SETTINGS, batch_size=100, epochs=1), "diabetes", "never"),
    ],
)
def test_the_settings_decide_which_answer_is_right(name, settings, data, expected):
    assert symptom(name, ran(name, settings, data)) == expected


def test_a_mistake_that_shows_in_rows_is_told_in_rows():
    told = verdict("last_dropped", ran("last_dropped", replace(SETTINGS, batch_size=100), "diabetes")).measured
    assert "an epoch of the broken one left 53 out" in told
    assert "its batches held 100." in told


@pytest.mark.parametrize("data", ["diabetes", "moons", "digits"])
@pytest.mark.parametrize("name", NAMES)
def test_all_claims_agree_with_a_number_each(name, data):
    settings = replace(SETTINGS, batch_size=100 if name in OF_ROWS else 16, epochs=20, learning_rate=0.01)
    dataset = load(data)
    proved = finish(proof(name, dataset, settings))
    for claim in claims(name, dataset, settings, proved, ran(name, settings, data)):
        assert claim.agrees, claim
        assert claim.predicted
        assert claim.measured


def test_a_claim_can_disagree():
    broken = ENDS["higher"]
    (claim,) = claims("shuffled_apart", load("diabetes"), SETTINGS, Proof(), broken)
    assert not claim.agrees
    (claim,) = claims("shuffled_apart", load("diabetes"), SETTINGS, Proof(), ENDS["explodes"])
    assert (claim.measured, claim.agrees) == ("explodes", False)


@pytest.mark.parametrize(
    ("gap", "words", "agrees"),
    [(Gap(2e-13, 20), "20 updates", True), (Gap(0.0, 1), "1 update", True), (Gap(np.inf, 3), "3 updates", False)],
)
def test_the_claim_of_two_paths_says_how_far_they_were_compared(gap, words, agrees):
    (claim,) = claims("no_shuffle_sorted", load("diabetes"), SETTINGS, Proof((), gap), None)
    assert claim.says.endswith(f", {words}")
    assert claim.agrees is agrees


def test_nothing_is_claimed_of_paths_that_rounding_parts_at_once_or_that_were_not_compared():
    for known in (Proof((), Gap(0.0, 0)), None):
        assert claims("no_shuffle_sorted", load("diabetes"), SETTINGS, known, None) == []


def test_no_higher_loss_is_claimed_where_order_does_nothing_or_the_right_code_explodes():
    dataset, full = load("diabetes"), replace(SETTINGS, batch_size=1_000)
    (claim,) = claims("no_shuffle_sorted", dataset, SETTINGS, None, ENDS["higher"])
    assert claim.agrees
    assert claims("no_shuffle_sorted", dataset, full, None, ENDS["higher"]) == []
    assert claims("no_shuffle_sorted", dataset, SETTINGS, None, ENDS["both explode"]) == []


def test_what_happens_at_full_batch_when_averaged_twice_is_as_the_page_says():
    mini, full = (ran("averaged_twice", replace(SETTINGS, epochs=50, batch_size=B), "diabetes") for B in (32, 1_000))
    assert full.right.end > 1.1 * mini.right.end
    assert full.broken.end > 0.95 * full.broken.losses[0]
    assert "the right code is slower, the broken one freezes" in TRY["averaged_twice"]


@pytest.mark.parametrize("epochs", [2, 3])
def test_answers_on_dropped_rows_exclude_each_other(epochs):
    """Where a row happens to be left out of all the few epochs, the rows left out still differ."""
    settings = replace(SETTINGS, batch_size=200, epochs=epochs)
    result, answers = ran("last_dropped", settings, "diabetes"), QUESTIONS["last_dropped"].answers
    assert result.broken.never_used > 0
    assert symptom("last_dropped", result) == "others"
    assert "not always the same" in answers["others"].text
    assert "never" not in answers["never"].text
    assert "The same rows" in answers["never"].text


def test_the_prediction_names_its_number():
    dataset = load("diabetes")
    expected = {
        "summed": "**η = 0.32** in place of 0.02",
        "averaged_twice": "**η = 0.00125**",
        "no_shuffle_sorted": "16 neighbours of 353",
        "shuffled_apart": "Var(Y), **1**",
        "last_dropped": "353 mod 16 = **1 row**",
        "carried_over": "**17 rows**",
    }
    for name, words in expected.items():
        assert words in prediction(name, dataset, SETTINGS)
    three = BUGS["divided_by_b_alone"].data(dataset)
    assert "**η = 0.06**" in prediction("divided_by_b_alone", three, SETTINGS)
    assert "entropy" in prediction("shuffled_apart", load("moons"), SETTINGS)
    assert "η × B = 16" in prediction("summed", load("moons"), SETTINGS)


@pytest.mark.parametrize(
    ("name", "hidden_by"),
    [
        ("summed", {"batch_size": 1}),
        ("averaged_twice", {"batch_size": 1}),
        ("no_shuffle_sorted", {"batch_size": 353}),
        ("last_dropped", {"batch_size": 353}),
        ("last_dropped", {"epochs": 1}),
        ("carried_over", {"epochs": 1}),
        ("carried_over", {"batch_size": 1}),
    ],
)
def test_where_settings_hide_a_mistake_the_page_says_so(name, hidden_by):
    dataset = load("diabetes")
    assert invisible(name, dataset, SETTINGS) is None
    assert "choose" in invisible(name, dataset, replace(SETTINGS, **hidden_by))


def test_the_lines_at_stake_are_those_of_the_data():
    assert lines("summed", load("moons")) != lines("summed", load("diabetes"))
    assert set(TRY) == set(RIGHT_AND_WRONG)
    assert "k = 3" in data_note("divided_by_b_alone", BUGS["divided_by_b_alone"].data(load("diabetes")))


@pytest.mark.parametrize("name", SCALING)
def test_the_line_that_is_said_to_be_right_is_what_the_engine_does(name):
    """The two lines shown, evaluated on a batch: the right one is the engine's derivative, or its dW."""
    rng = np.random.default_rng(0)
    Y, output, X, dZ = (rng.normal(size=(5, 3)) for _ in range(4))
    scope = {"Ŷ": output, "Y": Y, "B": 5, "k": 3, "X": X, "dZ": dZ}
    right, wrong = (eval(line.split(" = ")[1], scope) for line in RIGHT_AND_WRONG[name])
    expected = dZ.T @ X if name == "averaged_twice" else LOSSES["mse"].with_derivative(Y, output)[1]
    np.testing.assert_allclose(right, expected, rtol=1e-12)
    factor = {"summed": 15, "averaged_twice": 1 / 5, "divided_by_b_alone": 3}[name]
    np.testing.assert_allclose(wrong, factor * expected, rtol=1e-12)


def test_the_outcome_of_a_check_is_said_both_ways():
    yes, no = Finding(True, "16 < 17"), Finding(False, "all well")
    assert outcome("counting rows", no, yes)[0] == "good"
    assert outcome("counting rows", no, no)[0] == "changed"
    assert outcome("counting rows", yes, yes)[0] == "bad"
    assert "does not clear" in outcome("counting rows", no, no)[1]
    unknown = Finding(None, "9 rows may look sorted")
    assert outcome("counting rows", unknown, unknown) == (
        "changed",
        "<b>Too few rows to tell.</b> 9 rows may look sorted: take more of them.",
    )
    assert "– can't tell: 9 rows" in checks_table("a", {"a": [unknown, unknown]})
    table = checks_table("b", {"a": [no, no], "b": [no, yes]})
    assert table.index("<b>b</b>") < table.index(">a<")
    assert "✕ alarm: 16 &lt; 17" in table
    assert table.count("✓ passes: all well") == 3
