"""A data set ready for training: split by a seed, standardised by its training rows alone."""

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

ROUNDING = 16 * float(np.finfo(np.float64).eps)  # the largest relative spread of a constant, from rounding
NARROW = 1e-6  # below this relative deviation, the rounding error of a sum matters


class Origin(NamedTuple):
    """Where a feature comes from: a column of numbers, or a word of a column, for which the feature is 1 and else 0."""

    column: str
    word: str | None = None


class Recipe(NamedTuple):
    """How X was made from named columns: the origin of each feature, and whether its gaps got the training mean.

    fingerprint: 64 hex digits that tell these rows and choices from all others.
    """

    origins: tuple[Origin, ...]
    fills_gaps: bool
    fingerprint: str


class Table(NamedTuple):
    """A data set as it was measured or made: X (N, n) and Y (N, k) in their own units, Y one-hot for classes.

    pictured: how to picture it; None: this follows from its columns. recipe: how its X was made from the columns of a
    file, for data of your own.
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
    recipe: Recipe | None = None


class Scaling(NamedTuple):
    """Mean and scale of each column, both (columns,): standardised = (value - mean) / scale."""

    mean: Array
    scale: Array

    @classmethod
    def of(cls, columns: Array) -> Self:
        """Mean and standard deviation of each column of an (N, columns) array of finite numbers of any size.

        A constant column gets scale 1. A column is constant if its values differ by no more than the rounding error of
        numbers of their size, and by no more than 1.
        """
        with np.errstate(under="ignore"):
            # With numbers of size 1, no sum overflows and no square underflows. Powers of two change no digit.
            exponent = np.frexp(np.abs(columns).max(axis=0))[1]
            sized = np.ldexp(columns, -exponent)  # -1 to 1
            spread = sized.max(axis=0) - sized.min(axis=0)
            mean, deviation = sized.mean(axis=0), sized.std(axis=0)
            # If the spread is small, the rounding error of a large sum matters: average the distances from it.
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
            return (columns / 2 - self.mean / 2) / (self.scale / 2)  # in halves: huge numbers' difference overflows

    def restore(self, columns: Array) -> Array:
        """From standardised values back to units, (N, columns)."""
        with np.errstate(under="ignore"):
            return (columns * (self.scale / 2) + self.mean / 2) * 2


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and validation rows, inputs X (N, n) and targets Y (N, k), float64 and standardised.

    Inputs, and targets of a regression, are scaled by the mean and standard deviation of the training rows only, which
    are kept in `inputs` and `targets`. Classes are one-hot. rows_train and rows_val are the row numbers in the source.
    recipe tells how the inputs of data of your own were made from its columns.
    All arrays are read-only, because a data set is shared. An array that the caller could still change is copied.
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
    recipe: Recipe | None = None

    def __post_init__(self) -> None:
        for field in ("X_train", "Y_train", "X_val", "Y_val"):
            object.__setattr__(self, field, immutable(two_axes(field, getattr(self, field))))
        for field in ("rows_train", "rows_val"):
            object.__setattr__(self, field, immutable(np.asarray(getattr(self, field))))
        for field in ("inputs", "targets"):
            object.__setattr__(self, field, Scaling(*map(immutable, getattr(self, field))))

    @property
    def classes(self) -> bool:
        """Whether the targets are classes. Otherwise they are numbers."""
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
        """The ink (N, height, width), from 0 to 1, of images given as standardised inputs (N, n)."""
        return self.inputs.restore(X).reshape(-1, *self.pictured.shape) / self.pictured.largest

    def error_in_units(self, loss: float) -> float:
        """The root mean squared error in the target's unit, from an mse over one column of standardised targets."""
        return float(math.sqrt(loss) * self.targets.scale[0])


def split_and_scale(name: str, table: Table, rng: np.random.Generator, validation: float) -> Dataset:
    """Take ⌈N·validation⌉ validation rows at random, and scale all rows by the mean and deviation of the others.

    Raises ValueError for a table that no network can learn from, or whose names or picture don't fit its columns.
    """
    table = checked(name, table)
    return scaled(name, table, split_rows(len(table.X), rng, validation))


class Rows(NamedTuple):
    """The numbers of the rows in each split, in ascending order."""

    train: NDArray[np.intp]
    val: NDArray[np.intp]


def split_rows(n_samples: int, rng: np.random.Generator, validation: float) -> Rows:
    """⌈n_samples·validation⌉ rows at random for validation, and the others, at least one, for training."""
    # round first: in floating point, 100 · 0.07 is a little more than 7
    held_out = min(math.ceil(round(n_samples * validation, 9)), n_samples - 1)
    order = rng.permutation(n_samples)
    return Rows(np.sort(order[held_out:]), np.sort(order[:held_out]))


def scaled(name: str, table: Table, rows: Rows) -> Dataset:
    """A checked table in these two splits, scaled by the mean and deviation of the training rows."""
    rows_train, rows_val = rows
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


def checked(name: str, table: Table) -> Table:
    """The table with X and Y as float64; ValueError if its names don't fit them."""
    table = table._replace(X=two_axes("X", table.X), Y=two_axes("Y", table.Y))
    (n_samples, n), (n_targets, k) = table.X.shape, table.Y.shape
    if n_samples != n_targets or n_samples < 2:
        raise ValueError(
            f"The data set {name!r} needs the same number of rows in X and Y, and at least 2: "
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
    """Class numbers (N,) as an (N, classes) array with a single 1 in each row."""
    return np.eye(classes)[labels]
