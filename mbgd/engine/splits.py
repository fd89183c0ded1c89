"""The rows of a run, checked at the door: inputs and targets, for training and for validation."""

from typing import NamedTuple, Protocol

from mbgd.engine.activations import Array
from mbgd.engine.checks import two_axes


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
    """Inputs (N, n) and targets (N, k) of one split."""

    X: Array
    Y: Array


def splits(dataset: TrainingData) -> dict[str, Split]:
    """The splits "train" and "val" of a data set, checked: two axes, finite, a target a row, columns alike."""
    train, val = (
        _split(name, getattr(dataset, f"X_{name}"), getattr(dataset, f"Y_{name}")) for name in ("train", "val")
    )
    for name, of_train, of_val in zip("XY", train, val, strict=True):
        if of_train.shape[1] != of_val.shape[1]:
            raise ValueError(
                f"{name}_train has {of_train.shape[1]} columns and {name}_val {of_val.shape[1]}: both need the same."
            )
    return {"train": train, "val": val}


def _split(name: str, X: Array, Y: Array) -> Split:
    X, Y = two_axes(f"X_{name}", X), two_axes(f"Y_{name}", Y)
    if len(X) != len(Y):
        raise ValueError(f"X_{name} has {len(X)} rows and Y_{name} {len(Y)}: each row needs its target.")
    return Split(X, Y)
