"""Distances between arrays, and answers that lie too close to be told apart."""

import numpy as np
import pytest

from mbgd.experiments.compare import largest_difference, nearly, relative_distance


def test_the_largest_difference_is_that_of_any_two():
    a, b, c = np.array([1.0, 2.0]), np.array([1.5, 2.0]), np.array([0.5, 2.25])
    assert largest_difference(a, a.copy()) == 0
    assert largest_difference(a, b) == 0.5
    assert largest_difference(a, b, c) == 1.0


def test_numbers_that_overflow_have_no_difference_and_give_no_warning():
    assert np.isnan(largest_difference(np.array([np.inf]), np.array([np.inf])))
    assert largest_difference(np.array([np.inf]), np.array([0.0])) == np.inf


def test_the_relative_distance_goes_from_0_to_1():
    a = np.array([3.0, 4.0])
    assert relative_distance(a, a) == 0
    assert relative_distance(a, -a) == 1
    assert relative_distance(a, 2 * a) == pytest.approx(1 / 3)
    assert relative_distance(np.zeros(2), np.zeros(2)) == 0
    assert np.isnan(relative_distance(np.empty(0), np.empty(0)))


@pytest.mark.parametrize(("ratio", "near"), [(1.0, None), (1.8, "more"), (2.2, "less"), (2.0, "less"), (3.0, None)])
def test_the_near_answer_is_that_of_a_ratio_a_little_larger_or_smaller(ratio, near):
    assert nearly(lambda ratio: "less" if ratio < 2 else "more", ratio, 1.25) == near
