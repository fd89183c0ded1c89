"""What the charts share: layers over one table, each drawing the rows of its own series; colours and axes."""

import json
from collections.abc import Callable, Sequence
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
X_AXES = {
    "updates": "updates done",
    "epochs": "epochs done",
    "samples": "rows seen (each epoch counts them anew)",
    "seconds": "seconds spent computing updates",
}
FRAME = "frame"  # rows that draw nothing but hold the ends of the axes
LOSS_NAMES = {"mse": "mean squared error", "cross_entropy": "cross-entropy"}  # of the engine's losses, as pages say it
CLASS_COLOURS = [BLUE, VERMILLION, GREEN, "#CC79A7", "#E69F00", "#56B4E9"]
CLASS_SHAPES = ["circle", "triangle-up", "square", "diamond", "cross", "triangle-down"]


def only(rows: alt.Chart, *series: str) -> alt.Chart:
    """The rows whose column `series` is one of these."""
    # Compared one by one: the browser interprets the filter for every row, and membership in a list takes it longer.
    return rows.transform_filter(" || ".join(f"datum.series === {json.dumps(name)}" for name in series))


def frame(rows: alt.Chart) -> alt.Chart:
    """The rows that hold the ends of the axes."""
    return only(rows, FRAME).mark_point(opacity=0)


def layered(*layers: alt.Chart, height: int = HEIGHT) -> alt.LayerChart:
    """Charts over the same axes, the first one lowest."""
    return alt.LayerChart(layer=list(layers), height=height)


def tip(title: str, field: str) -> alt.Tooltip:
    """A tooltip line for a quantity under its title."""
    return alt.Tooltip(f"{field}:Q", title=title, format=",.4~g")


def stacked(columns: Sequence[str], blocks: Sequence[tuple]) -> pa.Table:
    """Blocks of rows as one table. For each column a block has an array (rows,), or one text for all its rows."""
    lengths = [next(len(values) for values in block if not isinstance(values, str)) for block in blocks]

    def column(i: int) -> np.ndarray:
        parts = [block[i] for block in blocks]
        if all(isinstance(values, str) for values in parts):
            return np.repeat(parts, lengths)
        return np.concatenate(parts)

    return pa.table({name: column(i) for i, name in enumerate(columns)})


class Picture(NamedTuple):
    """A chart's builder with its arguments, the rows it draws now, its heading and a description in words."""

    chart: Callable[..., alt.LayerChart]
    arguments: tuple
    table: pa.Table
    heading: str
    description: str
