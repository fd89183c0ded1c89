"""Pictures of a trained network: the rows drawn are the data, and the predictions are the network's."""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from mbgd import Layer, Settings, Training, load, softmax
from mbgd.charts.layers import CLASS_COLOURS, CLASS_SHAPES
from mbgd.charts.numbers import numbers_of
from mbgd.charts.train.confusion import Matrix, confusion
from mbgd.charts.train.pictures import PICTURES, main_picture, picture_title
from mbgd.charts.train.prediction import BATCH, CELLS, FRAME, LEVELS, MODEL, TRAIN, VAL, outputs
from mbgd.data.pictured import KINDS, MOST_CLASSES
from mbgd.data.real import read_table
from mbgd.engine.network import predict
from tests.charts.encoded import assert_draws, column, numbers

HEADINGS = {
    "sine": "Data and prediction",
    "plane": "Prediction at each pair of inputs",
    "moons": "Prediction at each pair of inputs",
    "diabetes": "Predicted against actual",
    "penguins": "Rows by class, wrong ones crossed out",
    "digits": "Confusion matrix of the validation rows",
}
every_set = pytest.mark.parametrize("name", HEADINGS)
with_rings = pytest.mark.parametrize("name", [name for name in HEADINGS if name != "digits"])
NO_ROWS = np.arange(0)


@cache
def trained(name):
    training = Training(load(name), Settings(16, 1, 0.05, hidden=(8,)))
    training.advance()
    return training


@cache
def spec(chart, arguments):
    return chart(*arguments).to_dict()


def shown(name, batch=NO_ROWS, layers=None):
    training = trained(name)
    return main_picture(training.dataset, training.layers if layers is None else layers, batch)


def grown(layers, factor):
    return [Layer(W * factor, b, activation) for W, b, activation in layers]


# --- all of them ---


def test_every_kind_of_picture_that_a_data_set_may_ask_for_is_drawn():
    assert set(PICTURES) == set(KINDS)
    assert len(CLASS_COLOURS) == len(CLASS_SHAPES) == MOST_CLASSES


@every_set
def test_every_encoded_field_is_a_column_and_every_row_is_drawn(name):
    batch = NO_ROWS if name == "digits" else np.array([3, 1, 4])
    main = shown(name, batch)
    if isinstance(main, Matrix):
        return
    assert_draws(spec(main.chart, main.arguments), main.table)
    assert main.table.num_rows > 0


@every_set
def test_each_set_gets_its_picture_described_in_words(name):
    main = shown(name)
    assert picture_title(trained(name).dataset) == HEADINGS[name]
    if isinstance(main, Matrix):
        return
    assert main.description.endswith(".")
    assert hash((main.chart, main.arguments))  # each pair has its chart built once


@every_set
@pytest.mark.parametrize("factor", [1e200, np.inf, np.nan])
def test_diverged_weights_leave_no_infinity_in_the_table(name, factor):
    main = shown(name, np.array([0, 1]), grown(trained(name).layers, factor))
    if isinstance(main, Matrix):
        assert main.counts.sum() == len(trained(name).dataset.X_val)
        return
    columns = numbers(main.table)
    assert len(columns) >= 2
    assert not any(np.isinf(values).any() for values in columns.values())


@every_set
def test_diverged_weights_leave_the_data_as_they_are(name):
    if name == "digits":
        matrix, broken = (confusion(trained(name).dataset, layers) for layers in both(name))
        assert broken.counts.sum() == matrix.counts.sum()
        return
    tables = [shown(name, layers=layers).table for layers in both(name)]
    for series in (TRAIN, VAL):
        x, broken = (column(table, "x", series=series) for table in tables)
        assert broken.tolist() == x.tolist()


def both(name):
    layers = trained(name).layers
    return layers, grown(layers, 1e200)


@with_rings
def test_the_axes_have_the_titles_of_the_data(name):
    dataset, main = trained(name).dataset, shown(name)
    encoding = spec(main.chart, main.arguments)["layer"][0]["encoding"]
    flipper, bill = (dataset.feature_titles[i] for i in (dataset.pictured.features if name == "penguins" else (0, 0)))
    expected = {
        "sine": ("x", "y"),
        "plane": ("x₁", "x₂"),
        "moons": ("x₁", "x₂"),
        "diabetes": ("actual disease progression (points)", "predicted disease progression (points)"),
        "penguins": (flipper, bill),
    }
    assert (encoding["x"]["title"], encoding["y"]["title"]) == expected[name]


