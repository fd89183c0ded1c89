"""Gradients as vectors over all parameters: of a batch, and of each of its samples."""

from collections.abc import Iterator, Sequence

import numpy as np

from mbgd.engine.activations import ACTIVATIONS, Array
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, backward, forward
from mbgd.experiments.plain import Parts

OFF_THE_KINK = 0.01  # times a normal random number: how far a parameter is moved if a ReLU unit is on its kink
ON_THE_KINK = 1e-6  # a pre-activation nearer to 0 counts as on the kink: all but the smallest steps cross it
TRIES = 10


def flatten(gradients: Sequence[tuple[Array, Array]]) -> Array:
    """(dW, db) of each layer, or its (W, b), first to last, as one vector (P,)."""
    return np.concatenate([part.ravel() for pair in gradients for part in pair])


def parameters(layers: Sequence[Layer]) -> Array:
    """All weights and biases as one vector (P,), in the order of `flatten`."""
    return flatten([(W, b) for W, b, _ in layers])


def unflatten(layers: Sequence[Layer], vector: Array) -> list[Layer]:
    """Layers of these shapes whose W and b are views of a vector (P,). This is the inverse of `parameters`."""
    views, at = [], 0
    for W, b, name in layers:
        middle, end = at + W.size, at + W.size + b.size
        views.append(Layer(vector[at:middle].reshape(W.shape), vector[middle:end], name))
        at = end
    return views


def moved(layers: Sequence[Layer], step: Array) -> list[Layer]:
    """New layers, whose parameters are those of `layers` plus a vector (P,)."""
    return unflatten(layers, parameters(layers) + step)


def off_the_kinks(layers: Sequence[Layer], X: Array, rng: np.random.Generator) -> tuple[Sequence[Layer], bool]:
    """The layers, moved a little if a ReLU unit is on its kink for a row of X (B, n), and whether they were moved.

    On a kink the loss has no derivative. With first weights, whose biases are 0, each unit whose inputs are all 0 is on
    its kink.
    """
    at = layers
    for _ in range(TRIES):
        if not _on_a_kink(at, X):
            break
        at = moved(layers, OFF_THE_KINK * rng.normal(size=parameters(layers).size))
    return at, at is not layers


def _on_a_kink(layers: Sequence[Layer], X: Array) -> bool:
    pairs = zip(layers, forward(layers, X)[1], strict=True)
    return any(ACTIVATIONS[layer.activation].has_kink and np.abs(Z).min() <= ON_THE_KINK for layer, Z in pairs)


def loss_and_gradient(
    layers: Sequence[Layer], X: Array, Y: Array, loss: str, parts: Parts | None = None
) -> tuple[float, Array]:
    """The mean loss of a batch X (B, n), Y (B, k) and its gradient (P,), by the engine's forward and backward pass.

    `parts` may replace the loss and the backward pass.
    """
    parts = parts or Parts()
    activations, pre_activations = forward(layers, X)
    value, dL_dY = (parts.loss or LOSSES[loss].with_derivative)(Y, activations[-1])  # dL_dY (B, k)
    return value, flatten((parts.gradients or backward)(layers, activations, pre_activations, dL_dY))


def batch_gradient(layers: Sequence[Layer], X: Array, Y: Array, loss: str, parts: Parts | None = None) -> Array:
    """The gradient (P,) of the mean loss of a batch X (B, n), Y (B, k)."""
    return loss_and_gradient(layers, X, Y, loss, parts)[1]


def sample_gradients(layers: Sequence[Layer], X: Array, Y: Array, loss: str) -> Array:
    """The gradient of each sample's own loss, (B, P): row i is batch_gradient of row i alone.

    A sample's dW is the outer product of its dZ and its input. The result takes 8·B·P bytes.
    """
    parts: list[Array] = []
    for dZ, A in sample_errors(layers, X, Y, loss):
        dW = dZ[:, :, None] * A[:, None, :]  # (B, k, 1) * (B, 1, n) -> (B, k, n)
        parts += [dZ, dW.reshape(len(X), -1)]
    return np.concatenate(parts[::-1], axis=1)


def squared_lengths(layers: Sequence[Layer], X: Array, Y: Array, loss: str) -> Array:
    """‖g_i‖² (B,) of each sample's gradient: ‖dZ‖² · (‖A‖² + 1), summed over the layers.

    The gradients themselves are not computed (Goodfellow 2015, arXiv 1510.01799).
    """
    squares = [(dZ**2).sum(axis=1) * ((A**2).sum(axis=1) + 1) for dZ, A in sample_errors(layers, X, Y, loss)]
    return np.sum(squares, axis=0)


def sample_errors(layers: Sequence[Layer], X: Array, Y: Array, loss: str) -> Iterator[tuple[Array, Array]]:
    """For each layer, last to first: dZ (B, k) of each sample's own loss, and the layer's input A (B, n).

    One forward and backward pass serves all samples: B times the batch's dL/dŶ is dL/dŶ of each row's own loss.
    """
    activations, pre_activations = forward(layers, X)
    dL_dA = LOSSES[loss].with_derivative(Y, activations[-1])[1] * len(X)  # (B, k)
    for i in range(len(layers) - 1, -1, -1):
        W, _, name = layers[i]
        dZ = dL_dA * ACTIVATIONS[name].derivative(pre_activations[i])  # (B, k)
        yield dZ, activations[i]
        dL_dA = dZ @ W  # (B, k) @ (k, n) -> (B, n)
