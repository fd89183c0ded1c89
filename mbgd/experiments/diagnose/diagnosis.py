"""What two loss curves say about a run: it overfits, it underfits, it is fine, or it has diverged."""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
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
WIDEST = 27  # epochs in a window at most: running medians take time
WIDER = 3  # times as many epochs in the next wider window: the noise of a median is smaller than that of one epoch
WIDE, CLEAR = 9, 1.4  # between medians over so many epochs, such a rise counts, however much the losses jump
MEDIAN_NOISE = np.sqrt(np.pi / 2)  # of the median of n normal numbers, in standard deviations of one over root n
MEDIAN_OF_NORMAL = 0.6745  # the median size of a normal number with standard deviation 1
STILL = 0.05  # of a loss: if it fell by more over the last quarter of the epochs, it still falls
ABOVE_START = 1.2  # times the training loss at the start: a higher one has diverged


class Diagnosis(NamedTuple):
    """What the curves say, and the numbers that decide it.

    kind: one of KINDS; reason: why it underfits, else empty. lowest: the lowest validation loss, after the epoch
    `since`. epochs: how many followed. then: the first and the last epoch of the window from which a rise is measured;
    val_then and train_then: the medians of the losses in it. It is the epoch `since` alone, unless the losses jump so
    much from epoch to epoch that only medians tell of a rise, or that there is none. train and val: the final losses,
    medians over the last tenth of the epochs; infinite if a loss was infinite or NaN.
    """

    kind: str
    reason: str
    since: int
    epochs: int
    lowest: float
    then: tuple[int, int]
    val_then: float
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
    kind, reason, then = (DIVERGED, "", slice(best, best + 1)) if diverged else _kind(train, val, best, constant)
    since, last, window = int(epoch[best]), int(epoch[-1]), epoch[then]
    return Diagnosis(
        kind,
        reason,
        since,
        last - since,
        float(val[best]),
        (int(window[0]), int(window[-1])),
        float(np.median(val[then])),
        float(np.median(train[then])),
        now_train,
        now_val,
    )


def final(losses: Array) -> float:
    """The final loss: the median over the last tenth of the epochs."""
    return float(np.median(_last(losses)))


def _last(losses: Array) -> Array:
    return losses[-max(1, len(losses) // A_TENTH) :]


def _jumps(losses: Array) -> float:
    """The standard deviation of the noise from epoch to epoch, from the median jump, so that spikes don't count."""
    return float(np.median(np.abs(np.diff(losses)))) / (MEDIAN_OF_NORMAL * np.sqrt(2))


def _kind(train: Array, val: Array, best: int, constant: float) -> tuple[str, str, slice]:
    """Kind, reason, and the window from which a rise is measured."""
    now_train, little, alone = final(train), LITTLE * constant, slice(best, best + 1)
    rises = _rises(val, best, little)
    for then in rises:
        if now_train < (1 - FALL) * np.median(train[then]):
            return OVERFITS, "", then
    if rises:
        return UNDERFITS, RISING, rises[0]
    if now_train > HARDLY * constant:
        return UNDERFITS, CONSTANT, alone
    quarter = 3 * (len(train) - 1) // 4
    falls = best >= quarter and all(_falls(losses, quarter, little) for losses in (train, val))
    return (UNDERFITS, FALLING, alone) if falls else (FINE, "", _of_luck(val, best))


def _of_luck(val: Array, best: int) -> slice:
    """The lowest epoch alone, or the window with the lowest median, if that epoch is clearly below the final loss."""
    if final(val) <= (1 + RISE) * val[best]:
        return slice(best, best + 1)
    return _lowest_window(val, min(WIDE, len(val)))


def _rises(val: Array, best: int, little: float) -> list[slice]:
    """The windows, one of each width, whose median the final validation loss is clearly above, narrowest first.

    The lowest of many noisy losses is far below the others, by luck; the lowest of their running medians is less so.
    """
    tenth, now = len(_last(val)), final(val)
    if best >= len(val) - tenth:
        return []  # there was no time for a rise
    noise, found, width = _jumps(val[best:]), [], 1
    while width <= min(tenth, WIDEST):
        low = _lowest_window(val[:-tenth], width)
        then = float(np.median(val[low]))
        luck = noise if width == 1 else MEDIAN_NOISE * noise / np.sqrt(width)
        stands_out = now - then > JUMPS * luck or (width >= WIDE and now > CLEAR * then)
        if stands_out and now - then > max(RISE * then, little):
            found.append(low)
        width *= WIDER
    return found


def _lowest_window(losses: Array, width: int) -> slice:
    """So many losses in a row, those with the lowest median."""
    first = int(np.median(sliding_window_view(losses, width), axis=1).argmin())
    return slice(first, first + width)


def _falls(losses: Array, quarter: int, little: float) -> bool:
    """Whether the losses fell over the last quarter, from the median around its begin to the final loss."""
    half = len(_last(losses)) // 2
    begin = float(np.median(losses[max(0, quarter - half) : quarter + half + 1]))
    return begin - final(losses) > max(STILL * begin, little)
