"""Mistakes that break training, each the replacement of exactly one function of the engine. The engine holds none.

Every replacement has the signature of the function it stands for, so that the two can be read side by side.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.batches import minibatches
from mbgd.engine.dense import parameter_gradients
from mbgd.engine.losses import LOSSES, cross_entropy, mse, softmax
from mbgd.engine.network import backward
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.experiments.plain import Gradients, Parts

# --- the average over the batch is taken in the wrong place ---


def mse_summed(y_true: Array, y_pred: Array) -> tuple[float, Array]:
    """The mean squared error, with the derivative of the sum: B·k times too large."""
    error = y_pred - y_true  # (B, k)
    return mse(y_true, y_pred), 2.0 * error


def cross_entropy_summed(y_true: Array, logits: Array) -> tuple[float, Array]:
    """The mean cross-entropy, with the derivative of the sum over the rows: B times too large."""
    return cross_entropy(y_true, logits), softmax(logits) - y_true


def backward_averaging_again(
    layers: Any, activations: list[Array], pre_activations: list[Array], dL_dY: Array
) -> Gradients:
    """The way back, with a 1/B in each layer after dL/dŶ has taken the average already: B times too small."""
    B = len(dL_dY)
    return [(dW / B, db / B) for dW, db in backward(layers, activations, pre_activations, dL_dY)]


def mse_divided_by_b(y_true: Array, y_pred: Array) -> tuple[float, Array]:
    """The mean over all B·k elements, with a derivative that divides by B alone: k times too large."""
    error = y_pred - y_true  # (B, k)
    return mse(y_true, y_pred), 2.0 * error / len(error)


# --- the way back forgets something ---


def backward_without_activation_derivative(
    layers: Any, activations: list[Array], pre_activations: list[Array], dL_dY: Array
) -> Gradients:
    """The way back, with dZ = dL/dA: each hidden unit's slope f′(Z) is left out."""
    gradients, dZ = [], dL_dY
    for layer, A in zip(layers[::-1], activations[-2::-1], strict=True):  # A (B, n) is what the layer saw
        gradients.append(parameter_gradients(A, dZ))
        dZ = dZ @ layer.W  # (B, k) @ (k, n) -> (B, n)
    return gradients[::-1]


def backward_averaging_the_bias(
    layers: Any, activations: list[Array], pre_activations: list[Array], dL_dY: Array
) -> Gradients:
    """The way back, with db the mean of dZ over the rows in place of its sum: B times too small."""
    return [(dW, db / len(dL_dY)) for dW, db in backward(layers, activations, pre_activations, dL_dY)]


# --- the wrong rows get into the batches ---


def in_file_order(rng: np.random.Generator, n_samples: int, batch_size: int) -> Iterator[NDArray[np.intp]]:
    """The batches of an epoch in the order of the file, every time."""
    order = np.arange(n_samples)  # (N,)
    return (order[start : start + batch_size] for start in range(0, n_samples, batch_size))