# --- the rows ---


@with_rings
def test_every_row_of_the_data_is_a_point(name):
    dataset, table = trained(name).dataset, shown(name).table
    assert len(column(table, "x", series=TRAIN)) == len(dataset.X_train)
    assert len(column(table, "x", series=VAL)) == len(dataset.X_val)


@with_rings
def test_the_rows_of_the_batch_are_ringed_where_their_points_are(name):
    batch = np.array([7, 0, 11, 2])
    table = shown(name, batch).table
    for axis in ("x", "y"):
        ringed, points = (column(table, axis, series=series) for series in (BATCH, TRAIN))
        # the last digit of a matrix product may depend on the other rows of the matrix
        np.testing.assert_allclose(ringed, points[batch], rtol=1e-12)


@with_rings
def test_no_batch_no_rings(name):
    assert len(column(shown(name).table, "x", series=BATCH)) == 0


# --- one input ---


def test_the_networks_line_is_its_prediction_in_units():
    training, table = trained("sine"), shown("sine").table
    dataset, x = training.dataset, column(table, "x", series=MODEL)
    low, high = column(table, "y", series=FRAME)
    standardised = (x[:, None] - dataset.inputs.mean) / dataset.inputs.scale
    expected = predict(training.layers, standardised)[:, 0] * dataset.targets.scale[0] + dataset.targets.mean[0]
    assert low < expected.min() < expected.max() < high
    np.testing.assert_allclose(column(table, "y", series=MODEL), expected, rtol=1e-12)
    assert len(x) == 200


def test_the_points_of_a_curve_are_the_rows_in_units():
    dataset = load("sine", noise=0.0)
    table = main_picture(dataset, trained("sine").layers, NO_ROWS).table
    x, y = column(table, "x", series=TRAIN), column(table, "y", series=TRAIN)
    np.testing.assert_allclose(y, np.sin(x), atol=1e-12)
    assert -np.pi <= x.min() < x.max() <= np.pi
    assert len(x) == len(dataset.X_train)


def test_a_line_out_of_the_frame_is_drawn_at_its_edge():
    table = shown("sine", layers=grown(trained("sine").layers, 1e3)).table
    low, high = column(table, "y", series=FRAME)
    y = column(table, "y", series=MODEL)
    assert set(y) >= {low, high}
    assert ((y >= low) & (y <= high)).all()


# --- two inputs ---


def cells(table):
    names = ("x", "x2", "y", "y2", "value", "class")
    return {name: column(table, name, series=MODEL) for name in names}


def test_each_place_of_the_plane_has_the_probability_of_the_last_class_to_one_level_of_colour():
    training, cell = trained("moons"), cells(shown("moons").table)
    width, height = (np.diff(np.unique(cell[side])).min() for side in ("x", "y"))
    x = np.arange(CELLS) * width + cell["x"].min() + width / 2
    covered = 0
    for left, right, bottom, value in zip(cell["x"], cell["x2"], cell["y"], cell["value"], strict=True):
        inside = x[(x > left) & (x < right - 0.3 * width)]  # a cell laps over the next one by 15 %
        places = np.column_stack([inside, np.full(len(inside), bottom + height / 2)])
        expected = softmax(predict(training.layers, training.dataset.inputs.standardise(places)))[:, 1]
        np.testing.assert_allclose(value, expected, atol=1 / LEVELS)
        assert value == pytest.approx(expected.mean(), abs=1e-4)  # drawn as float32
        covered += len(inside)
    assert covered == CELLS**2
    assert len(cell["value"]) < CELLS**2 / 2


def test_the_plane_is_coloured_on_the_side_where_the_class_is():
    right_is_b = [Layer(np.array([[0.0, 0.0], [50.0, 0.0]]), np.zeros(2), "identity")]
    cell = cells(shown("moons", layers=right_is_b).table)
    middle = trained("moons").dataset.inputs.mean[0]
    assert (cell["value"][cell["x"] > middle] > 0.5).all()
    assert (cell["value"][cell["x2"] < middle] < 0.5).all()
    assert set(cell["class"][cell["x"] > middle]) == {"B"}


