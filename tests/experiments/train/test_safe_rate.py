"""The learning rate proposed after a divergence: it trains as many epochs without diverging, and is found in slices."""

from dataclasses import replace
from itertools import product
from time import perf_counter

import pytest

from mbgd import Settings, Training, load
from mbgd.experiments.step import finish
from mbgd.experiments.train.safe_rate import find_safe_rate
from mbgd.share.choices import RATES

DIVERGING = list(product(("plane", "sine", "diabetes"), ((), (16,), (16, 16)), (1, 16, 10_000), (10.0,)))


@pytest.mark.parametrize(("data", "hidden", "batch_size", "rate"), DIVERGING)
def test_the_proposed_rate_does_not_diverge(data, hidden, batch_size, rate):
    dataset, settings = load(data, seed=1), Settings(batch_size, 20, rate, hidden=hidden, activation="identity", seed=1)
    first = Training(dataset, settings)
    first.advance()
    safe = finish(find_safe_rate(dataset, settings, RATES))
    assert safe.rate in RATES
    assert safe.rate <= rate / 2
    assert safe.epochs == 20
    again = Training(dataset, replace(settings, learning_rate=safe.rate))
    again.advance()
    assert not again.diverged
    assert again.evaluate("train").loss <= again.start["train"].loss


def test_no_step_takes_long():
    settings = Settings(1, 10_000, 10.0, hidden=(64, 64), activation="identity")
    longest, last = 0.0, perf_counter()
    for _ in find_safe_rate(load("diabetes"), settings, RATES):
        now = perf_counter()
        longest, last = max(longest, now - last), now
    assert longest < 0.2  # of a slice of 15 ms, on a busy machine


def test_if_every_rate_diverges_none_is_proposed():
    settings = Settings(16, 5, 10.0, hidden=(), activation="identity")
    assert finish(find_safe_rate(load("plane"), settings, [9.0, 5.0])).rate is None
