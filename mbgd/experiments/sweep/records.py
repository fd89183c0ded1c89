"""What a sweep finds: a record of each run, and the runs of a cell of the map."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array

COLUMNS = ("batch_size", "learning_rate", "seed", "train_loss", "val_loss", "updates", "seconds", "diverged")


class Run(NamedTuple):
    """One run: its losses at C looks, the first before any update and the last after the last one.

    update (C,): the updates made. The losses (C,) over all rows are infinite from a divergence on; the accuracies (C,)
    are NaN there, and everywhere in a regression. seconds: of computing its updates, a share of those of the runs that
    it was trained with. diverged: the number of the update that failed, or None.
    """

    batch_size: int
    learning_rate: float
    seed: int
    updates: int
    samples: int
    seconds: float
    diverged: int | None
    update: NDArray[np.int64]
    train_loss: Array
    val_loss: Array
    train_accuracy: Array
    val_accuracy: Array


class Cell(NamedTuple):
    """A cell of the map: the runs of one batch size and learning rate, in the order of their seeds."""

    batch_size: int
    learning_rate: float
    runs: tuple[Run, ...]


def row_of(run: Run) -> list[str]:
    """The row of a run under COLUMNS, its losses those at the end with all digits."""
    losses = (float(run.train_loss[-1]), float(run.val_loss[-1]))
    numbers = (run.batch_size, run.learning_rate, run.seed, *losses, run.updates, run.seconds, run.diverged is not None)
    return list(map(repr, numbers))
