"""What to keep of the page Shapes, by the two updates that were compared."""

from math import isfinite

from mbgd.experiments.shapes.doubling import Doubling, what_changed
from mbgd.experiments.shapes.walk import kind_of


def to_keep(result: Doubling) -> list[str]:
    """Which arrays and which costs grew with the batch."""
    one, two = result.single, result.double
    gradients = sorted(name for name in result.kept if kind_of(name) == "gradients")
    stayed = f" {', '.join(gradients)} kept theirs: the batch is summed away." if gradients else ""
    rows = ": those with one row per sample" if what_changed(result) == "rows" else ""
    total = len(result.changed) + len(result.kept)
    more = two.operations / one.operations
    agree = (
        f"The mean of {result.rows:,} single-sample gradients and the gradient of the batch differ by "
        f"{result.gradient_error:.1g} of their largest number."
        if isfinite(result.gradient_error)
        else "At these weights the update overflowed, so its gradient could not be compared."
    )
    return [
        f"From B = {one.B:,} to {two.B:,}, {len(result.changed)} of {total} arrays changed their shape{rows}.{stayed}",
        f"The bytes of all arrays with one row per sample went from {one.counted[0]:,} to {two.counted[0]:,}, those of "
        f"all others from {one.counted[1]:,} to {two.counted[1]:,}. An update of B = {two.B:,} makes {more:.3g} times "
        "as many operations.",
        agree,
    ]
