"""The page Common mistakes: each mistake is predicted, run, marked, checked, and told whatever the sidebar says."""

import re
import sys
from dataclasses import replace

import pytest

from mbgd.experiments.mistakes import bugs
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.ui.kit.predict import UNSURE
from mbgd.ui.mistakes import bugs as words_of_bugs
from mbgd.ui.mistakes import epochs, rate
from mbgd.ui.mistakes.bugs import BUG_WORDS, lessons, question_of
from tests.pages.app import charts, healthy, html, opened_page, other_page, predict, press, run_experiment, words

FILE = "pages/mistakes.py"
BUGS_SHOWN = list(lessons())
ASKED = {name: question_of(name) for name in BUGS_SHOWN} | {"epochs": epochs.ASKED, "rate": rate.ASKED}
HARSH = {
    "one row a batch, far too large a rate": {"mode": "sgd", "rate": "10"},
    "few rows, full batch": {"data": "sine", "size": "20", "mode": "full", "hidden": "none"},
    "classes, rows in order, last batch dropped": {"data": "penguins", "shuffle": "no", "last": "drop", "hidden": "8"},
    "many layers": {"data": "digits", "hidden": "8-8-8-8-8-8", "batch": "1000", "activation": "sigmoid"},
}


def lesson(name, **query):
    """The page with a mistake chosen."""
    at = opened_page(FILE, **{"epochs": "3"} | query)
    return healthy(at.pills(key="mistake").set_value(name).run())


def said(at):
    return words(at) + " ".join(block.value for block in [*at.markdown, *at.caption, *at.code])


@pytest.mark.parametrize("name", ASKED)
def test_each_mistake_is_predicted_run_and_marked(name):
    at = lesson(name)
    assert "The mistake." in said(at)
    assert "Pick your own answer first" in said(at) or name not in BUGS_SHOWN
    assert "Predicted and measured" not in said(at) or name not in BUGS_SHOWN
    assert "Caught by" in said(at)
    assert at.button(key=f"run_mistake_{name}").disabled
    at = predict(at, f"mistake_{name}", "same" if "same" in ASKED[name].question.answers else "once")
    assert "Predicted symptom." in said(at)
    assert "Pick your own answer first" not in said(at)
    at = run_experiment(at, f"mistake_{name}")
    result = at.session_state["jobs"][f"mistake_{name}"].last.result
    right = ASKED[name].verdict(result).right
    assert ("✓ Right." in words(at)) is (right == at.radio(key=f"predict_mistake_{name}").value)
    assert ASKED[name].question.answers[right].why[:40] in words(at)
    sides = next(table for spec, table in charts(at) if "side" in table.column_names)
    assert {"right", "broken"} <= set(sides["series"].to_pylist())


@pytest.mark.parametrize("name", BUGS_SHOWN)
def test_the_check_catches_the_broken_code_and_passes_the_right_one(name):
    at = press(lesson(name, batch="96"), f"check_{name}")
    assert "✓ Caught." in words(at)
    at.number_input(key="choose_seed").set_value(3).run()
    assert "✓ Caught." not in words(healthy(at))  # what was found is of other settings


@pytest.mark.parametrize("settings", HARSH)
@pytest.mark.parametrize("name", ASKED)
def test_whatever_the_sidebar_says_there_is_a_lesson(name, settings):
    at = lesson(name, **HARSH[settings])
    if name in BUGS_SHOWN:
        at = press(at, f"check_{name}")
    at = predict(at, f"mistake_{name}", "explodes")
    at = run_experiment(at, f"mistake_{name}")
    assert "✓ Right." in words(at) or "✕ Not this time." in words(at)


def test_a_mistake_that_cannot_be_seen_is_said_to_be_so():
    assert "choose a larger batch size" in words(lesson("summed", mode="sgd"))
    assert "choose a smaller batch size" in words(lesson("no_shuffle_sorted", mode="full"))
    at = press(lesson("summed", mode="sgd"), "check_summed")
    assert "Not caught." in words(at)


def test_the_choice_of_mistake_and_its_result_outlive_a_look_at_another_page():
    at = predict(lesson("averaged_twice"), "mistake_averaged_twice", "higher")
    at = run_experiment(at, "mistake_averaged_twice")
    assert "✓ Right." in words(at)
    other_page(at, "pages/data.py")
    at = other_page(at, FILE)
    assert "✓ Right." in words(at)
    assert "divides by B" in said(at)


