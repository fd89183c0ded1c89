"""The pictures of a gradient check draw its measurements, and the expected branches once it is complete."""

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.charts.gradient_check import (
    ALL,
    BEND,
    BEST,
    CHOSEN,
    EXPECTED,
    KINK,
    LAYERS,
    ROUNDING,
    SIDE,
    SMOOTH,
    apart_chart,
    apart_table,
    error_chart,
    error_lines,
    error_table,
    measured_lines,
    scatter_chart,
    scatter_table,
)
from mbgd.experiments.gradient_check.check import STEP_SIZES, check_gradient, step_name
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.plain import Parts, start
from mbgd.experiments.step import finish
from tests.charts.encoded import assert_draws, column

LAST = len(STEP_SIZES) - 1


def steps_of(activation="relu", bug=None):
    dataset, settings = load("diabetes"), Settings(16, 1, 0.02, (8, 4), activation)
    parts = BUGS[bug].parts(dataset, settings) if bug else Parts()
    layers, rng = start(dataset, settings), np.random.default_rng(0)
    return [step.result for step in check_gradient(dataset, settings, layers, rng, parts)]


@pytest.fixture(scope="module")
def relu():
    return steps_of()


@pytest.mark.parametrize("at", [0, 8, LAST])
def test_every_parameter_is_a_point_in_its_layer(relu, at):
    check = relu[-1]
    table = scatter_table(check, at)
    for number, series in enumerate(LAYERS[:3], 1):
        kept = check.layer == number
        assert column(table, "name", series=series).tolist() == list(np.array(check.names)[kept])
        np.testing.assert_array_equal(column(table, "analytic", series=series), check.analytic[kept])
        np.testing.assert_array_equal(column(table, "numerical", series=series), check.numerical[at][kept])
        np.testing.assert_array_equal(column(table, "error", series=series), check.errors(at)[kept])


def test_parameters_that_switch_a_unit_are_crossed_out(relu):
    check = relu[-1]
    table = scatter_table(check, 0)
    assert column(table, "name", series=KINK).tolist() == list(np.array(check.names)[check.switched[0] > 0])
    assert len(column(table, "name", series=KINK)) > 5
    assert (column(table, "switched", series=KINK) > 0).all()
    assert KINK not in scatter_table(check, LAST)["series"].to_pylist()


@pytest.mark.parametrize("at", [0, LAST])
def test_both_axes_have_one_range_and_the_diagonal_crosses_all_of_it(relu, at):
    for check in (relu[-1], steps_of(bug="summed")[-1], steps_of(bug="averaged_twice")[-1], None):
        table = scatter_table(check, at)
        ends = [column(table, axis, series="frame").tolist() for axis in ("numerical", "analytic")]
        assert ends[0] == ends[1]
        assert ends[0][0] == -ends[0][1] < 0
        for axis in ("numerical", "analytic"):
            assert column(table, axis, series="diagonal").tolist() == ends[0]


def test_the_plot_is_a_square():
    for layer in scatter_chart(2).to_dict()["layer"]:
        x, y = (layer["encoding"][axis] for axis in "xy")
        if "field" in x:
            assert x["scale"]["range"] == [0, {"expr": SIDE}]
            assert y["scale"]["range"] == [{"expr": "height"}, {"expr": f"height - {SIDE}"}]
            # without a precision, the browser writes 10 as 1e+1 where ticks are 10 apart
            assert x["axis"]["format"] == y["axis"]["format"] == ".3~g"


@pytest.mark.parametrize("at", [0, LAST])
def test_the_axes_hold_every_point_and_the_diagonal(relu, at):
    for check in (relu[-1], steps_of(bug="summed")[-1], None):
        table = scatter_table(check, at)
        diagonal = column(table, "numerical", series="diagonal"), column(table, "analytic", series="diagonal")
        assert diagonal[0].tolist() == diagonal[1].tolist()
        for axis in ("numerical", "analytic"):
            low, high = column(table, axis, series="frame")
            assert low <= table[axis].to_numpy().min()
            assert high >= table[axis].to_numpy().max()


def test_the_error_is_drawn_at_every_step(relu):
    check = relu[-1]
    table = error_table(check, 8)
    assert column(table, "h", series=ALL).tolist() == list(STEP_SIZES)
    np.testing.assert_array_equal(column(table, "error", series=ALL), check.curve())
    assert column(table, "h", series=CHOSEN).tolist() == [STEP_SIZES[8]]
    assert column(table, "h", series=BEST).tolist() == [STEP_SIZES[check.best]]
    assert column(table, "label", series=BEST).tolist() == [f"best: h = {step_name(STEP_SIZES[check.best])}"]
    assert len(column(table, "h", series=SMOOTH)) > 15


