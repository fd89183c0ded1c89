"""Fewer points draw the same line, and stay in place while a run grows."""

from itertools import pairwise

import numpy as np
import pytest

from mbgd.charts.thinning import MOST_POINTS, thin

LENGTHS = (301, 302, 599, 600, 601, 1_000, 4_097, 99_999, 100_000)


def noise(n):
    return np.random.default_rng(n).normal(size=n)


@pytest.mark.parametrize("n", [0, 1, 2, 299, 300])
def test_a_short_line_is_returned_whole(n):
    assert thin(noise(n)).tolist() == list(range(n))


@pytest.mark.parametrize("n", LENGTHS)
def test_at_most_300_sorted_unique_points_with_both_ends(n):
    kept = thin(noise(n))
    assert MOST_POINTS / 4 < len(kept) <= MOST_POINTS == 300
    assert (np.diff(kept) > 0).all()
    assert (kept[0], kept[-1]) == (0, n - 1)


@pytest.mark.parametrize("most", [4, 5, 10, 37])
@pytest.mark.parametrize("n", [5, 38, 1_000])
def test_any_limit_from_four_is_kept(n, most):
    kept = thin(noise(n), most)
    assert len(kept) <= most
    assert {0, n - 1} <= set(kept.tolist())


@pytest.mark.parametrize("spike", [1e9, -1e9])
@pytest.mark.parametrize("at", [0, 1, 31_415, 65_536, 99_998, 99_999])
def test_a_single_spike_in_100_000_points_survives(at, spike):
    y = noise(100_000)
    y[at] = spike
    assert at in thin(y)


@pytest.mark.parametrize("n", [1_000, 1_003, 100_000])
def test_each_bucket_keeps_its_minimum_and_maximum(n):
    y = noise(n)
    kept = thin(y)
    width = next(2**i for i in range(1, 20) if 2 * np.ceil(n / 2**i) + 2 <= MOST_POINTS)
    for start in range(0, n, width):
        bucket = y[start : start + width]
        assert {start + bucket.argmin(), start + bucket.argmax()} <= set(kept.tolist())


def test_the_line_stays_between_the_same_extremes():
    y = noise(50_000)
    kept = y[thin(y)]
    assert (kept.min(), kept.max()) == (y.min(), y.max())


def test_buckets_already_drawn_stay_when_points_are_added():
    y = noise(1_192)
    first = [i for i in thin(y[:1_000]) if i < 990]
    for n in range(1_001, 1_193):
        assert [i for i in thin(y[:n]) if i < 990] == first


def test_the_drawn_part_changes_only_when_the_width_doubles():
    y = noise(20_000)
    drawn = [tuple(i for i in thin(y[:n]) if i < 256) for n in range(301, 20_001, 7)]
    changes = sum(a != b for a, b in pairwise(drawn))
    assert 1 <= changes <= np.log2(20_000 / 300) + 1


def test_a_flat_line_keeps_its_ends():
    kept = thin(np.zeros(5_000))
    assert (kept[0], kept[-1]) == (0, 4_999)
    assert len(kept) <= MOST_POINTS
