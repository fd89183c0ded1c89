"""What a run remembers: the batch losses of its updates, in bounded memory, and the losses over all rows."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.guards import immutable


class Update(NamedTuple):
    """One parameter update: its number and epoch from 1, the indices of its rows (B,), and their loss before it."""

    update: int
    epoch: int
    rows: NDArray[np.intp]
    loss: float

    def protected(self) -> "Update":
        """With rows that nobody can change: those of a copied or pickled record could be."""
        return self._replace(rows=immutable(self.rows))


class History(NamedTuple):
    """Arrays of a run so far, which nobody can change: of U updates, and of E ends of epochs.

    update (U,) is an update's number, from 1; batch_loss (U,) its batch's loss before it; update_seconds (U,) the
    time spent computing updates until then, evaluation left out. The first thousands of updates are all there, of
    more of them those that Thinned keeps. epoch (E,) is the number of an epoch after which the splits were
    evaluated, from 1; epoch_update (E,) the update that ended it; train_loss and val_loss (E,) are over all rows
    after it; samples (E,) counts the rows seen; seconds (E,) the computing time.
    """

    update: NDArray[np.int64]
    batch_loss: Array
    update_seconds: Array
    epoch: NDArray[np.int64]
    epoch_update: NDArray[np.int64]
    train_loss: Array
    val_loss: Array
    samples: NDArray[np.int64]
    seconds: Array


class Column:
    """A float64 array that grows at its end: doubling its memory makes an append O(1) on average."""

    def __init__(self) -> None:
        self._memory = np.empty(64)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, value: float) -> None:
        """Add one value."""
        self.extend(np.array([value]))

    def extend(self, values: Array) -> None:
        """Add values."""
        length = self._length + len(values)
        while length > len(self._memory):
            self._memory = np.concatenate([self._memory, np.empty_like(self._memory)])
        self._memory[self._length : length] = values
        self._length = length

    def cut(self, length: int) -> None:
        """Take out what was added after so many values."""
        self._length = length

    @property
    def values(self) -> Array:
        """A copy of what was added, which nobody can change."""
        return immutable(self._memory[: self._length])


class Thinned:
    """Number, loss and seconds of a run's updates, in bounded memory. A value: `extended` returns the next one.

    All updates at first. Beyond MOST_KEPT of them, of each bucket of 4, 8, 16, ... updates the one with the lowest loss
    and the one with the highest, so that spikes stay; the first update of all and those since the last full block
    are kept as they are.
    """

    BLOCK = 4_096  # updates that are kept whole until there are so many
    MOST_KEPT = 16_384

    def __init__(self) -> None:
        self._block = np.empty((2, self.BLOCK))  # loss and seconds of the last updates
        self._in_block = 0
        self._first = np.empty((3, 0))
        self._kept = np.empty((3, 0))  # two rows a bucket, which may be twice the same; single rows at first
        self._width = 1  # updates a bucket
        self._length = 0

    def extended(self, losses: Array, seconds: Array) -> Self:
        """With the updates that follow, each with its loss and the time spent until its end.

        This value stays as it was. Both share a block, because only what follows is written into it.
        """
        new, done = object.__new__(type(self)), 0
        vars(new).update(vars(self))
        while done < len(losses):
            count = min(len(losses) - done, self.BLOCK - new._in_block)
            place = slice(new._in_block, new._in_block + count)
            new._block[0, place] = losses[done : done + count]
            new._block[1, place] = seconds[done : done + count]
            new._in_block += count
            new._length += count
            done += count
            if new._in_block == self.BLOCK:
                new._put_away()
        return new

    @property
    def columns(self) -> tuple[Array, Array, Array]:
        """Number, loss and seconds of the updates kept, in their order."""
        rows = np.hstack([self._first, self._kept, self._last()])
        new = np.diff(rows[0], prepend=0) > 0
        number, loss, seconds = immutable(rows[:, new])
        return number, loss, seconds

    def _last(self) -> Array:
        """Number, loss and seconds of the updates in the block."""
        numbers = np.arange(self._length - self._in_block + 1.0, self._length + 1.0)
        return np.vstack([numbers, self._block[:, : self._in_block]])

    def _put_away(self) -> None:
        rows = self._last()
        if not self._first.size:
            self._first = rows[:, :1].copy()
        rows = rows if self._width == 1 else _extremes(rows, min(self._width, self.BLOCK))
        before = self._kept
        if self._width > self.BLOCK and self._bucket(before[0, -1]) == self._bucket(rows[0, 0]):
            before, rows = before[:, :-2], _extremes(np.hstack([before[:, -2:], rows]), 4)
        self._kept = np.hstack([before, rows])
        self._block, self._in_block = np.empty_like(self._block), 0  # values before this one keep theirs
        while self._kept.shape[1] > self.MOST_KEPT:
            self._width = max(4, 2 * self._width)  # of two buckets with two rows each, or at first of four updates
            whole = self._kept.shape[1] // 4 * 4  # the last bucket may still wait for its other half
            self._kept = np.hstack([_extremes(self._kept[:, :whole], 4), self._kept[:, whole:]])

    def _bucket(self, number: float) -> float:
        return (number - 1) // self._width


def _extremes(rows: Array, count: int) -> Array:
    """Of each `count` rows, a column each, those with the lowest and the highest loss, in their order."""
    losses = rows[1].reshape(-1, count)
    places = np.sort(np.stack([losses.argmin(axis=1), losses.argmax(axis=1)], axis=1), axis=1)
    return rows[:, (places + np.arange(0, rows.shape[1], count)[:, None]).reshape(-1)]
