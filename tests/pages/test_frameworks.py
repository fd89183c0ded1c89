"""The page Frameworks, with no framework installed and with some."""

import json
import re

import numpy as np
import pytest

from mbgd.experiments.frameworks import peers
from mbgd.experiments.frameworks.comparison import CONTROLS, OURS, RENUMBERED, recorded
from mbgd.experiments.frameworks.peers import FRAMEWORKS, Framework, mbgd_engine, renumbered
from mbgd.ui.frame.terms import marked
from mbgd.ui.frameworks import ADDED, opening, things_to_try, verdict
from mbgd.ui.kit.predict import UNSURE
from tests.experiments.frameworks.test_comparison import in_single_precision, without_average
from tests.pages.app import (
    agreements,
    charts,
    healthy,
    marking,
    notes,
    opened_page,
    plain,
    predict,
    prose,
    rows,
    run_experiment,
    source,
    unfolded,
)

FILE, KEY = "pages/frameworks.py", "frameworks"
QUICK = {"epochs": "3"}


@pytest.fixture
def nothing_installed(monkeypatch):
    monkeypatch.setattr(peers, "installed", lambda: [])


def install(monkeypatch, **makers):
    """Put programs of the tests in the place of frameworks. Their imports load a module that exists."""
    names = {"pytorch": "PyTorch", "scikit_learn": "scikit-learn"}
    monkeypatch.setattr(peers, "installed", lambda: [names[key] for key in makers])
    for key, make in makers.items():
        monkeypatch.setitem(FRAMEWORKS, names[key], Framework("json", "json", make))
    peers.import_seconds.cache_clear()


def compared(at):
    """The result of the comparison."""
    return at.session_state["jobs"][KEY].last.result


def named(at):
    """The frameworks that the page's notes name: those that are not installed, or that it leaves out."""
    found = re.findall(r'<p class="mbgd-status mbgd-(?:changed|bad)".*?</p>', " ".join(_html(at)), flags=re.DOTALL)
    return [name for name in FRAMEWORKS if any(name in note for note in found)]


def _html(at):
    return [element.proto.body for element in at.get("html")]


@pytest.mark.usefixtures("nothing_installed")
def test_without_frameworks_it_says_how_to_add_them_and_shows_the_record():
    at = opened_page(FILE)
    record = recorded()
    assert named(at) == list(FRAMEWORKS)
    assert "pip install -r requirements-frameworks.txt" in prose(at)
    assert record["date"] not in prose(at)
    at.session_state["record"] = True
    at = healthy(at.run())
    assert record["date"] not in prose(at)  # its numbers answer the question of the run
    at = run_experiment(predict(at, "frameworks", UNSURE), "frameworks")
    assert record["date"] in prose(at)
    for case in record["cases"]:
        assert any(case["case"] in row[0] for row in rows(at))
    for name in FRAMEWORKS:
        assert any(row[1] == f"{name} {record['versions'][name]}" for row in rows(at))


@pytest.mark.usefixtures("nothing_installed")
def test_without_frameworks_the_engine_runs_against_itself():
    at = run_experiment(predict(opened_page(FILE, **QUICK), KEY, "rounding"), KEY)
    assert marking(at, KEY) == "good"
    assert verdict(compared(at)).measured in prose(at)
    differences, losses = (element.proto.alt for element in at.get("vega_lite_chart"))
    assert f"{RENUMBERED} {compared(at).relative()[RENUMBERED]:.1e}" in differences
    assert f"{compared(at).losses[OURS][-1]:.4g}" in losses
    assert "69 updates" in verdict(compared(at)).measured
    assert agreements(at) == [True, True]
    seconds = float(np.median(compared(at).seconds[OURS]))
    (ours,) = (row for row in rows(at) if row[0] == OURS)
    assert ours == [OURS, f"NumPy {np.__version__}", f"{seconds:.3g} s", f"{1e6 * seconds / 69:,.0f} µs"]


def asked(at):
    return next(block.value for block in at.markdown if block.value.startswith("**Predict"))


