"""What a cell is judged by, with the numbers written out."""

from math import inf

import numpy as np
import pytest

from mbgd import Settings
from mbgd.experiments.sweep import Cell, Grid, Run
from mbgd.experiments.sweep.measures import Judge, best, best_of_rows, judged, predicted_ratio, suggested_target


def run(batch_size=4, rate=0.1, seed=0, losses=(1.0, 0.5, 0.2, 0.3), diverged=None):
    losses = np.array(losses)
    update = np.array([0, 1, 5, 10])
    return Run(batch_size, rate, seed, 10, 40, 2.0, diverged, update, losses, losses * 2, 1 - losses, 1 - losses / 2)


def cell(batch_size, rate, *ends):
    runs = [
        run(batch_size, rate, seed, (1.0, 0.9, 0.8, end), None if np.isfinite(end) else 10)
        for seed, end in enumerate(ends)
    ]
    return Cell(batch_size, rate, tuple(runs))


@pytest.mark.parametrize(
    ("measure", "split", "value"),
    [
        ("loss", "train", 0.3),
        ("loss", "val", 0.6),
        ("best_loss", "train", 0.2),
        ("best_loss", "val", 0.4),
        ("accuracy", "train", 0.7),
        ("best_accuracy", "val", 0.9),
        ("updates", "train", 5),
        ("samples", "train", 20),
        ("epochs", "train", 2),
        ("seconds", "train", 1),
        ("updates", "val", inf),
    ],
)
def test_the_value_of_a_run(measure, split, value):
    assert Judge(measure, split, 10, 0.25).value(run()) == pytest.approx(value)


def test_a_run_that_diverged_has_no_value():
    failed = run(losses=(1.0, 0.5, np.inf, np.inf), diverged=3)
    assert Judge("loss", "train", 10).value(failed) == Judge("best_loss", "train", 10).value(failed) == inf
    assert Judge("accuracy", "train", 10).value(failed) == -inf
    assert Judge("updates", "train", 10, 0.6).value(failed) == 1  # it was there before


@pytest.mark.parametrize(
    ("ends", "median", "diverged", "sign"),
    [
        ((0.3, 0.1, 0.2), 0.2, 0, ""),
        ((0.3, 0.1), 0.2, 0, ""),
        ((0.3, 0.1, inf), 0.3, 1, ""),
        ((0.3, inf, inf), inf, 2, "✕"),
        ((0.3, inf), inf, 1, "✕"),
        ((inf,), inf, 1, "✕"),
    ],
)
def test_the_median_of_a_cell_and_its_sign(ends, median, diverged, sign):
    (found,) = judged([cell(4, 0.1, *ends)], Judge("loss", "train", 10))
    assert found.median == pytest.approx(median)
    assert (found.diverged, found.sign) == (diverged, sign)
    assert (found.least, found.most) == (min(ends), max(ends))


def test_a_cell_that_does_not_reach_the_loss_has_another_sign():
    (found,) = judged([cell(4, 0.1, 0.5, 0.6, 0.7)], Judge("updates", "train", 10, 0.01))
    assert found.sign == "–"


def test_the_best_cells():
    cells = [cell(4, 0.1, 0.3), cell(4, 0.2, 0.1), cell(8, 0.1, 0.1), cell(8, 0.2, inf), cell(16, 0.1, inf)]
    judge = Judge("loss", "train", 10)
    found = judged(cells, judge)
    assert best(found, judge) is found[2]  # equal medians: the smaller rate
    assert best_of_rows(found, judge) == {4: found[1], 8: found[2]}
    by_accuracy = Judge("accuracy", "train", 10)
    found_by_accuracy = judged(cells, by_accuracy)
    assert best(found_by_accuracy, by_accuracy) is found_by_accuracy[2]
    assert best([], judge) is None
    assert suggested_target(cells, "train") == 0.3
    assert suggested_target([], "train") == 0


@pytest.mark.parametrize(
    ("small", "large", "name"),
    [(0.1, 0.1, "same"), (0.1, 0.4, "root"), (0.1, 1.6, "linear"), (0.1, 0.01, "other"), (0.01, 1.6, "other")],
)
def test_how_the_best_rate_moved(small, large, name):
    rates = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
    grid = Grid((4, 64), rates, (0,), Settings(1, 1, 1.0))
    one, other = judged([cell(4, small, 0.1), cell(64, large, 0.1)], Judge("loss", "train", 10))
    assert predicted_ratio(one, other, grid) == (name, pytest.approx(large / small))
