"""The map draws each cell once, with its number or its sign; rings, lines and curves are where they belong."""

from math import sqrt

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.charts.layers import FRAME
from mbgd.charts.sweep import (
    BEST,
    CELL,
    EDGE,
    LINE,
    OPEN,
    ROW_BEST,
    SIGN,
    borders,
    curves_chart,
    curves_table,
    map_chart,
    map_table,
)
from mbgd.experiments.step import finish
from mbgd.experiments.sweep import Grid
from mbgd.experiments.sweep.measures import Judge, judged
from mbgd.experiments.sweep.steps import map_steps
from mbgd.ui.sweep.where import executor
from tests.charts.encoded import assert_draws, column

SIZES, RATES = (4, 16, 64), (0.01, 0.1, 50.0)


@pytest.fixture(scope="module")
def found():
    dataset = load("plane", n=60)
    grid = Grid(SIZES, RATES, (0, 1), Settings(1, 1, 1.0, ()), "updates", 400)
    return finish(map_steps(dataset, dataset, grid, executor))


def table_of(found, judge=None, *, ratios=True, edge=True):
    judge = judge or Judge("loss", "val", len(found.dataset.X_train))
    return map_table(found, judged(found.cells, judge), judge, ratios=ratios, edge=edge)


def test_each_cell_is_drawn_once_with_its_median_or_a_sign(found):
    table = table_of(found)
    for cell in found.cells:
        here = {"batch": cell.batch_size, "rate": cell.learning_rate}
        texts = [column(table, "text", series=series, **here) for series in (CELL, SIGN)]
        assert sum(map(len, texts)) == 1
        if cell.learning_rate == 50:
            assert texts[1].tolist() == ["✕"]
        else:
            medians = column(table, "median", series=CELL, **here)
            assert medians[0] == pytest.approx(np.median([run.val_loss[-1] for run in cell.runs]))
    assert len(column(table, "x", series=ROW_BEST)) == 2
    assert column(table, "text", series=BEST).tolist() == ["★"]
    assert not len(column(table, "x", series=OPEN))


def test_cells_that_are_not_done_are_open(found):
    half = table_of(found._replace(cells=found.cells[:4]))
    assert len(column(half, "x", series=OPEN)) == 5
    assert len(column(half, "x", series=CELL)) + len(column(half, "x", series=SIGN)) == 4


def test_lines_have_a_constant_ratio_and_the_edge_is_where_it_is_predicted(found):
    table = table_of(found)
    x, y = column(table, "x", series=LINE), column(table, "y", series=LINE)
    best = column(table, "rate", series=BEST)[0] / column(table, "batch", series=BEST)[0]
    ratios = {round(float(ratio), 9) for ratio in x / y / best}
    assert ratios <= {0.25, 1.0, 4.0}
    assert 1.0 in ratios
    X = np.hstack([found.dataset.X_train, np.ones((len(found.dataset.X_train), 1))])
    largest = np.linalg.eigvalsh(2 * X.T @ X / len(X))[-1]
    np.testing.assert_allclose(column(table, "x", series=EDGE), 2 / largest, rtol=1e-3)
    without = table_of(found, ratios=False, edge=False)
    assert not len(column(without, "x", series=LINE)) + len(column(without, "x", series=EDGE))


def test_borders_are_halfway_on_a_logarithmic_axis():
    np.testing.assert_allclose(borders([1, 4, 16]), [0.5, 2, 8, 32])
    np.testing.assert_allclose(borders([1, 10]), [1 / sqrt(10), sqrt(10), 10 * sqrt(10)])
    assert borders([8]) == [4, 16]


def test_the_charts_draw_their_tables(found):
    half = found._replace(cells=found.cells[:4])
    assert_draws(map_chart(SIZES, RATES, "loss").to_dict(), table_of(found), table_of(half))
    assert FRAME in table_of(found)["series"].to_pylist()
    assert_draws(curves_chart("mean squared error").to_dict(), curves_table(found.cells[0]))


def test_the_curves_are_those_of_the_runs(found):
    cell = found.cells[-1]
    table = curves_table(cell)
    for run in cell.runs:
        drawn = column(table, "loss", series="validation", seed=str(run.seed))
        np.testing.assert_array_equal(drawn, run.val_loss[np.isfinite(run.val_loss)])
