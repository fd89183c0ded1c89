"""Scaling and splitting: standardised by the training rows alone, and back to units without a loss."""

import math
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction

import numpy as np
import pytest

from mbgd.data import load
from mbgd.data.dataset import Scaling, Table, one_hot, split_and_scale
from mbgd.data.pictured import Pictured
from mbgd.engine.losses import mse


def table(n=10, loss="mse"):
    """Rows whose first input is their number."""
    rng = np.random.default_rng(n)
    X = np.column_stack([np.arange(n), rng.normal(50, 20, size=n), np.full(n, 7.0)])
    Y = rng.normal(100, 30, size=(n, 1)) if loss == "mse" else one_hot(rng.integers(3, size=n), 3)
    targets = ("y",) if loss == "mse" else ("p", "q", "r")
    return Table(X, Y, loss, ("a", "b", "c"), ("", "mm", ""), targets, "points", "made up", "none")


def split(n=10, validation=0.3, loss="mse", seed=0):
    return split_and_scale("test", table(n, loss), np.random.default_rng(seed), validation)


# --- scaling ---


def test_standardised_columns_have_mean_0_and_deviation_1():
    columns = np.random.default_rng(0).normal([5.0, -300.0], [2.0, 1e-3], size=(40, 2))
    standardised = Scaling.of(columns).standardise(columns)
    np.testing.assert_allclose(standardised.mean(axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(standardised.std(axis=0), 1.0, rtol=1e-12)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (40, 2)])
def test_restoring_takes_standardising_back(shape):
    rng = np.random.default_rng(0)
    scaling = Scaling.of(rng.normal(50, 20, size=(30, shape[1])))
    columns = rng.normal(50, 20, size=shape)
    np.testing.assert_allclose(scaling.restore(scaling.standardise(columns)), columns, rtol=1e-14)
    np.testing.assert_allclose(scaling.standardise(scaling.restore(columns)), columns, rtol=1e-13)


def scaled(columns):
    """Scaling of the columns, the columns standardised, and restored from that: no overflow or underflow escapes."""
    with np.errstate(all="raise"):
        scaling = Scaling.of(columns)
        standardised = scaling.standardise(columns)
        return scaling, standardised, scaling.restore(standardised)


SIZES = [10.0**power for power in (-290, -200, -100, -30, -15, -9, -3, 0, 3, 9, 18, 30, 100, 154, 200, 300, 307)]


def exact(column):
    """Mean and deviation of a column, from exact arithmetic."""
    numbers = [Fraction(value) for value in column.tolist()]
    mean, largest = sum(numbers) / len(numbers), max(map(abs, numbers))
    variance = sum(((number - mean) / largest) ** 2 for number in numbers) / len(numbers)
    return float(mean), float(largest * Fraction(math.sqrt(variance)))


@pytest.mark.parametrize("spread", [1.0, 0.1, 1e-3, 1e-6, 1e-9, 1e-12])
@pytest.mark.parametrize("size", SIZES)
def test_columns_of_any_size_are_scaled_by_their_mean_and_deviation(size, spread):
    rng = np.random.default_rng(3)
    for n in (2, 3, 100):
        columns = size * (rng.uniform(0, 1, size=(1, 3)) + spread * rng.normal(size=(n, 3)))
        scaling, standardised, restored = scaled(columns)
        means, deviations = np.transpose([exact(column) for column in columns.T])
        rounding = np.spacing(np.abs(columns).max(axis=0))
        sums = 1 if spread < 1e-6 else n  # a sum is rounded once for each row
        assert (np.abs(scaling.mean - means) <= sums * rounding).all()
        np.testing.assert_allclose(scaling.scale / deviations, 1.0, rtol=1e-9)
        assert (np.abs(standardised.mean(axis=0)) <= 1e-12 + sums * rounding / deviations).all()
        np.testing.assert_allclose(standardised.std(axis=0), 1.0, rtol=1e-9)
        assert (np.abs(restored - columns) <= 4 * rounding).all()


