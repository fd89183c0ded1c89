"""The page Frameworks, where none is installed and where some are."""

import json
import re

import numpy as np
import pytest

from mbgd.experiments.frameworks import peers
from mbgd.experiments.frameworks.comparison import CONTROLS, OURS, RENUMBERED, recorded
from mbgd.experiments.frameworks.peers import FRAMEWORKS, Framework, mbgd_engine, renumbered
from mbgd.ui.frameworks import ADDED, ANSWERS
from mbgd.ui.kit.predict import UNSURE
from tests.experiments.frameworks.test_comparison import in_single_precision, without_average
from tests.pages.app import charts, healthy, opened_page, predict, run_experiment, words

FILE, KEY = "pages/frameworks.py", "frameworks"
QUICK = {"epochs": "3"}


@pytest.fixture
def nothing_installed(monkeypatch):
    monkeypatch.setattr(peers, "installed", lambda: [])


def install(monkeypatch, **makers):
    """Put programs of the tests in the places of frameworks, found and imported as a module that is there."""
    names = {"pytorch": "PyTorch", "scikit_learn": "scikit-learn"}
    monkeypatch.setattr(peers, "installed", lambda: [names[key] for key in makers])
    for key, make in makers.items():
        monkeypatch.setitem(FRAMEWORKS, names[key], Framework("json", "json", make))
    peers.import_seconds.cache_clear()


def everything(at):
    return words(at) + " ".join(block.value for block in [*at.markdown, *at.caption])


@pytest.mark.usefixtures("nothing_installed")
def test_without_frameworks_it_says_how_to_add_them_and_shows_the_record():
    at = opened_page(FILE)
    said, record = everything(at), recorded()
    assert "do they add intelligence?" in said
    assert "PyTorch and scikit-learn are not installed here" in said
    assert "pip install -r requirements-frameworks.txt" in said
    assert record["date"] not in said
    at.session_state["record"] = True
    said = everything(healthy(at.run()))
    assert f"Measured on {record['date']}" in said
    for case in record["cases"]:
        assert case["case"] in said
    for name in FRAMEWORKS:
        assert f"{name} {record['versions'][name]}" in said


@pytest.mark.usefixtures("nothing_installed")
def test_without_frameworks_the_engine_runs_against_itself():
    at = run_experiment(predict(opened_page(FILE, **QUICK), KEY, "rounding"), KEY)
    said = everything(at)
    assert "✓ Right. After 69 updates no weight of mbgd with its sums reordered is further from ours than" in said
    assert said.count("✓ agrees") == 2
    seconds = float(np.median(at.session_state["jobs"][KEY].last.result.seconds[OURS]))
    assert f"69 updates an update mbgd NumPy {np.__version__} {seconds:.3g} s {1e6 * seconds / 69:,.0f} µs" in said
    assert "against ours" not in said


def asked(at):
    return at.radio(key=f"predict_{KEY}").label


@pytest.mark.usefixtures("nothing_installed")
def test_without_frameworks_it_asks_what_is_compared_and_says_so_first():
    at = opened_page(FILE)
    assert "Our own engine, its sums added up in another order, starts from the same weights" in asked(at)
    assert "how far does the order of the sums alone lead?" in everything(at)
    assert "does an update take 8 times as long?" in everything(at)
    assert not any("how long does each take" in text or "whose seconds" in text for text in [everything(at)])
    order = [element.type for element in at.main if element.type in ("html", "radio")]
    texts = [element.proto.body for element in at.main if element.type == "html"]
    before = texts[: order.index("radio")]
    assert any("not installed here" in text for text in before)


def test_with_frameworks_it_asks_for_them_and_for_the_seconds(monkeypatch):
    install(monkeypatch, pytorch=renumbered, scikit_learn=mbgd_engine)
    at = opened_page(FILE)
    assert "PyTorch and scikit-learn start from the same weights" in asked(at)
    assert "how long does each take?" in everything(at)
    assert "whose seconds an update grow least?" in everything(at)
    at = opened_page(FILE, data="penguins")
    assert "PyTorch starts from the same weights" in asked(at)


@pytest.mark.usefixtures("nothing_installed")
def test_nothing_beside_the_question_answers_it():
    said = everything(opened_page(FILE))
    assert "engineering, not mathematics" not in said
    assert not re.search(r"\de-1[4-6]", said)


def test_what_frameworks_add_is_known_and_has_no_figures_of_its_own():
    at = opened_page(FILE)
    assert "What frameworks do add known of them, not measured here" in everything(at)
    assert not re.search(r"times faster|half the", ADDED)


@pytest.mark.usefixtures("nothing_installed")
def test_a_run_that_blew_up_is_said_to_and_measured_by_its_weights():
    at = run_experiment(predict(opened_page(FILE, data="sine", rate="10"), KEY, "rounding"), KEY)
    said = everything(at)
    assert re.search(r"The run blew up at update \d+: its loss was past the largest number", said)
    assert "judge its first update only" in said
    found = re.search(r"no weight of \S+ with its sums reordered is further from ours than (\S+) of the largest", said)
    assert found
    assert float(found[1]) < 1e-10
    assert "✕ differs" not in said