@pytest.mark.usefixtures("nothing_installed")
def test_without_frameworks_it_says_what_is_missing_before_it_asks():
    at = opened_page(FILE)
    assert not any(name in asked(at) for name in FRAMEWORKS)
    assert plain(marked(opening([]))) in prose(at)
    order = [element.type for element in at.main if element.type in ("html", "radio")]
    before = _html(at)[: order.index("radio")]
    assert any("mbgd-changed" in text and "requirements-frameworks.txt" in text for text in before)


def test_with_frameworks_it_asks_about_them_and_their_seconds(monkeypatch):
    install(monkeypatch, pytorch=renumbered, scikit_learn=mbgd_engine)
    at = opened_page(FILE, **QUICK)
    assert all(name in asked(at) for name in FRAMEWORKS)
    assert opening(list(FRAMEWORKS)) != opening([])
    assert plain(marked(opening(list(FRAMEWORKS)))) in prose(at)
    assert things_to_try(list(FRAMEWORKS)) != things_to_try([])
    assert things_to_try(list(FRAMEWORKS)) in prose(run_experiment(predict(at, KEY, UNSURE), KEY))
    at = opened_page(FILE, data="penguins")
    assert [name in asked(at) for name in FRAMEWORKS] == [True, False]


@pytest.mark.usefixtures("nothing_installed")
def test_nothing_on_the_page_gives_the_answer_away():
    assert not re.search(r"\de-1[4-6]", prose(opened_page(FILE)))


def test_what_frameworks_add_has_no_figures_of_its_own():
    assert ADDED.strip() in [block.value for block in unfolded(opened_page(FILE)).markdown]
    assert not re.findall(r"\d", ADDED.replace("float64", ""))


@pytest.mark.usefixtures("nothing_installed")
def test_a_diverged_run_names_its_last_update_and_is_compared_until_then():
    at = run_experiment(predict(opened_page(FILE, data="sine", rate="10"), KEY, "rounding"), KEY)
    found = compared(at)
    assert found.diverged
    assert not found.steady
    assert re.search(rf"\b{found.updates + 1}\b", verdict(found).measured)
    assert verdict(found).measured in prose(at)
    assert found.relative()[RENUMBERED] < 1e-10
    assert all(agreements(at))


@pytest.mark.parametrize(
    ("make", "right", "agree"),
    [
        (mbgd_engine, "none", [True, True]),
        (renumbered, "rounding", [True, True]),
        (in_single_precision, "visible", [False, True]),
    ],
)
@pytest.mark.parametrize("picked", ["right", "other", UNSURE])
def test_the_run_marks_each_answer(monkeypatch, make, right, agree, picked):
    install(monkeypatch, pytorch=make)
    at = run_experiment(predict(opened_page(FILE, **QUICK), KEY, right if picked == "right" else picked), KEY)
    assert marking(at, KEY) == {"right": "good", "other": "bad", UNSURE: "plain"}[picked]
    assert agreements(at) == agree


def test_each_framework_has_its_lines_its_bar_and_its_row(monkeypatch):
    install(monkeypatch, pytorch=renumbered, scikit_learn=mbgd_engine)
    at = run_experiment(predict(opened_page(FILE, **QUICK), KEY, "rounding"), KEY)
    (_, differences), (_, losses), (_, seconds) = charts(at)
    assert {"PyTorch", "scikit-learn"} <= set(differences["series"].to_pylist())
    assert {OURS, "PyTorch", "scikit-learn"} <= set(losses["series"].to_pylist())
    assert seconds["program"].to_pylist() == [OURS, "PyTorch", "scikit-learn"]
    of_programs = [row for row in rows(at) if len(row) == 6]
    assert [row[:2] for row in of_programs[1:]] == [
        [OURS, f"NumPy {np.__version__}"],
        ["PyTorch", json.__version__],
        ["scikit-learn", json.__version__],
    ]
    assert "PyTorch" in verdict(compared(at)).measured
    assert verdict(compared(at)).measured in prose(at)
    assert named(at) == []
    assert recorded()["date"] not in prose(at)


