"""Weight decay: the fast core does as the plain loop, the gradient is that of λ/2 · Σ W², and B does not matter."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from mbgd.engine.batches import minibatches
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import backward, copies, decayed, forward, predict
from mbgd.engine.plain import plain_epochs, plain_update
from mbgd.engine.stack import Stack
from mbgd.engine.training import Training
from tests.engine.runs import Data, N, data, parameters, run

DECAY = 0.3
TASKS = [("mse", 1), ("mse", 3), ("cross_entropy", 4)]
every_task = pytest.mark.parametrize(("loss", "k"), TASKS)


def vector(layers):
    return np.concatenate([part.ravel() for W, b, _ in layers for part in (W, b)])


def penalised(layers, X, Y, loss):
    """The loss that is minimised: the mean over the rows, and λ/2 times the sum of the squares of all W."""
    return LOSSES[loss].function(Y, predict(layers, X)) + DECAY / 2 * sum((W**2).sum() for W, _, _ in layers)


def gradient(layers, X, Y, loss):
    activations, pre_activations = forward(layers, X)
    _, dL_dY = LOSSES[loss].with_derivative(Y, activations[-1])
    parts = decayed(layers, backward(layers, activations, pre_activations, dL_dY), DECAY)
    return np.concatenate([part.ravel() for pair in parts for part in pair])


@every_task
@pytest.mark.parametrize("hidden", [(), (5,), (4, 3)])
@pytest.mark.parametrize("batch_size", [1, 7, N])
def test_the_fast_core_decays_as_the_plain_loop(loss, k, hidden, batch_size):
    training = run(data(k=k, loss=loss), hidden=hidden, batch_size=batch_size, weight_decay=DECAY)
    layers, before = training.layers, parameters(training)
    for plain, fast in zip(plain_epochs(layers, training.dataset, training.settings), training, strict=True):
        assert plain.loss == pytest.approx(fast.loss, rel=1e-12, abs=1e-12)
        np.testing.assert_allclose(parameters(training), vector(layers), rtol=0, atol=1e-12)
    without = run(data(k=k, loss=loss), hidden=hidden, batch_size=batch_size)
    assert np.array_equal(parameters(without), before)
    without.advance()
    assert np.abs(parameters(without) - parameters(training)).max() > 1e-3


def test_in_one_pass_each_run_has_the_decay_of_its_own_rate():
    dataset, settings = data(), run(weight_decay=DECAY).settings
    all_settings = [replace(settings, seed=seed, learning_rate=0.02 + 0.05 * seed) for seed in range(3)]
    stack = Stack(dataset, all_settings)
    stack.advance()
    for number, one in enumerate(all_settings):
        alone = Training(dataset, replace(one, order_seed=0))
        alone.advance()
        np.testing.assert_allclose(vector(stack.layers(number)), parameters(alone), rtol=0, atol=1e-12)


def test_a_changed_rate_and_a_pickled_run_go_on_with_it():
    training = run(weight_decay=DECAY)
    training.advance(updates=3)
    training.learning_rate = 0.01
    other = pickle.loads(pickle.dumps(training))
    layers = training.layers
    for run_ in (training, other):
        run_.advance(updates=4)
    assert np.array_equal(parameters(training), parameters(other))
    for update in list(run())[3:7]:
        X, Y = training.dataset.X_train[update.rows], training.dataset.Y_train[update.rows]
        plain_update(layers, X, Y, LOSSES["mse"].with_derivative, 0.01, weight_decay=DECAY)
    np.testing.assert_allclose(parameters(training), vector(layers), rtol=0, atol=1e-12)


@pytest.mark.parametrize("batch_size", [1, 4, 7, N])
def test_decay_alone_shrinks_W_by_the_same_factor_whatever_the_batch_size(batch_size):
    of = data()
    silent = Data(np.zeros_like(of.X_train), np.zeros_like(of.Y_train), of.X_val, of.Y_val, "mse")
    training = run(silent, hidden=(), batch_size=batch_size, epochs=20, learning_rate=0.1, weight_decay=DECAY)
    ((W, _, _),) = training.layers
    assert training.advance(updates=12) == 12
    ((now, b, _),) = training.layers
    np.testing.assert_allclose(now, W * (1 - 0.1 * DECAY) ** 12, rtol=1e-12)
    assert not b.any()


@every_task
@pytest.mark.parametrize("batch_size", [1, 4, 7, N])
def test_the_mean_of_an_epochs_gradients_is_that_of_all_rows(loss, k, batch_size):
    of = data(k=k, loss=loss)
    layers = run(of).layers
    batches = list(minibatches(np.random.default_rng(0), N, batch_size))
    mean = sum(len(rows) / N * gradient(layers, of.X_train[rows], of.Y_train[rows], loss) for rows in batches)
    np.testing.assert_allclose(mean, gradient(layers, of.X_train, of.Y_train, loss), rtol=0, atol=1e-12)


@every_task
def test_its_gradient_is_that_of_the_penalised_loss(loss, k):
    of, h = data(k=k, loss=loss), 1e-5
    layers = run(of, hidden=(4, 3)).layers
    found, moved = gradient(layers, of.X_train, of.Y_train, loss), []
    for number, layer in enumerate(layers):
        for which in (0, 1):
            for at in np.ndindex(layer[which].shape):
                losses = []
                for way in (h, -h):
                    changed = copies(layers)
                    changed[number][which][at] += way
                    losses.append(penalised(changed, of.X_train, of.Y_train, loss))
                moved.append((losses[0] - losses[1]) / (2 * h))
    np.testing.assert_allclose(found, moved, rtol=0, atol=1e-8)
    plain = [part for W, b, _ in layers for part in (DECAY * W, 0 * b)]
    assert np.abs(np.concatenate([part.ravel() for part in plain])).max() > 0.01


def test_reported_losses_are_without_the_penalty():
    training, without = run(weight_decay=DECAY), run()
    assert next(training).loss == next(without).loss
    X, Y = training.dataset.X_train, training.dataset.Y_train
    expected = LOSSES["mse"].function(Y, predict(training.layers, X))
    assert training.evaluate("train").loss == pytest.approx(expected, rel=1e-12)


def test_without_decay_an_update_has_no_call_for_it():
    calls = []
    for decay in (0.0, DECAY):
        training = run(weight_decay=decay)
        next(training)
        (core, *_) = training._run._cores.values()
        calls.append(len(core.updates[0]))
    assert calls[1] == calls[0] + 1
