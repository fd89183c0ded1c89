"""A data set ready for training: split by a seed, standardised with what the training rows alone tell."""

import math
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from mbgd.data.pictured import Pictured
from mbgd.engine.activations import Array
from mbgd.engine.checks import one_of, two_axes
from mbgd.engine.guards import immutable
from mbgd.engine.losses import LOSSES

ROUNDING = 16 * float(np.finfo(np.float64).eps)  # the spread of a constant, relative to its size: rounding alone
NARROW = 1e-6  # a deviation, relative to the size of its column, beside which the rounding of a sum counts


class Table(NamedTuple):
    """A data set as it was measured or made: X (N, n) and Y (N, k) in their own units, Y one-hot for classes.

    pictured: how it is best shown; None leaves that to its columns.
    """

    X: Array
    Y: Array
    loss: str
    feature_names: tuple[str, ...]
    feature_units: tuple[str, ...]
    target_names: tuple[str, ...]
    target_unit: str
    source: str
    licence: str
    pictured: Pictured | None = None


class Scaling(NamedTuple):
    """Mean and scale of each column, both (columns,): standardised = (value - mean) / scale."""

    mean: Array
    scale: Array

    @classmethod
    def of(cls, columns: Array) -> Self:
        """Mean and standard deviation of each column of an (N, columns) array of finite numbers of any size.

        A constant column keeps scale 1: one whose values differ by no more than the rounding of numbers of their size,
        and by no more than 1.
        """
        with np.errstate(under="ignore"):
            # Brought to a size of 1, no sum overflows and no square vanishes; powers of two leave every digit as it is.
            exponent = np.frexp(np.abs(columns).max(axis=0))[1]
            sized = np.ldexp(columns, -exponent)  # -1 to 1
            spread = sized.max(axis=0) - sized.min(axis=0)
            mean, deviation = sized.mean(axis=0), sized.std(axis=0)
            # Where the spread is small, the rounding of a large sum counts: there the distances from it are averaged.
            away = sized - mean
            narrow = deviation < NARROW
            mean = np.where(narrow, mean + away.mean(axis=0), mean)
            scale = np.ldexp(np.where(narrow, away.std(axis=0), deviation), exponent)
            one_unit = np.ldexp(1.0, -np.maximum(exponent, 0))
            constant = (spread <= np.minimum(ROUNDING, one_unit)) | (scale < np.finfo(np.float64).tiny)
            return cls(np.ldexp(mean, exponent), np.where(constant, 1.0, scale))

    def standardise(self, columns: Array) -> Array:
        """From units to standardised values, (N, columns)."""
        with np.errstate(under="ignore"):
            return (columns / 2 - self.mean / 2) / (self.scale / 2)  # halves: the difference of huge numbers overflows

    def restore(self, columns: Array) -> Array:
        """From standardised values back to units, (N, columns)."""
        with np.errstate(under="ignore"):
            return (columns * (self.scale / 2) + self.mean / 2) * 2


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and validation rows, inputs X (N, n) and targets Y (N, k), float64 and standardised.

    Inputs, and targets of a regression, are scaled by the mean and deviation of the training rows only, kept in
    `inputs` and `targets`; classes are one-hot. rows_train and rows_val are the rows' numbers in the source.
    No array can be written into, because a data set is shared; what a caller could still change is copied.
    """

    name: str
    X_train: Array
    Y_train: Array
    X_val: Array
    Y_val: Array
    loss: str
    feature_names: tuple[str, ...]
    feature_units: tuple[str, ...]
    target_names: tuple[str, ...]
    target_unit: str
    source: str
    licence: str
    pictured: Pictured
    inputs: Scaling
    targets: Scaling
    rows_train: NDArray[np.intp]
    rows_val: NDArray[np.intp]

    def __post_init__(self) -> None:
        for field in ("X_train", "Y_train", "X_val", "Y_val"):
            object.__setattr__(self, field, immutable(two_axes(field, getattr(self, field))))
        for field in ("rows_train", "rows_val"):
            object.__setattr__(self, field, immutable(np.asarray(getattr(self, field))))
        for field in ("inputs", "targets"):
            object.__setattr__(self, field, Scaling(*map(immutable, getattr(self, field))))

    @property
    def classes(self) -> bool:
        """Whether the targets are classes, not quantities."""
        return self.loss == "cross_entropy"

    @property
    def feature_titles(self) -> tuple[str, ...]:
        """The features' names, each with its unit if it has one."""
        return tuple(map(_with_unit, self.feature_names, self.feature_units))

    @property
    def target_title(self) -> str:
        """The first target's name, with its unit if it has one."""
        return _with_unit(self.target_names[0], self.target_unit)

    def images(self, X: Array) -> Array:
        """Standardised inputs (N, n) of images as their ink (N, height, width), 0 to 1."""
        return self.inputs.restore(X).reshape(-1, *self.pictured.shape) / self.pictured.largest

    def error_in_units(self, loss: float) -> float:
        """Root mean squared error in the target's own unit, from an mse over standardised targets of one column."""
        return float(math.sqrt(loss) * self.targets.scale[0])


def split_and_scale(name: str, table: Table, rng: np.random.Generator, validation: float) -> Dataset:
    """Draw ⌈N·validation⌉ validation rows, and scale all by the statistics of the others.

    Raises ValueError for a table that no network can learn from, or whose names or picture don't fit its columns.
    """
    table = _checked(name, table)
    n_samples = len(table.X)
    # rounded first: 100 · 0.07 is a little more than 7 in floating point
    held_out = min(math.ceil(round(n_samples * validation, 9)), n_samples - 1)
    order = rng.permutation(n_samples)
    rows_val, rows_train = np.sort(order[:held_out]), np.sort(order[held_out:])
    inputs = Scaling.of(table.X[rows_train])
    n, k = table.X.shape[1], table.Y.shape[1]
    classes = 0 if table.loss == "mse" else k
    told = table.pictured
    targets = Scaling.of(table.Y[rows_train]) if table.loss == "mse" else Scaling(np.zeros(k), np.ones(k))
    X, Y = inputs.standardise(table.X), targets.standardise(table.Y)
    return Dataset(
        name=name,
        X_train=X[rows_train],
        Y_train=Y[rows_train],
        X_val=X[rows_val],
        Y_val=Y[rows_val],
        inputs=inputs,
        targets=targets,
        rows_train=rows_train,
        rows_val=rows_val,
        pictured=told.checked(n, classes) if told else Pictured.by_default(n, classes),
        **{field: getattr(table, field) for field in Table._fields if field not in ("X", "Y", "pictured")},
    )


def _checked(name: str, table: Table) -> Table:
    """The table with X and Y as float64, if its facts fit them."""
    table = table._replace(X=two_axes("X", table.X), Y=two_axes("Y", table.Y))
    (n_samples, n), (n_targets, k) = table.X.shape, table.Y.shape
    if n_samples != n_targets or n_samples < 2:
        raise ValueError(
            f"The data set {name!r} needs as many rows of targets as of inputs, and at least 2: "
            f"X has {n_samples:,}, Y has {n_targets:,}."
        )
    one_of("loss", table.loss, LOSSES)
    for fact, columns in (("feature_names", n), ("feature_units", n), ("target_names", k)):
        if len(getattr(table, fact)) != columns:
            raise ValueError(
                f"{fact} of the data set {name!r} must be {columns}, one for each column, "
                f"not {len(getattr(table, fact))}."
            )
    return table


def _with_unit(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name


def one_hot(labels: NDArray[np.intp], classes: int) -> Array:
    """Class numbers (N,) as an (N, classes) array with a one in each row."""
    return np.eye(classes)[labels]
