"""Arrays as heat-map tiles: which rows and columns are drawn, and each step of a trace as plain data."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from mbgd.engine.activations import ACTIVATIONS, Array
from mbgd.engine.guards import quiet
from mbgd.engine.losses import LOSSES
from mbgd.engine.trace import DESCENT, ELEMENTS, GIVEN, LOSS, PRODUCT, SUM, Traced, TraceStep

DIGITS = 7  # of each number sent
EACH_ROW = "l"  # the array of each row's own loss


class Sampling(NamedTuple):
    """How an axis longer than `most` is drawn: its first and last places, and a band for the places left out."""

    most: int
    first: int
    last: int
    band: float


WIDE = Sampling(most=16, first=10, last=3, band=3.0)
NARROW = Sampling(most=7, first=4, last=1, band=2.0)  # on a phone


def places_shown(size: int, sampling: Sampling) -> list[int]:
    """The places of an axis that are drawn: all of a short one, the ends of a long one."""
    if size <= sampling.most:
        return list(range(size))
    return [*range(sampling.first), *range(size - sampling.last, size)]


def band(size: int, sampling: Sampling) -> float:
    """The width, in cells, of the band for the places left out: it grows with the logarithm of their number.

    So a side is drawn to scale up to `most` cells, and a longer axis is still drawn longer.
    """
    left_out = size - len(places_shown(size, sampling))
    return round(sampling.band + math.log2(left_out / sampling.band) / 4, 2) if left_out else 0.0


def side(size: int, sampling: Sampling) -> float:
    """The length of a drawn side, in cells."""
    return len(places_shown(size, sampling)) + band(size, sampling)


def axis(letter: str, size: int) -> dict[str, Any]:
    """An axis as data: its letter, its size, and the places drawn on a wide and on a narrow screen."""
    ways = {
        name: {"shown": places_shown(size, sampling), "band": band(size, sampling)}
        for name, sampling in (("wide", WIDE), ("narrow", NARROW))
    }
    return {"letter": letter, "size": size, **ways}


def plain_number(value: float) -> float | str:
    """A value as data: a few digits of it, or the word "nan", "inf" or "-inf"."""
    if math.isfinite(value):
        return float(f"{value:.{DIGITS}g}")
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def tile(traced: Traced, *, upright: bool = False) -> dict[str, Any]:
    """An array as data: its two axes, the values that are drawn, and the end of its colour scale.

    An array with one axis is a row, as in NumPy's broadcasting with two axes. With `upright` it is a column.
    """
    name, axes, array = traced
    letters = axes if len(axes) == 2 else (*axes, "") if upright else ("", *axes) if axes else ("", "")
    grid = np.reshape(array, (-1, 1) if upright else array.shape if array.ndim == 2 else (1, -1))
    rows, columns = (axis(letter, size) for letter, size in zip(letters, grid.shape, strict=True))
    sample = grid[np.ix_(rows["wide"]["shown"], columns["wide"]["shown"])]
    finite = np.abs(grid[np.isfinite(grid)])
    return {
        "name": name,
        "symbol": cell_symbol(name),
        "indices": len(axes),
        "turned": name.endswith(".T"),
        "upright": upright,
        "rows": rows,
        "columns": columns,
        "values": [[plain_number(value) for value in line] for line in sample],
        "most": float(f"{finite.max(initial=0.0):.3g}"),
    }


def cell_symbol(name: str) -> str:
    """The name of an array's elements: w1 for W1.T, dL/dŷ for dL/dŶ."""
    name = name.removesuffix(".T")
    return name.replace("Ŷ", "ŷ") if name.startswith(("dL/", "softmax")) else name.lower()


def as_it_reads(step: TraceStep, loss: str) -> list[Traced | str]:
    """The arrays of a step and the signs between them, in reading order: left operand first, result last."""
    operands, result = list(step.operands), step.result
    if step.kind == GIVEN:
        return [result]
    if step.kind == PRODUCT:
        left, right, *bias = operands
        return [left, "@", right, *(["+", *bias] if bias else []), "→", result]
    if step.kind == SUM:
        return [*operands, "Σ rows →", result]
    if step.kind == LOSS:
        Y, output = operands
        each = Traced(EACH_ROW, ("B",), row_losses(Y.array, output.array, loss))
        return [Y, ",", output, "one loss per row →", each, "mean →", result]
    if len(operands) == 1:
        return [*operands, f"{step.expression.partition('(')[0]} →", result]
    sign = {"loss": "−", "backward": "·", "update": "− η ·"}[step.part]
    return [operands[0], sign, operands[1], "→", result]


def drawing(step: TraceStep, steps: Sequence[TraceStep], loss: str, rate: float) -> dict[str, Any]:
    """A step as data: its tiles and signs in reading order, and the formula of an element of the result."""
    bias = step.operands[2] if step.kind == PRODUCT and len(step.operands) == 3 else None
    parts = []
    for part in as_it_reads(step, loss):
        drawn = part if isinstance(part, str) else tile(part, upright=part.name == EACH_ROW)
        if part is bias and isinstance(drawn, dict):
            drawn["stretched"] = axis(step.result.axes[0], len(step.result.array))
        parts.append(drawn)
    formula = element_formula(step, rate) if step.kind in (ELEMENTS, DESCENT) else ""
    return {"kind": step.kind, "extent": extent(steps, loss), "parts": parts, "formula": formula}


def element_formula(step: TraceStep, rate: float) -> str:
    """The formula of an element of the result, from the operands' elements {0} and {1} in the same place."""
    if step.part == "update":
        return f"{{0}} − {rate:g} · {{1}}"
    if step.part == "backward":
        return "{0} · {1}"
    if step.part == "forward":
        f = step.expression.partition("(")[0]
        return "{0}" if ACTIVATIONS[f].returns_Z else f"{f}({{0}})"
    B, k = step.result.array.shape
    return f"2 · ({{0}} − {{1}}) / ({B}·{k})" if step.expression.startswith("2") else f"({{0}} − {{1}}) / {B}"


def row_losses(Y: Array, output: Array, loss: str) -> Array:
    """The loss of each row alone, (B,), from the loss function of the batch. Their mean is the batch's loss."""
    function = LOSSES[loss].function
    rows = places_shown(len(Y), WIDE)  # only these are drawn
    losses = np.full(len(Y), np.nan)
    with quiet():
        losses[rows] = [function(Y[i : i + 1], output[i : i + 1]) for i in rows]
    return losses


def extent(steps: Sequence[TraceStep], loss: str) -> dict[str, dict[str, float]]:
    """The most cells that any step needs, down and across: all steps are drawn at this scale, so nothing jumps."""
    lines = [[part for part in as_it_reads(step, loss) if isinstance(part, Traced)] for step in steps]
    return {
        name: {
            "down": max(side(size[0], sampling) for line in lines for size in map(_rows_and_columns, line)),
            "across": max(sum(side(size[1], sampling) for size in map(_rows_and_columns, line)) for line in lines),
            "arrays": max(map(len, lines)),
        }
        for name, sampling in (("wide", WIDE), ("narrow", NARROW))
    }


def _rows_and_columns(traced: Traced) -> tuple[int, int]:
    shape = traced.array.shape
    if traced.name == EACH_ROW:
        return shape[0], 1
    return (1, 1) if not shape else (1, shape[0]) if len(shape) == 1 else (shape[0], shape[1])
