"""The backward pass leaves out the derivative of the activation."""

from typing import Any

import numpy as np

from mbgd.engine.activations import ACTIVATIONS, Array
from mbgd.engine.dense import parameter_gradients
from mbgd.experiments.mistakes.bug import Bug, Derivatives
from mbgd.experiments.mistakes.checks import GRADIENT
from mbgd.experiments.plain import Gradients, Parts


def backward_without_activation_derivative(
    layers: Any, activations: list[Array], pre_activations: list[Array], dL_dY: Array
) -> Gradients:
    """The backward pass with dZ = dL/dA: the slope f′(Z) of each hidden unit is left out."""
    gradients, dZ = [], dL_dY
    for layer, A in zip(layers[::-1], activations[-2::-1], strict=True):  # A (B, n): the layer's input
        gradients.append(parameter_gradients(A, dZ))
        dZ = dZ @ layer.W  # (B, k) @ (k, n) -> (B, n)
    return gradients[::-1]


def partly(of: Derivatives) -> Array:
    """1 in the last layer, and everywhere if the slope is always 1. Otherwise NaN: there is no single factor. (M,)"""
    return np.where(of.last | ACTIVATIONS[of.activation].returns_Z, 1.0, np.nan)


BUG = Bug(
    lambda dataset, settings: Parts(gradients=backward_without_activation_derivative),
    (GRADIENT,),
    place=8,
    partly=partly,
)
