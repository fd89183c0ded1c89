"""The page Common mistakes: each mistake is predicted, run, marked, checked, and told whatever the sidebar says."""

import math
import re
import sys
from dataclasses import replace

import pytest

from mbgd.experiments.mistakes import bugs
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.checks import CHECKS, DUPLICATED, GRADIENT, caught_by
from mbgd.ui.kit.predict import UNSURE
from mbgd.ui.mistakes import bugs as words_of_bugs
from mbgd.ui.mistakes import epochs, rate
from mbgd.ui.mistakes.asked import ending
from mbgd.ui.mistakes.bugs import BUG_WORDS, lessons, question_of
from mbgd.ui.mistakes.checks import NONE, key_of
from mbgd.ui.mistakes.epochs import DIVERGED
from mbgd.ui.mistakes.lesson import AFTER_THE_RUN
from tests.pages.app import (
    agreements,
    announced,
    charts,
    healthy,
    html,
    marking,
    notes,
    opened_page,
    other_page,
    predict,
    press,
    prose,
    rows,
    run_experiment,
    source,
    told,
)

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
    return opened_page(FILE, **{"epochs": "3", "mistake": name} | query)


def answered(name, picked=UNSURE, **query):
    """The page with a mistake chosen, answered and run to its end."""
    return run_experiment(predict(lesson(name, **query), f"mistake_{name}", picked), f"mistake_{name}")


def checked(at, name, picked=UNSURE):
    """The page after its question about the checks was answered and the checks have run."""
    return run_experiment(predict(at, key_of(name), picked), key_of(name))


def finished(name, picked=UNSURE, **query):
    """The page with a mistake chosen, after both of its questions were answered, the second with this, and have run."""
    return checked(answered(name, **query), name, picked)


def result_of(at, key):
    return at.session_state["jobs"][key].last.result


def named(at):
    """The checks that the page names, apart from the answers."""
    return {check for check in CHECKS if check in prose(at)}


def assert_checks_are_named_once_they_have_run(at, name):
    """Before, none is named, and then all that fail are."""
    assert at.button(key=f"run_check_{name}").disabled  # until an answer is picked
    assert not named(at)
    at = predict(at, key_of(name), UNSURE)
    assert not named(at)
    at = run_experiment(at, key_of(name))
    caught = caught_by(result_of(at, key_of(name)))
    assert caught == list(BUGS[name].checks)
    marked = next(text for _, text in told(at) if all(f"“{check}”" in text for check in caught))
    assert not [check for check in CHECKS if f"“{check}”" in marked and check not in caught]
    assert [row[0] for row in rows(at) if row and row[0] in CHECKS][: len(caught)] == caught


@pytest.mark.parametrize("name", ASKED)
def test_each_mistake_is_predicted_run_marked_and_checked(name):
    at, key = lesson(name), f"mistake_{name}"
    assert at.button(key=f"run_{key}").disabled
    assert (AFTER_THE_RUN in prose(at)) == (name in BUGS_SHOWN)
    assert not agreements(at)
    at = predict(at, key, "same" if "same" in ASKED[name].question.answers else "once")
    assert not agreements(at)
    at = run_experiment(at, key)
    assert AFTER_THE_RUN not in prose(at)
    verdict = ASKED[name].verdict(result_of(at, key))
    assert marking(at, key) == ("good" if verdict.right == at.radio(key=f"predict_{key}").value else "bad")
    assert verdict.measured in prose(at)
    sides = next(table for spec, table in charts(at) if "side" in table.column_names)
    assert {"right", "broken"} <= set(sides["series"].to_pylist())
    if name in BUGS_SHOWN:
        assert_checks_are_named_once_they_have_run(at, name)


@pytest.mark.parametrize("name", BUGS_SHOWN)
def test_the_check_catches_the_broken_code_and_passes_the_right_one(name):
    at = checked(answered(name, batch="96"), name, BUGS[name].checks[-1])
    assert marking(at, key_of(name)) == "good"
    at.number_input(key="choose_seed").set_value(3).run()
    assert f"run_check_{name}" not in [button.key for button in healthy(at).button]  # it was of other settings
    at = run_experiment(at, f"mistake_{name}")
    assert marking(at, key_of(name)) == "plain"
    assert "mbgd-checks" in html(at)
    assert [text for kind, text in told(at) if kind == "changed" and "seed 0" in text]  # the table is of the old ones


