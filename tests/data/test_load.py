"""load: every set by its name, split and standardised, the same for the same seed."""

import math
import re

import numpy as np
import pytest

from mbgd.data import datasets, load
from mbgd.data.made import MADE
from mbgd.data.real import REAL, read_table
from mbgd.engine.settings import Settings
from mbgd.engine.training import Training

NAMES = [*REAL, *MADE]
ARRAYS = ("X_train", "Y_train", "X_val", "Y_val", "rows_train", "rows_val")
ROWS = {"diabetes": 442, "penguins": 342, "digits": 1_797} | dict.fromkeys(MADE, 300)


def same(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ARRAYS)


def test_every_set_is_listed_with_a_line_of_its_own():
    assert list(datasets()) == NAMES
    assert len(set(datasets().values())) == len(NAMES)
    assert all(line and "\n" not in line for line in datasets().values())
    kinds = [re.search(r" \((regression|\d+ classes)\)$", line) for line in datasets().values()]
    assert all(kinds)


@pytest.mark.parametrize("name", NAMES)
def test_arrays_have_two_axes_in_float64_and_are_finite(name):
    dataset = load(name)
    n, k = len(dataset.feature_names), len(dataset.target_names)
    for array, columns in ((dataset.X_train, n), (dataset.Y_train, k), (dataset.X_val, n), (dataset.Y_val, k)):
        assert array.dtype == np.float64
        assert array.shape[1:] == (columns,)
        assert np.isfinite(array).all()
    assert dataset.name == name
    assert len(dataset.feature_units) == n
    assert dataset.source
    assert dataset.licence


@pytest.mark.parametrize("validation", [0.001, 0.2, 1 / 3, 0.5, 0.999])
@pytest.mark.parametrize("name", NAMES)
def test_validation_rows_are_the_share_rounded_up(name, validation):
    dataset = load(name, validation=validation)
    rows = ROWS.get(name) or len(read_table(name).X)
    assert len(dataset.X_val) == len(dataset.Y_val) == min(math.ceil(rows * validation), rows - 1)
    assert len(dataset.X_train) == len(dataset.Y_train) == rows - len(dataset.X_val)


def test_diabetes_has_353_training_rows_and_89_validation_rows():
    dataset = load("diabetes", validation=0.2)
    assert dataset.X_train.shape == (353, 10)
    assert dataset.X_val.shape == (89, 10)


@pytest.mark.parametrize("name", NAMES)
def test_every_row_is_in_exactly_one_split(name):
    dataset = load(name)
    rows = np.concatenate([dataset.rows_train, dataset.rows_val])
    np.testing.assert_array_equal(np.sort(rows), np.arange(ROWS.get(name) or len(read_table(name).X)))
    assert (len(dataset.rows_train), len(dataset.rows_val)) == (len(dataset.X_train), len(dataset.X_val))


@pytest.mark.parametrize("name", NAMES)
def test_training_columns_have_mean_0_and_deviation_1_or_are_constant(name):
    X = load(name).X_train
    np.testing.assert_allclose(X.mean(axis=0), 0.0, atol=1e-12)
    constant = np.ptp(X, axis=0) == 0
    np.testing.assert_allclose(X.std(axis=0)[~constant], 1.0, rtol=1e-12)
    assert constant.any() == (name == "digits")


@pytest.mark.parametrize("name", NAMES)
def test_validation_columns_are_not_scaled_by_themselves(name):
    X = load(name).X_val
    assert (np.abs(X.mean(axis=0)) > 1e-6).any()
    assert (np.abs(X.std(axis=0) - 1) > 1e-6).any()


@pytest.mark.parametrize("name", [name for name in NAMES if load(name).classes])
def test_classes_are_one_hot_and_all_there(name):
    dataset = load(name)
    assert dataset.loss == "cross_entropy"
    for Y in (dataset.Y_train, dataset.Y_val):
        assert set(np.unique(Y)) == {0.0, 1.0}
        np.testing.assert_array_equal(Y.sum(axis=1), 1.0)
        assert Y.any(axis=0).all()