@pytest.mark.parametrize(("scale", "shift"), [(1e-15, 0), (1e9, 1.7e18), (1e60, 0)])
def test_a_plane_tells_points_in_tiny_and_in_huge_units_apart(scale, shift):
    dataset, layers = load("moons"), trained("moons").layers
    inputs = dataset.inputs._replace(mean=dataset.inputs.mean * scale + shift, scale=dataset.inputs.scale * scale)
    table = main_picture(replace(dataset, inputs=inputs), layers, NO_ROWS).table
    x = np.concatenate([column(table, "x", series=series) for series in (TRAIN, VAL, MODEL)])
    expected = column(shown("moons").table, "x", series=TRAIN)
    np.testing.assert_allclose((x[: len(expected)] - shift) / scale, expected, atol=1e-5)
    assert np.isfinite(x).all()


def test_the_points_of_a_plane_carry_their_class():
    dataset, table = trained("moons").dataset, shown("moons").table
    for series, Y in ((TRAIN, dataset.Y_train), (VAL, dataset.Y_val)):
        assert column(table, "value", series=series).tolist() == Y[:, 1].tolist()
        assert column(table, "class", series=series).tolist() == ["AB"[i] for i in Y.argmax(axis=1)]


@pytest.mark.parametrize("name", ["moons", "plane"])
def test_the_points_of_a_plane_tell_what_is_predicted_for_them_apart_from_what_they_are(name):
    training, picture = trained(name), shown(name)
    for series, split in ((TRAIN, "train"), (VAL, "val")):
        predicted = column(picture.table, "predicted", series=series)
        X = getattr(training.dataset, f"X_{split}")
        np.testing.assert_allclose(predicted, outputs(training.dataset, training.layers, X)[:, -1], rtol=1e-5)
    table = numbers_of(picture.chart(*picture.arguments).to_dict(), picture.table)
    column_of = {name: values for name, values in table.items() if str(name).startswith(("P(", "predicted"))}
    assert len(column_of) == 1
    assert len(set(np.round(next(iter(column_of.values())), 3))) > 10  # not the classes themselves


def test_the_points_of_a_regression_carry_their_target():
    dataset = load("plane", noise=0.0)
    table = main_picture(dataset, trained("plane").layers, NO_ROWS).table
    x, y, value = (column(table, name, series=VAL) for name in ("x", "y", "value"))
    np.testing.assert_allclose(value, 2 * x - y, atol=1e-6)  # drawn as float32


@pytest.mark.parametrize("factor", [1, 1e6])
def test_the_colours_of_a_regression_stay_within_the_data(factor):
    table = shown("plane", layers=grown(trained("plane").layers, factor)).table
    predicted, seen = column(table, "value", series=MODEL), column(table, "value", series=TRAIN)
    seen = np.append(seen, column(table, "value", series=VAL))
    assert seen.min() <= predicted.min() < predicted.max() <= seen.max()


@pytest.mark.parametrize("name", ["plane", "moons"])
def test_cells_without_a_prediction_are_left_out(name):
    broken = [Layer(np.full((layer.W.shape[0], 2), np.nan), layer.b, "identity") for layer in trained(name).layers[-1:]]
    table = shown(name, np.array([0]), broken).table
    assert len(column(table, "value", series=MODEL)) == 0
    assert len(column(table, "value", series=TRAIN)) == len(trained(name).dataset.X_train)
    assert np.isfinite(column(table, "value")).all()


@pytest.mark.parametrize("name", ["plane", "moons"])
def test_the_cells_cover_all_points_without_seams(name):
    table = shown(name).table
    cell = cells(table)
    for low, high in (("x", "x2"), ("y", "y2")):
        points = np.concatenate([column(table, low, series=series) for series in (TRAIN, VAL)])
        starts, ends = np.unique(cell[low]), np.unique(cell[high])
        assert starts[0] < points.min() < points.max() < ends[-1]
        assert len(starts) == CELLS
        assert (ends[:-1] >= starts[1:]).all()


# --- predicted against actual ---


def test_actual_targets_are_those_of_the_file():
    dataset, table = trained("diabetes").dataset, shown("diabetes").table
    targets = read_table("diabetes").Y[:, 0]
    np.testing.assert_allclose(column(table, "x", series=TRAIN), targets[dataset.rows_train], rtol=1e-12)
    np.testing.assert_allclose(column(table, "x", series=VAL), targets[dataset.rows_val], rtol=1e-12)