def test_an_error_of_exactly_zero_stands_at_the_bottom_of_the_axis(relu):
    check = relu[-1]
    numerical = check.numerical.copy()
    numerical[[3, 8]] = check.analytic
    numerical[5] = check.analytic * (1 + 1e-14)
    check = check._replace(numerical=numerical)
    for at in (3, 8):
        table = error_table(check, at)
        bottom = column(table, "y", series="frame")[0]
        errors, y = column(table, "error", series=ALL), column(table, "y", series=ALL)
        assert len(errors) == len(STEP_SIZES)
        assert errors[[3, 8]].tolist() == [0, 0]
        assert y[[3, 8]].tolist() == column(table, "y", series=CHOSEN).tolist() * 2 == [bottom, bottom]
        np.testing.assert_array_equal(y[errors > 0], errors[errors > 0])
        assert column(table, "h", series=BEST).tolist() == [STEP_SIZES[check.best]]
        assert (table["y"].to_numpy() > 0).all()


def test_the_branches_expected_are_straight_lines_of_slope_two_and_minus_one():
    table = error_table(steps_of("tanh")[-1], 0)
    for series, slope in ((BEND, 2), (ROUNDING, -1)):
        h, error = (np.log(column(table, name, series=series)) for name in ("h", "error"))
        np.testing.assert_allclose(np.diff(error) / np.diff(h), slope)
    assert SMOOTH not in table["series"].to_pylist()


def test_only_measured_steps_are_drawn(relu):
    table = error_table(relu[0], 0)
    assert set(table["series"].to_pylist()) <= {ALL, SMOOTH, CHOSEN, "frame"}
    assert error_table(None, 0)["series"].to_pylist() == ["frame"] * 2
    assert set(scatter_table(None, 0)["series"].to_pylist()) == {"diagonal", "frame"}


@pytest.mark.parametrize(
    ("name", "hidden", "activation", "lines"),
    [
        ("diabetes", (8, 4), "relu", (ALL, SMOOTH, ROUNDING)),
        ("diabetes", (8,), "tanh", (ALL, BEND, ROUNDING)),
        ("penguins", (8,), "relu", (ALL, SMOOTH, BEND, ROUNDING)),
        ("diabetes", (), "relu", (ALL, ROUNDING)),
    ],
)
def test_the_legend_names_the_lines_that_are_drawn_and_no_other(name, hidden, activation, lines):
    dataset, settings = load(name), Settings(16, 1, 0.02, hidden, activation)
    layers = start(dataset, settings)
    assert measured_lines(layers) == tuple(line for line in lines if line not in EXPECTED)
    check = finish(check_gradient(dataset, settings, layers, np.random.default_rng(0), Parts()))
    table = error_table(check, 0)
    assert error_lines(table) == lines
    spec = error_chart(lines).to_dict()
    domains = [
        scale["domain"]
        for layer in spec["layer"]
        for channel in ("color", "strokeDash")
        if (scale := layer["encoding"].get(channel, {}).get("scale"))
    ]
    assert domains == [list(lines)] * 4  # the broad lines and the thin ones share one legend


def test_the_second_view_shows_the_points_leave_the_line(relu):
    check = relu[-1]
    at_best, at_tiny = (apart_table(check, at) for at in (check.best, LAST))
    names = LAYERS[: check.layers]
    heights = [np.concatenate([column(table, "y", series=name) for name in names]) for table in (at_best, at_tiny)]
    np.testing.assert_array_equal(heights[1], np.clip(check.errors(LAST), 1e-16, 1))
    assert np.median(np.log10(heights[1])) > np.median(np.log10(heights[0])) + 6
    for table in (at_best, at_tiny, apart_table(None, 0)):
        assert column(table, "y", series="frame").tolist() == [1e-16, 1]
        assert "diagonal" not in table["series"].to_pylist()


def test_a_mistake_has_no_best_step():
    series = error_table(steps_of(bug="summed")[-1], 0)["series"].to_pylist()
    assert BEST not in series
    assert ROUNDING in series


def test_charts_draw_their_tables(relu):
    kinked, smooth = error_table(relu[-1], 0), error_table(steps_of("tanh")[-1], 0)
    for chart, *tables in (
        (scatter_chart(3), scatter_table(relu[-1], 0)),
        (apart_chart(3), apart_table(relu[-1], 0)),
        (error_chart(error_lines(kinked)), kinked, smooth),
    ):
        assert_draws(chart.to_dict(), *tables)
        for table in tables:
            assert (table["error"].to_numpy() >= 0).all()
