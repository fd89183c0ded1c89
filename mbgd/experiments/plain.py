"""The engine's plain loop with parts that an experiment may replace, one by one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.batches import minibatches
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, backward, descend
from mbgd.engine.plain import plain_update
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData

Gradients = list[tuple[Array, Array]]
RowPair = tuple[NDArray[np.intp], NDArray[np.intp]]


@dataclass(frozen=True)
class Parts:
    """The functions that the loop calls. A part that is None is the engine's own function.

    batches(rng, N, B) yields the rows of each batch of an epoch: one index (B,) for X and Y, or a pair of them.
    loss(Y, Ŷ) returns the batch's loss and dL/dŶ (B, k).
    gradients(layers, activations, pre_activations, dL_dY) returns (dW, db) of each layer.
    update(layer, dW, db, rate) changes a layer's weights in place.
    """

    batches: Callable[[np.random.Generator, int, int], Iterator] | None = None
    loss: Callable[[Array, Array], tuple[float, Array]] | None = None
    gradients: Callable[..., Gradients] | None = None
    update: Callable[[Layer, Array, Array, float], None] | None = None


class PlainUpdate(NamedTuple):
    """One update: its number and epoch from 1, the batch's rows of X and of Y, and its loss before the update."""

    update: int
    epoch: int
    rows: NDArray[np.intp]
    target_rows: NDArray[np.intp]
    loss: float


def start(dataset: TrainingData, settings: Settings) -> list[Layer]:
    """The first layers of a network with these settings: the same weights as in Training."""
    return settings.first_weights(dataset.X_train.shape[1], dataset.Y_train.shape[1])


def plain_training(
    layers: list[Layer], dataset: TrainingData, settings: Settings, parts: Parts | None = None
) -> Iterator[PlainUpdate]:
    """Train `layers` in place, and yield one PlainUpdate per update.

    The batches are those of Training, or of `parts`, which may take other rows of Y than of X (plain_epochs can't).
    It does not stop at an infinite loss or NaN: the caller decides when to stop.
    """
    parts = parts or Parts()
    X, Y, rng = dataset.X_train, dataset.Y_train, settings.order()
    loss = parts.loss or LOSSES[dataset.loss].with_derivative
    replaced = {"backward": parts.gradients or backward, "descend": parts.update or descend}
    rate, decay = settings.learning_rate, settings.weight_decay
    number = 0
    for epoch in range(1, settings.epochs + 1):
        for rows, target_rows in epoch_batches(rng, len(X), settings, parts):
            batch_loss = plain_update(layers, X[rows], Y[target_rows], loss, rate, weight_decay=decay, **replaced)
            number += 1
            yield PlainUpdate(number, epoch, rows, target_rows, batch_loss)


def epoch_batches(rng: np.random.Generator, n_samples: int, settings: Settings, parts: Parts) -> Iterator[RowPair]:
    """The batches of the next epoch, each as its rows of X and of Y: from `parts`, or else those of Training."""
    if parts.batches:
        batches = parts.batches(rng, n_samples, settings.batch_size)
    else:
        shuffle, last_batch = settings.shuffle, settings.last_batch
        batches = minibatches(rng, n_samples, settings.batch_size, shuffle=shuffle, last_batch=last_batch)
    return (batch if isinstance(batch, tuple) else (batch, batch) for batch in batches)


def first_batch(dataset: TrainingData, settings: Settings, parts: Parts | None = None) -> RowPair:
    """The rows of X and of Y in the first batch. If the parts make no batch at all, it is the first of Training."""
    n_samples = len(dataset.X_train)
    for made_by in (parts or Parts(), Parts()):
        for pair in epoch_batches(settings.order(), n_samples, settings, made_by):
            return pair
    raise AssertionError("Training has at least one batch per epoch.")
