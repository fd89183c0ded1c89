"""Tests of mbgd/engine: every derivative against central differences, every identity to rounding."""

from collections.abc import Callable

import numpy as np

from mbgd.engine.activations import Array


def central_differences(loss: Callable[[], float], values: Array, h: float = 1e-5) -> Array:
    """The derivative of loss() over each of `values`, which are moved by ±h in place, one at a time, and put back."""
    derivative = np.empty_like(values)
    for index, value in np.ndenumerate(values):
        values[index] = value + h
        above = loss()
        values[index] = value - h
        below = loss()
        values[index] = value
        derivative[index] = (above - below) / (2 * h)
    return derivative
