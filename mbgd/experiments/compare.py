"""Distances between vectors, and answers that a measurement can hardly tell apart."""

from collections.abc import Callable

import numpy as np

from mbgd.engine.activations import Array
from mbgd.engine.guards import quiet


def largest_difference(*vectors: Array) -> float:
    """The largest difference between two of these arrays of one shape, in any element; NaN if infinities meet."""
    with quiet():  # a run may diverge
        return float(np.ptp(np.stack(vectors), axis=0).max())


def relative_distance(one: Array, other: Array) -> float:
    """‖one - other‖ / (‖one‖ + ‖other‖), 0 to 1; NaN for empty arrays."""
    if not one.size:
        return np.nan
    size = np.linalg.norm(one) + np.linalg.norm(other)
    return float(np.linalg.norm(one - other) / size) if size else 0.0


def nearly(answer: Callable[[float], str], ratio: float, off: float) -> str | None:
    """The other answer that would be right if the ratio were `off` times larger or smaller, or None."""
    others = {answer(ratio * off), answer(ratio / off)} - {answer(ratio)}
    return next(iter(others), None)
