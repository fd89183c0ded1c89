"""The page Diagnose: both losses of a run, what helps, and the three training losses."""

import numpy as np
import pytest

from mbgd.charts.diagnose import SIDES
from mbgd.experiments.diagnose.diagnosis import FINE, KINDS, OVERFITS
from mbgd.experiments.diagnose.problem import EPOCHS, TRAIN_ROWS
from mbgd.ui.diagnose.parts import SWITCH
from mbgd.ui.diagnose.watch import OF_KIND
from tests.charts.encoded import column
from tests.pages.app import (
    agreements,
    announced,
    charts,
    healthy,
    html,
    linked_page,
    marking,
    notes,
    numbers,
    other_page,
    predict,
    press,
    prose,
    rows,
    run_experiment,
)

FILE = "pages/diagnose.py"
QUICK = {"sidebar": "yes", "data": "moons", "size": "50", "hidden": "8", "epochs": "10"}
PARTS = {"overfit": "two-losses", "remedies": "what-helps", "meanings": "three-training-losses"}


def result_of(at, key):
    return at.session_state["jobs"][key].result


def lesson(key, answer, **query):
    return run_experiment(predict(linked_page(FILE, part=PARTS[key], **query), key, answer), key)


def test_the_lessons_own_run_overfits_and_says_since_when():
    at = lesson("overfit", "turns")
    run = result_of(at, "overfit")
    assert (run.epoch[-1], len(run.dataset.X_train)) == (EPOCHS, TRAIN_ROWS)
    assert run.diagnosis.kind == OVERFITS
    assert marking(at, "overfit") == "good"
    assert f"Validation has risen for {run.diagnosis.epochs:,} epochs" in prose(at)
    assert f"lowest after epoch {run.diagnosis.since:,}" in prose(at).replace("\xa0", " ")
    assert agreements(at) == [True]
    (_, table), *pictures = charts(at)
    assert len(pictures) == 2  # the kept network and the final one
    assert column(table, "label", series=SIDES["right"]).tolist() == [f"lowest: epoch {run.diagnosis.since:,}"]


def test_before_the_run_the_controls_of_the_sidebar_rest_but_the_seed():
    at = linked_page(FILE)
    assert at.sidebar.selectbox(key="choose_data").disabled
    assert not at.sidebar.number_input(key="choose_seed").disabled
    at = healthy(at.toggle(key="diagnose_own").set_value(True).run())
    assert not at.sidebar.selectbox(key="choose_data").disabled
    assert dict(at.query_params)["sidebar"] == "yes"


def test_the_switch_is_offered_if_choices_of_the_sidebar_rest():
    for query, offered in (({}, False), ({"seed": "3"}, False), ({"data": "moons"}, True), ({"rate": "0.1"}, True)):
        assert (SWITCH in prose(linked_page(FILE, **query))) == offered
        assert SWITCH not in prose(linked_page(FILE, **query, sidebar="yes"))


def test_with_the_switch_on_every_control_of_the_sidebar_is_alive():
    sidebar = linked_page(FILE, sidebar="yes").sidebar
    controls = [*sidebar.selectbox, *sidebar.number_input, *sidebar.text_input, *sidebar.slider, *sidebar.select_slider]
    assert len(controls) >= 6
    assert [one.label for one in controls if one.disabled] == []


def test_early_stopping_ends_the_run_and_says_so():
    at = lesson("overfit", "turns", stop="yes", patience="20")
    run = result_of(at, "overfit")
    assert run.stopped
    assert run.epoch[-1] == run.diagnosis.since + 20 < EPOCHS
    assert f"Early stopping ended the run after epoch {run.epoch[-1]:,}." in prose(at)
    assert agreements(at) == [True, True]
    at = healthy(at.toggle(key="diagnose_stop").set_value(False).run())
    assert "changed" in notes(at)  # the result is that of other settings


def test_the_changes_are_run_side_by_side_from_one_seed():
    at = lesson("remedies", "decay")
    found = result_of(at, "remedies")
    assert [variant.name for variant in found.variants] == ["base", "data", "small", "decay", "batch"]
    assert {variant.settings.seed for variant in found.variants} == {0}
    table = [row for row in rows(at) if len(row) == 7][1:]
    assert len(table) == 5
    for row, run in zip(table, found.runs, strict=True):
        lowest, since, val, train, gap = (numbers(cell)[0] for cell in row[1:6])
        assert (since, lowest) == (
            run.diagnosis.since * run.updates_an_epoch,
            pytest.approx(run.diagnosis.lowest, rel=5e-3),
        )
        assert gap == pytest.approx(val - train, abs=0.02)
    assert agreements(at) == [True, True]
    assert marking(at, "remedies") in ("good", "bad")


