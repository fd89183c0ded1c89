"""The default run teaches something true: the mini-batch solves the spiral, and neither end does."""

import math
from functools import cache

import pytest

from mbgd import load
from mbgd.engine.batches import plan_epoch
from mbgd.experiments.train.comparison import Comparison
from mbgd.experiments.train.seen import SLOW, SOLVED, seen
from mbgd.share.choices import DEFAULT, Choices

pytestmark = pytest.mark.thorough

SEEDS = [0, 1, 2]


@cache
def lanes(choices):
    dataset = load(**choices.data_options())
    comparison = Comparison(dataset, choices.settings(len(dataset.X_train)))
    assert comparison.advance(choices.epochs, math.inf)
    return comparison.lanes


def test_the_default_leaves_no_short_last_batch():
    n_train = len(load(**DEFAULT.data_options()).X_train)
    assert (n_train, DEFAULT.batch_size(n_train)) == (240, 16)
    assert plan_epoch(n_train, 16).last_rows == 16


@pytest.mark.parametrize("seed", SEEDS)
def test_only_the_mini_batch_solves_the_default(seed):
    one, some, every = lanes(Choices(seed=seed))
    assert seen(some) == SOLVED
    assert some.last < 0.02
    assert some.accuracy == 1
    assert seen(one) != SOLVED
    assert one.last > 0.3
    assert one.accuracy < 0.9
    assert seen(every) == SLOW
    assert every.last > 0.45


@pytest.mark.parametrize("seed", SEEDS)
def test_at_half_the_rate_and_32_units_single_rows_solve_it_before_the_batch(seed):
    one, some, _ = lanes(Choices(seed=seed, rate=0.1, hidden=(32,)))
    assert seen(one) == SOLVED
    assert seen(some) != SOLVED
    assert 10 * one.last < some.last
