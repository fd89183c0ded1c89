"""A run as a record: plain values from which it can be drawn, written into a file, and made again."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from mbgd.charts.thinning import thin
from mbgd.engine.activations import Array
from mbgd.engine.network import Layer
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.share.choices import Choices

MOST_POINTS = 1_000  # of a history
DIGITS = 9  # of the rows, in a fingerprint: the last digits differ from one processor to another
ROWS = 1_000  # whose fingerprint is worked out at a time


class History(NamedTuple):
    """Where the losses over all rows were measured, and the losses, all (E,): first before any update, last at the end.

    updates, epochs and rows were done then, and seconds spent computing them.
    """

    updates: Array
    epochs: Array
    rows: Array
    seconds: Array
    train_loss: Array
    val_loss: Array

    def thinned(self) -> "History":
        """With at most MOST_POINTS of them: lowest and highest losses stay, and so do the first and the last."""
        if len(self.updates) <= MOST_POINTS:
            return self
        kept = np.union1d(*(thin(loss, MOST_POINTS // 2) for loss in (self.train_loss, self.val_loss)))
        return History(*(column[kept] for column in self))


@dataclass(frozen=True, eq=False)
class Record:
    """A run of a session, or of a file.

    choices: what it was made from; its learning rate and epochs are those with which it goes on. loss: the loss's name.
    fingerprint: of its data, of which rows_train were trained on. rates: after how many updates which learning rate,
    the first after none. failed: the number of the update that diverged, None if none did. layers: its weights; None if
    a file has none, because not all are finite. about: what its numbers follow from, besides the number of its updates.
    number and name: within its session.
    """

    choices: Choices
    loss: str
    fingerprint: str
    rows_train: int
    rates: tuple[tuple[int, float], ...]
    updates: int
    failed: int | None
    seconds: float
    history: History
    layers: list[Layer] | None = field(repr=False)
    about: tuple = ()
    number: int = 0
    name: str = ""
    pinned: bool = False

    @property
    def settings(self) -> Settings:
        """The engine's settings with which it began, for as many epochs as it may go on to."""
        return replace(self.choices.settings(self.rows_train), learning_rate=self.rates[0][1])

    @property
    def batch_size(self) -> int:
        """The rows of one update."""
        return self.choices.batch_size(self.rows_train)

    @property
    def stages(self) -> list[tuple[int, float]]:
        """Until which update it had which learning rate. The update that failed is one of them."""
        ends = [at for at, _ in self.rates[1:]] + [max(self.updates, self.failed or 0)]
        return [(end, rate) for end, (_, rate) in zip(ends, self.rates, strict=True)]

    def final(self, split: str) -> float | None:
        """The loss over all rows of "train" or "val" at its end; None if it diverged."""
        return None if self.failed else float(self._losses(split)[-1])

    def best(self, split: str) -> float:
        """The lowest loss over all rows of "train" or "val" that was measured."""
        return float(self._losses(split).min())

    def _losses(self, split: str) -> Array:
        return self.history.train_loss if split == "train" else self.history.val_loss

    def comparable(self, other: "Record") -> bool:
        """Whether both may share the axes of a chart: the same data set, and the same loss."""
        return self.loss == other.loss and rows_of(self.choices) == rows_of(other.choices)


def rows_of(choices: Choices) -> tuple:
    """What tells a data set from others. Another seed or split draws its rows anew, but the data set is the same."""
    return replace(choices, seed=0, validation=20).data_key


def fingerprint(dataset: TrainingData) -> str:
    """The SHA-256 of all rows, X_train (N, n), Y_train (N, k), X_val and Y_val, in hexadecimal digits.

    The rows are rounded to nine decimals: in the last digits, sines and sums differ from one processor to another.
    Of a data set, whose rows never change, it is worked out once.
    """
    if (known := _known.get(dataset)) is not None:
        return known
    digest = sha256()
    for array in (dataset.X_train, dataset.Y_train, dataset.X_val, dataset.Y_val):
        digest.update(repr(array.shape).encode())
        for start in range(0, len(array), ROWS):
            with np.errstate(over="ignore", invalid="ignore"):
                rounded = np.round(array[start : start + ROWS], DIGITS) + 0.0  # there are two zeros
            digest.update(rounded.astype("<f8").tobytes())
    _known[dataset] = digest.hexdigest()
    return _known[dataset]


_known: WeakKeyDictionary[TrainingData, str] = WeakKeyDictionary()


def difference(ours: Sequence[Layer], theirs: Sequence[Layer]) -> float:
    """The largest difference of two networks' weights and biases, as a share of the largest of them, or of 1."""
    pairs = [(a, b) for one, two in zip(ours, theirs, strict=True) for a, b in ((one.W, two.W), (one.b, two.b))]
    with np.errstate(all="ignore"):
        largest = max(1.0, *(float(np.abs(array).max()) for pair in pairs for array in pair))
        return max(float(np.abs(a - b).max()) for a, b in pairs) / largest


def shapes_of(layers: Sequence[Layer]) -> list[Any]:
    """The shapes of the weights, (k, n) for each layer."""
    return [layer.W.shape for layer in layers]
