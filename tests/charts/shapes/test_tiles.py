"""The tiles are the traced arrays: same shapes, same letters, same values, drawn to scale."""

import json

import numpy as np
import pytest

from mbgd.charts.shapes.tiles import (
    NARROW,
    WIDE,
    band,
    cell_symbol,
    drawing,
    element_formula,
    places_shown,
    plain_number,
    row_losses,
    side,
)
from mbgd.data.catalogue import load
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import first_weights
from mbgd.engine.settings import Settings
from mbgd.engine.trace import Traced, axis_sizes, trace
from mbgd.experiments.shapes.walk import walk

pytestmark = pytest.mark.thorough

HIDDEN = (20, 5, 9, 3, 30, 6)


def traced(depth, k, B=11, n=4):
    rng = np.random.default_rng(0)
    layers = first_weights(rng, [n, *HIDDEN[:depth], k], "relu")
    Y = rng.normal(size=(B, k)) if k == 1 else np.eye(k)[rng.integers(k, size=B)]
    return trace(layers, rng.normal(size=(B, n)), Y, "mse" if k == 1 else "cross_entropy", 0.1)


def drawn(step, steps, k):
    data = drawing(step, steps, "mse" if k == 1 else "cross_entropy", 0.1)
    return data, {part["name"]: part for part in data["parts"] if isinstance(part, dict)}


@pytest.mark.parametrize("k", [1, 10])
@pytest.mark.parametrize("depth", range(7))
def test_the_drawn_shapes_are_those_of_the_arrays(depth, k):
    for B in (1, 11, 40):
        steps = traced(depth, k, B)
        sizes = axis_sizes(steps)
        for step in steps:
            _, tiles = drawn(step, steps, k)
            for name, axes, array in (*step.operands, step.result):
                tile = tiles[name]
                rows, columns = tile["rows"], tile["columns"]
                assert (rows["size"], columns["size"]) == (array.shape if array.ndim == 2 else (1, array.size)), name
                assert tuple(letter for letter in (rows["letter"], columns["letter"]) if letter) == axes
                assert all(sizes[side["letter"]] == side["size"] for side in (rows, columns) if side["letter"])
                assert len(tile["values"]) == len(rows["wide"]["shown"])
                grid = array.reshape(rows["size"], columns["size"])
                for line, i in zip(tile["values"], rows["wide"]["shown"], strict=True):
                    np.testing.assert_allclose(line, grid[i, columns["wide"]["shown"]], rtol=1e-6)


@pytest.mark.parametrize("k", [1, 10])
def test_the_parts_read_left_operand_right_operand_result(k):
    steps = traced(1, k)
    reads = {step.result.name: drawn(step, steps, k)[0]["parts"] for step in steps}
    names = {
        result: [part if isinstance(part, str) else part["name"] for part in parts] for result, parts in reads.items()
    }
    assert names["Z1"] == ["X", "@", "W1.T", "+", "b1", "→", "Z1"]
    assert names["A1"] == ["Z1", "relu →", "A1"]
    assert names["dW1"] == ["dZ1.T", "@", "X", "→", "dW1"]
    assert names["db1"] == ["dZ1", "Σ rows →", "db1"]
    assert names["dX"] == ["dZ1", "@", "W1", "→", "dX"]
    assert names["new W1"] == ["W1", "− η ·", "dW1", "→", "new W1"]
    assert names["X"] == ["X"]
    assert names["L"][-1] == "L"
    assert reads["Z1"][4]["stretched"]["size"] == 11  # b1 is drawn once for each row of the batch
    assert [part["turned"] for part in reads["dW1"] if isinstance(part, dict)] == [True, False, False]


@pytest.mark.parametrize("sampling", [WIDE, NARROW])
def test_short_axes_are_drawn_whole_and_a_longer_axis_is_never_drawn_shorter(sampling):
    for size in range(1, sampling.most + 1):
        assert places_shown(size, sampling) == list(range(size))
        assert side(size, sampling) == size
    sides = [side(size, sampling) for size in range(1, 3000)]
    assert sides == sorted(sides)
    assert sides[-1] < sampling.most + 4


def test_a_long_axis_shows_its_ends_and_a_band():
    places = places_shown(1437, WIDE)
    assert places == [*range(10), 1434, 1435, 1436]
    assert band(1437, WIDE) > band(64, WIDE) > 0
    assert band(16, WIDE) == 0
    assert set(places_shown(1437, NARROW)) <= set(places)
    assert all(set(places_shown(size, NARROW)) <= set(places_shown(size, WIDE)) for size in range(1, 100))


def test_a_picture_is_small_and_plain_json_for_large_arrays_too():
    dataset = load("digits")
    settings = Settings(1437, 1, 0.02, hidden=(256, 256))
    steps = walk(dataset, settings, "all").steps
    for step in steps:
        text = json.dumps(drawing(step, steps, dataset.loss, 0.02), allow_nan=False)
        assert len(text) < 20_000


def test_nan_and_infinity_are_sent_as_words():
    assert [plain_number(value) for value in (np.nan, np.inf, -np.inf, 0.123456789)] == [
        "nan",
        "inf",
        "-inf",
        0.1234568,
    ]
    steps = traced(1, 1)
    overflowed = steps[2]._replace(result=Traced("Z1", ("B", "h1"), np.full((11, 20), np.inf)))
    json.dumps(drawing(overflowed, steps, "mse", 0.1), allow_nan=False)


@pytest.mark.parametrize("k", [1, 10])
def test_the_formula_of_an_element_gives_the_element(k):
    steps = traced(1, k)
    for step in steps:
        data, _ = drawn(step, steps, k)
        if not data["formula"]:
            continue
        formula = element_formula(step, 0.1).replace("−", "-").replace("·", "*")
        values = [float(operand.array.flat[3 % operand.array.size]) for operand in step.operands]
        result = eval(formula.format(*map("({!r})".format, values)), {"relu": lambda z: max(z, 0.0)})
        assert result == pytest.approx(float(step.result.array.flat[3 % step.result.array.size]), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(("k", "loss"), [(1, "mse"), (10, "cross_entropy"), (3, "mse")])
def test_the_loss_of_the_batch_is_the_mean_of_its_rows_losses(k, loss):
    rng = np.random.default_rng(0)
    output, Y = rng.normal(size=(12, k)), np.eye(k)[rng.integers(k, size=12)]
    assert row_losses(Y, output, loss).mean() == pytest.approx(LOSSES[loss].function(Y, output), rel=1e-12)


def test_all_steps_can_be_drawn_at_one_height():
    steps = traced(2, 10, B=40)
    for step in steps:
        data, tiles = drawn(step, steps, 10)
        for way, sampling in (("wide", WIDE), ("narrow", NARROW)):
            heights = [side(tile.get("stretched", tile["rows"])["size"], sampling) for tile in tiles.values()]
            widths = [side(tile["columns"]["size"], sampling) for tile in tiles.values()]
            assert max(heights) <= data["extent"][way]["down"]
            assert sum(widths) <= data["extent"][way]["across"]


def test_elements_have_the_names_of_their_arrays_in_small_letters():
    assert [cell_symbol(name) for name in ("W1.T", "dZ2", "dL/dŶ", "Ŷ")] == ["w1", "dz2", "dL/dŷ", "ŷ"]