def test_a_column_may_hold_small_and_huge_numbers_at_once():
    largest = float(np.finfo(np.float64).max)
    columns = np.array([[1e200, -largest, 1.0], [1e-200, largest, 5e-324], [-1e200, 0.0, 0.0], [0.0, 1e-300, 1e-15]])
    scaling, standardised, restored = scaled(columns)
    np.testing.assert_allclose(scaling.scale, [1e200 * math.sqrt(0.5), largest * math.sqrt(0.5), math.sqrt(3) / 4])
    np.testing.assert_allclose(standardised.mean(axis=0), 0.0, atol=1e-15)
    np.testing.assert_allclose(standardised.std(axis=0), 1.0, rtol=1e-12)
    assert (np.abs(restored - columns) <= 1e-15 * np.abs(columns).max(axis=0)).all()


@pytest.mark.parametrize("n", [2, 4, 17, 1_000])
def test_the_largest_numbers_do_not_overflow(n):
    largest = float(np.finfo(np.float64).max)
    columns = np.full((n, 3), largest)
    columns[::2, 0] = columns[0, 1] = -largest  # as many of both signs, one alone, none
    columns[0, 2] = np.nextafter(largest, 0)
    scaling, standardised, _ = scaled(columns)
    assert np.isfinite(scaling).all()
    np.testing.assert_allclose(standardised[:, :2].mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(standardised[:, :2].std(axis=0), 1.0, rtol=1e-12)


def test_the_smallest_numbers_have_no_deviation_to_divide_by():
    scaling, standardised, _ = scaled(np.array([[0.0], [5e-324]]))
    assert scaling.scale.tolist() == [1.0]
    assert np.abs(standardised).max() < 1e-300


@pytest.mark.parametrize("spread", [1e5, 1e6, 1e9, 1e15])
def test_stamps_in_nanoseconds_are_scaled(spread):
    stamps = 1.7e18 + spread * np.random.default_rng(1).uniform(0, 1, size=(100_000, 1))
    scaling, standardised, restored = scaled(stamps)
    assert scaling.scale[0] == pytest.approx(spread / math.sqrt(12), rel=0.02)
    assert abs(standardised.mean()) < 128 / scaling.scale[0] + 1e-9  # a float64 of this size is a multiple of 256
    assert standardised.std() == pytest.approx(1.0, rel=1e-9)
    np.testing.assert_allclose(restored, stamps, rtol=0, atol=256)


@pytest.mark.parametrize("n", [1, 2, 30, 1_797])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("size", [0.0, 7.0, 0.1, 1 / 3, 1e-307, float(np.finfo(np.float64).max), *SIZES])
def test_a_constant_column_keeps_its_scale_and_becomes_zero(size, sign, n):
    columns = np.full((n, 1), sign * size)
    scaling, standardised, restored = scaled(columns)
    assert scaling.scale.tolist() == [1.0]
    assert scaling.mean.tolist() == [sign * size]
    assert (standardised == 0.0).all()
    np.testing.assert_array_equal(restored, columns)


@pytest.mark.parametrize("size", [size for size in SIZES if size <= 1e9])
def test_a_column_that_only_rounding_spreads_is_constant(size):
    rng = np.random.default_rng(2)
    columns = size / 3 + rng.integers(-3, 4, size=(50, 1)) * np.spacing(size / 3)
    assert np.ptp(columns) > 0
    scaling, standardised, _ = scaled(columns)
    assert scaling.scale.tolist() == [1.0]
    assert np.abs(standardised).max() <= 4e-15 * size


@pytest.mark.parametrize("size", [1e18, 1e100, 1e300])
def test_rounding_of_more_than_one_unit_is_scaled_because_scale_1_would_leave_it_huge(size):
    columns = size + np.random.default_rng(2).integers(-3, 4, size=(50, 1)) * np.spacing(size)
    assert 0.5 < np.abs(scaled(columns)[1]).max() < 5


def test_scaling_by_hand():
    scaling = Scaling.of(np.array([[1.0, 10.0], [3.0, 30.0]]))
    np.testing.assert_array_equal(scaling.mean, [2.0, 20.0])
    np.testing.assert_array_equal(scaling.scale, [1.0, 10.0])
    np.testing.assert_array_equal(scaling.standardise(np.array([[4.0, 0.0]])), [[2.0, -2.0]])


# --- splitting ---


@pytest.mark.parametrize("validation", [1e-9, 0.05, 0.2, 0.25, 1 / 3, 0.5, 0.9, 0.95, 1 - 1e-9])
@pytest.mark.parametrize("n", [2, 3, 10, 17, 442])
def test_split_sizes(n, validation):
    dataset = split(n, validation)
    assert len(dataset.rows_val) == len(dataset.X_val) == min(math.ceil(n * validation), n - 1)
    assert len(dataset.rows_train) == len(dataset.X_train) == n - len(dataset.rows_val) >= 1


@pytest.mark.parametrize("seed", range(5))
def test_rows_keep_their_number_their_order_and_their_target(seed):
    source, dataset = table(17), split(17, seed=seed)
    np.testing.assert_array_equal(np.sort([*dataset.rows_train, *dataset.rows_val]), np.arange(17))
    for rows, X, Y in (
        (dataset.rows_train, dataset.X_train, dataset.Y_train),
        (dataset.rows_val, dataset.X_val, dataset.Y_val),
    ):
        assert (np.diff(rows) > 0).all()
        np.testing.assert_allclose(dataset.inputs.restore(X)[:, 0], rows, rtol=0, atol=1e-12)
        np.testing.assert_allclose(dataset.targets.restore(Y), source.Y[rows], rtol=1e-13)


def test_validation_rows_do_not_reach_the_scaling():
    source, dataset = table(17), split(17)
    source.X[dataset.rows_val] += 1e6
    source.Y[dataset.rows_val] += 1e6
    other = split_and_scale("test", source, np.random.default_rng(0), 0.3)
    np.testing.assert_array_equal(other.X_train, dataset.X_train)
    np.testing.assert_array_equal(other.Y_train, dataset.Y_train)
    assert other.X_val.min() > 1e4
    assert other.Y_val.min() > 1e4


def test_every_row_is_as_likely_held_out_as_any_other():
    times = np.zeros(10)
    for seed in range(2000):
        times[split(seed=seed).rows_val] += 1
    assert np.abs(times - 600).max() < 4 * np.sqrt(2000 * 0.3 * 0.7)


def test_classes_are_not_scaled():
    dataset = split(17, loss="cross_entropy")
    assert dataset.classes
    np.testing.assert_array_equal(dataset.Y_train, table(17, "cross_entropy").Y[dataset.rows_train])
    np.testing.assert_array_equal(dataset.targets.restore(dataset.Y_val), dataset.Y_val)


def test_the_source_table_is_left_as_it_was_and_may_change_afterwards():
    source, before = table(), split()
    dataset = split_and_scale("test", source, np.random.default_rng(0), 0.3)
    np.testing.assert_array_equal(source.X, table().X)
    np.testing.assert_array_equal(source.Y, table().Y)
    source.X[:] = source.Y[:] = 0.0
    np.testing.assert_array_equal(dataset.X_train, before.X_train)
    np.testing.assert_array_equal(dataset.Y_val, before.Y_val)


ARRAYS = ("X_train", "Y_train", "X_val", "Y_val", "rows_train", "rows_val")


@pytest.mark.parametrize("field", ARRAYS)
def test_arrays_that_the_caller_could_change_are_copied_and_others_kept(field):
    dataset = split()
    own = getattr(dataset, field).copy()
    closed = own.view()
    closed.flags.writeable = False  # a read-only view of an array that can be written into
    for given in (own, own.view(), closed):
        other = replace(dataset, **{field: given})
        before = given.copy()
        own[:] = own[::-1].copy() + 1
        np.testing.assert_array_equal(getattr(other, field), before)
        with pytest.raises(ValueError, match="read-only"):
            getattr(other, field)[:] = 0
        assert all(getattr(other, name) is getattr(dataset, name) for name in ARRAYS if name != field)


@pytest.mark.parametrize("field", ["inputs", "targets"])
def test_a_scaling_that_the_caller_could_change_is_copied(field):
    mean, scale = np.zeros(3), np.ones(3)
    dataset = replace(split(), **{field: Scaling(mean, scale)})
    mean += 1
    scale += 1
    assert [values.tolist() for values in getattr(dataset, field)] == [[0.0] * 3, [1.0] * 3]
    with pytest.raises(ValueError, match="read-only"):
        getattr(dataset, field).mean[:] = 5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"X": np.zeros(10)}, "X must have two axes"),
        ({"Y": np.zeros((10, 0))}, "Y must have two axes"),
        ({"X": np.full((10, 3), np.nan)}, "X must hold finite numbers"),
        ({"Y": np.full((10, 1), np.inf)}, "Y must hold finite numbers"),
        ({"Y": np.zeros((9, 1))}, "X has 10, Y has 9"),
        ({"X": np.zeros((1, 3)), "Y": np.zeros((1, 1))}, "X has 1, Y has 1"),
        ({"loss": "hinge"}, "loss must be one of"),
        ({"feature_names": ("a", "b")}, "feature_names .* must be 3, .* not 2"),
        ({"feature_units": ("",) * 4}, "feature_units .* must be 3, .* not 4"),
        ({"target_names": ("y", "z")}, "target_names .* must be 1, .* not 2"),
        ({"pictured": Pictured("plane")}, "'plane' needs two features"),
    ],
)
def test_a_table_that_does_not_fit_together_is_refused(change, said):
    with pytest.raises(ValueError, match=said):
        split_and_scale("test", table()._replace(**change), np.random.default_rng(0), 0.3)


