"""The right and the broken curve, and the gauge: what the charts name is in their tables, finite and in place."""

from dataclasses import replace

import numpy as np
import pytest

from mbgd.charts.layers import FRAME
from mbgd.charts.mistakes import (
    BROKEN,
    CONSTANT,
    END,
    EXPLODED,
    HINT,
    RATE,
    RIGHT,
    THIRD,
    gauge_chart,
    gauge_table,
    sides_chart,
    sides_table,
)
from mbgd.experiments.mistakes.side_by_side import Side, SideBySide
from mbgd.experiments.mistakes.stability import Edge
from tests.charts.encoded import assert_draws, column, numbers

NAMES = ("right", "broken", "other")


def side(losses, diverged=None):
    return Side(np.arange(len(losses), dtype=float) * 10, np.array(losses, float), len(losses) * 10, diverged)


FALLING = side(np.geomspace(4, 0.3, 120))
RESULTS = {
    "empty": None,
    "begun": SideBySide(side([4.0]), side([4.0]), 1.0, 1_190),
    "finished": SideBySide(FALLING, side(np.geomspace(4, 2, 120)), 1.0, 1_190),
    "three": SideBySide(FALLING, side(np.geomspace(4, 2, 12)), 1.0, 1_190, side(np.geomspace(4, 0.2, 120))),
    "exploded": SideBySide(FALLING, side([4, 9, 1e7, 1e11], 31), 1.0, 1_190),
    "at once": SideBySide(side([4.0], 2), side([4.0], 1), 1.0, 100),
    "zero": SideBySide(side([1.0, 0.0]), side([1.0, 0.0]), 0.25, 10),
    "long": SideBySide(side(np.geomspace(4, 0.3, 3_000)), FALLING, 1.0, 30_000),
}


def named(result):
    return result and result._replace(names=NAMES)


every_result = pytest.mark.parametrize("name", RESULTS)


def test_the_chart_draws_its_tables():
    tables = [sides_table(named(result)) for result in RESULTS.values()]
    assert_draws(sides_chart("loss").to_dict(), *tables)
    for table in tables:
        assert all(np.isfinite(values).all() for values in numbers(table).values())
        assert (table["y"].to_numpy() > 0).all()


@every_result
def test_everything_is_inside_the_frame(name):
    table = sides_table(named(RESULTS[name]))
    low, high = column(table, "y", series=FRAME)
    assert low < high
    assert low <= table["y"].to_numpy().min()
    assert table["y"].to_numpy().max() <= high
    assert table["x"].to_numpy().max() <= column(table, "x", series=FRAME)[1]
    for series in (RIGHT, BROKEN, THIRD):
        assert len(column(table, "x", series=series)) <= 301


def test_before_the_run_there_is_a_sentence_and_after_it_curves_with_their_names():
    assert [bool(hint) for hint in column(sides_table(None), "label", series=HINT)] == [True]
    table = sides_table(named(RESULTS["three"]))
    assert column(table, "label", series=END).tolist() == list(NAMES)
    assert column(table, "half", series=END).tolist() == ["right", "left", "right"]
    np.testing.assert_allclose(column(table, "loss", series=RIGHT), FALLING.losses)
    assert set(column(table, "loss", series=CONSTANT)) == {1.0}


def test_a_run_that_diverges_leaves_the_picture_at_a_cross_with_its_update():
    table = sides_table(named(RESULTS["exploded"]))
    top = column(table, "y", series=FRAME)[1]
    assert column(table, "y", series=EXPLODED).tolist() == [top]
    assert column(table, "x", series=EXPLODED).tolist() == [20.0]
    (label,) = column(table, "label", series=EXPLODED)
    assert label.startswith("broken ")
    assert label.endswith(" 31")
    assert column(table, "x", series=BROKEN).tolist() == [0.0, 10.0, 20.0]
    assert column(table, "label", series=END).tolist() == ["right"]


