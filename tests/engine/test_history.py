"""What a run remembers: a column grows at its end and is read-only from outside."""

import numpy as np
import pytest

from mbgd.engine.history import Column


def column(values):
    grown = Column()
    for value in values:
        grown.append(value)
    return grown


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 128, 129, 1000])
def test_a_column_holds_what_was_added_in_order(length):
    values = np.random.default_rng(0).normal(size=length)
    grown = column(values)
    assert len(grown) == length
    assert grown.values.dtype == np.float64
    np.testing.assert_array_equal(grown.values, values)


def test_values_read_earlier_stay_as_they_were():
    grown = column(range(60))
    before = grown.values
    for value in range(1000):
        grown.append(-value)
    np.testing.assert_array_equal(before, np.arange(60))


def test_values_cannot_be_written_to():
    values = column([1.0, 2.0]).values
    with pytest.raises(ValueError, match="read-only"):
        values[0] = 5.0


def test_two_columns_share_nothing():
    first, second = column([1.0]), column([2.0, 3.0])
    np.testing.assert_array_equal(first.values, [1.0])
    np.testing.assert_array_equal(second.values, [2.0, 3.0])
