"""The curves of several runs: which rows are drawn, on which axes, and how they are told apart."""

import numpy as np
import pytest

from mbgd.charts.batch_sizes import apart
from mbgd.charts.layers import X_AXES
from mbgd.charts.runs import CIRCLE, CIRCLES, SPLITS, runs_chart, runs_table
from mbgd.charts.train.loss import FRAME, NAME, RATE, TRAIN, VAL, Curve
from tests.charts.encoded import assert_draws, column


def curve(mark, scale=1.0, dash="", points=50, rates=()):
    updates = np.arange(points) * 15.0
    position = {"updates": updates, "epochs": updates / 15, "samples": updates * 16, "seconds": updates * 1e-4 * scale}
    loss = scale * np.exp(-updates / 300)
    return Curve(f"run {mark}", position, loss, loss + 0.1, rates, "16", mark, dash)


RUNS = [curve("1", rates=((30, 0.1),), dash="16"), curve("2", 2.0, "again 1"), curve("3", 0.5, "again 2", 400)]


@pytest.mark.parametrize("axis", list(X_AXES))
@pytest.mark.parametrize("log_x", [False, True])
@pytest.mark.parametrize("log_y", [False, True])
def test_the_chart_draws_its_table(axis, log_x, log_y):
    table = runs_table(RUNS, ("train", "val"), axis, log_x=log_x, log_y=log_y)
    assert_draws(runs_chart(axis, log_x, log_y, "cross-entropy").to_dict(), table)
    x = table["x"].to_numpy()
    assert (x >= column(table, "x", series=FRAME).min()).all()
    assert x.max() == column(table, "x", series=FRAME).max()
    assert not log_x or x.min() > 0


@pytest.mark.parametrize("splits", [("train",), ("val",), ("train", "val")])
def test_only_the_chosen_losses_are_drawn_and_validation_has_circles(splits):
    table = runs_table(RUNS, splits, "epochs", log_x=False, log_y=False)
    series = set(table["series"].to_pylist())
    assert {TRAIN, VAL} & series == {SPLITS[split] for split in splits}
    assert (CIRCLE in series) == ("val" in splits)
    assert len(column(table, "x", series=CIRCLE)) <= CIRCLES * len(RUNS)
    assert len(column(table, "x", series=NAME)) == len(RUNS)
    assert len(column(table, "x", series=RATE)) == 1
    assert column(table, "loss", series=SPLITS[splits[0]], mark="2").max() >= 2


def test_the_axis_ends_where_what_is_drawn_ends():
    def top(*splits):
        return column(runs_table(RUNS, splits, "epochs", log_x=False, log_y=False), "y", series=FRAME).max()

    assert top("train") < top("val") == top("train", "val")


def test_each_run_has_a_dash_of_its_own():
    table = runs_table(RUNS, ("train",), "epochs", log_x=False, log_y=False)
    dashes = {mark: set(column(table, "dash", series=TRAIN, mark=mark)) for mark in "123"}
    assert dashes == {"1": {"16"}, "2": {"again 1"}, "3": {"again 2"}}
    assert len(set(apart(["16"] * 7, ()))) == 7


def test_a_name_stands_on_the_line_that_is_drawn():
    table = runs_table(RUNS, ("val",), "updates", log_x=False, log_y=False)
    for run in RUNS:
        (loss,) = column(table, "loss", series=NAME, mark=run.mark)
        assert loss in run.val_loss


def test_a_run_that_diverged_at_once_can_be_drawn():
    short = curve("1", points=1)
    for log in (False, True):
        table = runs_table([short], ("train", "val"), "epochs", log_x=log, log_y=log)
        assert np.isfinite(table["x"].to_numpy()).all()
