"""The words of the bug lab: every verdict has its answer, every number its claim, and what is hidden is said to be."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.engine.losses import LOSSES
from mbgd.experiments.mistakes.bug import Case, Gap, Proof
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.side_by_side import RunPlan, Side, SideBySide, outcome_of_rows, side_by_side
from mbgd.experiments.step import finish
from mbgd.ui.kit.predict import UNSURE, mark
from mbgd.ui.mistakes import bugs, epochs, rate
from mbgd.ui.mistakes.asked import ONLY_THE_CORRECT_RUN
from mbgd.ui.mistakes.bugs import BUG_WORDS, find_words, lessons, question_of

pytestmark = pytest.mark.thorough

LESSONS = lessons()
ASKED = {name: question_of(name) for name in LESSONS} | {"epochs": epochs.ASKED, "rate": rate.ASKED}
OF_ROWS = [name for name in LESSONS if BUGS[name].outcome is outcome_of_rows]
SCALING = [name for name in LESSONS if BUGS[name].factor]
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


def figure(side):
    """How a sentence says where a run ended."""
    return f"update {side.diverged:,}" if side.diverged else f"{side.end:.3g}"


def figures(text):
    """The numbers in a text."""
    return re.findall(r"\d[\d,]*(?:\.\d+)?", text)


def ran(name, settings, data):
    """What becomes of a bug's run."""
    bug = BUGS[name]
    dataset, right = bug.case(load(data), settings)
    return finish(side_by_side(RunPlan(dataset, right), RunPlan(dataset, right, bug.parts(dataset, right))))


def claims(name, dataset, settings, proof, result):
    return LESSONS[name].claims(Case(BUGS[name].data(dataset), settings), proof, result)


# --- the records ---


def test_dropping_the_last_batch_is_called_a_trade_off_after_the_run_and_all_others_mistakes():
    kinds = {name: words.kind for name, words in BUG_WORDS.items()}
    assert len({kind for name, kind in kinds.items() if name != "last_dropped"}) == 1
    dropped = BUG_WORDS["last_dropped"]
    assert dropped.kind not in {kind for name, kind in kinds.items() if name != "last_dropped"}
    assert "trade-off" in dropped.symptom
    assert not [text for text in (dropped.title, dropped.kind, dropped.what) if "trade-off" in text]
    assert not {"correct", "broken"} & set(dropped.sides)
    told = ASKED["last_dropped"].verdict(ENDS["dropped"]._replace(names=dropped.sides)).measured
    assert "broken run" not in told


def test_every_bug_has_a_file_of_words_and_stands_in_the_order_of_the_numbers():
    files = {path.stem for path in Path(bugs.__file__).parent.glob("*.py")} - {"__init__"}
    assert set(BUG_WORDS) == files
    assert list(BUG_WORDS) == list(find_words()) == list(BUGS)
    assert len({words.title for words in BUG_WORDS.values()}) == len(BUG_WORDS)


def test_the_lab_has_a_lesson_for_all_but_the_bugs_of_the_gradient_check():
    assert BUGS.keys() - LESSONS.keys() == {"activation_derivative_left_out", "bias_averaged"}


@pytest.mark.parametrize("name", ["misspelt", "Summed", ""])
def test_an_unknown_name_falls_through_to_no_other_bug(name):
    for known in (BUGS, BUG_WORDS, lessons()):
        with pytest.raises(KeyError):
            known[name]
    with pytest.raises(KeyError):
        question_of(name)


def test_numbers_without_words_are_refused(monkeypatch):
    monkeypatch.setitem(BUGS, "summed_up", BUGS["summed"])
    with pytest.raises(ValueError, match="summed_up must have a file in both folders"):
        find_words()


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", ASKED)
def test_whatever_a_run_does_is_among_the_answers_and_is_marked(name, end):
    question, decided = ASKED[name].question, ASKED[name].verdict(ENDS[end])
    assert decided.right in question.answers
    for picked in [*question.answers, UNSURE]:
        kind, text = mark(question, picked, decided)
        assert kind == ("good" if picked == decided.right else "plain" if picked == UNSURE else "bad")
        assert figure(ENDS[end].right) in text
        assert figure(ENDS[end].broken) in text