def shuffled_apart(
    rng: np.random.Generator, n_samples: int, batch_size: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """The batches of an epoch from two shuffles, one of X and one of Y: a row meets another row's target."""
    return zip(minibatches(rng, n_samples, batch_size), minibatches(rng, n_samples, batch_size), strict=True)


def whole_batches_only(
    rng: np.random.Generator, n_samples: int, batch_size: int, *, shuffle: bool = True
) -> Iterator[NDArray[np.intp]]:
    """The whole batches of an epoch; the N mod B rows that remain are left out without a word."""
    order = rng.permutation(n_samples) if shuffle else np.arange(n_samples)  # (N,)
    size = min(batch_size, n_samples)
    return (order[start : start + size] for start in range(0, n_samples - size + 1, size))


class CarriedOver:
    """The whole batches of an epoch; the rows that remain wait for the first batch of the next, which grows by them.

    As TensorFlow Playground does, which updates where the row's number is a multiple of B.
    """

    def __init__(self, *, shuffle: bool = True) -> None:
        self.shuffle = shuffle
        self.waiting = np.arange(0)

    def __call__(self, rng: np.random.Generator, n_samples: int, batch_size: int) -> Iterator[NDArray[np.intp]]:
        """The batches of the next epoch; none at all where B is larger than N."""
        order = rng.permutation(n_samples) if self.shuffle else np.arange(n_samples)  # (N,)
        for stop in range(batch_size, n_samples + 1, batch_size):
            yield np.concatenate([self.waiting, order[stop - batch_size : stop]])
            self.waiting = np.arange(0)
        self.waiting = np.concatenate([self.waiting, order[n_samples - n_samples % batch_size :]])


# --- data on which a mistake can be seen ---


class Rows(NamedTuple):
    """Just the rows of a data set, as training needs them: inputs (N, n), targets (N, k), and the loss's name."""

    X_train: Array
    Y_train: Array
    X_val: Array
    Y_val: Array
    loss: str


def as_it_is(dataset: TrainingData) -> TrainingData:
    """The data set itself."""
    return dataset


def sorted_by_target(dataset: TrainingData) -> Rows:
    """The training rows in the order of their target: by its value, or class after class."""
    targets = dataset.Y_train
    key = targets.argmax(axis=1) if dataset.loss == "cross_entropy" else targets[:, 0]
    order = np.argsort(key, kind="stable")  # (N,)
    return Rows(dataset.X_train[order], targets[order], dataset.X_val, dataset.Y_val, dataset.loss)


def squares_of_several_outputs(dataset: TrainingData) -> Rows:
    """The same rows with k > 1 targets under the squared error.

    Classes keep their one-hot targets (N, k); a single quantity y becomes the three targets y, y² and y³, each
    standardised over the training rows.
    """
    Y_train, Y_val = dataset.Y_train, dataset.Y_val
    if Y_train.shape[1] == 1:
        Y_train, Y_val = (np.hstack([Y, Y**2, Y**3]) for Y in (Y_train, Y_val))  # (N, 3)
        mean, deviation = Y_train.mean(axis=0), Y_train.std(axis=0)
        scale = np.where(deviation > 0, deviation, 1.0)
        Y_train, Y_val = (Y_train - mean) / scale, (Y_val - mean) / scale
    return Rows(dataset.X_train, Y_train, dataset.X_val, Y_val, "mse")


# --- the list ---


class Bug(NamedTuple):
    """A mistake: a short title, what it is, its symptom, the check that catches it, and the part that it replaces.

    parts(dataset, settings) -> Parts with exactly one part. data(dataset) is the data on which it can be seen: the
    same, or the same rows in another order or with other targets.
    """

    title: str
    what: str
    symptom: str
    check: str
    parts: Callable[[TrainingData, Settings], Parts]
    data: Callable[[TrainingData], TrainingData] = as_it_is


GRADIENT, ROWS, PAIRS, ORDER = "loss against gradient", "counting rows", "following row numbers", "neighbours' targets"

_SUMMED = {"mse": mse_summed, "cross_entropy": cross_entropy_summed}

BUGS = {
    "summed": Bug(
        "Summed, not averaged",
        "The derivative of the loss adds up the batch where it should average over it.",
        "The steps grow with the batch size: training explodes at a rate that was fine before.",
        GRADIENT,
        lambda dataset, settings: Parts(loss=_SUMMED[dataset.loss]),
    ),
    "averaged_twice": Bug(
        "Averaged twice",
        "The way back divides by B, though the derivative of the loss has divided already.",
        "The steps shrink with the batch size: the larger the batches, the more training seems to freeze.",
        GRADIENT,
        lambda dataset, settings: Parts(gradients=backward_averaging_again),
    ),
    "divided_by_b_alone": Bug(
        "÷ B, not ÷ B·k",
        "The loss is a mean over all B·k elements, but its derivative divides by B alone.",
        "Every step is k times too long. With one output nothing is wrong, so nobody notices until there are more.",
        GRADIENT,
        lambda dataset, settings: Parts(loss=mse_divided_by_b),
        squares_of_several_outputs,
    ),
    "no_shuffle_sorted": Bug(
        "Sorted, not shuffled",
        "The rows lie sorted by their target, and the batches are taken in that order.",
        "Each batch pulls the network towards its own few targets: the loss swings, and ends higher.",
        ORDER,
        lambda dataset, settings: Parts(batches=in_file_order),
        sorted_by_target,
    ),
    "shuffled_apart": Bug(
        "X and Y shuffled apart",
        "X and Y are shuffled each by itself, so that rows meet the targets of other rows.",
        "There is nothing left to learn but the mean: the loss stops at the variance of Y.",
        PAIRS,
        lambda dataset, settings: Parts(batches=shuffled_apart),
    ),
    "last_dropped": Bug(
        "Last batch dropped",
        "The rows that don't fill a last batch are left out of the epoch.",
        "The loss looks fine, but some rows get no turn in an epoch; without a shuffle they never get one.",
        ROWS,
        lambda dataset, settings: Parts(batches=partial(whole_batches_only, shuffle=settings.shuffle)),
    ),
    "carried_over": Bug(
        "Last batch carried over",
        "The rows that don't fill a last batch are added to the first batch of the next epoch.",
        "The loss looks fine, but an epoch's first batch is larger than B, and the last rows come an epoch late.",
        ROWS,
        lambda dataset, settings: Parts(batches=CarriedOver(shuffle=settings.shuffle)),
    ),
    "activation_derivative_left_out": Bug(
        "f′(Z) left out",
        "The way back forgets the activation's derivative: dZ = dL/dA in place of dL/dA ∘ f′(Z).",
        "The last layer still learns, so the loss falls; the layers below are pushed in a wrong direction.",
        GRADIENT,
        lambda dataset, settings: Parts(gradients=backward_without_activation_derivative),
    ),
    "bias_averaged": Bug(
        "Bias averaged again",
        "The gradient of the biases is the mean of dZ over the batch, where dL/dŶ has averaged already.",
        "The weights learn as they should, the biases B times more slowly: easy to overlook.",
        GRADIENT,
        lambda dataset, settings: Parts(gradients=backward_averaging_the_bias),
    ),
}


# --- the two functions to read side by side ---


def replacement(parts: Parts) -> Callable[..., Any]:
    """The function, or class, that parts of a bug put in place of the engine's."""
    (function,) = (part for part in (parts.batches, parts.loss, parts.gradients, parts.update) if part is not None)
    if isinstance(function, partial):
        return function.func
    return type(function) if isinstance(function, CarriedOver) else function


def original(parts: Parts, loss: str) -> Callable[..., Any]:
    """The engine's function whose place they take."""
    if parts.batches:
        return minibatches
    return LOSSES[loss].with_derivative if parts.loss else backward
