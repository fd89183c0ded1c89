"""What to keep of the page Shapes, by the two updates that were compared."""

from math import isfinite

from mbgd.charts.words import count
from mbgd.experiments.shapes.doubling import Doubling, what_changed
from mbgd.experiments.shapes.walk import kind_of


def to_keep(result: Doubling) -> list[str]:
    """Which arrays and which costs grew with the batch."""
    one, two = result.single, result.double
    gradients = sorted(name for name in result.kept if kind_of(name) == "gradients")
    summed = "because the rows are summed (the division for the mean is already in dL/dŶ)"
    stayed = f" {', '.join(gradients)} kept theirs, {summed}." if gradients else ""
    rows = ": those with one row for each row of the batch" if what_changed(result) == "rows" else ""
    total = len(result.changed) + len(result.kept)
    more = two.operations / one.operations
    first, then = one.counted[1], two.counted[1]
    others = f"stayed at {first:,} bytes" if first == then else f"went from {first:,} to {then:,} bytes"
    agree = (
        f"The gradient of the batch is the mean of the gradients of its {count(result.rows, 'row')}: the two differ by "
        f"at most {result.gradient_error:.1g} times the largest number of the gradient."
        if isfinite(result.gradient_error)
        else "At these weights the update overflowed, so its gradient could not be compared."
    )
    return [
        f"From B = {one.B:,} to {two.B:,}, {len(result.changed)} of {total} arrays changed their shape{rows}.{stayed}",
        f"All arrays with one row for each row of the batch went from {one.counted[0]:,} to {two.counted[0]:,} "
        "bytes together. All "
        f"others {others}. An update with B = {two.B:,} takes {more:.3g} times as many operations.",
        agree,
    ]