@pytest.mark.parametrize(
    ("make", "right", "agree"),
    [(mbgd_engine, "none", 2), (renumbered, "rounding", 2), (in_single_precision, "visible", 1)],
)
@pytest.mark.parametrize("picked", ["none", "rounding", "visible", "other", UNSURE])
def test_the_run_marks_each_answer(monkeypatch, make, right, agree, picked):
    install(monkeypatch, pytorch=make)
    at = run_experiment(predict(opened_page(FILE, **QUICK), KEY, picked), KEY)
    said = everything(at)
    assert ("✓ Right." in said) == (picked == right)
    assert ("✕ Not this time." in said) == (picked not in (right, UNSURE))
    assert said.count("✓ agrees") == agree
    assert said.count("✕ differs") == 2 - agree


def test_with_frameworks_each_has_its_lines_its_bar_and_its_row(monkeypatch):
    install(monkeypatch, pytorch=renumbered, scikit_learn=mbgd_engine)
    at = run_experiment(predict(opened_page(FILE, **QUICK), KEY, "rounding"), KEY)
    (_, differences), (_, losses), (_, seconds) = charts(at)
    assert {"PyTorch", "scikit-learn"} <= set(differences["series"].to_pylist())
    assert {OURS, "PyTorch", "scikit-learn"} <= set(losses["series"].to_pylist())
    assert seconds["program"].to_pylist() == [OURS, "PyTorch", "scikit-learn"]
    said = everything(at)
    assert f"PyTorch {json.__version__}" in said
    assert "no weight of PyTorch, the farthest, is further from ours than" in said
    assert "an update against ours importing it, once" in said
    assert "not installed here" not in said
    assert "Recorded" not in said
    assert "median of 3 rounds" in said


def test_one_of_two_installed_is_run_and_the_other_named_as_missing(monkeypatch):
    install(monkeypatch, pytorch=renumbered)
    assert "scikit-learn is not installed here. To compare:" in everything(opened_page(FILE))


def test_scikit_learn_is_left_out_where_it_computes_something_else(monkeypatch):
    install(monkeypatch, pytorch=renumbered, scikit_learn=without_average)
    at = opened_page(FILE, data="penguins", **QUICK)
    assert "scikit-learn is left out here" in everything(at)
    at = run_experiment(predict(at, KEY, "rounding"), KEY)
    assert "✓ Right." in everything(at)
    assert "scikit-learn" not in charts(at)[0][1]["series"].to_pylist()


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize(
    ("choices", "words_expected"),
    [
        ({"rate": "10", "epochs": "50"}, "This run is unstable"),
        ({"data": "sine", "size": "20", "mode": "sgd", "hidden": "none", "epochs": "2"}, "no weight of mbgd"),
        ({"mode": "sgd", "epochs": "9"}, "The first 3,000 of the 3,177 updates that the sidebar asks for"),
        ({"data": "digits", "hidden": "16-16-16-16-16-16", "mode": "full", "epochs": "2"}, "✓ agrees"),
    ],
)
def test_it_runs_with_whatever_the_sidebar_chooses(choices, words_expected):
    at = run_experiment(predict(opened_page(FILE, **choices), KEY, UNSURE), KEY)
    said = everything(at)
    assert words_expected in said
    assert "✕ differs" not in said


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize("picked", ["rounding", "other"])
def test_an_unstable_run_teaches_nothing_about_frameworks(picked):
    at = opened_page(FILE, data="digits", rate="1", hidden="32", epochs="2")
    said = everything(run_experiment(predict(at, KEY, picked), KEY))
    assert "After 180 updates" in said
    assert ("✓ Right." in said) == (picked == "other")
    assert "This run is unstable" in said
    assert "so where the weights end says nothing about a program" in said
    assert "other ones, not better ones" in said
    assert "after 1 update" in said
    assert "✕ differs" not in said


def test_an_answer_states_the_size_and_leaves_the_reason_to_its_why():
    assert ANSWERS["other"].text == "Everywhere: the weights end at other values."
    assert not any("better" in answer.text for answer in ANSWERS.values())


@pytest.mark.usefixtures("nothing_installed")
def test_a_reordering_that_changes_the_mathematics_fails_its_claim(monkeypatch):
    monkeypatch.setitem(CONTROLS, RENUMBERED, in_single_precision)
    said = everything(run_experiment(predict(opened_page(FILE, **QUICK), KEY, UNSURE), KEY))
    assert "✕ differs" in said


@pytest.mark.parametrize("others", [{}, {"scikit_learn": renumbered}])
def test_a_framework_whose_import_fails_is_named_and_left_out(monkeypatch, others):
    install(monkeypatch, pytorch=mbgd_engine, **others)
    monkeypatch.setitem(FRAMEWORKS, "PyTorch", Framework("json", "no_such_module", mbgd_engine))
    at = run_experiment(predict(opened_page(FILE, **QUICK), KEY, "rounding"), KEY)
    said = everything(at)
    assert "PyTorch is installed here, but its import fails, so it is left out: ModuleNotFoundError" in said
    assert "✓ Right." in said
    assert said.count("✓ agrees") == 2
    assert not any("PyTorch" in str(table.to_pydict()) for _, table in charts(at))


@pytest.mark.usefixtures("nothing_installed")
def test_the_code_shows_the_three_updates():
    at = opened_page(FILE)
    assert not at.code
    at.session_state["code"] = True
    code = "\n".join(block.value for block in at.run().code)
    for line in ("def mbgd_engine(", "def plain_update(", "batch_loss.backward()", "model.partial_fit(X, Y[:, 0])"):
        assert line in code
