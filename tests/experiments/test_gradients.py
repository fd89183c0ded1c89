"""Gradients as vectors: of a batch, and of each of its samples."""

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, forward, predict
from mbgd.experiments.gradients import (
    OFF_THE_KINK,
    ON_THE_KINK,
    batch_gradient,
    flatten,
    moved,
    off_the_kinks,
    parameters,
    sample_gradients,
    unflatten,
)
from mbgd.experiments.plain import start
from tests.engine import central_differences

CASES = [("diabetes", (), "relu"), ("moons", (5, 4), "tanh"), ("penguins", (6,), "sigmoid")]


def case(name, hidden, activation, rows=12):
    dataset = load(name)
    layers = start(dataset, Settings(4, 1, 0.1, hidden, activation))
    return layers, dataset.X_train[:rows], dataset.Y_train[:rows], dataset.loss


@pytest.mark.parametrize(("name", "hidden", "activation"), CASES)
def test_the_batch_gradient_is_the_slope_of_the_loss(name, hidden, activation):
    layers, X, Y, loss = case(name, hidden, activation)
    numeric = [
        central_differences(lambda: LOSSES[loss].function(Y, predict(layers, X)), part)
        for layer in layers
        for part in (layer.W, layer.b)
    ]
    expected = np.concatenate([part.ravel() for part in numeric])
    assert expected.size == parameters(layers).size
    np.testing.assert_allclose(batch_gradient(layers, X, Y, loss), expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("name", "hidden", "activation"), CASES)
def test_each_sample_s_gradient_is_that_of_a_batch_of_one(name, hidden, activation):
    layers, X, Y, loss = case(name, hidden, activation)
    of_samples = sample_gradients(layers, X, Y, loss)
    assert of_samples.shape == (len(X), parameters(layers).size)
    for i in range(len(X)):
        np.testing.assert_allclose(of_samples[i], batch_gradient(layers, X[i : i + 1], Y[i : i + 1], loss), atol=1e-12)
    np.testing.assert_allclose(of_samples.mean(axis=0), batch_gradient(layers, X, Y, loss), rtol=0, atol=1e-12)


def test_flatten_keeps_the_order_of_the_layers():
    pairs = [(np.array([[1.0, 2.0]]), np.array([3.0])), (np.array([[4.0]]), np.array([5.0]))]
    np.testing.assert_array_equal(flatten(pairs), [1, 2, 3, 4, 5])


def test_unflattened_layers_are_views_of_the_vector():
    layers = start(load("diabetes"), Settings(16, 5, 0.02, (8,), "tanh"))
    vector = parameters(layers)
    again = unflatten(layers, vector)
    assert all(np.array_equal(a.W, b.W) and np.array_equal(a.b, b.b) for a, b in zip(layers, again, strict=True))
    assert [layer.activation for layer in again] == [layer.activation for layer in layers]
    vector += 1
    np.testing.assert_array_equal(parameters(again), vector)
    assert not np.array_equal(parameters(layers), vector)


def test_moved_layers_have_the_moved_parameters():
    layers = start(load("diabetes"), Settings(16, 5, 0.02, (8,), "tanh"))
    before, step = parameters(layers), np.arange(parameters(layers).size) / 7
    np.testing.assert_array_equal(parameters(moved(layers, step)), before + step)
    np.testing.assert_array_equal(parameters(layers), before)


def test_weights_are_moved_off_kinks_and_stay_otherwise():
    rng, X = np.random.default_rng(0), np.random.default_rng(1).normal(size=(20, 3))
    first = [Layer(rng.normal(size=(4, 3)), rng.normal(size=4), name) for name in ("relu", "identity")][:1]
    assert off_the_kinks(first, X, rng) == (first, False)
    dead = [Layer(np.ones((1, 3)), np.array([-100.0]), "relu"), Layer(np.ones((2, 1)), np.zeros(2), "relu")]
    away, are_moved = off_the_kinks(dead, X, rng)
    assert are_moved
    assert min(np.abs(Z).min() for Z in forward(away, X)[1]) > ON_THE_KINK
    assert 0 < np.abs(parameters(away) - parameters(dead)).max() < 5 * OFF_THE_KINK
    smooth = [layer._replace(activation="tanh") for layer in dead]
    assert off_the_kinks(smooth, X, rng) == (smooth, False)