@pytest.mark.parametrize(("picked", "kind"), [(GRADIENT, "good"), (DUPLICATED, "good"), (NONE, "bad")])
def test_any_check_that_catches_the_mistake_is_a_right_answer_and_all_are_heard_by_screen_readers(picked, kind):
    at = finished("summed", picked)
    assert marking(at, key_of("summed")) == kind
    assert f"“{DUPLICATED}”" in " ".join(announced(at).values())


@pytest.mark.parametrize("name", ["last_dropped", "carried_over"])
def test_a_batch_size_that_divides_the_rows_is_replaced_by_the_nearest_that_does_not(name):
    at = lesson(name, data="moons", batch="16")
    assert re.findall(r"\d+", at.main.caption[0].value) == ["16", "240", "17", "2"]
    at = run_experiment(predict(at, f"mistake_{name}", UNSURE), f"mistake_{name}")
    assert result_of(at, f"mistake_{name}").right.sizes == (2, 17)
    assert not lesson(name, data="moons", batch="100").main.caption  # it leaves rows over by itself


# Each mistake meets two harsh settings, and each of these half of the mistakes.
@pytest.mark.parametrize(
    ("name", "settings"), [(name, [*HARSH][(i + j) % len(HARSH)]) for i, name in enumerate(ASKED) for j in (0, 1)]
)
def test_whatever_the_sidebar_says_there_is_a_lesson(name, settings):
    at = answered(name, "explodes", **HARSH[settings])
    assert marking(at, f"mistake_{name}") in ("good", "bad")
    if name in BUGS_SHOWN:
        assert marking(checked(at, name), key_of(name)) == "plain"


@pytest.mark.parametrize(("name", "mode"), [("summed", "sgd"), ("no_shuffle_sorted", "full")])
def test_a_mistake_that_cannot_be_seen_is_said_to_be_so(name, mode):
    at = answered(name, mode=mode)
    assert notes(at).count("changed") == 0  # that no check finds it is the answer to the second question
    assert notes(checked(at, name)).count("changed") == 1
    assert notes(finished(name)).count("changed") == 0


def test_a_check_that_catches_nothing_says_so():
    kinds = {
        picked: marking(checked(answered("summed", mode="sgd"), "summed", picked), key_of("summed"))
        for picked in (NONE, GRADIENT)
    }
    assert kinds == {NONE: "good", GRADIENT: "bad"}


def test_the_choice_of_mistake_and_its_result_outlive_a_look_at_another_page():
    at = healthy(lesson("summed").pills(key="mistake").set_value("averaged_twice").run())
    at = predict(at, "mistake_averaged_twice", "higher")
    at = run_experiment(at, "mistake_averaged_twice")
    assert marking(at, "mistake_averaged_twice") == "good"
    symptom = BUG_WORDS["averaged_twice"].symptom
    assert symptom in prose(at)
    other_page(at, "pages/data.py")
    at = other_page(at, FILE)
    assert marking(at, "mistake_averaged_twice") == "good"
    assert symptom in prose(at)


def test_the_chart_is_described_with_the_ends_of_its_runs_after_them_and_alike_until_then():
    def described(at):
        return at.get("vega_lite_chart")[0].proto.alt

    at = lesson("summed", epochs="500", rate="0.001")  # more than one slice
    before = described(at)
    at = press(predict(at, "mistake_summed", UNSURE), "run_mistake_summed")
    job = at.session_state["jobs"]["mistake_summed"]
    assert not job.finished
    assert described(at) == before
    job.work(math.inf)
    after = described(healthy(at.run()))
    assert after.startswith(before)
    assert all(ending(side) in after for side in (job.result.right, job.result.broken))
    assert f"{job.result.constant:.3g}" in after


def test_the_source_of_both_functions_is_shown():
    at = finished("summed")
    at.session_state["code"] = True
    code = source(healthy(at.run()))
    assert "def mse_and_derivative(" in code
    assert "def mse_summed(" in code


def counted(at):
    """The lines of the calculator."""
    sums = re.findall(r'<p class="mbgd-sum">(.*?)</p>', html(healthy(at)))
    return next(text for text in sums if "2,560" in text).split("<br>")


