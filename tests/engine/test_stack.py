"""Runs in one pass are the runs one by one; one that diverges leaves the others alone."""

from dataclasses import replace

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.engine.stack import Stack

RATES = (0.02, 0.05, 0.1)


def settings_of(batch_size, **options):
    chosen = {"epochs": 4, "learning_rate": 0.05, "hidden": (6,), "activation": "tanh"} | options
    first = Settings(batch_size, **chosen)
    return [replace(first, seed=seed, learning_rate=rate) for seed, rate in enumerate(RATES)]


def alone(dataset, settings, order_seed=0):
    training = Training(dataset, replace(settings, order_seed=order_seed), evaluate_share=0)
    training.advance()
    return training


def assert_same(layers, others, atol=1e-9):
    for (W, b, _), (W2, b2, _) in zip(layers, others, strict=True):
        np.testing.assert_allclose(W, W2, rtol=0, atol=atol)
        np.testing.assert_allclose(b, b2, rtol=0, atol=atol)


@pytest.mark.parametrize("last_batch", ["keep", "drop"])
@pytest.mark.parametrize("hidden", [(), (6,), (5, 4)])
@pytest.mark.parametrize("batch_size", [1, 16, 1_000])
@pytest.mark.parametrize("name", ["sine", "moons"])
def test_runs_in_one_pass_are_the_runs_one_by_one(name, batch_size, hidden, last_batch):
    dataset = load(name, n=70)
    settings = settings_of(batch_size, hidden=hidden, last_batch=last_batch)
    stack = Stack(dataset, settings)
    assert stack.advance() == stack.total_updates == stack.updates_done
    for run, one in enumerate(settings):
        training = alone(dataset, one)
        assert not training.diverged
        assert_same(stack.layers(run), training.layers)
        for split in ("train", "val"):
            assert stack.evaluate(split)[run] == pytest.approx(training.evaluate(split), rel=1e-9)


def test_in_pieces_it_is_the_same_run():
    dataset, settings = load("moons", n=70), settings_of(16)
    whole, pieces = Stack(dataset, settings), Stack(dataset, settings)
    whole.advance()
    pieces.advance(updates=5)
    assert pieces.advance(seconds=0) == 1
    while pieces.advance(updates=3):
        pass
    for run in range(3):
        assert_same(whole.layers(run), pieces.layers(run), atol=0)
    assert whole.seconds > 0


@pytest.mark.parametrize("batch_size", [1, 16])
def test_one_that_diverges_leaves_the_others_alone(batch_size):
    dataset = load("plane", n=70)
    settings = settings_of(batch_size, hidden=(), epochs=200)
    settings[1] = replace(settings[1], learning_rate=20.0)
    stack = Stack(dataset, settings)
    stack.advance()
    assert set(stack.failures) == {1}
    for run in (0, 2):
        assert_same(stack.layers(run), alone(dataset, settings[run]).layers)
    failed = alone(dataset, settings[1])
    assert failed.failure is not None
    assert stack.failures[1].update == failed.failure.update
    np.testing.assert_array_equal(stack.failures[1].rows, failed.failure.rows)
    for (W, _, _), (W2, _, _) in zip(stack.layers(1), failed.layers, strict=True):
        np.testing.assert_allclose(W, W2, rtol=1e-9)


def test_it_ends_when_all_have_diverged():
    settings = [replace(one, learning_rate=20.0) for one in settings_of(16, hidden=(), epochs=10_000)]
    stack = Stack(load("plane", n=70), settings)
    assert stack.advance() < stack.total_updates
    assert len(stack.failures) == 3
    assert stack.advance() == 0


def test_settings_that_differ_in_more_are_refused():
    with pytest.raises(ValueError, match="alike in all but seed and learning_rate"):
        Stack(load("sine"), [Settings(16, 1, 0.1), Settings(8, 1, 0.1)])
