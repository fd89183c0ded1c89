"""What to keep of the page Shapes, by the two updates that were compared."""

from math import isfinite

from mbgd.charts.words import count
from mbgd.experiments.shapes.doubling import Doubling, what_changed
from mbgd.experiments.shapes.walk import kind_of


def to_keep(result: Doubling) -> list[str]:
    """Which arrays and which costs grew with the batch."""
    one, two = result.single, result.double
    gradients = sorted(name for name in result.kept if kind_of(name) == "gradients")
    stayed = f" {', '.join(gradients)} kept theirs, because they are sums over the batch." if gradients else ""
    rows = ": those with one row per sample" if what_changed(result) == "rows" else ""
    total = len(result.changed) + len(result.kept)
    more = two.operations / one.operations
    agree = (
        f"The gradient of the batch is the mean of the gradients of its {count(result.rows, 'sample')}: they differ by "
        f"{result.gradient_error:.1g} of the largest number."
        if isfinite(result.gradient_error)
        else "At these weights the update overflowed, so its gradient could not be compared."
    )
    return [
        f"From B = {one.B:,} to {two.B:,}, {len(result.changed)} of {total} arrays changed their shape{rows}.{stayed}",
        f"All arrays with one row per sample went from {one.counted[0]:,} to {two.counted[0]:,} bytes together, and "
        f"all others from {one.counted[1]:,} to {two.counted[1]:,} bytes. An update with B = {two.B:,} takes "
        f"{more:.3g} times as many operations.",
        agree,
    ]
