"""The lesson's problem and that of the sidebar: same validation rows and units, with more or fewer training rows."""

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.experiments.diagnose.problem import MORE_ROWS, TRAIN_ROWS, VALIDATION_ROWS, lesson_problem, own_problem

SETTINGS = Settings(16, 5, 0.1)


@pytest.mark.parametrize("seed", range(3))
def test_more_data_are_the_same_rows_and_more_of_them(seed):
    dataset, settings, more = lesson_problem(seed)
    assert (len(dataset.X_train), len(more.X_train)) == (TRAIN_ROWS, MORE_ROWS)
    assert len(dataset.X_val) == VALIDATION_ROWS
    assert settings.seed == seed
    np.testing.assert_array_equal(dataset.X_train, more.X_train[:TRAIN_ROWS])
    np.testing.assert_array_equal(dataset.X_val, more.X_val)
    assert dataset.inputs is more.inputs or np.array_equal(dataset.inputs.mean, more.inputs.mean)
    assert 0.2 < dataset.Y_train.mean(axis=0)[0] < 0.8  # both classes


@pytest.mark.parametrize("name", ["diabetes", "penguins", "sine"])
def test_less_data_are_half_of_the_rows(name):
    dataset = load(name)
    _, settings, half = own_problem(dataset, SETTINGS)
    assert settings is SETTINGS
    assert len(half.X_train) == len(dataset.X_train) // 2
    assert set(half.rows_train.tolist()) < set(dataset.rows_train.tolist())
    for row, x, y in zip(half.rows_train, half.X_train, half.Y_train, strict=True):
        (at,) = np.flatnonzero(dataset.rows_train == row)
        np.testing.assert_array_equal(x, dataset.X_train[at])
        np.testing.assert_array_equal(y, dataset.Y_train[at])
    np.testing.assert_array_equal(half.X_val, dataset.X_val)
    again = own_problem(dataset, SETTINGS).other
    np.testing.assert_array_equal(again.rows_train, half.rows_train)


def test_classes_that_are_sorted_in_the_file_are_all_in_the_half():
    half = own_problem(load("penguins"), SETTINGS).other
    assert (half.Y_train.mean(axis=0) > 0.1).all()


def test_a_few_rows_have_no_half():
    dataset = load("sine", n=10, validation=0.7)
    assert len(dataset.X_train) == 3
    assert own_problem(dataset, SETTINGS).other is None
