"""Your own data from Python: from a data frame, from arrays, from a CSV file."""

import hashlib
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mbgd.data.dataset import Dataset, Origin, Recipe, Table, one_hot
from mbgd.data.own.columns import clean_names
from mbgd.data.own.limits import MOST_BYTES, MOST_VALUES
from mbgd.data.own.prepared import LICENCE, Prepared, prepare
from mbgd.data.own.sheet import read_sheet, sheet_of
from mbgd.engine.checks import kind_of, one_of, shown, two_axes
from mbgd.engine.losses import LOSSES
from mbgd.engine.splits import check_probabilities


def from_frame(
    frame: Any,
    target: Any,
    *,
    features: Sequence[Any] | None = None,
    classes: bool | None = None,
    missing: str = "drop",
    seed: int = 0,
    validation: float = 0.2,
    name: str = "your data frame",
) -> Dataset:
    """A data set from a pandas DataFrame, split and standardised as by `load`. Its index is left out.

    target: the name of the column to predict. features: those to predict it from; None: all others that can be used.
    A column of words with 2 to 20 different ones becomes that many inputs of 0 or 1; one with more is left out, and so
    is one that never changes. `Dataset.source` says what was done, with counts.
    classes: None takes a target of words, and of True and False, as classes, and a target of numbers as amounts
    (a regression). True takes numbers, such as 0, 1 and 2, as classes as well, at most 20.
    missing: "drop" leaves out rows with a gap, "mean" fills gaps with the mean of the training rows. (A gap among words
    then gets the shares of the words.) A row without a target is always left out.
    Raises ValueError with one sentence for what can't be used.
    """
    prepared = prepare(sheet_of(frame, _name(name)), target, features, classes, missing)
    return prepared.dataset(seed, validation)


def read_csv(
    path: "str | PathLike[str] | bytes | BinaryIO",
    target: Any,
    *,
    features: Sequence[Any] | None = None,
    classes: bool | None = None,
    missing: str = "drop",
    seed: int = 0,
    validation: float = 0.2,
    name: str | None = None,
) -> Dataset:
    """A data set from a CSV file: a path, an open binary file, or the bytes themselves.

    Encoding, delimiter, header and decimal comma are recognised. Without a header, the columns are "column 1",
    "column 2" and so on. At most 10 MB, 100,000 rows and 200 columns. The other arguments are those of `from_frame`.
    Raises ValueError with one sentence for what can't be read or used.
    """
    data, called = _bytes(path)
    prepared = prepare(read_sheet(data, _name(name or called)), target, features, classes, missing)
    return prepared.dataset(seed, validation)


def from_arrays(
    X: Any,
    Y: Any,
    loss: str = "mse",
    *,
    feature_names: Sequence[str] | None = None,
    target_names: Sequence[str] | None = None,
    seed: int = 0,
    validation: float = 0.2,
    name: str = "your arrays",
) -> Dataset:
    """A data set from inputs X (N, n) and targets Y, split and standardised as by `load`.

    loss "mse": Y holds amounts, (N,) or (N, k). "cross_entropy": Y is one-hot, (N, k), or holds a class for each row,
    (N,), as numbers or words. Raises ValueError with one sentence for what can't be used.
    """
    one_of("loss", loss, LOSSES)
    X = two_axes("X", X)
    labels = np.asarray(Y)
    classes: tuple[str, ...] = ()
    if loss == "cross_entropy" and labels.ndim == 1:
        Y, classes = _labelled(labels)
    Y = two_axes("Y", labels[:, None] if labels.ndim == 1 and not classes else Y)
    if loss == "cross_entropy":
        check_probabilities("Y", Y, loss)
    n, k = X.shape[1], Y.shape[1]
    names = _names("feature_names", feature_names, tuple(f"x{i + 1}" for i in range(n)))
    default = classes or (("y",) if k == 1 else tuple(f"y{i + 1}" for i in range(k)))
    targets = _names("target_names", target_names, default)
    if len(X) != len(Y) or len(X) < 2:
        raise ValueError(f"X and Y need equally many rows, and at least 2: X has {len(X):,}, Y has {len(Y):,}.")
    digest = hashlib.sha256(repr((X.shape, Y.shape, loss, names, targets)).encode())
    digest.update(X.tobytes())
    digest.update(Y.tobytes())
    recipe = Recipe(tuple(map(Origin, names)), False, "")
    table = Table(X, Y, loss, names, ("",) * n, targets, "", "", LICENCE, None, recipe)
    rows = np.arange(len(X))
    name = _name(name)
    prepared = Prepared(name, name, table, rows, (), digest.hexdigest(), keeps_columns=True)
    return prepared.dataset(seed, validation)


def _labelled(labels: Any) -> tuple[Any, tuple[str, ...]]:
    """One-hot targets (N, k) and the names of the classes, from a label for each row."""
    try:
        different, numbers = np.unique(labels, return_inverse=True)
    except TypeError:
        raise ValueError("Y must hold classes of one kind, all numbers or all words, not a mixture.") from None
    if not 2 <= len(different) <= MOST_VALUES:
        raise ValueError(f"Y must hold 2 to {MOST_VALUES} different classes, not {len(different):,}.")
    return one_hot(numbers, len(different)), clean_names(different.tolist())


def _names(what: str, given: Sequence[str] | None, default: tuple[str, ...]) -> tuple[str, ...]:
    if given is None:
        return default
    if isinstance(given, str) or len(given) != len(default):
        raise ValueError(f"{what} must be a list of {len(default)} names, one for each column, not {shown(given)}.")
    return clean_names(list(given))


def _name(name: Any) -> str:
    return clean_names([name])[0]


def _bytes(path: Any) -> tuple[bytes, str]:
    """The bytes of a file, and what to call it."""
    if isinstance(path, bytes | bytearray | memoryview):
        return bytes(path), "your table"
    if hasattr(path, "read"):
        data = path.read(MOST_BYTES + 1)
        if not isinstance(data, bytes):
            raise ValueError("The file must be open for bytes, not for text: open it with open(path, 'rb').")
        return data, Path(str(getattr(path, "name", "your table"))).name
    if not isinstance(path, str | PathLike):
        raise ValueError(f"path must be a path, a binary file or bytes, not {kind_of(path)}.")
    try:
        with Path(path).open("rb") as file:
            return file.read(MOST_BYTES + 1), Path(path).name
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ValueError(f"The file {shown(str(path))} can't be opened ({why}): check its path.") from None
