"""Data frames and arrays become data sets, and a network predicts in their units."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import mbgd
from mbgd.data.own import read_sheet
from tests.data.own.files import titanic
from tests.data.own.test_read_csv import is_one_sentence, units

ROWS = 40


def frame(**more):
    """Numbers, words, and a target y = 3·a + 100 for words "red", and 200 more for "blue"."""
    rng = np.random.default_rng(0)
    a, colour = rng.normal(50, 10, ROWS), np.array(["red", "blue"])[rng.integers(0, 2, ROWS)]
    return pd.DataFrame({"a": a, "colour": colour, "y": 3 * a + 100 + 200 * (colour == "blue")} | more)


def run(dataset, **settings):
    one = mbgd.Training(
        dataset, mbgd.Settings(**({"batch_size": 8, "epochs": 200, "learning_rate": 0.1, "hidden": ()} | settings))
    )
    for _ in one:
        pass
    return one


# --- frames ---


def test_a_frame_and_its_csv_are_the_same_data():
    of_frame = mbgd.from_frame(frame(), target="y")
    of_file = mbgd.read_csv(frame().to_csv(index=False).encode(), target="y")
    np.testing.assert_allclose(of_frame.X_train, of_file.X_train)
    assert of_frame.feature_names == of_file.feature_names == ("a", "colour = blue", "colour = red")


def test_the_split_is_that_of_load():
    dataset, loaded = mbgd.from_frame(frame(), target="y", seed=7), mbgd.load("sine", seed=7, n=ROWS)
    np.testing.assert_array_equal(dataset.rows_val, loaded.rows_val)


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (pd.array([1, None] * 20, dtype="Int64"), [1, None]),
        ([True, False] * 20, "words"),
        (pd.array([True, None] * 10 + [False, None] * 10, dtype="boolean"), "words"),
        (pd.Categorical(["x", "z"] * 20), "words"),
        ([Decimal("1.5"), None] * 20, [1.5, None]),
        ([10**30, 1] * 20, [1e30, 1]),
        (pd.to_datetime(["1970-01-01", "1970-01-02"] * 20), [0, 86_400]),
        (pd.to_datetime(["1970-01-01", None] * 20, utc=True), [0, None]),
        (pd.to_timedelta([1, 2] * 20, unit="min"), [60, 120]),
        (np.float32([0.5, np.nan] * 20), [0.5, None]),
        (pd.arrays.SparseArray([0.0, 2.0] * 20), [0, 2]),
        ([datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)] * 20, "words"),
        (["1.5", " 2 "] * 20, [1.5, 2]),
        ([[1], {"a": 2}] * 20, "words"),
    ],
    ids=lambda value: "",
)
def test_columns_of_any_type(values, numbers):
    from mbgd.data.own import sheet_of

    column = sheet_of(frame(b=values)).column("b")
    if numbers == "words":
        assert column.kind == "words"
    else:
        told = np.array([np.nan if number is None else number for number in numbers], dtype=float)
        np.testing.assert_allclose(column.values[:2], told)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        {"a": [1, 2]},
        np.zeros((20, 2)),
        pd.DataFrame(),
        frame()[["y"]],
        frame().iloc[:9],
        frame(y=np.nan),
        frame(y=1.0),
        frame(y=np.inf),
        frame(a=1j),
        pd.DataFrame(np.zeros((100_001, 2)), columns=["a", "y"]),
        pd.DataFrame(np.zeros((20, 201))),
    ],
    ids=lambda value: "",
)
def test_a_bad_frame_is_refused_in_one_sentence(bad):
    with pytest.raises(ValueError, match=r".") as refused:
        mbgd.from_frame(bad, target="y")
    is_one_sentence(refused.value)


def test_labels_that_are_no_text_and_not_distinct():
    columns = [0, 0, ("a", 1), None]
    data = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 4)), columns=columns)
    assert mbgd.from_frame(data, target=0).feature_names == ("0 (2)", "a / 1", "None")


def test_more_than_200_inputs_are_refused():
    words = {f"w{j}": [f"v{(i + j) % 20}" for i in range(ROWS)] for j in range(11)}
    with pytest.raises(ValueError, match="200"):
        mbgd.from_frame(frame(**words), target="y")


# --- arrays ---


def test_arrays_keep_their_columns():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(30, 3)), rng.normal(size=(30, 2))
    dataset = mbgd.from_arrays(X, Y)
    of_X, of_Y = units(dataset)
    np.testing.assert_allclose(of_X, X)
    np.testing.assert_allclose(of_Y, Y)
    assert dataset.target_names == ("y1", "y2")


@pytest.mark.parametrize(
    ("Y", "loss", "names", "k"),
    [
        (np.arange(12.0), "mse", ("y",), 1),
        (np.arange(12) % 3, "cross_entropy", ("0", "1", "2"), 3),
        (np.array(list("ab") * 6), "cross_entropy", ("a", "b"), 2),
        (np.eye(2)[np.arange(12) % 2], "cross_entropy", ("y1", "y2"), 2),
    ],
)
def test_targets_in_each_form(Y, loss, names, k):
    dataset = mbgd.from_arrays(np.arange(12.0)[:, None], Y, loss)
    assert dataset.target_names == names
    assert dataset.Y_train.shape[1] == k


@pytest.mark.parametrize(
    ("X", "Y", "loss"),
    [
        (np.zeros(3), np.zeros(3), "mse"),
        (np.zeros((3, 1)), np.zeros(2), "mse"),
        (np.zeros((3, 1)), np.zeros(3), "hinge"),
        (np.zeros((3, 1)), np.zeros(3), "cross_entropy"),
        (np.zeros((3, 1)), np.full((3, 2), 0.7), "cross_entropy"),
        ([[np.nan], [1], [2]], np.arange(3), "mse"),
        (np.eye(3), np.array([1, "a", None], dtype=object), "cross_entropy"),
        (np.eye(30), np.arange(30), "cross_entropy"),
        (np.eye(3), np.ones(3), "mse"),
    ],
)
def test_bad_arrays_are_refused_in_one_sentence(X, Y, loss):
    with pytest.raises(ValueError, match=r".") as refused:
        mbgd.from_arrays(X, Y, loss)
    is_one_sentence(refused.value)


# --- predictions ---


def test_a_linear_network_predicts_the_target_in_its_unit():
    trained = run(mbgd.from_frame(frame(), target="y"))
    seen = pd.DataFrame({"colour": ["blue", "red"], "other": [0, 0], "a": [40.0, 60]})
    np.testing.assert_allclose(mbgd.predict(trained, seen), [[420], [280]], rtol=1e-3)
    np.testing.assert_allclose(mbgd.predict(trained, [[40, 1, 0], [60, 0, 1]]), [[420], [280]], rtol=1e-3)


def test_classes_are_predicted_by_name_or_as_probabilities():
    trained = run(mbgd.from_frame(frame().drop(columns="a"), target="colour"))
    data = frame()
    names = mbgd.predict(trained, data)
    assert names.shape == (ROWS,)
    assert (names == data["colour"]).mean() > 0.7
    chances = mbgd.predict(trained, data, probabilities=True)
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)
    assert (np.array(["blue", "red"])[chances.argmax(axis=1)] == names).all()


def test_a_word_that_only_validation_rows_have_is_known():
    words = ["x", "z"] * 19 + ["rare", "x"]
    for seed in range(8):
        data = frame(w=words)
        trained = run(mbgd.from_frame(data, target="y", seed=seed), epochs=1)
        assert "w = rare" in trained.dataset.feature_names
        assert np.isfinite(mbgd.predict(trained, data)).all()


def test_arrays_keep_columns_that_never_change():
    X = np.random.default_rng(0).normal(size=(20, 3))
    X[:, 1] = 7
    trained = run(mbgd.from_arrays(X, X[:, 0]), epochs=1)
    assert mbgd.predict(trained, X).shape == (20, 1)


def test_gaps_are_filled_if_they_were_in_training():
    trained = run(mbgd.read_csv(titanic(), target="Survived", missing="mean"), epochs=1)
    import io

    data = pd.read_csv(io.BytesIO(titanic()))
    assert np.isfinite(mbgd.predict(trained, data)).all()


@pytest.mark.parametrize(
    ("X", "said"),
    [
        (pd.DataFrame({"a": [1.0]}), "'colour'"),
        (pd.DataFrame({"a": [1.0], "colour": ["green"]}), "'green'"),
        (pd.DataFrame({"a": ["x"], "colour": ["red"]}), "numbers"),
        (pd.DataFrame({"a": [np.nan], "colour": ["red"]}), "gap"),
        (np.zeros((2, 2)), "3 columns"),
        ([[np.nan, 0, 1]], "finite"),
    ],
)
def test_bad_inputs_are_refused_in_one_sentence(X, said):
    trained = run(mbgd.from_frame(frame(), target="y"), epochs=1)
    with pytest.raises(ValueError, match=said) as refused:
        mbgd.predict(trained, X)
    is_one_sentence(refused.value)


def test_predict_needs_a_run_and_classes_for_probabilities():
    trained = run(mbgd.from_frame(frame(), target="y"), epochs=1)
    for bad in (lambda: mbgd.predict(None, [[1]]), lambda: mbgd.predict(trained, [[1, 0, 1]], probabilities=True)):
        with pytest.raises(ValueError, match=r"."):
            bad()


def test_predict_works_for_the_sets_of_the_app():
    trained = run(mbgd.load("diabetes"), epochs=1)
    X = trained.dataset.inputs.restore(trained.dataset.X_val)
    of_frame = mbgd.predict(trained, pd.DataFrame(X, columns=trained.dataset.feature_names))
    np.testing.assert_allclose(of_frame, mbgd.predict(trained, X))


def test_a_sheet_keeps_no_hold_of_pandas():
    assert all(isinstance(column.values, np.ndarray) for column in read_sheet(titanic()).columns)