def test_no_two_labels_of_ends_or_of_diverged_runs_lie_on_one_another():
    lost = replace(FALLING, diverged=31)
    table = sides_table(named(SideBySide(lost, lost, 1.0, 100, lost)))
    assert column(table, "line", series=EXPLODED).tolist() == [0, 1, 2]
    low, high = replace(FALLING, losses=FALLING.losses / 2), FALLING
    for sides, lines in (
        ((low, high), [1, 0]),
        ((high, low), [0, 1]),
        ((low, low), [1, 0]),
        ((low, high, high), [1, 0, 0]),
    ):
        result = SideBySide(*sides[:2], 1.0, 100, *sides[2:])
        assert column(sides_table(named(result)), "line", series=END).tolist() == lines


TINY = {
    "0": side([1.0, 0.0]),
    "1e-32": side([1.0, 1e-32]),
    "1e-9": side([1e4, 1e-9]),
    "0 and 1e-32": side([1.0, 1e-32, 0.0]),
}


@pytest.mark.parametrize("name", TINY)
def test_the_smallest_losses_stand_on_the_axis_and_none_is_left_out(name):
    table = sides_table(named(SideBySide(FALLING, TINY[name], 1.0, 1_190)))
    losses, y = column(table, "loss", series=BROKEN), column(table, "y", series=BROKEN)
    assert losses.tolist() == TINY[name].losses.tolist()
    np.testing.assert_allclose(y[losses > 0], losses[losses > 0])  # each stands at its own value
    bottom = column(table, "y", series=FRAME)[0]
    assert set(y[losses == 0]) <= {bottom}
    assert (bottom <= y[losses > 0]).all()
    assert bottom not in y[losses > 0] or losses.all()  # an exact 0 stands alone


def test_curves_differ_in_dash_and_colour():
    spec = sides_chart("loss").to_dict()
    curves = next(layer for layer in spec["layer"] if "strokeDash" in layer["encoding"] and layer["mark"].get("clip"))
    for channel in ("color", "strokeDash"):
        looks = [str(look) for look in curves["encoding"][channel]["scale"]["range"]]
        assert len(set(looks)) == 4


@pytest.mark.parametrize("kind", ["local", "exact"])
@pytest.mark.parametrize(("rate", "zone"), [(0.1, "below"), (1.0, "edge"), (5.0, "above")])
def test_the_gauge_says_where_a_rate_is_and_not_what_the_run_will_do(rate, zone, kind):
    table = gauge_table(Edge(2.0, 1.0, 1.0, kind), rate)
    assert table["label"].to_pylist() == ["below", "edge", "above", f"η = {rate:.4g}: {zone}"]
    assert_draws(gauge_chart().to_dict(), table)


@pytest.mark.parametrize("rate", [1e-4, 0.5, 1.0, 5.0, 100.0])
def test_the_gauge_has_three_zones_and_a_marker(rate):
    edge = Edge(2.0, 1.0, 0.6, "exact")
    table = gauge_table(edge, rate)
    assert_draws(gauge_chart().to_dict(), table)
    start, end = table["start"].to_numpy()[:3], table["end"].to_numpy()[:3]
    assert start[1:].tolist() == end[:2].tolist() == pytest.approx([edge.edge_begins, edge.edge_ends])
    assert (start < end).all()
    assert start[0] < rate < end[2]
    at = column(table, "at", series=RATE)[0]
    zone = ["below", "edge", "above"][int(np.searchsorted(end[:2], at))]
    assert column(table, "label", series=RATE)[0] == f"η = {rate:.4g}: {zone}"


def test_the_name_of_a_curve_stands_clear_of_the_part_that_it_would_cover():
    table = sides_table(named(RESULTS["three"]))
    for series, x in ((series, "x") for series in (RIGHT, THIRD)):
        curve = column(table, "loss", series=series)[column(table, x, series=series) >= 0.7 * column(table, x).max()]
        (at,), (line,) = (column(table, name, series=END, side=series) for name in ("name_at", "line"))
        assert at == (curve.min() if line else curve.max())
