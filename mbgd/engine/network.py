"""A network is a list of dense layers: first weights, the forward pass, the backward pass, the step."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from mbgd.engine.activations import ACTIVATIONS, Array
from mbgd.engine.dense import dense_backward_batch, dense_forward, parameter_gradients, pre_activation_gradient


class Layer(NamedTuple):
    """A dense layer: W (k, n), b (k,), and its activation's name, a key of ACTIVATIONS."""

    W: Array
    b: Array
    activation: str


def first_weights(rng: np.random.Generator, sizes: Sequence[int], activation: str) -> list[Layer]:
    """Layers of the given sizes (n, h1, ..., k), all hidden ones with `activation`, the last with "identity".

    Weights are normal with the activation's first_variance, so that signals keep their size from layer to layer;
    biases start at zero.
    """
    layers = []
    for i, (n, k) in enumerate(pairwise(sizes)):
        name = activation if i < len(sizes) - 2 else "identity"
        deviation = np.sqrt(ACTIVATIONS[name].first_variance(n, k))
        W = rng.normal(0.0, deviation, size=(k, n))
        layers.append(Layer(W, np.zeros(k), name))
    return layers


def copies(layers: Sequence[Layer]) -> list[Layer]:
    """The same layers with arrays of their own, to be changed while these stay."""
    return [Layer(W.copy(), b.copy(), name) for W, b, name in layers]


def forward(layers: Sequence[Layer], X: Array) -> tuple[list[Array], list[Array]]:
    """The forward pass of a batch X (B, n).

    Returns the activations [X, A1, ..., Ŷ], one more than there are layers, and the pre-activations [Z1, ...].
    """
    activations, pre_activations = [X], []
    for W, b, name in layers:
        A, Z = dense_forward(activations[-1], W, b, ACTIVATIONS[name].function)  # (B, k)
        activations.append(A)
        pre_activations.append(Z)
    return activations, pre_activations


def predict(layers: Sequence[Layer], X: Array) -> Array:
    """The network's output (B, k) for a batch X (B, n): standardised targets, or logits of classes."""
    return forward(layers, X)[0][-1]


def decayed(
    layers: Sequence[Layer], gradients: Sequence[tuple[Array, Array]], weight_decay: float
) -> list[tuple[Array, Array]]:
    """The gradients dW (k, n) and db (k,) of each layer with that of the penalty weight_decay/2 · Σ W².

    Biases have no penalty. Its gradient is no mean over the batch, so nothing divides it by B.
    """
    return [(dW + weight_decay * layer.W, db) for layer, (dW, db) in zip(layers, gradients, strict=True)]


def descend(layer: Layer, dW: Array, db: Array, learning_rate: float) -> None:
    """One step against the gradient, in place: W (k, n), b (k,)."""
    W, b, _ = layer
    W -= learning_rate * dW
    b -= learning_rate * db


def backward(
    layers: Sequence[Layer], activations: Sequence[Array], pre_activations: Sequence[Array], dL_dY: Array
) -> list[tuple[Array, Array]]:
    """The backward pass: from dL/dŶ (B, k) to (dW, db) of every layer, first layer first."""
    gradients = []
    dL_dA = dL_dY
    for i in range(len(layers) - 1, 0, -1):
        W, _, name = layers[i]
        dW, db, dL_dA = dense_backward_batch(activations[i], pre_activations[i], dL_dA, W, ACTIVATIONS[name].derivative)
        gradients.append((dW, db))
    # Nothing needs the first layer's dX, so it is not worth a matrix product.
    derivative = ACTIVATIONS[layers[0].activation].derivative
    dZ = pre_activation_gradient(pre_activations[0], dL_dA, derivative)  # (B, h1)
    gradients.append(parameter_gradients(activations[0], dZ))
    return gradients[::-1]
