"""The pictures of a comparison draw its measurements: before, during and after the run."""

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.charts.frameworks import (
    DRAWN,
    LEAST,
    RULES,
    difference_chart,
    difference_table,
    loss_chart,
    loss_table,
    seconds_chart,
    seconds_table,
)
from mbgd.experiments.frameworks.comparison import OURS, compare
from mbgd.experiments.frameworks.peers import mbgd_engine, renumbered
from tests.charts.encoded import assert_draws, column

FRAMEWORKS = ("one", "two")


@pytest.fixture(scope="module")
def steps():
    makers = {"one": renumbered, "two": mbgd_engine}
    return [step.result for step in compare(load("diabetes"), Settings(16, 10, 0.02), makers, 2)]


def test_every_difference_is_drawn_over_its_updates(steps):
    table = difference_table(steps[-1], 230)
    largest = steps[-1].largest_weights[1:]
    for name in (*FRAMEWORKS, *DRAWN):
        assert column(table, "x", series=name).tolist() == steps[-1].checkpoints[1:].tolist()
        wanted = steps[-1].differences[name][1:] / largest
        np.testing.assert_array_equal(column(table, "difference", series=name), wanted)
    assert column(table, "difference", series="two").max() == 0
    assert column(table, "y", series="two").min() == LEAST  # a logarithmic axis cannot show 0
    assert (table["y"].to_numpy() > 0).all()


def test_rounding_is_marked_relative_to_the_weights_like_the_differences(steps):
    last, first = difference_table(steps[-1], 230), difference_table(None, 230)
    double, single = RULES
    assert column(last, "y", label=double)[0] == pytest.approx(2.2e-16, rel=0.01)
    assert column(first, "y", label=double)[0] == pytest.approx(2.2e-16, rel=0.01)
    assert column(last, "y", label=single)[0] == pytest.approx(1.19e-7, rel=0.01)


@pytest.mark.parametrize("which", [0, -1, None])
def test_axes_end_where_the_run_ends(steps, which):
    comparison = None if which is None else steps[which]
    for table in (difference_table(comparison, 230), loss_table(comparison, (OURS, "one"), 230)):
        assert column(table, "x", series="frame").tolist() == [0, 230]
    assert column(difference_table(comparison, 230), "y", series="frame").tolist() == [LEAST, 1]


def test_losses_are_means_of_the_batches_between_two_points(steps):
    last = steps[-1]
    table = loss_table(last, (OURS, "one"), 230)
    x, loss = column(table, "x", series="one"), column(table, "loss", series="one")
    assert x.tolist() == last.checkpoints[1:].tolist()
    assert loss[0] == last.losses["one"][0]
    assert np.sum(loss * np.diff([0, *x])) == pytest.approx(last.losses["one"].sum())


def test_seconds_are_the_median_between_the_extremes(steps):
    table = seconds_table({OURS: np.array([1.0, 2.0, 9.0]), "one": np.array([4.0])})
    assert table["seconds"].to_pylist() == [2, 4]
    assert table["fastest"].to_pylist() == [1, 4]
    assert table["slowest"].to_pylist() == [9, 4]
    for words, parts in zip(table["words"].to_pylist(), (("mbgd", "2 s", "1.0"), ("one", "4 s", "2.0")), strict=True):
        assert all(part in words for part in parts)
    assert seconds_table({}).num_rows == seconds_table({OURS: np.empty(0)}).num_rows == 0


def test_a_run_whose_weights_grow_without_bound_stays_in_the_picture():
    *_, last = compare(load("sine"), Settings(16, 100, 10.0), {}, 1)
    assert last.result.differences[DRAWN[0]].max() > 1e100
    table = difference_table(last.result, 100)
    assert column(table, "y", series="frame").tolist() == [LEAST, 1]
    assert column(table, "difference", series=DRAWN[0]).max() < 1e-10


def test_a_diverged_control_leaves_the_axis_finite():
    *_, last = compare(load("plane"), Settings(16, 100, 0.5, (32, 32), "tanh", seed=1), {}, 1)
    table = difference_table(last.result, 100)
    assert np.isfinite(column(table, "y", series="frame")).all()


def test_charts_draw_their_tables(steps):
    names = (OURS, *FRAMEWORKS)
    for chart, table in (
        (difference_chart(FRAMEWORKS), difference_table(steps[-1], 230)),
        (loss_chart(names, "loss"), loss_table(steps[-1], names, 230)),
        (seconds_chart(names), seconds_table(steps[-1].seconds)),
    ):
        assert_draws(chart.to_dict(), table)