def test_the_source_of_both_functions_is_shown():
    at = lesson("summed")
    at.session_state["code"] = True
    code = "\n".join(block.value for block in healthy(at.run()).code)
    assert "def mse_and_derivative(" in code
    assert "def mse_summed(" in code


def test_the_calculator_counts_updates():
    at = lesson("epochs")
    for key, value in (("budget_rows", 4_096), ("budget_batch", 16), ("budget_epochs", 10)):
        at.number_input(key=key).set_value(value).run()
    assert "2,560 updates = 256 an epoch × 10 epochs" in words(healthy(at))
    assert "B = 256: 160 (16 times fewer; 160 epochs for as many)" in words(at)


def test_updates_of_runs_that_exploded_are_not_compared():
    at = lesson("epochs", rate="1", epochs="20")
    at = run_experiment(predict(at, "mistake_epochs", "higher"), "mistake_epochs")
    assert "neither updates nor final losses can be compared" in words(at)
    assert "✓ agrees" not in words(at)
    at = run_experiment(predict(lesson("epochs"), "mistake_epochs", "higher"), "mistake_epochs")
    assert words(at).count("✓ agrees") == 2


# --- the numbers of a mistake ---


@pytest.mark.parametrize("query", [{"rate": "1"}, {"data": "moons", "hidden": "16-16", "rate": "10"}])
def test_an_identity_agrees_at_any_rate_and_says_how_far_it_was_compared(query):
    for name in ("no_shuffle_sorted", "divided_by_b_alone"):
        at = predict(lesson(name, activation="tanh", mode="full", **query), f"mistake_{name}", UNSURE)
        assert "✕ differs" not in words(at)
        assert re.search(r", 1?\d updates? 0, but for rounding", words(at))


def test_what_is_predicted_is_measured_once_for_the_same_settings(monkeypatch):
    asked, bug = [], BUGS["no_shuffle_sorted"]
    counting = replace(bug, prove=lambda *about: asked.append(about) or bug.prove(*about))
    monkeypatch.setitem(BUGS, "no_shuffle_sorted", counting)
    at = predict(lesson("no_shuffle_sorted"), "mistake_no_shuffle_sorted", UNSURE)
    before = len(asked)
    assert before > 0
    at = healthy(predict(at, "mistake_no_shuffle_sorted", "same").run())
    assert len(asked) == before
    at.number_input(key="choose_seed").set_value(3).run()
    assert len(asked) == before + 1
    assert "0, but for rounding" in words(healthy(at))


def test_of_a_large_network_it_is_measured_when_asked_for(monkeypatch):
    monkeypatch.setattr("mbgd.experiments.mistakes.proofs.QUICK_WORK", 1_000_000)
    at = predict(lesson("no_shuffle_sorted"), "mistake_no_shuffle_sorted", UNSURE)
    assert "but for rounding" not in words(at)
    at = run_experiment(at, "proof_no_shuffle_sorted")
    assert "20 updates 0, but for rounding" in words(at)
    at.number_input(key="choose_seed").set_value(3).run()
    assert "but for rounding" not in words(healthy(at))


def test_sorted_rows_too_few_to_tell_are_not_cleared():
    at = press(
        lesson("no_shuffle_sorted", data="sine", size="20", validation="50", batch="2"), "check_no_shuffle_sorted"
    )
    assert "✓ Caught." in words(at)
    at = press(
        lesson("no_shuffle_sorted", data="moons", size="20", validation="50", batch="2"), "check_no_shuffle_sorted"
    )
    assert "Too few rows to tell. 10 rows in random order may look sorted" in words(at)
    assert "does nothing wrong" not in words(at)


def test_at_full_batch_no_higher_loss_is_claimed():
    at = lesson("no_shuffle_sorted", data="digits", mode="full", hidden="none", epochs="2")
    at = run_experiment(predict(at, "mistake_no_shuffle_sorted", "same"), "mistake_no_shuffle_sorted")
    assert "✓ Right." in words(at)
    assert "Final loss, sorted" not in words(at)
    assert "✕ differs" not in words(at)


# --- the learning rate ---


def gauge(at):
    table = next(table for spec, table in charts(at) if "at" in table.column_names)
    return table["label"].to_pylist()[-1]


