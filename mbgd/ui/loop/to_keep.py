"""What to keep of the page Remove the last loop, by the times that were measured."""

from mbgd.charts.words import short
from mbgd.experiments.loop.timing import WayTimes
from mbgd.experiments.loop.ways import SAMPLE, WAYS

EQUAL = 0.15  # within which two times are about the same


def _as_long(factor: float) -> str:
    return "about as long" if abs(factor - 1) <= EQUAL else f"{short(factor)} times as long"


def to_keep(speed: WayTimes) -> list[str]:
    """How much the matrices saved, with how many rows, and how well the gradients agree."""
    at, sample = speed.nearest(speed.compared_size), list(WAYS).index(SAMPLE)
    ratio, alone = speed.times_as_long[at][sample], speed.times_as_long[0][sample]
    milliseconds = 1e3 * speed.epoch_seconds[at]
    best = int(speed.times_as_long[:, sample].argmax())
    worst = max(agreement.difference for agreement in speed.agreements)
    return [
        f"At B = {speed.sizes[at]:,}, an epoch took {short(milliseconds[sample])} ms with one row at a time and "
        f"{short(milliseconds[-1])} ms with matrices. So one row at a time took {short(ratio)} times as long.",
        f"At B = {speed.sizes[0]:,}, one row at a time took {_as_long(alone)} as matrices. The largest "
        f"factor was at B = {speed.sizes[best]:,}: {short(speed.times_as_long[best, sample])} times.",
        f"All three ways compute the same gradient: no number in it differs by more than {worst:.1e}.",
    ]
