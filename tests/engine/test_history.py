"""What a run remembers: a column grows at its end and is read-only from outside."""

import math

import numpy as np
import pytest

from mbgd.engine.history import Column, Thinned


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


# --- thinned ---


def thinned(losses, piece=1_000):
    """A record of these losses, added in pieces; the n-th update ends after n milliseconds."""
    record = Thinned()
    for start in range(0, len(losses), piece):
        part = losses[start : start + piece]
        record = record.extended(part, 1e-3 * np.arange(start + 1, start + len(part) + 1))
    return record


@pytest.mark.parametrize("length", [0, 1, 999, Thinned.BLOCK, Thinned.BLOCK + 1, Thinned.MOST_KEPT])
def test_the_first_thousands_of_updates_are_all_kept(length):
    losses = np.random.default_rng(0).exponential(size=length)
    number, loss, seconds = thinned(losses).columns
    np.testing.assert_array_equal(number, np.arange(1, length + 1))
    np.testing.assert_array_equal(loss, losses)
    np.testing.assert_allclose(seconds, 1e-3 * number)


@pytest.mark.parametrize("piece", [1, 777, 4_096, 50_000])
def test_of_more_updates_spikes_and_ends_stay_in_bounded_memory(piece):
    losses = np.random.default_rng(1).exponential(size=200_001 if piece > 1 else 40_001)
    losses[[12_345, 23_456, 34_567]] = 50, 60, -1
    record = thinned(losses, piece)
    number, loss, seconds = record.columns
    assert len(number) <= Thinned.MOST_KEPT + Thinned.BLOCK
    assert (np.diff(number) > 0).all()
    assert (number[0], number[-1]) == (1, len(losses))
    np.testing.assert_array_equal(loss, losses[number.astype(int) - 1])
    np.testing.assert_allclose(seconds, 1e-3 * number)
    assert {12_346, 23_457, 34_568} <= set(number.astype(int))


def test_each_bucket_keeps_its_lowest_and_its_highest():
    losses = np.random.default_rng(2).normal(size=3 * Thinned.MOST_KEPT)
    number, loss, _ = thinned(losses).columns
    width = 32
    for start in range(0, 20 * width, width):
        inside = (number > start) & (number <= start + width)
        assert loss[inside].min() == losses[start : start + width].min()
        assert loss[inside].max() == losses[start : start + width].max()


class Small(Thinned):
    """Few of each, so that a bucket soon is wider than a block."""

    BLOCK = 8
    MOST_KEPT = 32


@pytest.mark.parametrize("length", [1_000, 1_024, 1_500, 20_003])
def test_buckets_wider_than_a_block_are_alike(length, monkeypatch):
    monkeypatch.setitem(globals(), "Thinned", Small)
    losses = np.random.default_rng(3).normal(size=length)
    number, loss, _ = thinned(losses, 13).columns
    assert len(number) <= Small.MOST_KEPT + Small.BLOCK + 1
    assert number[0] == 1
    width = 2 ** math.ceil(math.log2(length / Small.MOST_KEPT) + 1)
    assert width > Small.BLOCK
    whole = length // Small.BLOCK * Small.BLOCK
    for start in range(0, whole, width):
        there = losses[start : min(start + width, whole)]
        inside = (number > start) & (number <= start + len(there)) & (number > 1)
        assert 1 <= inside.sum() <= 2
        expected = {there.min(), there.max()}
        assert set(loss[inside]) | ({loss[0]} & expected) == expected


def test_columns_read_earlier_stay_as_they_were_and_cannot_be_written_to():
    record = thinned(np.arange(10.0))
    number, loss, _ = record.columns
    longer = record.extended(np.arange(20_000.0), np.arange(20_000.0))
    np.testing.assert_array_equal(record.columns[1], np.arange(10.0))
    assert len(longer.columns[1]) > 10
    np.testing.assert_array_equal(loss, np.arange(10.0))
    with pytest.raises(ValueError, match="read-only"):
        number[0] = 5
