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
            assert stack.evaluate(split)[run] == pytest.approx(training.evaluate(split).loss, rel=1e-9)


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


def test_each_diverges_where_it_would_alone():
    dataset = load("plane", n=70)
    rates = (20.0, 0.05, 1.3, 30.0)
    settings = [Settings(64, 800, rate, (), seed=seed) for seed, rate in enumerate(rates)]
    stack = Stack(dataset, settings)
    while stack.advance(updates=50):
        pass
    assert set(stack.failures) == {0, 2, 3}
    failed = {run: alone(dataset, settings[run]) for run in stack.failures}
    assert [stack.failures[run].update for run in failed] == [run.failure.update for run in failed.values()]
    assert len({failure.update for failure in stack.failures.values()}) == 3
    for run, training in failed.items():
        for (W, _, _), (W2, _, _) in zip(stack.layers(run), training.layers, strict=True):
            np.testing.assert_allclose(W, W2, rtol=1e-9)
        assert stack.evaluate("val")[run] == pytest.approx(training.evaluate("val").loss, rel=1e-9)
    assert_same(stack.layers(1), alone(dataset, settings[1]).layers)


def test_weights_lost_in_the_last_update_of_all_are_a_divergence():
    settings = [Settings(20, 1, rate, (4,)) for rate in (0.1, 1e300)]
    stack = Stack(load("plane", n=25, validation=0.2), settings)
    stack.advance()
    assert stack.updates_done == stack.total_updates == 1
    assert set(stack.failures) == {1}
    assert stack.failures[1].update == 1
    assert not np.isfinite(stack.failures[1].loss)


def test_it_ends_when_all_have_diverged():
    settings = [replace(one, learning_rate=20.0) for one in settings_of(16, hidden=(), epochs=10_000)]
    stack = Stack(load("plane", n=70), settings)
    assert stack.advance() < stack.total_updates
    assert len(stack.failures) == 3
    assert stack.advance() == 0


def test_no_settings_and_an_unknown_loss_are_refused():
    with pytest.raises(ValueError, match="at least one run, not none"):
        Stack(load("sine"), [])
    with pytest.raises(ValueError, match=r"^loss must be one of"):
        Stack(replace(load("sine"), loss="hinge"), [Settings(16, 1, 0.1)])


def test_settings_that_differ_in_more_are_refused():
    with pytest.raises(ValueError, match="alike in all but seed and learning_rate"):
        Stack(load("sine"), [Settings(16, 1, 0.1), Settings(8, 1, 0.1)])
