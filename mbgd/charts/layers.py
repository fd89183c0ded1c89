"""What the charts share: layers over one table, each drawing the rows of its own series; colours and axes."""

import json
from collections.abc import Callable
from typing import NamedTuple

import altair as alt
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
CLASS_COLOURS = [BLUE, VERMILLION, GREEN, "#CC79A7", "#E69F00", "#56B4E9"]
CLASS_SHAPES = ["circle", "triangle-up", "square", "diamond", "cross", "triangle-down"]


def only(rows: alt.Chart, *series: str) -> alt.Chart:
    """The rows whose column `series` is one of these."""
    # Compared one by one: the browser interprets the filter for every row, and membership in a list takes it longer.
    return rows.transform_filter(" || ".join(f"datum.series === {json.dumps(name)}" for name in series))


def layered(*layers: alt.Chart, height: int = HEIGHT) -> alt.LayerChart:
    """Charts over the same axes, the first one lowest."""
    return alt.LayerChart(layer=list(layers), height=height)


def tip(title: str, field: str) -> alt.Tooltip:
    """A tooltip line for a quantity under its title."""
    return alt.Tooltip(f"{field}:Q", title=title, format=",.4~g")


class Picture(NamedTuple):
    """A chart's builder with its arguments, the rows it draws now, its heading and a description in words."""

    chart: Callable[..., alt.LayerChart]
    arguments: tuple
    table: pa.Table
    heading: str
    description: str