def test_the_gauge_starts_at_the_sidebars_rate_and_follows_it():
    at = lesson("rate", hidden="none")
    assert gauge(at) == "η = 0.02: stable"
    at = press(at, "rate_1.2")
    assert gauge(at).endswith("diverges")
    set_here = at.select_slider(key="edge_rate").value
    other_page(at, "pages/data.py")
    at = other_page(at, FILE)
    assert at.select_slider(key="edge_rate").value == set_here
    at.select_slider(key="choose_rate").set_value(0.05).run()
    assert gauge(healthy(at)) == "η = 0.05: stable"


@pytest.mark.parametrize(("button", "answer"), [("rate_2.5", "explodes"), ("rate_0.8", None)])
def test_a_linear_model_does_what_the_gauge_says(button, answer):
    at = press(lesson("rate", hidden="none", mode="full", epochs="200"), button)
    at = run_experiment(predict(at, "mistake_rate", "explodes"), "mistake_rate")
    assert ("✓ Right." in words(at)) is (answer == "explodes")


@pytest.mark.parametrize("mode", ["full", "mini"])
def test_the_edge_is_measured_beside_the_one_predicted(mode):
    at = run_experiment(lesson("rate", hidden="none", mode=mode), "edge_search")
    assert words(at).count("✓ agrees") == 2
    assert "✕ differs" not in words(at)


def test_of_a_network_the_edge_is_said_to_be_local():
    at = lesson("rate")
    assert "at the first weights" in said(at)
    at = run_experiment(at, "edge_search")
    assert "times 2/λ_max" in said(at)
    assert "✓ agrees" not in words(at)


def test_a_search_that_met_no_edge_reports_none():
    at = run_experiment(lesson("rate", data="moons", hidden="16"), "edge_search")
    assert "No rate up to 1.98" in said(at)
    assert "ran away**, 4 times 2/λ_max" in said(at)
    assert "Largest rate at which" not in said(at)


def test_of_a_network_above_the_edge_no_explosion_is_foretold():
    at = lesson("rate", data="moons", hidden="16", epochs="30")
    at = press(at, "rate_2.5")
    assert "above the edge of these first weights" in said(at)
    assert "the run may still find flatter ground" in said(at)
    assert "each step overshoots by more" not in said(at)
    at = press(lesson("rate", hidden="none"), "rate_2.5")
    assert "each step overshoots by more than the last" in said(at)


def test_results_of_other_settings_stand_beside_no_prediction():
    at = run_experiment(
        predict(lesson("last_dropped", batch="100"), "mistake_last_dropped", "others"), "mistake_last_dropped"
    )
    assert "Rows left out of the first epoch" in words(at)
    at.number_input(key="choose_seed").set_value(3).run()
    assert "Rows left out of the first epoch" not in words(healthy(at))
    at = run_experiment(lesson("rate", hidden="none", mode="full"), "edge_search")
    at.number_input(key="choose_seed").set_value(3).run()
    assert "Largest rate at which" not in words(healthy(at))


def test_the_curvature_of_a_large_network_is_measured_when_asked_for():
    at = lesson("rate", data="digits", hidden="128-64", validation="50")
    assert not [table for spec, table in charts(at) if "at" in table.column_names]
    at = run_experiment(at, "curvature")
    assert gauge(at).startswith("η = 0.02")


# --- a bug of one's own: two files, as CONTRIBUTING says, and nothing else ---

