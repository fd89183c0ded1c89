"""What a comparison of batch sizes showed: one decision per run, from its measured losses alone."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mbgd.engine.activations import Array

SOLVED_ACCURACY = 0.98  # of the training rows classed right
SOLVED_LOSS = 0.05  # of the loss of a guess: for a numeric target, 95% of its variance is explained
UNSETTLED = 0.06  # spread of the last tenth of the epochs, relative to their least loss
RISES = 0.3  # of what the loss falls in that tenth, it also rises: it goes up and down
DRIFT = 0.35  # of the spread of that tenth: a run whose mean falls by more from half to half is on its way down
LITTLE = 0.5  # of the loss of a guess: with more than this left, a run has not got far
TIED = 1.1  # losses that differ by less than this factor are alike
GROWN = 1e3  # times the first loss: a run with a larger loss has diverged, although it may still have a loss

DIVERGED, SOLVED, UNSETTLING, SLOW, HIGHER, FALLING = (
    "diverged",
    "solved",
    "unsettled",
    "slow",
    "higher",
    "falling",
)


class Lane(NamedTuple):
    """The measured losses of one batch size over all training rows: train_loss (C,) at the ends of `epochs` (C,), from
    epoch 0 on. guess: the loss of the best constant prediction. accuracy: None for a numeric target. diverged: the
    update that could not be made, or None. updates: those that it has made."""

    batch_size: int
    full: bool
    epochs: Array
    train_loss: Array
    guess: float
    accuracy: float | None
    diverged: int | None
    updates: int = 0

    @property
    def first(self) -> float:
        """The loss before the first update."""
        return float(self.train_loss[0])

    @property
    def last(self) -> float:
        """The last measured loss."""
        return float(self.train_loss[-1])

    @property
    def tail(self) -> Array:
        """The losses in the last tenth of the epochs: at least the last two, where there are two."""
        start = min(self.epochs[-1] * 0.9, self.epochs[max(len(self.epochs) - 2, 0)])
        return self.train_loss[self.epochs >= start]

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the largest loss of the tail."""
        return float(self.tail.min()), float(self.tail.max())

    @property
    def rises(self) -> float:
        """How much the loss rises in the tail, relative to how much it falls there."""
        steps = np.diff(self.tail)
        up, down = float(steps[steps > 0].sum()), float(-steps[steps < 0].sum())
        return up / down if down else float(up > 0)


def _drifts(lane: Lane) -> bool:
    """Whether the loss of the tail falls from its first half to its second, and does not only go up and down."""
    half = len(lane.tail) // 2
    low, high = lane.spread
    return bool(half and lane.tail[:half].mean() - lane.tail[-half:].mean() > DRIFT * (high - low))


def seen(lane: Lane) -> str:
    """What this run did, one of the kinds above."""
    low, high = lane.spread
    if lane.diverged is not None:
        return DIVERGED
    if lane.accuracy is not None:
        solved = lane.accuracy >= SOLVED_ACCURACY
    else:
        solved = high <= SOLVED_LOSS * lane.guess
    if solved:
        return SOLVED
    if lane.last > lane.first:
        return HIGHER
    if high - low > UNSETTLED * low and lane.rises > RISES and not _drifts(lane):
        return UNSETTLING
    if lane.last > LITTLE * lane.guess:
        return SLOW
    return FALLING


def best(lanes: Sequence[Lane]) -> list[Lane]:
    """The runs whose last loss is the least, up to a factor of TIED; none if all have diverged."""
    going = [lane for lane in lanes if lane.diverged is None]
    least = min((lane.last for lane in going), default=0.0)
    return [lane for lane in going if lane.last <= TIED * least]