@pytest.mark.parametrize("name", ASKED)
def test_each_answer_has_a_reason_of_its_own(name):
    answers = ASKED[name].question.answers.values()
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
        ("last_dropped", replace(SETTINGS, batch_size=353), "diabetes", "others"),
        ("carried_over", replace(SETTINGS, batch_size=100), "diabetes", "larger"),
        ("carried_over", replace(SETTINGS, batch_size=353), "diabetes", "larger"),
        ("carried_over", replace(SETTINGS, batch_size=100, epochs=1), "diabetes", "never"),
    ],
)
def test_the_settings_decide_which_answer_is_right(name, settings, data, expected):
    assert BUGS[name].outcome(ran(name, settings, data)) == expected


def test_a_mistake_that_shows_in_rows_is_told_in_rows():
    told = ASKED["last_dropped"].verdict(ran("last_dropped", replace(SETTINGS, batch_size=100), "diabetes")).measured
    assert figures(told)[-2:] == ["53", "100"]  # rows left out per epoch, per batch
    assert "each row is used" in told
    told = ASKED["carried_over"].verdict(ran("carried_over", replace(SETTINGS, batch_size=100), "diabetes")).measured
    assert figures(told)[-4:] == ["45", "53", "100", "153"]
    assert "each row is used" in told


@pytest.mark.parametrize("data", ["diabetes", "moons", "digits"])
@pytest.mark.parametrize("name", LESSONS)
def test_all_claims_agree_with_a_number_each(name, data):
    settings = replace(SETTINGS, batch_size=100 if name in OF_ROWS else 16, epochs=20, learning_rate=0.01)
    dataset = load(data)
    proved = finish(BUGS[name].prove(BUGS[name], Case(BUGS[name].data(dataset), settings)))
    for claim in claims(name, dataset, settings, proved, ran(name, settings, data)):
        assert claim.agrees, claim
        assert claim.predicted
        assert claim.measured


def test_a_claim_can_disagree():
    broken = ENDS["higher"]
    (claim,) = claims("shuffled_apart", load("diabetes"), SETTINGS, Proof(), broken)
    assert not claim.agrees
    (claim,) = claims("shuffled_apart", load("diabetes"), SETTINGS, Proof(), ENDS["explodes"])
    assert not claim.agrees
    assert not figures(claim.measured)


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
    assert claims("no_shuffle_sorted", dataset, full, None, ENDS["same"]) == []
    assert claims("no_shuffle_sorted", dataset, SETTINGS, None, ENDS["both explode"]) == []


def test_averaged_twice_full_batch_is_slower_when_right_and_hardly_moves_when_broken():
    mini, full = (ran("averaged_twice", replace(SETTINGS, epochs=50, batch_size=B), "diabetes") for B in (32, 1_000))
    assert full.right.end > 1.1 * mini.right.end
    assert full.broken.end > 0.95 * full.broken.losses[0]


@pytest.mark.parametrize("epochs", [2, 3])
def test_answers_on_dropped_rows_exclude_each_other(epochs):
    """Where a row happens to be left out of all the few epochs, the rows left out still differ."""
    settings = replace(SETTINGS, batch_size=200, epochs=epochs)
    result = ran("last_dropped", settings, "diabetes")
    assert result.broken.never_used > 0
    assert BUGS["last_dropped"].outcome(result) == "others"


def predicted(name, dataset):
    return LESSONS[name].prediction(Case(BUGS[name].data(dataset), SETTINGS))


def test_the_prediction_names_its_number():
    dataset = load("diabetes")
    expected = {
        "summed": ["0.02", "0.32", "16", "1"],
        "averaged_twice": ["0.02", "0.00125", "1", "1", "16"],
        "divided_by_b_alone": ["0.02", "0.06", "3"],
        "no_shuffle_sorted": ["16", "353"],
        "shuffled_apart": ["1"],
        "last_dropped": ["353", "16", "1"],
        "carried_over": ["16", "1", "17"],
    }
    assert {name: figures(predicted(name, dataset)) for name in LESSONS} == expected
    classes = load("moons")
    assert figures(predicted("summed", classes)) == ["0.02", "0.32", "16"]
    assert figures(predicted("shuffled_apart", classes)) == ["0.6931"]