def test_the_calculator_counts_updates_and_those_of_other_batch_sizes_after_the_run():
    at = lesson("epochs")
    for key, value in (("budget_rows", 4_096), ("budget_batch", 16), ("budget_epochs", 10)):
        at.number_input(key=key).set_value(value).run()
    lines = counted(at)
    assert re.findall(r"[\d,]*\d", lines[0]) == ["2,560", "256", "10", "16"]
    assert not any(lines[1:])  # those of other batch sizes answer the question
    lines = counted(run_experiment(predict(at, "mistake_epochs", "higher"), "mistake_epochs"))
    assert any(re.findall(r"[\d,]*\d", line) == ["256", "160", "2,560", "160", "16"] for line in lines)


def test_updates_of_runs_that_diverged_are_not_compared():
    at = lesson("epochs", rate="1", epochs="20")
    at = run_experiment(predict(at, "mistake_epochs", "higher"), "mistake_epochs")
    assert DIVERGED in prose(at)
    assert not agreements(at)
    at = run_experiment(predict(lesson("epochs"), "mistake_epochs", "higher"), "mistake_epochs")
    assert DIVERGED not in prose(at)
    assert agreements(at) == [True, True]


# --- the numbers of a mistake ---


def gap_of(at, name):
    """The claim that a mistake's way is the right one at some other setting, as the cells of its row; None without."""
    return next((row for row in rows(at) if row[0].startswith(lessons()[name].gap)), None)


@pytest.mark.parametrize("query", [{"rate": "1"}, {"data": "moons", "hidden": "16-16", "rate": "10"}])
def test_an_identity_agrees_at_any_rate_and_says_how_far_it_was_compared(query):
    for name in ("no_shuffle_sorted", "divided_by_b_alone"):
        at = finished(name, activation="tanh", mode="full", **query)
        assert all(agreements(at))
        assert re.search(r"\b1?\d updates?$", gap_of(at, name)[0])
        assert gap_of(at, name)[1].startswith("0")


def test_what_is_predicted_is_measured_once_for_the_same_settings(monkeypatch):
    asked, bug = [], BUGS["no_shuffle_sorted"]
    counting = replace(bug, prove=lambda *about: asked.append(about) or bug.prove(*about))
    monkeypatch.setitem(BUGS, "no_shuffle_sorted", counting)
    at = finished("no_shuffle_sorted")
    before = len(asked)
    assert before > 0
    at = healthy(at.run())
    assert len(asked) == before
    at.number_input(key="choose_seed").set_value(3).run()
    at = run_experiment(run_experiment(at, "mistake_no_shuffle_sorted"), key_of("no_shuffle_sorted"))
    assert len(asked) == before + 1
    assert gap_of(healthy(at), "no_shuffle_sorted")


def test_of_a_large_network_it_is_measured_when_asked_for(monkeypatch):
    monkeypatch.setattr("mbgd.experiments.mistakes.proofs.QUICK_WORK", 1_000_000)
    at = finished("no_shuffle_sorted")
    assert gap_of(at, "no_shuffle_sorted") is None
    at = run_experiment(at, "proof_no_shuffle_sorted")
    assert "20 updates" in gap_of(at, "no_shuffle_sorted")[0]
    at.number_input(key="choose_seed").set_value(3).run()
    assert gap_of(healthy(at), "no_shuffle_sorted") is None


@pytest.mark.parametrize(("data", "kind"), [("sine", "good"), ("moons", "bad")])
def test_sorted_rows_too_few_to_tell_are_not_cleared(data, kind):
    few, name = {"data": data, "size": "20", "validation": "50", "batch": "2"}, "no_shuffle_sorted"
    at = checked(answered(name, **few), name, *BUGS[name].checks)
    assert marking(at, key_of(name)) == kind
    named = next(row for row in rows(at) if row[0] in BUGS[name].checks)
    assert named[2].startswith("✕" if kind == "good" else "–")
    assert not any(cell.startswith("✓") for cell in named[2:])  # the broken code is not cleared


def test_at_full_batch_no_higher_loss_is_claimed():
    at = lesson("no_shuffle_sorted", data="digits", mode="full", hidden="none", epochs="2")
    at = run_experiment(predict(at, "mistake_no_shuffle_sorted", "same"), "mistake_no_shuffle_sorted")
    assert marking(at, "mistake_no_shuffle_sorted") == "good"
    assert agreements(checked(at, "no_shuffle_sorted")) == [True]  # that of the gap alone


