"""The charts of Diagnose: each draws what its table holds, at the places that the runs have."""

from dataclasses import replace

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.charts import diagnose as charts
from mbgd.charts.diagnose import (
    AFTER,
    BEST,
    GAP,
    GAP_NAME,
    MEAN,
    OF_BATCH,
    RUN,
    SIDES,
    TRAIN,
    VAL,
    meanings_chart,
    meanings_table,
    remedies_chart,
    remedies_table,
    watch_chart,
    watch_table,
)
from mbgd.charts.layers import FRAME
from mbgd.experiments.diagnose.meanings import measure_meanings
from mbgd.experiments.diagnose.problem import lesson_problem, own_problem
from mbgd.experiments.diagnose.remedies import NAMES, side_by_side, variants_of
from mbgd.experiments.diagnose.watch import watch
from mbgd.experiments.step import finish
from tests.charts.encoded import assert_draws, column

LOGS = [(False, False), (False, True), (True, False), (True, True)]
every_scale = pytest.mark.parametrize(("log_x", "log_y"), LOGS)
QUICK = Settings(8, 6, 0.05, hidden=(16,))


@pytest.fixture(scope="module")
def run():
    problem = lesson_problem(1)
    return finish(watch(problem.dataset, replace(problem.settings, epochs=400)))


@pytest.fixture(scope="module")
def gone():
    return finish(watch(load("diabetes"), Settings(16, 20, 10.0, hidden=(8, 8))))


@pytest.fixture(scope="module")
def both():
    return finish(side_by_side(variants_of(own_problem(load("moons", n=60), QUICK), 0.03)))


@pytest.fixture(scope="module")
def meanings():
    return finish(measure_meanings(load("sine", n=60), QUICK))


@every_scale
def test_both_losses_of_a_run(run, gone, log_x, log_y):
    short = replace(run, epoch=run.epoch[:9], train=run.train[:9], val=run.val[:9])
    late = finish(watch(load("circles"), Settings(16, 10, 0.05)))
    tables = [watch_table(found, log_x, log_y) for found in (None, run, gone, short, late)]
    assert_draws(watch_chart("loss", log_x, log_y).to_dict(), *tables)
    for table in tables:
        y = table["y"].to_numpy()
        bottom, top = column(table, "y", series=FRAME)
        assert np.isfinite(y).all()
        assert ((y >= bottom) & (y <= top)).all()
        assert not log_y or bottom > 0
        assert not log_x or (table["x"].to_numpy() > 0).all()


@every_scale
def test_the_lowest_validation_loss_and_the_gap_are_those_of_the_diagnosis(run, log_x, log_y):
    table, found = watch_table(run, log_x, log_y), run.diagnosis
    assert column(table, "x", series=BEST).tolist() == [found.since]
    assert column(table, "loss", series=BEST).tolist() == [found.lowest]
    (low,), (high,) = column(table, "loss", series=GAP), column(table, "top", series=GAP)
    assert high - low == pytest.approx(found.gap, rel=1e-9)
    assert column(table, "label", series=GAP_NAME).tolist() == [f"gap {found.gap:.3g}"]
    assert column(table, "x", series=GAP).tolist() == [run.epoch[-1]]
    for name, losses in ((TRAIN, run.train), (VAL, run.val)):
        drawn = column(table, "loss", series=name)
        assert (drawn[0], drawn[-1], drawn.min()) == (losses[0], losses[-1], losses.min())


def test_the_name_of_the_lowest_is_on_the_side_with_room(run):
    late = finish(watch(load("circles"), Settings(16, 10, 0.05)))
    assert late.diagnosis.since > 7
    assert len(column(watch_table(late, False, False), "x", series=SIDES["left"])) == 1
    assert len(column(watch_table(run, False, False), "x", series=SIDES["right"])) == 1


@pytest.mark.parametrize("log_y", [False, True])
def test_the_ticks_of_a_loss_axis_have_digits_enough_for_10(log_y):
    layers = watch_chart("loss", False, log_y).to_dict()["layer"]
    formats = {
        layer["encoding"]["y"]["axis"]["format"] for layer in layers if layer["encoding"].get("y", {}).get("axis")
    }
    assert formats == {".6~g"}


def test_a_small_gap_has_its_name_above_it():
    late = finish(watch(load("circles"), Settings(16, 10, 0.05)))
    found, table = late.diagnosis, watch_table(late, False, False)
    assert column(table, "y", series=GAP_NAME)[0] > max(found.train, found.val)


def test_on_a_logarithmic_axis_all_first_epochs_are_drawn(run):
    x = column(watch_table(run, True, False), "x", series=TRAIN)
    assert {*range(1, 60)} <= set(x.tolist())
    assert x[0] == 0.5
    assert column(watch_table(run, False, False), "x", series=TRAIN)[0] == 0


@every_scale
@pytest.mark.parametrize("split", ["val", "train"])
def test_the_runs_with_one_change_each(both, split, log_x, log_y):
    names = [variant.name for variant in both.variants]
    table = remedies_table(both, names, split, log_x, log_y)
    other = remedies_table(both, names, "val", log_x, log_y)
    chart = remedies_chart("loss", tuple((name, name) for name in names), log_x, log_y)
    assert_draws(chart.to_dict(), table, other, remedies_table(None, names, split, log_x, log_y))
    for name, run in zip(names, both.runs, strict=True):
        losses = run.val if split == "val" else run.train
        assert column(table, "loss", series=RUN, label=name).tolist() == losses.tolist()
        x = column(table, "x", series=RUN, label=name)
        assert x[1:].tolist() == (run.epoch[1:] * run.updates_an_epoch).tolist()
        if split == "val":
            assert column(table, "loss", series=BEST, label=name).tolist() == [run.val.min()]


def test_each_change_can_be_told_without_its_colour():
    assert set(charts.LOOKS) == set(NAMES)
    assert len({dash for _, dash in charts.LOOKS.values()}) == len(NAMES)


@pytest.mark.parametrize("log_y", [False, True])
def test_the_three_training_losses(meanings, log_y):
    table = meanings_table(meanings, log_y)
    assert_draws(meanings_chart("loss", log_y).to_dict(), table, meanings_table(None, log_y))
    assert column(table, "loss", series=AFTER).tolist() == meanings.after.tolist()
    assert column(table, "x", series=AFTER).tolist() == list(range(7))
    assert column(table, "loss", series=OF_BATCH).tolist() == meanings.batch.tolist()
    for epoch in range(1, 7):
        drawn = column(table, "loss", series=MEAN, label=f"epoch {epoch}")
        assert drawn[-1] == meanings.mean[epoch - 1]
        assert column(table, "x", series=MEAN, label=f"epoch {epoch}")[-1] == pytest.approx(epoch)
