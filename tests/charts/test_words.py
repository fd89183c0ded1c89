"""Numbers in words: counts, times, bytes, each with the digits that it is shown with."""

import pytest

from mbgd.charts.words import (
    computing_time,
    count,
    duration,
    figures,
    in_bytes,
    in_microseconds,
    in_milliseconds,
    plural,
    rows_a_second,
    short,
    times,
)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "under 1 s"),
        (0.99, "under 1 s"),
        (1, "1 s"),
        (59.6, "60 s"),
        (89, "89 s"),
        (90, "2 min"),
        (3_600, "60 min"),
        (5_400, "1.5 h"),
        (86_400, "24.0 h"),
    ],
)
def test_duration(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1_000, "1,000 rows"), (1_001, "1,001 rows")]
)
def test_count_is_singular_for_one_alone(number, words):
    assert count(number, "row") == words


def test_a_plural_may_be_of_its_own_kind():
    assert count(1, "switch", "switches") == "1 switch"
    assert count(2, "switch", "switches") == "2 switches"
    assert plural(0.5, "epoch") == "epochs"


@pytest.mark.parametrize(
    ("function", "value", "words"),
    [
        (figures, 3, "3"),
        (figures, 3.0, "3"),
        (figures, 2.345, "2.35"),
        (figures, 9.996, "10"),
        (figures, 19.7, "19.7"),
        (figures, 1234.6, "1,235"),
        (short, 0.01234, "0.012"),
        (short, 0.1234, "0.12"),
        (short, 1, "1"),
        (short, 9.96, "10"),
        (short, 34.5, "34"),
        (short, 3.456, "3.5"),
        (short, 99.6, "100"),
        (short, 1234.5, "1,234"),
        (times, 12.34, "12.3 ×"),
        (computing_time, 0.01234, "12.3 ms"),
        (computing_time, 1, "1.00 s"),
        (in_milliseconds, 0.00012345, "0.123 ms"),
        (in_microseconds, 12.34, "12.3 µs"),
        (in_microseconds, 1234.5, "1,234 µs"),
        (in_bytes, 0, "0 bytes"),
        (in_bytes, 999, "999 bytes"),
        (in_bytes, 1_000, "1 kB"),
        (in_bytes, 123_456, "123 kB"),
        (in_bytes, 1_000_000, "1 MB"),
        (in_bytes, 5e12, "5e+03 GB"),
        (rows_a_second, 55_812, "55,800 rows/s"),
        (rows_a_second, 12.34e6, "12.3 million rows/s"),
        (rows_a_second, 1.2345e9, "1,230 million rows/s"),
    ],
)
def test_a_number_keeps_the_digits_that_count(function, value, words):
    assert function(value) == words