@pytest.mark.parametrize("name", ["epochs", "rate", "summed"])
def test_the_picture_of_an_old_result_keeps_its_labels(name):
    def labels(at):
        table = next(table for _, table in charts(at) if "side" in table.column_names)
        return sorted(label for label in table["label"].to_pylist() if label)

    at = answered(name)
    before = labels(at)
    at.sidebar.select_slider(key="choose_batch").set_value(8).run()
    at.sidebar.select_slider(key="choose_rate").set_value(0.05).run()
    assert "changed" in notes(healthy(at))
    assert labels(at) == before


@pytest.mark.parametrize(("mode", "rate", "shown"), [("mini", "0.1", True), ("sgd", "0.02", False)])
def test_a_run_that_does_not_show_the_usual_symptom_says_so(mode, rate, shown):
    at = answered("summed", mode=mode, rate=rate, hidden="none")
    assert ('class="mbgd-sum mbgd-unusual"' in html(at)) == (not shown)


# --- the learning rate ---


def gauge(at):
    table = next(table for spec, table in charts(at) if "at" in table.column_names)
    return tuple(table["label"].to_pylist()[-1].removeprefix("η = ").split(": "))


def test_the_gauge_starts_at_the_sidebars_rate_and_follows_it():
    at = answered("rate", hidden="none")
    assert gauge(at) == ("0.02", "below")
    at = press(at, "rate_1.2")
    assert gauge(at)[1] == "above"
    set_here = at.select_slider(key="edge_rate").value
    other_page(at, "pages/data.py")
    at = other_page(at, FILE)
    assert at.select_slider(key="edge_rate").value == set_here
    at.select_slider(key="choose_rate").set_value(0.05).run()
    assert gauge(healthy(at)) == ("0.05", "below")


def test_nothing_says_where_the_edge_is_before_the_run():
    def gauges(at):
        return [table for _, table in charts(at) if "at" in table.column_names]

    at = lesson("rate", hidden="none")
    for picked in (None, "explodes"):
        at = predict(at, "mistake_rate", picked) if picked else at
        assert not gauges(at)
        shown = prose(at) + " ".join(button.label for button in at.button)
        assert not re.search(r"\bedge\b|λ", shown)
        assert "run_edge_search" not in [button.key for button in at.button]
    at = run_experiment(at, "mistake_rate")
    assert gauge(at) == ("0.02", "below")
    assert not gauges(press(at, "again_mistake_rate"))


@pytest.mark.parametrize(("button", "answer"), [("rate_2.5", "explodes"), ("rate_0.8", None)])
def test_a_linear_model_does_what_the_gauge_says(button, answer):
    at = press(lesson("rate", hidden="none", mode="full", epochs="200"), button)
    at = run_experiment(predict(at, "mistake_rate", "explodes"), "mistake_rate")
    assert (marking(at, "mistake_rate") == "good") is (answer == "explodes")


def test_the_buttons_say_how_far_from_the_edge_they_are_only_after_the_run():
    before, after = (
        [at.button(key=f"rate_{times:g}").label for times in rate.TIMES_EDGE]
        for at in (lesson("rate"), answered("rate"))
    )
    assert all(f"({times:g} × " in label for times, label in zip(rate.TIMES_EDGE, after, strict=True))
    assert not [label for label in before if "×" in label]


@pytest.mark.parametrize(("eta", "unusual"), [("0.01", False), ("0.3", True)])
def test_a_run_clearly_above_the_edge_that_does_not_diverge_is_said_to_be_unusual(eta, unusual):
    at = lesson("rate", data="spiral", hidden="16-16", epochs="5", eta=eta)
    at = run_experiment(predict(at, "mistake_rate", UNSURE), "mistake_rate")
    assert result_of(at, "mistake_rate").broken.diverged is None
    assert ('class="mbgd-sum mbgd-unusual"' in html(at)) == unusual


@pytest.mark.parametrize("mode", ["full", "mini"])
def test_the_edge_is_measured_beside_the_one_predicted(mode):
    at = run_experiment(answered("rate", hidden="none", mode=mode), "edge_search")
    assert agreements(at) == [True, True]


