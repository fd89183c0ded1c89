"""Charts that are built once and then get new rows only: no flicker in the browser, about a millisecond per draw."""

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
    # Streamlit's theme replaces Altair's configuration, and Streamlit's table replaces the named one.
    spec = {key: value for key, value in spec.items() if key not in ("config", "data", "$schema")}
    # A canvas takes a third of the time of a thousand SVG elements. A screen reader can't read single points in a
    # canvas, so they get no descriptions, which would be written again at each draw: the whole chart has its `alt`.
    return spec | {"usermeta": {"embedOptions": {"renderer": "canvas"}}, "config": {"aria": False}}


def draw(chart: Callable[..., alt.LayerChart], arguments: tuple, table: pa.Table, *, key: str, alt: str) -> None:
    """Show `table` in the chart that `chart(*arguments)` builds."""
    with st.container(key=key):
        st.vega_lite_chart(table, specification(chart, arguments), alt=alt)


def draw_picture(picture: Picture, key: str) -> None:
    """Show a picture."""
    draw(picture.chart, picture.arguments, picture.table, key=key, alt=picture.description)