def test_a_result_of_other_data_keeps_its_programs_and_its_loss(monkeypatch):
    install(monkeypatch, pytorch=renumbered, scikit_learn=mbgd_engine)
    at = run_experiment(predict(opened_page(FILE, data="penguins", epochs="2"), KEY, UNSURE), KEY)  # not scikit-learn
    before = charts(at)
    at = healthy(at.sidebar.selectbox(key="choose_data").set_value("sine").run())
    assert "changed" in notes(at)
    assert [spec for spec, _ in charts(at)] == [spec for spec, _ in before]  # with the titles of its axes
    assert [table.to_pydict() for _, table in charts(at)] == [table.to_pydict() for _, table in before]
    assert {"PyTorch"} == set(compared(at).frameworks)


def test_if_one_of_two_is_installed_the_other_is_named_as_missing(monkeypatch):
    install(monkeypatch, pytorch=renumbered)
    assert named(opened_page(FILE)) == ["scikit-learn"]


def test_scikit_learn_is_left_out_if_it_computes_another_loss(monkeypatch):
    install(monkeypatch, pytorch=renumbered, scikit_learn=without_average)
    at = opened_page(FILE, data="penguins", **QUICK)
    assert any("scikit-learn" in caption.value for caption in at.caption)
    at = run_experiment(predict(at, KEY, "rounding"), KEY)
    assert marking(at, KEY) == "good"
    assert "scikit-learn" not in charts(at)[0][1]["series"].to_pylist()


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize(
    ("choices", "updates", "steady"),
    [
        ({"rate": "10", "epochs": "50"}, None, False),
        ({"data": "sine", "size": "20", "mode": "sgd", "hidden": "none", "epochs": "2"}, 32, True),
        ({"mode": "sgd", "epochs": "9"}, 3_000, True),  # of 3,177, and the page gives both numbers
        ({"data": "digits", "hidden": "16-16-16-16-16-16", "mode": "full", "epochs": "2"}, 2, True),
    ],
)
def test_it_runs_with_all_settings_of_the_sidebar(choices, updates, steady):
    at = opened_page(FILE, **choices)
    assert ("3,177" in prose(at)) == (updates == 3_000)
    at = run_experiment(predict(at, KEY, UNSURE), KEY)
    assert compared(at).updates == (updates or compared(at).updates)
    assert compared(at).steady == steady
    assert agreements(at)
    assert all(agreements(at))


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize("picked", ["rounding", "other"])
def test_an_unstable_run_is_judged_by_its_first_update(picked):
    at = opened_page(FILE, data="digits", rate="1", hidden="32", epochs="2")
    at = run_experiment(predict(at, KEY, picked), KEY)
    found = compared(at)
    assert found.updates == 180
    assert not found.steady
    assert verdict(found).measured in prose(at)
    assert marking(at, KEY) == ("good" if picked == "other" else "bad")
    assert found.checkpoints[found.judged] == 1  # the claims are those of its first update
    assert all(agreements(at))


@pytest.mark.usefixtures("nothing_installed")
def test_a_reordering_that_changes_the_mathematics_fails_its_claim(monkeypatch):
    monkeypatch.setitem(CONTROLS, RENUMBERED, in_single_precision)
    assert not all(agreements(run_experiment(predict(opened_page(FILE, **QUICK), KEY, UNSURE), KEY)))


@pytest.mark.parametrize("others", [{}, {"scikit_learn": renumbered}])
def test_a_framework_whose_import_fails_is_named_and_left_out(monkeypatch, others):
    install(monkeypatch, pytorch=mbgd_engine, **others)
    monkeypatch.setitem(FRAMEWORKS, "PyTorch", Framework("json", "no_such_module", mbgd_engine))
    at = run_experiment(predict(opened_page(FILE, **QUICK), KEY, "rounding"), KEY)
    assert notes(at)[-1] == "bad"
    assert named(at) == (["PyTorch"] if others else list(FRAMEWORKS))  # the second is not installed, or can be imported
    assert "ModuleNotFoundError" in prose(at)
    assert marking(at, KEY) == "good"
    assert agreements(at) == [True, True]
    assert not any("PyTorch" in str(table.to_pydict()) for _, table in charts(at))


@pytest.mark.usefixtures("nothing_installed")
def test_the_code_shows_the_three_updates():
    at = opened_page(FILE)
    assert not at.code
    at.session_state["code"] = True
    code = source(healthy(at.run()))
    for line in ("def mbgd_engine(", "def plain_update(", "batch_loss.backward()", "model.partial_fit(X, Y[:, 0])"):
        assert line in code
