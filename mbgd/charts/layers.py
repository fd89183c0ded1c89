"""Helpers of all charts: layers over one table, each of which draws the rows of its own series; colours and axes."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import altair as alt
import numpy as np
import pyarrow as pa

HEIGHT = 350  # pixels, of every chart on the first screen
BLUE, VERMILLION, GREEN, GREY = (
    "#1B86C4",
    "#D55E00",
    "#009E73",
    "#7F93A8",
)  # after Okabe and Ito
# From low to high values, each lighter than the one before: without colour, low is dark and high is light.
RAMP = ("#6EA0CD", "#C4C4C0", "#FFDDA8")
X_AXES = {
    "updates": "updates done",
    "epochs": "epochs done",
    "samples": "rows seen (each epoch counts all rows again)",
    "seconds": "seconds spent computing updates",
}
AXIS_NAMES = {"updates": "updates", "epochs": "epochs", "samples": "rows", "seconds": "seconds"}  # of their buttons
FRAME = "frame"  # rows that draw nothing but set the ends of the axes
LOSS_NAMES = {"mse": "mean squared error", "cross_entropy": "cross-entropy"}  # how pages name the losses
CLASS_COLOURS = [BLUE, VERMILLION, GREEN, "#CC79A7", "#E69F00", "#56B4E9"]
CLASS_SHAPES = ["circle", "triangle-up", "square", "diamond", "cross", "triangle-down"]


def only(rows: alt.Chart, *series: str) -> alt.Chart:
    """The rows with one of these names in the column `series`."""
    # Compared one by one: the browser evaluates the filter for every row, and a search in a list takes longer.
    return rows.transform_filter(" || ".join(f"datum.series === {json.dumps(name)}" for name in series))


def frame(rows: alt.Chart) -> alt.Chart:
    """The layer that sets the ends of the axes, without drawing anything."""
    return only(rows, FRAME).mark_point(opacity=0)


def layered(*layers: alt.Chart, height: int = HEIGHT) -> alt.LayerChart:
    """Charts over the same axes; the first one is drawn first, below the others."""
    return alt.LayerChart(layer=list(layers), height=height)


# The label of an axis: numbers of so many digits that they would be cut are written with a power of ten.
SHORT_LABEL = (
    "abs(datum.value) >= 1e9 || (datum.value != 0 && abs(datum.value) < 1e-6) || length(datum.label) > 12"
    " ? format(datum.value, '.9~g') : datum.label"
)


def tip(title: str, field: str, digits: int = 4) -> alt.Tooltip:
    """A tooltip line: the title and the value of a quantity."""
    return alt.Tooltip(f"{field}:Q", title=title, format=f",.{digits}~g")


def stacked(columns: Sequence[str], blocks: Sequence[tuple]) -> pa.Table:
    """One table of blocks of rows. A block has for each column an array (rows,), or one text for all its rows."""
    lengths = [next(len(values) for values in block if not isinstance(values, str)) for block in blocks]

    def column(i: int) -> np.ndarray | pa.Array:
        parts = [block[i] for block in blocks]
        return texts(parts, lengths) if all(isinstance(part, str) for part in parts) else np.concatenate(parts)

    return pa.table({name: column(i) for i, name in enumerate(columns)})


def texts(parts: Sequence[str], lengths: Sequence[int]) -> pa.DictionaryArray:
    """A column that has each text in so many rows. Each different text is sent to the browser once."""
    codes = {text: code for code, text in enumerate(dict.fromkeys(parts))}
    return pa.DictionaryArray.from_arrays(
        pa.array(np.repeat(np.array([codes[part] for part in parts], dtype=np.int16), lengths)), words(*codes)
    )


@lru_cache(maxsize=1024)
def words(*texts: str) -> pa.Array:
    """These texts as an array. To make it anew would take a third of the time of a table."""
    return pa.array(texts, pa.string())


class Picture(NamedTuple):
    """The function that builds a chart, its arguments, the rows to draw now, and a description in words."""

    chart: Callable[..., alt.LayerChart]
    arguments: tuple
    table: pa.Table
    description: str
