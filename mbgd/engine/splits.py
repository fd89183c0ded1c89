"""The rows of a run, checked at the door: inputs and targets, for training and for validation."""

from typing import Any, NamedTuple, Protocol

import numpy as np

from mbgd.engine.activations import Array
from mbgd.engine.checks import kind_of, one_of, two_axes
from mbgd.engine.guards import immutable, quiet
from mbgd.engine.losses import LOSSES

# How far from 1 the probabilities of a row may add up to: labels rounded to float32, or written with six decimals.
SUM_TOLERANCE = 1e-5


class TrainingData(Protocol):
    """What Training needs of a data set: inputs (N, n) and targets (N, k), for training and for validation."""

    @property
    def X_train(self) -> Array: ...
    @property
    def Y_train(self) -> Array: ...
    @property
    def X_val(self) -> Array: ...
    @property
    def Y_val(self) -> Array: ...
    @property
    def loss(self) -> str: ...


class Split(NamedTuple):
    """Inputs (N, n) and targets (N, k) of one split, which a copy of a run shares and a pickled run protects again."""

    X: Array
    Y: Array

    def __deepcopy__(self, memo: dict[int, Any]) -> "Split":
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.X, self.Y)


def _restored(X: Array, Y: Array) -> Split:
    return Split(immutable(X), immutable(Y))


def splits(dataset: TrainingData) -> dict[str, Split]:
    """The splits "train" and "val" of a data set, which no change of its arrays reaches.

    Raises ValueError for a loss that is not known, for arrays that are not of finite numbers in two axes, for unequal
    rows or columns, and for targets that the loss can't have.
    """
    loss = one_of("loss", _field(dataset, "loss"), LOSSES)
    train, val = (_split(name, dataset) for name in ("train", "val"))
    for name, of_train, of_val in zip("XY", train, val, strict=True):
        if of_train.shape[1] != of_val.shape[1]:
            raise ValueError(
                f"{name}_train has {of_train.shape[1]} columns and {name}_val {of_val.shape[1]}: both need the same."
            )
    if LOSSES[loss].of_classes:
        check_probabilities("Y_train", train.Y, loss)
        check_probabilities("Y_val", val.Y, loss)
    return {"train": train, "val": val}


def check_probabilities(name: str, Y: Array, loss: str) -> None:
    """Raise ValueError unless each row of the targets Y (N, k) holds the probabilities of two classes or more."""
    if Y.shape[1] < 2:
        raise ValueError(
            f"{name} must have a column for each class under the loss {loss!r}, at least 2, not 1: write class A as "
            "[1, 0] and class B as [0, 1], or choose the loss 'mse'."
        )
    negative = np.argwhere(Y < 0.0)
    if len(negative):
        row, column = negative[0]
        raise ValueError(
            f"{name} must hold probabilities under the loss {loss!r}, numbers from 0 to 1, not {Y[row, column]:.6g} as "
            f"in row {row}: write classes one-hot, or choose the loss 'mse'."
        )
    with quiet():
        sums = Y.sum(axis=1)  # (N,)
    off = np.flatnonzero(np.abs(sums - 1.0) > SUM_TOLERANCE)
    if len(off):
        raise ValueError(
            f"{name} must have rows that add up to 1 within {SUM_TOLERANCE:g} under the loss {loss!r}, not to "
            f"{sums[off[0]]:.9g} as row {off[0]} does: write classes one-hot, or divide each row by its sum."
        )


def _split(name: str, dataset: TrainingData) -> Split:
    X, Y = (_own(f"{letter}_{name}", _field(dataset, f"{letter}_{name}")) for letter in "XY")
    if len(X) != len(Y):
        raise ValueError(f"X_{name} has {len(X)} rows and Y_{name} {len(Y)}: each row needs its target.")
    return Split(X, Y)


def _own(name: str, value: Any) -> Array:
    """The checked array, in memory that the caller can't change; copied only where the caller could."""
    array = two_axes(name, value)
    is_new = not np.may_share_memory(array, np.asarray(value))
    return array if is_new else immutable(array)


def _field(dataset: TrainingData, name: str) -> Any:
    if not hasattr(dataset, name):
        raise ValueError(
            f"A data set needs X_train, Y_train, X_val, Y_val and loss, and {kind_of(dataset)} has no {name}: take one "
            "from mbgd.load, or give an object with these attributes."
        )
    return getattr(dataset, name)
