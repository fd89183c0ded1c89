"""Charts that are built once and then only sent new rows: no flicker in the browser, and a millisecond a draw."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import altair as alt
import pyarrow as pa
import streamlit as st

from mbgd.charts.layers import Picture


@lru_cache(maxsize=256)
def specification(chart: Callable[..., alt.LayerChart], arguments: tuple) -> dict[str, Any]:
    """The Vega-Lite specification of a chart over a named table, without the table."""
    spec = chart(*arguments).to_dict()
    # Streamlit's own theme takes the place of Altair's configuration, and its table that of the named one.
    spec = {key: value for key, value in spec.items() if key not in ("config", "data", "$schema")}
    # A canvas takes a third of the time that a thousand SVG elements take, and descriptions of each point, which
    # nobody can hear in a canvas, would be written at each draw: the chart as a whole has its `alt` instead.
    return spec | {"usermeta": {"embedOptions": {"renderer": "canvas"}}, "config": {"aria": False}}


def draw(chart: Callable[..., alt.LayerChart], arguments: tuple, table: pa.Table, *, key: str, alt: str) -> None:
    """Show `table` in the chart that `chart(*arguments)` builds."""
    with st.container(key=key):
        st.vega_lite_chart(table, specification(chart, arguments), alt=alt)


def draw_picture(picture: Picture, key: str) -> None:
    """Show a picture."""
    draw(picture.chart, picture.arguments, picture.table, key=key, alt=picture.description)
