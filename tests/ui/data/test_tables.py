"""The data as tables: every row in its place, in its own units."""

import csv

import numpy as np
import pandas as pd
import pytest

from mbgd import from_arrays, load
from mbgd.data.real import FILES
from mbgd.ui.data.tables import features_frame, readable, rows_frame

REAL = ("diabetes", "penguins", "digits")
both_views = pytest.mark.parametrize("standardised", [False, True])


def rows_of_file(name):
    with (FILES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


@both_views
@pytest.mark.parametrize("name", [*REAL, "moons"])
def test_all_rows_are_there_in_order(name, standardised):
    dataset = load(name, seed=3)
    frame = rows_frame(dataset, standardised)
    n = len(dataset.X_train) + len(dataset.X_val)
    assert frame.index.tolist() == list(range(1, n + 1))
    assert frame.index.name == "row"
    assert frame.shape[1] == 2 + dataset.X_train.shape[1]
    assert not frame.isna().to_numpy().any()


@pytest.mark.parametrize("name", REAL)
def test_the_values_of_the_file_are_restored(name):
    dataset, expected = load(name), rows_of_file(name)
    frame = rows_frame(dataset, standardised=False)
    X = frame[list(dataset.feature_names)].to_numpy(dtype=float)
    np.testing.assert_allclose(X, np.array([row[:-1] for row in expected], dtype=float), rtol=1e-9, atol=1e-9)


@both_views
@pytest.mark.parametrize("name", ["penguins", "digits"])
def test_classes_are_named_as_in_the_file(name, standardised):
    frame = rows_frame(load(name), standardised)
    assert frame["target"].tolist() == [row[-1] for row in rows_of_file(name)]


def test_a_quantity_is_restored_to_its_unit():
    dataset = load("diabetes")
    frame = rows_frame(dataset, standardised=False)
    expected = [float(row[-1]) for row in rows_of_file("diabetes")]
    np.testing.assert_allclose(frame[dataset.target_names[0]], expected, rtol=1e-12)


def test_standardised_training_rows_have_mean_0_and_deviation_1():
    dataset = load("diabetes")
    frame = rows_frame(dataset, standardised=True)
    training = frame[frame["split"] == "training"].drop(columns="split").to_numpy(dtype=float)
    np.testing.assert_allclose(training.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(training.std(axis=0), 1, rtol=1e-12)


@pytest.mark.parametrize("name", ["diabetes", "moons"])
def test_each_row_says_its_split(name):
    dataset = load(name, seed=5)
    frame = rows_frame(dataset, standardised=False)
    assert (frame.index[frame["split"] == "training"] - 1).tolist() == dataset.rows_train.tolist()
    assert (frame.index[frame["split"] == "validation"] - 1).tolist() == dataset.rows_val.tolist()


def test_features_have_the_unit_mean_and_deviation_of_the_training_rows():
    dataset = load("diabetes")
    frame = features_frame(dataset)
    expected = np.array(rows_of_file("diabetes"), dtype=float)[dataset.rows_train]
    np.testing.assert_allclose(frame["mean"], expected.mean(axis=0))
    np.testing.assert_allclose(frame["deviation"], expected.std(axis=0))
    assert frame["column"].tolist() == [*dataset.feature_names, "disease progression (target)"]
    assert frame["unit"].tolist()[-1] == "points"


def test_classes_are_not_among_the_features():
    dataset = load("penguins")
    assert features_frame(dataset)["column"].tolist() == list(dataset.feature_names)


def test_a_column_that_never_changes_has_deviation_0():
    dataset = load("digits")
    deviation = features_frame(dataset)["deviation"].to_numpy()
    never = np.ptp(dataset.X_train, axis=0) == 0
    assert never.any()
    np.testing.assert_array_equal(deviation == 0, never)


def test_names_like_those_of_the_page_s_own_columns_stay_apart():
    X = np.random.default_rng(0).normal(size=(20, 3))
    dataset = from_arrays(X, X[:, 0], feature_names=["split", "y", "row"])
    assert list(rows_frame(dataset, False).columns) == ["split", "y", "split (2)", "y (2)", "row"]


def test_of_many_rows_the_first_are_shown(monkeypatch):
    monkeypatch.setattr("mbgd.ui.data.tables.MOST_SHOWN", 7)
    assert list(rows_frame(load("diabetes"), True).index) == list(range(1, 8))


def test_tiny_and_huge_numbers_are_written_as_text():
    frame = pd.DataFrame({"plain": [1.5, 0.0], "tiny": [1e-15, 0.0], "huge": [1.7e18, 1.0], "words": ["a", "b"]})
    shown = readable(frame)
    assert list(shown["tiny"]) == ["1e-15", "0"]
    assert list(shown["huge"]) == ["1.7e+18", "1"]
    assert shown[["plain", "words"]].equals(frame[["plain", "words"]])
