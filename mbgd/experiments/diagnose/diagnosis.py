"""What two loss curves say about a run: it overfits, it underfits, it is fine, or it has diverged."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array

OVERFITS, UNDERFITS, FINE, DIVERGED = KINDS = ("overfits", "underfits", "fine", "diverged")
# Why it underfits: it is hardly better than a constant output; both losses still fall; both have risen again.
CONSTANT, FALLING, RISING = "constant", "falling", "rising"

A_TENTH = 10  # a final loss is the median over the last tenth of the epochs
RISE = 0.1  # of the lowest validation loss: a smaller rise is not clear
LITTLE = 0.01  # of the constant's loss: smaller changes are not clear
FALL = 0.05  # of the training loss: a smaller fall, since validation was lowest, is none
HARDLY = 0.8  # of the constant's loss: a higher training loss is hardly better than a constant
JUMPS = 4  # standard deviations of the noise from epoch to epoch: the lowest of many losses is so far below the others
MEDIAN_OF_NORMAL = 0.6745  # the median size of a normal number with standard deviation 1
STILL = 0.05  # of a loss: if it fell by more over the last quarter of the epochs, it still falls
ABOVE_START = 1.2  # times the training loss at the start: a higher one has diverged


class Diagnosis(NamedTuple):
    """What the curves say, and the numbers that decide it.

    kind: one of KINDS; reason: why it underfits, else empty. lowest: the lowest validation loss, after the epoch
    `since`; train_then: the training loss after that epoch. epochs: how many followed. train and val: the final losses,
    medians over the last tenth of the epochs; infinite if a loss was infinite or NaN.
    """

    kind: str
    reason: str
    since: int
    epochs: int
    lowest: float
    train_then: float
    train: float
    val: float

    @property
    def gap(self) -> float:
        """Final validation loss less final training loss; NaN after a divergence."""
        return self.val - self.train if np.isfinite(self.val) else np.nan


def diagnose(
    epoch: NDArray[np.int64], train: Array, val: Array, constant: float, *, diverged: bool = False
) -> Diagnosis:
    """The diagnosis of a run from its losses (E,) over all rows, one at least: that before the first update, and those
    after the epochs `epoch` (E,). constant: the training loss of the best constant output.
    """
    best = int(val.argmin())
    now_train, now_val = (np.inf, np.inf) if diverged else (final(train), final(val))
    if not diverged and now_train > ABOVE_START * train[0]:
        diverged = True
    kind, reason = (DIVERGED, "") if diverged else _kind(train, val, best, constant)
    since, last = int(epoch[best]), int(epoch[-1])
    return Diagnosis(kind, reason, since, last - since, float(val[best]), float(train[best]), now_train, now_val)


def final(losses: Array) -> float:
    """The final loss: the median over the last tenth of the epochs."""
    return float(np.median(_last(losses)))


def _last(losses: Array) -> Array:
    return losses[-max(1, len(losses) // A_TENTH) :]


def _jumps(losses: Array) -> float:
    """The standard deviation of the noise from epoch to epoch, from the median jump, so that spikes don't count."""
    return float(np.median(np.abs(np.diff(losses)))) / (MEDIAN_OF_NORMAL * np.sqrt(2))


def _kind(train: Array, val: Array, best: int, constant: float) -> tuple[str, str]:
    now_train, now_val, little = final(train), final(val), LITTLE * constant
    rise = now_val - val[best]
    passed = best < len(val) - len(_last(val))  # else there was no time for a rise
    if passed and rise > max(RISE * val[best], little, JUMPS * _jumps(val[best:])):
        return (OVERFITS, "") if now_train < (1 - FALL) * train[best] else (UNDERFITS, RISING)
    if now_train > HARDLY * constant:
        return UNDERFITS, CONSTANT
    quarter = 3 * (len(train) - 1) // 4
    falls = [losses[quarter] - final(losses) > max(STILL * losses[quarter], little) for losses in (train, val)]
    return (UNDERFITS, FALLING) if all(falls) else (FINE, "")
