"""What a run remembers: every batch loss, and the losses over all rows at the end of every epoch."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array


class History(NamedTuple):
    """Read-only arrays of a run so far. U updates and E epoch ends have been done.

    update (U,) counts from 1; batch_loss (U,) is the batch's loss before its update; update_seconds (U,) is the
    time spent computing updates until then, evaluation left out. epoch (E,) counts from 1; epoch_update (E,) is
    the update that ended it; train_loss and val_loss (E,) are over all rows after it; samples (E,) counts the
    rows seen; seconds (E,) the computing time.
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
        if self._length == len(self._memory):
            self._memory = np.concatenate([self._memory, np.empty_like(self._memory)])
        self._memory[self._length] = value
        self._length += 1

    @property
    def values(self) -> Array:
        """A read-only view of what was added."""
        return read_only(self._memory[: self._length].view())


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """The array, closed to writing."""
    array.flags.writeable = False
    return array
