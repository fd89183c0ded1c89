"""The learning rate proposed after a divergence: it trains as many epochs without diverging, and is found in slices."""

from dataclasses import replace
from itertools import product

import pytest

from mbgd import Settings, Training, load
from mbgd.experiments.step import finish
from mbgd.experiments.train import safe_rate
from mbgd.experiments.train.safe_rate import find_safe_rate
from mbgd.share.choices import RATES

DIVERGING = list(product(("plane", "sine", "diabetes"), ((), (16,), (16, 16)), (1, 16, 10_000), (10.0,)))


@pytest.mark.thorough
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


def test_a_try_is_made_in_steps(monkeypatch):
    """Between two of them a click is let through."""
    monkeypatch.setattr(safe_rate, "SLICE", 0.0)
    settings = Settings(1, 10, 1.0, hidden=(), activation="identity")
    steps = list(find_safe_rate(load("diabetes"), settings, [0.001]))
    assert steps[-1].result.rate == 0.001
    assert len(steps) > 5  # of 3,530 updates


def test_if_every_rate_diverges_none_is_proposed():
    settings = Settings(16, 5, 10.0, hidden=(), activation="identity")
    assert finish(find_safe_rate(load("plane"), settings, [9.0, 5.0])).rate is None
