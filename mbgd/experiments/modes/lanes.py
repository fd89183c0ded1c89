"""A lane of a race: the runs of one batch size, and the losses at their checkpoints."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.batches import EpochPlan
from mbgd.engine.checks import one_of
from mbgd.engine.network import Layer
from mbgd.engine.stack import Stack
from mbgd.engine.training import Training

AXES = ("updates", "epochs", "samples", "seconds")
SPLITS = ("train", "val")
AN_OCTAVE = 20  # checkpoints while the number of updates doubles: each comes 3.5 % later than the one before


class Failure(NamedTuple):
    """A run that diverged: its seed, the number of the update that failed, and its epoch."""

    seed: int
    update: int
    epoch: int


@dataclass(frozen=True)
class Lane:
    """The runs of one batch size so far: S runs, one per seed, at C checkpoints, the first before any update.

    update (C,): the number of updates made. train_loss and val_loss (C, S): the loss over all rows, infinite after a
    run has diverged. seconds (C, S): the computing time. layers: those of the first run, after it has ended.
    """

    batch_size: int
    rate: float
    plan: EpochPlan
    update: NDArray[np.int64]
    train_loss: Array
    val_loss: Array
    seconds: Array
    failures: tuple[Failure, ...]
    layers: tuple[Layer, ...] = ()

    def losses(self, split: str) -> Array:
        """The loss (C, S) over all rows of "train" or "val"."""
        return self.train_loss if one_of("split", split, SPLITS) == "train" else self.val_loss

    def position(self, axis: str) -> Array:
        """The position of each checkpoint of each run on an axis, (C, S).

        Seconds are the number of updates times their mean cost, because the clock at a single checkpoint also counts
        what else the machine did at that moment.
        """
        one_of("axis", axis, AXES)
        whole, rest = np.divmod(self.update, self.plan.updates)
        along = {
            "updates": self.update,
            "epochs": self.update / self.plan.updates,
            "samples": whole * self.plan.rows + rest * self.plan.batch_size,
            "seconds": self.update * self.seconds_an_update,
        }[axis]
        return np.broadcast_to(along[:, None].astype(float), self.seconds.shape)

    @property
    def seconds_an_update(self) -> float:
        """The mean seconds of an update; 0 before the first."""
        return float(np.median(self.seconds[-1])) / max(int(self.update[-1]), 1)

    @property
    def diverged(self) -> bool:
        """Whether all runs have diverged."""
        return len(self.failures) == self.train_loss.shape[1]


def checkpoints(updates_an_epoch: int, end: int | None = None) -> Iterator[int]:
    """The numbers of updates after which all rows are evaluated: at first each one, later 20 per doubling.

    If the next is an epoch or more away, it moves back to the end of an epoch. The last is `end`.
    """
    update = 0
    while end is None or update < end:
        yield update
        following = max(update + 1, round(update * 2 ** (1 / AN_OCTAVE)))
        if following - update >= updates_an_epoch:
            following = following // updates_an_epoch * updates_an_epoch
        update = following
    yield end


def measure(runs: Training | Stack, split: str) -> Array:
    """The loss of each run over all rows of a split; infinite if it is NaN or the run has diverged."""
    losses = runs.evaluate(split) if isinstance(runs, Stack) else np.array([runs.evaluate(split).loss])
    gone = list(runs.failures) if isinstance(runs, Stack) else [0] * runs.diverged
    losses[gone] = np.inf
    return np.where(np.isfinite(losses), losses, np.inf)