@pytest.mark.parametrize("name", ["diabetes", "sine", "plane"])
def test_targets_of_a_regression_are_standardised(name):
    dataset = load(name)
    assert dataset.loss == "mse"
    assert not dataset.classes
    np.testing.assert_allclose(dataset.Y_train.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(dataset.Y_train.std(axis=0), 1.0, rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_the_seed_alone_decides(name):
    dataset = load(name, 3)
    assert same(dataset, load(name, 3))
    assert same(dataset, load(name, np.int64(3)))
    assert not np.array_equal(dataset.rows_val, load(name, 4).rows_val)


@pytest.mark.parametrize("name", MADE)
def test_the_split_follows_from_seed_and_size_alone(name):
    np.testing.assert_array_equal(load(name, 3, n=50, noise=1.0).rows_val, load("sine", 3, n=50).rows_val)


@pytest.mark.parametrize("name", NAMES)
def test_a_loaded_set_can_not_be_written_into(name):
    dataset = load(name)
    for array in (*(getattr(dataset, array) for array in ARRAYS), *dataset.inputs, *dataset.targets):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0
    assert same(load(name), dataset)


@pytest.mark.parametrize("name", MADE)
def test_a_made_up_set_has_as_many_rows_as_asked_for(name):
    dataset = load(name, n=50)
    assert len(dataset.X_train) + len(dataset.X_val) == 50
    assert same(load(name), load(name, n=300, noise=MADE[name].noise))


@pytest.mark.parametrize("name", MADE)
def test_noise_keeps_the_split_and_the_targets_classes(name):
    quiet, noisy = load(name, noise=0.0), load(name, noise=1.0)
    np.testing.assert_array_equal(quiet.rows_val, noisy.rows_val)
    moved, kept = ("X_train", "Y_train") if quiet.classes else ("Y_train", "X_train")
    assert not np.allclose(getattr(quiet, moved), getattr(noisy, moved))
    np.testing.assert_array_equal(getattr(quiet, kept), getattr(noisy, kept))


@pytest.mark.parametrize("option", [{"n": 100}, {"noise": 0.0}])
@pytest.mark.parametrize("name", REAL)
def test_size_and_noise_do_not_apply_to_real_rows(name, option):
    with pytest.raises(ValueError, match=rf"^{next(iter(option))} applies to made-up sets only, not to '{name}'"):
        load(name, **option)


@pytest.mark.parametrize("bad", ["Diabetes", "", "iris", None, 0, ["sine"]])
def test_an_unknown_name_is_told_all_known_ones(bad):
    with pytest.raises(ValueError, match=r"^name must be one of ") as error:
        load(bad)
    assert str(error.value).endswith(f"not {bad!r}.")
    for name in NAMES:
        assert repr(name) in str(error.value)


@pytest.mark.parametrize(
    ("option", "bad"),
    [
        *(("validation", bad) for bad in (0, 1, 0.0, 1.0, -0.2, 1.5, float("nan"), True, "0.2", None)),
        *(("n", bad) for bad in (9, 0, -1, 100_001, 50.0, True, "50")),
        *(("noise", bad) for bad in (-0.1, 2.1, float("nan"), float("inf"), True, "0.1")),
        *(("seed", bad) for bad in (-1, 0.5, True, "0", None)),
    ],
)
def test_a_bad_option_raises_with_its_name_and_itself(option, bad):
    with pytest.raises(ValueError, match=rf"^{option} must be .* not {bad!r}\.$"):
        load("sine", **{option: bad})


@pytest.mark.parametrize(
    "option", [{"n": 10}, {"noise": 0}, {"noise": 2}, {"validation": 1e-9}, {"validation": 0.9999}]
)
def test_the_bounds_themselves_are_good(option):
    dataset = load("moons", **option)
    assert len(dataset.X_train) >= 1
    assert len(dataset.X_val) >= 1


@pytest.mark.parametrize("name", NAMES)
def test_every_set_can_be_learnt_from(name):
    training = Training(load(name), Settings(batch_size=32, epochs=20, learning_rate=0.1, activation="tanh"))
    training.advance()
    assert training.history.train_loss[-1] < 0.97 * training.start["train"].loss
