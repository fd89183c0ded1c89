"""The pictures of a gradient check in words, for readers who do not see them; with numbers once the check is complete.

The words stay the same during a check, because the browser builds a chart again when its description changes.
"""

import numpy as np

from mbgd.charts.words import count
from mbgd.experiments.gradient_check.check import STEP_SIZES, GradientCheck, step_name
from mbgd.experiments.gradient_check.verdict import slope


def errors_in_words(check: GradientCheck | None) -> str:
    """The chart of the errors at all steps, with its results. check: None until it is complete."""
    words = "The relative error of the gradient against h, both on logarithmic axes."
    if check is None:
        return words
    curve = check.curve()
    smallest, *ends = (f"{curve[at]:.1e} at h = {step_name(STEP_SIZES[at])}" for at in (check.best, 0, -1))
    return f"{words} Smallest: {smallest}. At the ends: {' and '.join(ends)}."


def both_in_words(check: GradientCheck | None, at: int) -> str:
    """The chart of both derivatives at one step, with its results. check: None until it is complete."""
    words = (
        "Each parameter's derivative from backpropagation against its difference quotient. On the dashed diagonal both "
        "are equal."
    )
    if check is None:
        return words
    low, high = check.analytic.min(), check.analytic.max()
    s, off = slope(check, at=at)
    line = "" if np.isnan(s) else f" The best line through them has slope {s:.4g}; they are {off:.1%} away from it."
    return (
        f"{words} {_points(check, at)}. Their derivatives from backpropagation go from {low:.3g} to {high:.3g}.{line}"
        f"{_switched(check, at)}"
    )


def apart_in_words(check: GradientCheck | None, at: int) -> str:
    """The chart of the relative errors at one step, with its results. check: None until it is complete."""
    words = (
        "The relative error between the two derivatives of each parameter, on a logarithmic axis, against its "
        "derivative from backpropagation."
    )
    if check is None:
        return words
    errors = check.errors(at)
    worst = check.names[int(errors.argmax())]
    return (
        f"{words} {_points(check, at)}. Their relative errors go from {errors.min():.1e} to {errors.max():.1e} "
        f"({worst}); half of them are below {np.median(errors):.1e}.{_switched(check, at)}"
    )


def _points(check: GradientCheck, at: int) -> str:
    return f"{count(len(check.names), 'parameter')} at h = {step_name(STEP_SIZES[at])}"


def _switched(check: GradientCheck, at: int) -> str:
    """How many points are crossed out; empty if none is."""
    crossed = int(np.count_nonzero(check.switched[at]))
    return f" {count(crossed, 'point')} crossed out: there h switches a ReLU unit." if crossed else ""