def test_predicted_targets_have_the_error_that_training_reports():
    training, table = trained("diabetes"), shown("diabetes").table
    x, y = column(table, "x", series=VAL), column(table, "y", series=VAL)
    inside = (y > column(table, "y", series=MODEL)[0]) & (y < column(table, "y", series=MODEL)[1])
    assert inside.all()
    rmse = np.sqrt(np.mean((x - y) ** 2))
    assert rmse == pytest.approx(training.dataset.error_in_units(training.evaluate("val").loss))


def test_the_diagonal_is_where_prediction_is_right():
    table = shown("diabetes").table
    x, y = column(table, "x", series=MODEL), column(table, "y", series=MODEL)
    assert x.tolist() == y.tolist()
    actual = column(table, "x", series=TRAIN)
    assert x[0] < actual.min() < actual.max() < x[1]


# --- classes over two measurements ---


def test_penguins_are_at_their_flipper_and_bill_length():
    dataset, table = trained("penguins").dataset, shown("penguins").table
    assert [dataset.feature_names[i] for i in dataset.pictured.features] == ["flipper length", "bill length"]
    X = read_table("penguins").X[dataset.rows_val]
    np.testing.assert_allclose(column(table, "x", series=VAL), X[:, 2], rtol=1e-12)
    np.testing.assert_allclose(column(table, "y", series=VAL), X[:, 0], rtol=1e-12)


@pytest.mark.parametrize(("split", "series"), [("train", TRAIN), ("val", VAL)])
def test_as_many_penguins_are_right_as_the_accuracy_says(split, series):
    training = trained("penguins")
    table = shown("penguins").table
    right = column(table, "answer", series=series) == "right"
    assert right.mean() == pytest.approx(training.evaluate(split).accuracy)
    same = column(table, "class", series=series) == column(table, "predicted", series=series)
    assert right.tolist() == same.tolist()
    assert 0 < right.sum() < len(right)


def test_penguins_carry_their_own_species():
    dataset = trained("penguins").dataset
    species = np.array(dataset.target_names)[read_table("penguins").Y.argmax(axis=1)]
    drawn = column(shown("penguins").table, "class", series=TRAIN)
    assert drawn.tolist() == species[dataset.rows_train].tolist()


# --- confusion ---

classed = pytest.mark.parametrize("name", ["moons", "penguins", "digits"])


@classed
def test_confusion_counts_add_up_and_the_diagonal_is_the_accuracy(name):
    training = trained(name)
    counts = confusion(training.dataset, training.layers).counts
    n_val = len(training.dataset.X_val)
    assert counts.sum() == n_val
    assert np.trace(counts) / n_val == pytest.approx(training.evaluate("val").accuracy)
    assert counts.shape == (len(training.dataset.target_names),) * 2
    assert counts.sum(axis=1).tolist() == training.dataset.Y_val.sum(axis=0).tolist()


def test_confusion_counts_true_classes_in_rows_and_predicted_ones_in_columns():
    always_c = [Layer(np.zeros((3, 4)), np.array([0.0, 0.0, 1.0]), "identity")]
    dataset = trained("penguins").dataset
    counts = confusion(dataset, always_c).counts
    assert counts.sum(axis=0).tolist() == [0, 0, len(dataset.X_val)]


@classed
def test_the_confusion_matrix_is_a_table_with_heads_and_a_count_in_each_cell(name):
    training = trained(name)
    matrix = confusion(training.dataset, training.layers)
    html, names = matrix.html, training.dataset.target_names
    assert re.findall(r'<th scope="row">(.*?)</th>', html) == list(names)
    assert re.findall(r'<th scope="col">(.*?)</th>', html) == list(names)
    cells = re.findall(r'<td class="mbgd-(\w+)"[^>]*>(\d+)</td>', html)
    assert [int(count) for _, count in cells] == matrix.counts.ravel().tolist()
    k = len(names)
    assert [i for i, (kind, _) in enumerate(cells) if kind == "right"] == [i * (k + 1) for i in range(k)]


def test_a_class_name_is_never_markup():
    matrix = Matrix(("<b>x", "y"), np.array([[1, 0], [0, 1]]))
    assert "<b>x" not in matrix.html


@with_rings
def test_the_numbers_of_a_picture_can_be_read_as_a_table(name):
    picture = shown(name)
    dataset = trained(name).dataset
    assert len(numbers_of(picture.chart(*picture.arguments).to_dict(), picture.table)) >= len(dataset.X_train)
