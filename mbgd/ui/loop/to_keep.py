"""What to keep of the page Remove the last loop, by the times that were measured."""

from mbgd.charts.words import short
from mbgd.experiments.loop.timing import WayTimes
from mbgd.experiments.loop.ways import SAMPLE, WAYS


def to_keep(speed: WayTimes) -> list[str]:
    """How much the matrices saved, with how many rows, and how well the gradients agree."""
    at, sample = speed.nearest(speed.compared_size), list(WAYS).index(SAMPLE)
    ratio, alone = speed.times_as_long[at][sample], speed.times_as_long[0][sample]
    milliseconds = 1e3 * speed.epoch_seconds[at]
    best = int(speed.times_as_long[:, sample].argmax())
    worst = max(agreement.difference for agreement in speed.agreements)
    return [
        f"At B = {speed.sizes[at]:,}, an epoch took {short(milliseconds[sample])} ms one sample at a time and "
        f"{short(milliseconds[-1])} ms as matrices: {short(ratio)} times as long with the loop.",
        f"At B = {speed.sizes[0]:,} the factor was {short(alone)}. It was largest at B = {speed.sizes[best]:,}: "
        f"{short(speed.times_as_long[best, sample])}.",
        f"The gradients of the three ways differ by at most {worst:.1e} in any number.",
    ]
