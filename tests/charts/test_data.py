"""Histograms and class counts: every row is counted once, in its split and its bin."""

import numpy as np
import pytest

from mbgd import from_arrays, load
from mbgd.charts.data import BINS, TRAIN, VAL, class_chart, class_table, column_chart, column_table
from mbgd.data.real import read_table
from tests.charts.encoded import assert_draws, column, fields

COLUMNS = [("sine", 1), ("plane", 2), ("diabetes", 10)]
every_column = pytest.mark.parametrize(
    ("name", "i"), [(name, i) for name, features in COLUMNS for i in range(-1, features)]
)


def values_of(name, i, split):
    dataset = load(name)
    if i < 0:
        return dataset.targets.restore(getattr(dataset, f"Y_{split}"))[:, 0]
    return dataset.inputs.restore(getattr(dataset, f"X_{split}"))[:, i]


@every_column
def test_every_row_is_counted_once(name, i):
    table = column_table(load(name), i)
    for series, split in ((TRAIN, "train"), (VAL, "val")):
        assert column(table, "rows", series=series).sum() == len(values_of(name, i, split))


@every_column
def test_each_bar_holds_the_rows_between_its_edges(name, i):
    table = column_table(load(name), i)
    for series, split in ((TRAIN, "train"), (VAL, "val")):
        values = values_of(name, i, split)
        left, right, rows = (column(table, part, series=series) for part in ("left", "right", "rows"))
        assert (left < right).all()
        for start, end, count in list(zip(left, right, rows, strict=True))[:-1]:
            assert np.count_nonzero((values >= start) & (values < end)) == count


@every_column
def test_bars_stand_side_by_side_and_alike_in_both_splits(name, i):
    table = column_table(load(name), i)
    left, right = column(table, "left", series=TRAIN), column(table, "right", series=TRAIN)
    assert left[1:].tolist() == right[:-1].tolist()
    assert left.tolist() == column(table, "left", series=VAL).tolist()
    assert len(left) <= BINS


def test_minus_one_is_the_target():
    table, targets = column_table(load("diabetes"), -1), read_table("diabetes").Y
    left, right = table["left"].to_numpy(), table["right"].to_numpy()
    assert (left.min(), right.max()) == (pytest.approx(targets.min()), pytest.approx(targets.max()))
    last_feature = column_table(load("diabetes"), 9)["right"].to_numpy().max()
    assert last_feature == pytest.approx(read_table("diabetes").X[:, 9].max()) != pytest.approx(right.max())


def test_a_column_of_few_values_has_a_bar_around_each():
    table, dataset = column_table(load("diabetes"), 1), load("diabetes")
    assert dataset.feature_names[1] == "sex"
    np.testing.assert_allclose(column(table, "left", series=TRAIN), [0.5, 1.5])
    np.testing.assert_allclose(column(table, "right", series=TRAIN), [1.5, 2.5])
    sexes = read_table("diabetes").X[dataset.rows_train, 1]
    assert column(table, "rows", series=TRAIN).tolist() == [(sexes == 1).sum(), (sexes == 2).sum()]


@pytest.mark.parametrize("name", ["moons", "penguins", "digits"])
def test_rows_of_each_class_add_up(name):
    dataset = load(name)
    table = class_table(dataset)
    for series, Y in ((TRAIN, dataset.Y_train), (VAL, dataset.Y_val)):
        assert column(table, "rows", series=series).sum() == len(Y)
        for i, title in enumerate(dataset.target_names):
            assert column(table, "rows", series=series, **{"class": title}).tolist() == [(Y.argmax(axis=1) == i).sum()]


def test_charts_draw_their_tables():
    dataset = load("penguins")
    assert_draws(column_chart("bill length (mm)").to_dict(), column_table(dataset, 0))
    assert_draws(class_chart(dataset.target_names).to_dict(), class_table(dataset))
    assert fields(class_chart(("A",)).to_dict()) == {"class", "rows", "series"}
    assert column_chart("bill length (mm)").to_dict()["layer"][0]["encoding"]["x"]["title"] == "bill length (mm)"


@pytest.mark.parametrize("unit", [1e-300, 1e-15, 1.0, 1e18, 1e298])
def test_few_different_values_have_a_bar_each_in_any_unit(unit):
    values = np.arange(40.0) % 4 * unit
    dataset = from_arrays(np.arange(40.0)[:, None], values)
    table = column_table(dataset, -1)
    assert len(table) == 2 * 4
    np.testing.assert_allclose(table["left"].to_numpy()[:4], (np.arange(4) - 0.5) * unit, rtol=1e-6)