@pytest.mark.parametrize(
    ("name", "hidden_by"),
    [
        ("summed", {"batch_size": 1}),
        ("averaged_twice", {"batch_size": 1}),
        ("no_shuffle_sorted", {"batch_size": 353}),
        ("last_dropped", {"epochs": 1}),
        ("carried_over", {"epochs": 1}),
    ],
)
def test_where_settings_hide_a_mistake_the_page_says_so(name, hidden_by):
    dataset = load("diabetes")
    bug, lesson = BUGS[name], LESSONS[name]
    assert lesson.why_hidden(bug, Case(dataset, SETTINGS)) is None
    sentence = lesson.why_hidden(bug, Case(dataset, replace(SETTINGS, **hidden_by)))
    assert sentence
    assert not set("{}") & set(sentence)  # the numbers are filled in


def test_the_lines_at_stake_are_those_of_the_data():
    regression, classes = (LESSONS["summed"].lines(Case(load(name), SETTINGS)) for name in ("diabetes", "moons"))
    assert regression != classes
    notes = [LESSONS["divided_by_b_alone"].data_note(load(name)) for name in ("diabetes", "moons", "digits")]
    assert [figures(note)[0] for note in notes] == ["3", "2", "10"]


@pytest.mark.parametrize("name", SCALING)
def test_the_line_that_is_said_to_be_right_is_what_the_engine_does(name):
    """The two lines shown, evaluated on a batch: the right one is the engine's derivative, or its dW."""
    rng = np.random.default_rng(0)
    Y, output, X, dZ = (rng.normal(size=(5, 3)) for _ in range(4))
    scope = {"Ŷ": output, "Y": Y, "B": 5, "k": 3, "X": X, "dZ": dZ}
    right, wrong = (eval(line.split(" = ")[1], scope) for line in LESSONS[name].lines(Case(load("plane"), SETTINGS)))
    expected = dZ.T @ X if name == "averaged_twice" else LOSSES["mse"].with_derivative(Y, output)[1]
    np.testing.assert_allclose(right, expected, rtol=1e-12)
    factor = {"summed": 15, "averaged_twice": 1 / 5, "divided_by_b_alone": 3}[name]
    np.testing.assert_allclose(wrong, factor * expected, rtol=1e-12)


def test_a_batch_size_that_is_not_the_sidebars_is_said_with_both():
    for name in OF_ROWS:
        case = BUGS[name].case(load("moons"), SETTINGS)
        assert figures(LESSONS[name].size_note(16, case)) == ["16", "240", str(case.B), str(case.rest)]
    assert figures(LESSONS["summed"].size_note(16, Case(load("moons"), replace(SETTINGS, batch_size=9)))) == ["9", "16"]


@pytest.mark.parametrize("name", [name for name in LESSONS if BUGS[name].outcome is not outcome_of_rows])
def test_where_only_the_correct_run_diverged_the_reason_is_of_that(name):
    asked = ASKED[name]
    assert asked.verdict(ENDS["right explodes"]).why == ONLY_THE_CORRECT_RUN
    for end in ("lower", "higher", "explodes", "both explode"):
        assert not asked.verdict(ENDS[end]).why


@pytest.mark.parametrize("name", SCALING)
def test_no_answer_on_a_run_that_did_not_diverge_says_what_only_some_of_such_runs_do(name):
    """Steps that are too long jump about, or lead to a flat region: a text must not promise one of the two."""
    flat, jumping = ENDS["constant"], ENDS["higher"]
    assert {ASKED[name].outcome(flat), ASKED[name].outcome(jumping)} == {"higher"}
    assert "jumps" not in LESSONS[name].answers["higher"].text