NUMBERS = '''"""The gradient is that of half the loss."""

from mbgd.engine.network import backward
from mbgd.experiments.mistakes.bug import Bug
from mbgd.experiments.mistakes.checks import GRADIENT
from mbgd.experiments.mistakes.proofs import prove_by_rate, rows_of_paths
from mbgd.experiments.plain import Parts


def backward_halved(layers, activations, pre_activations, dL_dY):
    """The backward pass of half the loss."""
    return [(dW / 2, db / 2) for dW, db in backward(layers, activations, pre_activations, dL_dY)]


BUG = Bug(
    lambda dataset, settings: Parts(gradients=backward_halved),
    GRADIENT,
    factor=lambda loss, B, k: 0.5,
    prove=prove_by_rate,
    proof_rows=rows_of_paths,
)
'''
WORDS_ALONE = '''"""The words of Halved."""

from mbgd.ui.mistakes.words import Words

WORDS = Words("Halved", "Every gradient is half as large as it should be.", "Training is slower.")
'''
WORDS = '''"""The words of Halved."""

from mbgd.experiments.mistakes.bugs.halved import BUG
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.words import SCALED_GAP, Lesson, Words, other_rate, scaled_pairs

WORDS = Words(
    "Halved",
    "Every gradient is half as large as it should be.",
    "Training is slower.",
    Lesson(
        lines=lambda case: ("dW = dZ.T @ X", "dW = dZ.T @ X / 2"),
        prediction=lambda case: other_rate(BUG, case, "1/2"),
        question="What will you see?",
        answers={
            "explodes": Answer("The loss diverges.", "Shorter steps make that less likely."),
            "higher": Answer("It ends higher.", "Each step is half as long."),
            "same": Answer("The same.", "Both runs had time enough."),
            "lower": Answer("It ends lower.", "The right learning rate was too large."),
        },
        try_this="double the learning rate.",
        pairs=scaled_pairs,
        gap=SCALED_GAP,
    ),
)
'''
FLOORS = ((bugs, BUGS, bugs.find_bugs), (words_of_bugs, BUG_WORDS, words_of_bugs.find_words))


def list_again():
    """Have both floors look through their files."""
    for _, known, find in FLOORS:
        found = find()
        known.clear()
        known.update(found)


@pytest.fixture
def add_a_bug(monkeypatch, tmp_path):
    """Add the file of numbers and this file of words, for one test."""

    def add(words):
        for (package, _, _), text in zip(FLOORS, (NUMBERS, words), strict=True):
            folder = tmp_path / package.__name__
            folder.mkdir()
            (folder / "halved.py").write_text(text, encoding="utf-8")
            monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
        list_again()

    yield add
    monkeypatch.undo()
    for package, _, _ in FLOORS:
        sys.modules.pop(f"{package.__name__}.halved", None)
        vars(package).pop("halved", None)
    list_again()


def test_a_new_bug_has_its_place_question_check_proof_and_source_on_the_page(add_a_bug):
    add_a_bug(WORDS)
    at = opened_page(FILE, mistake="halved", epochs="3")
    assert at.pills(key="mistake").value == "halved"
    assert dict(at.query_params)["mistake"] == "halved"
    assert at.pills(key="mistake").options[-3:] == ["Halved", "Epochs for updates", "Rate above the edge"]
    assert "Every gradient is half" in said(at)
    assert "dW = dZ.T @ X / 2  # broken" in said(at)
    assert at.radio(key="predict_mistake_halved").options[1] == "It ends higher."
    at = press(predict(at, "mistake_halved", "higher"), "check_halved")
    assert "0.5 times the slope" in words(at)
    assert "η × 1/2: **η = 0.01**" in said(at)
    agreeing = html(at).count('class="mbgd-agrees">✓ agrees')
    at = run_experiment(at, "mistake_halved")
    assert agreeing == 2
    assert "✓ Right." in words(at)
    at.session_state["code"] = True
    code = "\n".join(block.value for block in healthy(at.run()).code)
    assert "def backward(" in code
    assert "def backward_halved(" in code


@pytest.mark.parametrize("text", [WORDS, WORDS_ALONE])
def test_a_new_bug_can_be_chosen_at_the_gradient_check(add_a_bug, text):
    add_a_bug(text)
    at = opened_page("pages/gradient_check.py")
    assert at.selectbox(key="gradient_check_mistake").options[-1] == "Halved"
    at = healthy(at.selectbox(key="gradient_check_mistake").set_value("halved").run())
    at = run_experiment(predict(at, "gradient_check_bug", "flatter"), "gradient_check")
    assert "✓ Right." in words(at)
    assert "of all 193 parameters 0.5 0.5 ✓ agrees" in words(at)


def test_a_bug_without_a_lesson_is_not_in_the_lab_and_its_link_is_named(add_a_bug):
    add_a_bug(WORDS_ALONE)
    at = opened_page(FILE, mistake="halved")
    assert "Halved" not in at.pills(key="mistake").options
    assert at.pills(key="mistake").value == "summed"
    assert "The link's mistake=halved is left out" in words(at)


def test_a_bug_that_was_added_for_a_test_is_gone():
    assert "halved" not in BUGS | BUG_WORDS
    assert "Halved" not in lesson("summed").pills(key="mistake").options
