"""Real sets: the rows that the sources published, with source, licence and units in the file beside them."""

import csv

import numpy as np
import pytest

from mbgd.data import load
from mbgd.data.real import FILES, REAL, about, read_table


def header_and_rows(name):
    with (FILES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def test_every_set_is_a_table_with_its_facts_beside_it():
    assert {path.name for path in FILES.iterdir()} == {f"{name}.{kind}" for name in REAL for kind in ("csv", "toml")}


@pytest.mark.parametrize(("name", "shape"), [("diabetes", (442, 11)), ("penguins", (342, 5)), ("digits", (1_797, 65))])
def test_rows_and_columns_of_the_file(name, shape):
    header, rows = header_and_rows(name)
    assert (len(rows), len(header)) == shape
    assert {len(row) for row in rows} == {len(header)}
    assert len(set(header)) == len(header)


@pytest.mark.parametrize(
    ("name", "inputs", "targets"),
    [("diabetes", (442, 10), (442, 1)), ("penguins", (342, 4), (342, 3)), ("digits", (1_797, 64), (1_797, 10))],
)
def test_shapes_of_the_table(name, inputs, targets):
    table = read_table(name)
    assert table.X.shape == inputs
    assert table.Y.shape == targets
    assert len(table.feature_names) == len(table.feature_units) == inputs[1]
    assert len(table.target_names) == targets[1]
    assert np.isfinite(table.X).all()


@pytest.mark.parametrize("fact", ["description", "source", "licence", "loss"])
@pytest.mark.parametrize("name", REAL)
def test_the_facts_name_description_source_and_licence(name, fact):
    assert about(name)[fact].strip()


@pytest.mark.parametrize("name", REAL)
def test_the_source_tells_where_the_rows_are_from(name):
    assert "https://" in about(name)["source"]


@pytest.mark.parametrize("name", REAL)
def test_every_feature_has_a_name_and_a_unit(name):
    features, (header, _) = about(name)["features"], header_and_rows(name)
    for column in header[:-1]:
        feature = features.get(column) or features["*"] | {"name": column}
        assert feature["name"].strip()
        assert feature["unit"].strip()
    assert set(features) <= {*header[:-1], "*"}
    assert about(name)["target"]["name"].strip()


@pytest.mark.parametrize("name", REAL)
def test_the_table_takes_every_value_from_its_own_column(name):
    table, (_, rows) = read_table(name), header_and_rows(name)
    for i in (0, len(rows) // 2, len(rows) - 1):
        assert table.X[i].tolist() == [float(value) for value in rows[i][:-1]]
        if table.loss == "mse":
            assert table.Y[i].tolist() == [float(rows[i][-1])]
        else:
            assert table.target_names[int(np.argmax(table.Y[i]))] == rows[i][-1]


@pytest.mark.parametrize("name", REAL)
def test_a_table_is_read_once_and_can_not_be_written_into(name):
    assert read_table(name) is read_table(name)
    assert not read_table(name).X.flags.writeable
    assert not read_table(name).Y.flags.writeable


# --- what is known of the published tables ---


def test_diabetes_is_the_table_of_efron_and_others():
    table = read_table("diabetes")
    assert table.X[0].tolist() == [59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87]
    assert table.Y[0].tolist() == [151]
    assert table.Y.mean() == pytest.approx(152.13348416289594)
    assert (table.Y.min(), table.Y.max()) == (25, 346)
    assert set(table.X[:, 1]) == {1.0, 2.0}
    assert table.target_unit == "points"


def test_penguins_are_those_of_three_species():
    table = read_table("penguins")
    assert dict(zip(table.target_names, table.Y.sum(axis=0), strict=True)) == {
        "Adelie": 151,
        "Chinstrap": 68,
        "Gentoo": 123,
    }
    assert table.X[:, 3].mean() == pytest.approx(4201.754385964912)  # grams
    assert table.feature_units == ("mm", "mm", "mm", "g")


def test_digits_are_pixels_of_0_to_16_in_ten_classes():
    table = read_table("digits")
    assert table.target_names == tuple("0123456789")
    assert table.Y.sum(axis=0).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (table.X.min(), table.X.max()) == (0, 16)
    assert np.array_equal(table.X, np.round(table.X))
    assert table.feature_names[:2] == ("row0_column0", "row0_column1")
    assert set(table.feature_units) == {"ink, 0 to 16"}


# --- how they are split and scaled ---


@pytest.mark.parametrize("split", ["train", "val"])
@pytest.mark.parametrize("name", REAL)
def test_both_splits_restore_to_the_rows_of_the_source(name, split):
    dataset, table = load(name, 5), read_table(name)
    rows = getattr(dataset, f"rows_{split}")
    X = dataset.inputs.restore(getattr(dataset, f"X_{split}"))
    Y = dataset.targets.restore(getattr(dataset, f"Y_{split}"))
    np.testing.assert_allclose(X, table.X[rows], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(Y, table.Y[rows], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", REAL)
def test_both_splits_are_scaled_by_the_training_rows_alone(name):
    dataset, X = load(name, 5), read_table(name).X
    mean, deviation = X[dataset.rows_train].mean(axis=0), X[dataset.rows_train].std(axis=0)
    deviation[deviation == 0] = 1.0
    for split in ("train", "val"):
        scaled = (X[getattr(dataset, f"rows_{split}")] - mean) / deviation
        np.testing.assert_allclose(getattr(dataset, f"X_{split}"), scaled, rtol=1e-12, atol=1e-12)
