"""Charts as pictures to print: PNG and SVG, on white, with their title and settings below.

Altair's own engine, the package vl-convert-python, makes them. It works in a process of its own: for up to a second it
would hold up everything else in this one.
"""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from textwrap import wrap
from threading import Lock
from typing import Any, Literal

import altair as alt
import pyarrow as pa

Kind = Literal["png", "svg"]
INSTALL = "pip install -r requirements-figures.txt"
WIDTH = 460  # points: 16 cm, the width of a page of text
INCH = 300  # pixels per inch of a PNG
CAPTION_WIDTH, TITLE_WIDTH = 95, 70  # letters in a line
SECONDS = 60
MOST_ROWS = 200_000
INK = "#17212B"
RENDERER = Path(__file__).with_name("rendering.py")
CONFIG = {
    "background": "white",
    "font": "Liberation Sans, Arial, sans-serif",
    "view": {"stroke": None},
    "axis": {"labelColor": INK, "titleColor": INK, "gridColor": "#E3E8ED", "labelFontSize": 10, "titleFontSize": 11},
    "axisY": {"titleLimit": {"expr": "height"}},
    "legend": {"labelColor": INK, "titleColor": INK, "labelFontSize": 10, "titleFontSize": 11, "orient": "top"},
    "range": {"category": ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]},
}
BELOW = {
    "orient": "bottom",
    "anchor": "start",
    "offset": 10,
    "color": INK,
    "fontSize": 11,
    "subtitleColor": INK,
    "subtitleFontSize": 9,
    "subtitleFont": "DejaVu Sans, Liberation Sans, sans-serif",
    "subtitlePadding": 4,
}

_one_at_a_time = Lock()  # each takes a processor, and a hundred megabytes


def can_save() -> bool:
    """Whether the package that makes pictures is installed."""
    return find_spec("vl_convert") is not None


def figure(
    chart: Callable[..., alt.LayerChart], arguments: tuple, table: pa.Table, kind: Kind, *, title: str, caption: str
) -> bytes:
    """The chart `chart(*arguments)` over the table as a PNG of 300 pixels per inch, or as SVG.

    Raises RuntimeError with a sentence for the reader if that can't be done here.
    """
    if not can_save():
        raise RuntimeError(f"Pictures need one more package on the server: {INSTALL}.")
    if table.num_rows > MOST_ROWS:
        raise RuntimeError(f"The chart has {table.num_rows:,} rows; a picture has at most {MOST_ROWS:,}.")
    order = {"kind": kind, "spec": printed(chart, arguments, table, title, caption), "inch": INCH}
    order["version"] = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    with _one_at_a_time:
        try:
            done = subprocess.run(
                [sys.executable, "-I", str(RENDERER)],
                input=json.dumps(order).encode(),
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RuntimeError(f"The picture could not be made within {SECONDS} s: try again later.") from error
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines()
        raise RuntimeError(f"The picture could not be made: {reason[-1] if reason else 'no reason is known'}")
    return done.stdout


def printed(
    chart: Callable[..., alt.LayerChart], arguments: tuple, table: pa.Table, title: str, caption: str
) -> dict[str, Any]:
    """The specification of the chart as it is printed, with its rows."""
    spec = chart(*arguments).to_dict(validate=False)
    words = {"text": wrap(title, TITLE_WIDTH), "subtitle": wrap(caption, CAPTION_WIDTH, break_on_hyphens=False)}
    # No chart around this one: the expressions of some ask for its width and height by these names.
    return spec | {"data": {"values": _rows(table)}, "width": WIDTH, "config": CONFIG, "title": words | BELOW}


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    """The rows without what JSON can't say: NaN and infinite numbers are left out of a chart anyway."""
    return [
        {name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in row.items()}
        for row in table.to_pylist()
    ]
