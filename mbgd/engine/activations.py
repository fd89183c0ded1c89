"""Activation functions and their derivatives, element by element, for arrays of any shape."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def relu(Z: Array) -> Array:
    """max(0, z)."""
    return np.maximum(Z, 0.0)


def relu_derivative(Z: Array) -> Array:
    """1 where z > 0, else 0. At the kink z = 0 the convention is 0."""
    return (np.asarray(Z) > 0.0).astype(np.float64)


def tanh(Z: Array) -> Array:
    """The hyperbolic tangent."""
    return np.tanh(Z)


def tanh_derivative(Z: Array) -> Array:
    """1 - tanh(z)²."""
    return 1.0 - np.tanh(Z) ** 2


def sigmoid(Z: Array) -> Array:
    """1 / (1 + e^-z), written as a tanh so that no z overflows."""
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(Z)))


def sigmoid_derivative(Z: Array) -> Array:
    """sigmoid(z) (1 - sigmoid(z))."""
    A = sigmoid(Z)
    return A * (1.0 - A)


def identity(Z: Array) -> Array:
    """z itself: the activation of an output layer."""
    return Z


def identity_derivative(Z: Array) -> Array:
    """1 everywhere."""
    return np.ones(np.shape(Z))


class Activation(NamedTuple):
    """An activation f with its derivative f', both Z -> array of Z's shape."""

    function: Callable[[Array], Array]
    derivative: Callable[[Array], Array]


ACTIVATIONS = {
    "relu": Activation(relu, relu_derivative),
    "tanh": Activation(tanh, tanh_derivative),
    "sigmoid": Activation(sigmoid, sigmoid_derivative),
    "identity": Activation(identity, identity_derivative),
}
