"""One batch gradient computed in three ways: row by row, with a loop that only adds up, and without a loop.

The ways are written to be read side by side: x and z (X and Z) are what a layer sees and its pre-activation, dx and dz
the gradients there. Each returns (dW, db) of every layer, first to last: the gradient of the batch's mean loss.
They don't call engine.plain, because how the gradient is computed is what they compare.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from mbgd.engine.activations import ACTIVATIONS, Array
from mbgd.engine.losses import LOSSES, Loss
from mbgd.engine.network import Layer, backward, copies, descend, forward
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.experiments.gradients import flatten, parameters
from mbgd.experiments.plain import Gradients, start

Layers = Sequence[Layer]


class Batch(NamedTuple):
    """A network's layers, the rows X (B, n) and Y (B, k) of a batch, and the loss."""

    layers: Layers
    X: Array
    Y: Array
    loss: Loss

    def first(self, rows: int) -> "Batch":
        """A batch of its first `rows` rows."""
        return self._replace(X=self.X[:rows], Y=self.Y[:rows])

    def repeated(self, rows: int) -> "Batch":
        """A batch of `rows` rows: its own, repeated."""
        index = np.arange(rows) % len(self.X)
        return self._replace(X=self.X[index], Y=self.Y[index])

    def fresh_layers(self) -> list[Layer]:
        """Copies of the layers, to train."""
        return copies(self.layers)


Way = Callable[[Batch], Gradients]


def one_by_one(batch: Batch) -> Gradients:
    """Each row by itself."""
    layers, X, Y, loss = batch
    total, B = zeros_like(layers), len(X)

    for x, y in zip(X, Y, strict=True):
        seen = []
        for W, b, name in layers:
            z = W @ x + b  # (k,)
            seen.append((x, z))
            x = ACTIVATIONS[name].function(z)

        dx = dL_dx(loss, y, x) / B  # a mean
        while seen:  # the last layer first
            x, z = seen.pop()
            W, _, name = layers[len(seen)]
            dW, db = total[len(seen)]
            f = ACTIVATIONS[name]
            dz = dx * f.derivative(z)  # (k,)
            dW += np.outer(dz, x)  # (k, n)
            db += dz
            if seen:
                dx = dz @ W  # (n,)

    return total


def adding_up(batch: Batch) -> Gradients:
    """Matrices, but a loop for the sum."""
    layers, X, Y, loss = batch
    total = zeros_like(layers)

    A, Z = forward(layers, X)
    _, dX = loss.with_derivative(Y, A[-1])

    for i in reversed(range(len(layers))):
        W, _, name = layers[i]
        dW, db = total[i]
        f = ACTIVATIONS[name]
        dZ = dX * f.derivative(Z[i])
        X = A[i]  # (B, n), and dZ is (B, k)
        # the last loop
        for x, dz in zip(X, dZ, strict=True):
            dW += np.outer(dz, x)  # (k, n)
            db += dz
        if i > 0:
            dX = dZ @ W  # (B, n)

    return total


def as_matrices(batch: Batch) -> Gradients:
    """No loop over rows is left."""
    layers, X, Y, loss = batch

    A, Z = forward(layers, X)
    _, dA = loss.with_derivative(Y, A[-1])

    return backward(layers, A, Z, dA)


SAMPLE, LOOP, MATRICES = "one row at a time", "a loop that adds up", "the batch as matrices"
WAYS: dict[str, Way] = {SAMPLE: one_by_one, LOOP: adding_up, MATRICES: as_matrices}


def zeros_like(layers: Layers) -> Gradients:
    """A zero dW (k, n) and db (k,) for every layer, to add to."""
    return [(np.zeros_like(W), np.zeros_like(b)) for W, b, _ in layers]


def dL_dx(loss: Loss, y: Array, x: Array) -> Array:
    """The gradient (k,) of one row's loss at the network's output x (k,): that of a batch of one row."""
    return loss.with_derivative(y[None], x[None])[1][0]


def first_epoch(dataset: TrainingData, settings: Settings) -> Batch:
    """The network before its first update, and all N rows in the order of Training's first epoch."""
    N = len(dataset.X_train)
    order = settings.order().permutation(N) if settings.shuffle else np.arange(N)
    return Batch(start(dataset, settings), dataset.X_train[order], dataset.Y_train[order], LOSSES[dataset.loss])


def train(way: Way, layers: Layers, epoch: Batch, batches: Iterable[slice], rate: float) -> None:
    """Train the layers in place: one update with each of these batches of rows, with the gradient computed this way."""
    _, X, Y, loss = epoch
    for rows in batches:
        gradients = way(Batch(layers, X[rows], Y[rows], loss))
        for layer, (dW, db) in zip(layers, gradients, strict=True):
            descend(layer, dW, db, rate)


def gradients(batch: Batch) -> list[Array]:
    """The batch's gradient (P,) over all parameters by each of the WAYS."""
    return [flatten(way(batch)) for way in WAYS.values()]


def weights_after(way: Way, epoch: Batch, batches: Sequence[slice], rate: float) -> Array:
    """All parameters (P,) after one update with each of these batches."""
    layers = epoch.fresh_layers()
    train(way, layers, epoch, batches, rate)
    return parameters(layers)
