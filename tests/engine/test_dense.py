"""A dense layer: values by hand, shapes, and gradients against central differences and a loop over the samples."""

import numpy as np
import pytest

from mbgd.engine.activations import ACTIVATIONS, identity, relu, relu_derivative
from mbgd.engine.dense import dense_backward_batch, dense_forward, parameter_gradients
from tests.engine import central_differences

X_BY_HAND = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
W_BY_HAND = np.array([[1.0, -1.0], [2.0, 0.0]])
B_BY_HAND = np.array([0.5, -1.0])


def layer_and_batch(B=5, n=3, k=4):
    """X (B, n), W (k, n), b (k,) and the gradient G (B, k) that reaches the layer."""
    rng = np.random.default_rng((B, n, k))
    return rng.normal(size=(B, n)), rng.normal(size=(k, n)), rng.normal(size=k), rng.normal(size=(B, k))


def test_forward_by_hand():
    A, Z = dense_forward(X_BY_HAND, W_BY_HAND, B_BY_HAND, relu)
    np.testing.assert_array_equal(Z, [[-0.5, 1.0], [-0.5, 5.0], [-0.5, 9.0]])
    np.testing.assert_array_equal(A, [[0.0, 1.0], [0.0, 5.0], [0.0, 9.0]])


def test_backward_by_hand():
    _, Z = dense_forward(X_BY_HAND, W_BY_HAND, B_BY_HAND, relu)
    dL_dA = np.array([[1.0, 1.0], [1.0, -1.0], [1.0, 2.0]])
    dW, db, dX = dense_backward_batch(X_BY_HAND, Z, dL_dA, W_BY_HAND, relu_derivative)
    np.testing.assert_array_equal(dW, [[0.0, 0.0], [8.0, 10.0]])
    np.testing.assert_array_equal(db, [0.0, 2.0])
    np.testing.assert_array_equal(dX, [[2.0, 0.0], [-2.0, 0.0], [4.0, 0.0]])


@pytest.mark.parametrize(("B", "n", "k"), [(1, 1, 1), (5, 3, 4), (2, 1, 6), (7, 4, 1), (3, 3, 3)])
def test_shapes(B, n, k):
    X, W, b, G = layer_and_batch(B, n, k)
    A, Z = dense_forward(X, W, b, np.tanh)
    assert A.shape == Z.shape == (B, k)
    dW, db, dX = dense_backward_batch(X, Z, G, W, ACTIVATIONS["tanh"].derivative)
    assert (dW.shape, db.shape, dX.shape) == ((k, n), (k,), (B, n))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gradients_of_weights_biases_and_inputs(name):
    X, W, b, G = layer_and_batch()
    f, derivative = ACTIVATIONS[name].function, ACTIVATIONS[name].derivative
    _, Z = dense_forward(X, W, b, f)
    assert np.abs(Z).min() > 1e-3  # no unit at the kink of ReLU
    for gradient, values in zip(dense_backward_batch(X, Z, G, W, derivative), (W, b, X), strict=True):
        numeric = central_differences(lambda: np.vdot(G, dense_forward(X, W, b, f)[0]), values)
        np.testing.assert_allclose(gradient, numeric, rtol=1e-7, atol=1e-9)


def test_the_derivative_may_be_a_plain_number():
    X, W, b, G = layer_and_batch()
    _, Z = dense_forward(X, W, b, identity)
    with_number = dense_backward_batch(X, Z, G, W, lambda z: 1.0)
    with_array = dense_backward_batch(X, Z, G, W, ACTIVATIONS["identity"].derivative)
    for one, other in zip(with_number, with_array, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_batch_is_the_loop_over_its_samples():
    X, W, b, G = layer_and_batch()
    A, Z = dense_forward(X, W, b, np.tanh)
    dW, db, dX = dense_backward_batch(X, Z, G, W, ACTIVATIONS["tanh"].derivative)
    loop_dW, loop_db = np.zeros_like(W), np.zeros_like(b)
    for i in range(len(X)):
        z = W @ X[i] + b
        np.testing.assert_allclose(A[i], np.tanh(z), rtol=0, atol=1e-14)
        dz = G[i] * (1 - np.tanh(z) ** 2)
        loop_dW += np.outer(dz, X[i])
        loop_db += dz
        np.testing.assert_allclose(dX[i], W.T @ dz, rtol=0, atol=1e-14)
    np.testing.assert_allclose(dW, loop_dW, rtol=0, atol=1e-14)
    np.testing.assert_allclose(db, loop_db, rtol=0, atol=1e-14)


def test_nothing_divides_by_the_batch():
    X, W, b, G = layer_and_batch()
    _, Z = dense_forward(X, W, b, relu)
    dW, db, dX = dense_backward_batch(X, Z, G, W, relu_derivative)
    X2, Z2, G2 = (np.tile(array, (2, 1)) for array in (X, Z, G))
    twice_dW, twice_db, twice_dX = dense_backward_batch(X2, Z2, G2, W, relu_derivative)
    np.testing.assert_allclose(twice_dW, 2 * dW, rtol=0, atol=1e-14)
    np.testing.assert_allclose(twice_db, 2 * db, rtol=0, atol=1e-14)
    np.testing.assert_allclose(twice_dX, np.tile(dX, (2, 1)), rtol=0, atol=1e-14)


def test_parameter_gradients_are_the_first_two_of_backward():
    X, W, b, G = layer_and_batch()
    _, Z = dense_forward(X, W, b, relu)
    dW, db, _ = dense_backward_batch(X, Z, G, W, relu_derivative)
    only_dW, only_db = parameter_gradients(X, G * relu_derivative(Z))
    np.testing.assert_array_equal(only_dW, dW)
    np.testing.assert_array_equal(only_db, db)


def test_the_arguments_are_not_written_to():
    arguments = layer_and_batch()
    before = [argument.copy() for argument in arguments]
    X, W, b, G = arguments
    _, Z = dense_forward(X, W, b, relu)
    dense_backward_batch(X, Z, G, W, relu_derivative)
    for argument, copy in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(argument, copy)