def zone_of(at):
    """The zone of the gauge that the page tells in words: the kind of edge, and its name in PLACES."""
    (found,) = {
        (kind, zone)
        for kind, edge in rate.OF_EDGE.items()
        for zone, place in rate.PLACES.items()
        if f"is {place} {edge}" in prose(at)
    }
    return found


def test_of_a_network_the_edge_is_said_to_be_local():
    at = answered("rate")
    assert rate.KINDS["local"] in prose(at)
    at = run_experiment(at, "edge_search")
    found = result_of(at, "edge_search")
    assert found.met
    assert f"{found.rate:.5g}" in prose(at)
    assert not agreements(at)


def test_a_search_that_met_no_edge_reports_none():
    at = run_experiment(answered("rate", data="moons", hidden="16"), "edge_search")
    found = result_of(at, "edge_search")
    assert not found.met
    assert f"{found.stays:.4g}" in rate.beyond(found)
    assert rate.beyond(found)[1:] in prose(at)


def test_of_a_network_above_the_edge_nothing_is_said_of_the_run():
    at = answered("rate", data="moons", hidden="16", epochs="30")
    assert zone_of(press(at, "rate_2.5")) == ("local", "above")
    assert zone_of(press(answered("rate", hidden="none"), "rate_2.5")) == ("exact", "above")


def test_results_of_other_settings_stand_beside_no_prediction():
    at = finished("last_dropped", batch="100")
    assert agreements(at)
    at.number_input(key="choose_seed").set_value(3).run()
    assert not agreements(healthy(at))
    at = run_experiment(answered("rate", hidden="none", mode="full"), "edge_search")
    assert agreements(at)
    at.number_input(key="choose_seed").set_value(3).run()
    assert not agreements(healthy(at))


def test_the_curvature_of_a_large_network_is_measured_when_asked_for():
    at = lesson("rate", data="digits", hidden="128-64", validation="50")
    assert not [table for spec, table in charts(at) if "at" in table.column_names]
    at = run_experiment(at, "curvature")
    at = run_experiment(predict(at, "mistake_rate", UNSURE), "mistake_rate")
    assert gauge(at)[0] == "0.02"


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
    (GRADIENT,),
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
    assert at.pills(key="mistake").options[-3] == "Halved"  # before those that are no bugs
    assert "Every gradient is half" in prose(at)
    assert "dW = dZ.T @ X / 2  # " in source(at)
    assert at.radio(key="predict_mistake_halved").options[1] == "It ends higher."
    at = run_experiment(predict(at, "mistake_halved", "higher"), "mistake_halved")
    assert marking(at, "mistake_halved") == "good"
    at = checked(at, "halved")
    assert re.search(r"\b0\.5\b", next(row for row in rows(at) if row[0] == GRADIENT)[2])
    assert "**η = 0.01**" in prose(at)
    assert agreements(at) == [True, True]
    at.session_state["code"] = True
    code = source(healthy(at.run()))
    assert "def backward(" in code
    assert "def backward_halved(" in code


@pytest.mark.parametrize("text", [WORDS, WORDS_ALONE])
def test_a_new_bug_can_be_chosen_at_the_gradient_check(add_a_bug, text):
    add_a_bug(text)
    at = opened_page("pages/gradient_check.py")
    assert at.selectbox(key="gradient_check_mistake").options[-1] == "Halved"
    at = healthy(at.selectbox(key="gradient_check_mistake").set_value("halved").run())
    at = run_experiment(predict(at, "gradient_check_bug_halved", "flatter"), "gradient_check")
    assert marking(at, "gradient_check_bug_halved") == "good"
    assert rows(at)[-1][1:3] == ["0.5", "0.5"]
    assert agreements(at) == [True]


def test_a_bug_without_a_lesson_is_not_in_the_lab_and_its_link_is_named(add_a_bug):
    add_a_bug(WORDS_ALONE)
    at = opened_page(FILE, mistake="halved")
    assert "Halved" not in at.pills(key="mistake").options
    assert at.pills(key="mistake").value == "summed"
    assert notes(at)[0] == "changed"
    assert "mistake=halved" in prose(at)


def test_a_bug_that_was_added_for_a_test_is_gone():
    assert "halved" not in BUGS | BUG_WORDS
    assert "Halved" not in lesson("summed").pills(key="mistake").options
