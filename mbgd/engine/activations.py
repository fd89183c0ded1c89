"""Activation functions and their derivatives, element by element, for arrays of any shape."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mbgd.engine.prepared import IDENTITY, RELU, SIGMOID, TANH, Array, Prepared, by_formulas


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


def glorot(n: int, k: int) -> float:
    """2/(n + k) for n inputs and k units (Glorot and Bengio 2010, PMLR 9:249-256, eq. 12)."""
    return 2.0 / (n + k)


def he(n: int, k: int) -> float:
    """2/n, because ReLU cuts half of its inputs (He et al. 2015, arXiv 1502.01852, eq. 10)."""
    return 2.0 / n


class Activation(NamedTuple):
    """An activation f with its derivative f', both Z -> array of Z's shape, and all that others need to know of it.

    prepared: its calls in the fast core; None: those are made of the two formulas. first_variance(n, k): the variance
    of first weights from n inputs to k units, with which signals keep their size from layer to layer. has_kink:
    whether f' jumps at z = 0. bends: whether f is more than straight pieces. returns_Z: whether f returns its argument
    itself, so that f' is 1 and A takes no memory beside Z.
    """

    function: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    prepared: Prepared | None = None
    first_variance: Callable[[int, int], float] = glorot
    has_kink: bool = False
    bends: bool = True
    returns_Z: bool = False

    @property
    def calls(self) -> Prepared:
        """Its calls in the fast core."""
        return self.prepared or by_formulas(self.function, self.derivative)


# Another activation is one more record here. Calls of its own in prepared.py make it faster.
ACTIVATIONS = {
    "relu": Activation(relu, relu_derivative, RELU, he, has_kink=True, bends=False),
    "tanh": Activation(tanh, tanh_derivative, TANH),
    "sigmoid": Activation(sigmoid, sigmoid_derivative, SIGMOID),
    "identity": Activation(identity, identity_derivative, IDENTITY, bends=False, returns_Z=True),
}
