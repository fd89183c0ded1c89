"""Values are checked once, at the door: a check returns the value it passed, or says in a sentence what is wrong."""

import math
from collections.abc import Collection, Iterator
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.guards import quiet

LONGEST_SHOWN = 80  # characters of a bad value that a sentence repeats


def shown(value: Any) -> str:
    """A value as a sentence names it: its repr in one line, cut where it is very long."""
    try:
        text = repr(value)
    except ValueError:  # Python refuses to write whole numbers of more than some thousand digits
        return "a number of thousands of digits" if isinstance(value, Integral) else kind_of(value)
    if "\n" in text:
        text = " ".join(text.split())
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."


def kind_of(value: Any) -> str:
    """The kind of a value as a sentence names it."""
    return "None" if value is None else f"a value of type {type(value).__name__}"


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
    """`value` as a float64 array (rows, columns) of finite numbers with at least one of each.

    What NumPy reads as numbers will do: an array, a list of rows, a data frame. True counts as 1 and False as 0.
    """
    given = _numbers(name, value)
    if given.ndim != 2 or 0 in given.shape:
        raise ValueError(
            f"{name} must have two axes, (rows, columns), with at least one of each, not shape {given.shape}: "
            "a single column is written (N, 1)."
        )
    with quiet():  # a number that float64 can't hold becomes inf
        array = np.ascontiguousarray(given, dtype=np.float64)
    if not np.isfinite(array).all():
        raise ValueError(
            f"{name} must hold finite numbers only; row {np.argwhere(~np.isfinite(array))[0][0]} does not."
        )
    return array


# What NumPy reads as an array, but not of numbers, by the kind of its dtype; and what to do about it.
NOT_NUMBERS = {
    "U": "text: convert numbers with .astype(float), and write classes one-hot",
    "T": "text: convert numbers with .astype(float), and write classes one-hot",
    "S": "bytes: convert numbers with .astype(float), and write classes one-hot",
    "c": "complex numbers: give the real and the imaginary part as columns of their own",
    "M": "dates: give the time since some day, such as (dates - dates.min()) / np.timedelta64(1, 'D')",
    "m": "durations: divide them by a unit, such as np.timedelta64(1, 's')",
}


def _numbers(name: str, value: Any) -> NDArray[Any]:
    """`value` as an array of whole or real numbers or of bools, of any shape; its own memory where it has some."""
    for part in _rows_and_cells(value):
        if isinstance(part, np.ma.MaskedArray):
            raise ValueError(
                f"{name} must be an array without a mask, not {kind_of(part)}: drop the rows with masked values, or "
                "choose numbers for them with .filled()."
            )
        if callable(getattr(part, "toarray", None)):
            kind = type(part).__name__
            raise ValueError(f"{name} must be an array, not a sparse {kind}: convert it with .toarray().")
    try:
        array = np.asarray(value)
    except Exception as error:  # whatever a foreign type raises, and rows of unequal length
        raise ValueError(
            f"{name} must be an array of numbers, or rows of numbers of equal length, which {shown(value)} is not: "
            "give an array, or a list whose rows have as many columns each."
        ) from error
    if array.dtype.kind in "fiub":
        return array
    if array.dtype.kind != "O":
        what = NOT_NUMBERS.get(array.dtype.kind, f"values of type {array.dtype}: give its columns as float64")
        raise ValueError(f"{name} must hold numbers, not {what}.")
    if array.ndim == 0:
        raise ValueError(
            f"{name} must be an array of numbers, not {kind_of(value)}: give an array, a list of rows or a data frame."
        )
    first = next((item for item in array.flat if not isinstance(item, Real)), next(array.flat, None))
    raise ValueError(
        f"{name} must hold numbers that float64 can hold, not objects such as {shown(first)}: convert "
        "what is meant as a number with .astype(float)."
    )


def _rows_and_cells(value: Any) -> Iterator[Any]:
    """The value, and if it is a list, its rows and their cells."""
    yield value
    for row in value if isinstance(value, list | tuple) else ():
        yield row
        yield from row if isinstance(row, list | tuple) else ()
