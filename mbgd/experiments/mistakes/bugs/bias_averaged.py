"""The gradient of the biases is the mean of dZ over the batch, although dL/dŶ is averaged already."""

from typing import Any

import numpy as np

from mbgd.engine.activations import Array
from mbgd.engine.network import backward
from mbgd.experiments.mistakes.bug import Bug, Derivatives
from mbgd.experiments.mistakes.checks import DUPLICATED, GRADIENT
from mbgd.experiments.plain import Gradients, Parts


def backward_averaging_the_bias(
    layers: Any, activations: list[Array], pre_activations: list[Array], dL_dY: Array
) -> Gradients:
    """The backward pass where db is the mean of dZ over the rows instead of the sum: B times too small."""
    return [(dW, db / len(dL_dY)) for dW, db in backward(layers, activations, pre_activations, dL_dY)]


def partly(of: Derivatives) -> Array:
    """1/B for biases, 1 for weights, (M,)."""
    return np.where(of.bias, 1 / of.rows, 1.0)


BUG = Bug(
    lambda dataset, settings: Parts(gradients=backward_averaging_the_bias),
    (GRADIENT, DUPLICATED),
    place=9,
    partly=partly,
)