def test_what_the_table_says_of_itself_is_passed_on():
    dataset, source = split(), table()
    assert (dataset.name, dataset.loss, dataset.classes) == ("test", "mse", False)
    for field in ("feature_names", "feature_units", "target_names", "target_unit", "source", "licence"):
        assert getattr(dataset, field) == getattr(source, field)


def test_a_data_set_is_frozen():
    dataset = split()
    with pytest.raises(FrozenInstanceError):
        dataset.X_train = dataset.X_val


# --- back to units ---


@pytest.mark.parametrize("name", ["diabetes", "sine", "plane"])
def test_error_in_units_is_the_root_mean_squared_error_in_units(name):
    dataset = load(name)
    guess = 0.3 * dataset.Y_val
    in_units = dataset.targets.restore(guess) - dataset.targets.restore(dataset.Y_val)
    expected = np.sqrt(np.mean(in_units**2))
    assert dataset.error_in_units(mse(dataset.Y_val, guess)) == pytest.approx(expected, rel=1e-12)


def test_the_mean_as_a_guess_is_off_by_one_deviation():
    dataset = load("diabetes")
    deviation = dataset.targets.restore(dataset.Y_train).std()
    assert dataset.error_in_units(1.0) == pytest.approx(deviation, rel=1e-12)
    assert type(dataset.error_in_units(1.0)) is float


# --- one-hot ---


def test_one_hot_by_hand():
    np.testing.assert_array_equal(one_hot(np.array([2, 0, 2]), 3), [[0, 0, 1], [1, 0, 0], [0, 0, 1]])


def test_one_hot_is_taken_back_by_its_largest_column():
    labels = np.random.default_rng(0).integers(10, size=100)
    rows = one_hot(labels, 10)
    assert rows.dtype == np.float64
    np.testing.assert_array_equal(rows.argmax(axis=1), labels)
    np.testing.assert_array_equal(rows.sum(axis=1), 1.0)