def test_the_curves_can_be_those_of_the_training_rows():
    at = lesson("remedies", "decay", **QUICK)
    val = charts(at)[0][1]
    at = healthy(at.segmented_control(key="diagnose_split").set_value("train").run())
    train = charts(at)[0][1]
    name = column(val, "label", series="run")[0]
    run = result_of(at, "remedies").runs[0]
    np.testing.assert_array_equal(column(val, "loss", series="run", label=name), run.val)
    np.testing.assert_array_equal(column(train, "loss", series="run", label=name), run.train)


def test_the_three_training_losses_are_on_one_chart():
    at = lesson("meanings", "above")
    found = result_of(at, "meanings")
    assert marking(at, "meanings") == "good"
    table = charts(at)[0][1]
    assert {"loss of the batch", "running mean of the epoch", "all rows, after the epoch"} <= set(
        table["series"].to_pylist()
    )
    np.testing.assert_allclose(column(table, "loss", series="all rows, after the epoch"), found.after)
    assert agreements(at) == [True, True]


@pytest.mark.parametrize("data", ["sine", "spiral", "diabetes", "penguins", "digits"])
@pytest.mark.parametrize("key", PARTS)
def test_every_data_set_of_the_sidebar_works(key, data):
    query = QUICK | {"data": data, "epochs": "3", "batch": "64"}
    if data not in ("sine", "spiral"):
        del query["size"]
    answer = {"overfit": "stays", "remedies": "base", "meanings": "above"}[key]
    at = lesson(key, answer, **query)
    assert result_of(at, key).finished
    assert marking(at, key) in ("good", "bad")
    assert set(agreements(at)) == {True}


@pytest.mark.parametrize("key", PARTS)
def test_a_run_that_diverges_is_told_and_not_a_traceback(key):
    query = {"data": "diabetes", "hidden": "16-16", "rate": "10", "mode": "sgd", "epochs": "5", "sidebar": "yes"}
    at = lesson(key, {"overfit": "diverges", "remedies": "base", "meanings": "above"}[key], **query)
    assert "diverged" in prose(at)
    if key == "overfit":
        assert marking(at, key) == "good"


def test_full_batch_without_hidden_layers_leaves_changes_out():
    at = lesson("remedies", "base", **QUICK | {"hidden": "none", "mode": "full"})
    assert [variant.name for variant in result_of(at, "remedies").variants] == ["base", "data", "decay"]


def test_a_run_survives_another_page_and_comes_back_from_its_address():
    at = lesson("overfit", "turns", **QUICK)
    val = result_of(at, "overfit").val
    other_page(at, "pages/data.py")
    at = other_page(at, FILE)
    assert result_of(at, "overfit").val is val
    assert "ran" in dict(at.query_params)
    again = linked_page(FILE, **dict(at.query_params))
    assert "changed" in notes(again)
    again = run_experiment(predict(again, "overfit", "turns"), "overfit")
    np.testing.assert_array_equal(result_of(again, "overfit").val, val)


def test_it_can_be_stopped_and_goes_on():
    at = predict(linked_page(FILE), "overfit", "turns")
    at = press(at, "run_overfit")
    at = press(at, "stop_overfit")
    job = at.session_state["jobs"]["overfit"]
    assert not job.playing
    assert not job.finished
    at = press(at, "run_overfit")
    job.work(np.inf)
    at = healthy(at.run())
    assert "finished" in announced(at)["overfit"]


def test_the_lesson_is_ticked_and_keeps_the_numbers_of_the_run():
    at = lesson("overfit", "turns")
    run = result_of(at, "overfit")
    (_, kept) = html(at).split("mbgd-keep")
    assert f"{run.diagnosis.lowest:.3g}" in kept
    assert "diagnose" in at.query_params["done"]
    assert set(OF_KIND) == set(KINDS)
    assert OF_KIND[FINE] == "stays"
