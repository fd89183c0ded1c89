"""Values are checked once, at the door: a check returns the value it passed, or says in a sentence what is wrong."""

import math
from collections.abc import Collection
from numbers import Integral, Real
from typing import Any

import numpy as np

from mbgd.engine.activations import Array

LONGEST_SHOWN = 80  # characters of a bad value that a sentence repeats


def shown(value: Any) -> str:
    """A value as a sentence names it: its repr, cut where it is very long."""
    try:
        text = repr(value)
    except ValueError:  # Python refuses to write whole numbers of more than some thousand digits
        return "a number of thousands of digits"
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."


def whole_number(name: str, value: Any, minimum: int, maximum: int | None = None) -> int:
    """`value` as an int in minimum..maximum. True, 2.0 and "16" are not whole numbers here."""
    allowed = f"of at least {minimum:,}" if maximum is None else f"from {minimum:,} to {maximum:,}"
    if isinstance(value, Integral) and not isinstance(value, bool):
        number = int(value)
        if number >= minimum and (maximum is None or number <= maximum):
            return number
    raise ValueError(f"{name} must be a whole number {allowed}, not {shown(value)}.")


def real_number(name: str, value: Any, minimum: float, maximum: float = math.inf, *, open_ends: bool = False) -> float:
    """`value` as a finite float in minimum..maximum, without the ends themselves where `open_ends`."""
    if isinstance(value, Real) and not isinstance(value, bool | np.bool_):
        try:
            number = float(value)
        except OverflowError:  # a whole number too large for a float
            number = math.inf
        inside = minimum < number < maximum if open_ends else minimum <= number <= maximum
        if inside and math.isfinite(number):
            return number
    least = f"above {minimum:g}" if open_ends else f"of at least {minimum:g}"
    most = "" if maximum == math.inf else f" and below {maximum:g}" if open_ends else f" and at most {maximum:g}"
    raise ValueError(f"{name} must be a finite number {least}{most}, not {shown(value)}.")


def one_of(name: str, value: Any, known: Collection[str]) -> str:
    """`value` if it is one of the known names."""
    if isinstance(value, str) and value in known:
        return value
    raise ValueError(f"{name} must be one of {', '.join(map(repr, known))}, not {shown(value)}.")


def yes_or_no(name: str, value: Any) -> bool:
    """`value` if it is True or False."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise ValueError(f"{name} must be True or False, not {shown(value)}.")


def two_axes(name: str, value: Any) -> Array:
    """`value` as a float64 array (rows, columns) of finite numbers with at least one of each."""
    array = np.ascontiguousarray(value, dtype=np.float64) if np.ndim(value) else np.asarray(value)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(
            f"{name} must have two axes, (rows, columns), with at least one of each, not shape {array.shape}: "
            "a single column is written (N, 1)."
        )
    if not np.isfinite(array).all():
        raise ValueError(
            f"{name} must hold finite numbers only; row {np.argwhere(~np.isfinite(array))[0][0]} does not."
        )
    return array
