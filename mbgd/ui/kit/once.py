"""What Streamlit works out anew at each redraw, though it never changes, is worked out once.

With thirty learners, a third of the time of a redraw went into it: each chart's specification was written as JSON, read
and searched, and the colours of the theme were read from the configuration. If another version of Streamlit is built
differently, it does all of this by itself, as before.
"""

import json
from functools import lru_cache
from typing import Any

import pyarrow as pa
import streamlit as st
from google.protobuf.message import Message
from streamlit import dataframe_util
from streamlit.elements import vega_charts
from streamlit.elements.lib import layout_utils
from streamlit.proto.VegaLiteChart_pb2 import VegaLiteChart
from streamlit.runtime import app_session

from mbgd.charts import STAND_IN
from mbgd.ui.kit.versions import known

FILLED = "mbgd_fills_from_memory"
DESCRIBED = "alt" in VegaLiteChart.DESCRIPTOR.fields_by_name  # not in Streamlit 1.62


def specification_as_sent(spec: dict[str, Any]) -> str | None:
    """The specification of a chart as wide as its place, as Streamlit sends it: JSON. None: another version."""
    try:
        prepared = vega_charts._prepare_vega_lite_spec(spec, use_container_width=True)
        return vega_charts._stabilize_vega_json_spec(json.dumps(prepared))
    except (AttributeError, TypeError):
        return None


def show_chart(table: pa.Table, spec: dict[str, Any], as_sent: str | None, *, alt: str, height: Any) -> None:
    """What st.vega_lite_chart(table, spec) does. as_sent: the specification as JSON; None: Streamlit writes it."""
    send = getattr(getattr(st.vega_lite_chart, "__self__", None), "_enqueue", None)
    layout = getattr(layout_utils, "LayoutConfig", None)
    to_bytes = getattr(dataframe_util, "convert_anything_to_arrow_bytes", None)
    rows = table.to_pandas() if STAND_IN else table
    if not (as_sent and send and layout and to_bytes):
        st.vega_lite_chart(rows, spec, height=height, **known(st.vega_lite_chart, alt=alt))
        return
    chart = VegaLiteChart(spec=as_sent, theme="streamlit")
    if DESCRIBED:
        chart.alt = alt
    chart.data.data = to_bytes(rows)
    send("vega_lite_chart", chart, layout_config=layout(width="stretch", height=height))


def fill_themes_from_memory() -> None:
    """From now on, read each part of the theme from the configuration once, not at each redraw."""
    fill = getattr(app_session, "_populate_theme_msg", None)
    if fill is None or hasattr(fill, FILLED):
        return

    @lru_cache
    def part(of: type[Message], section: str) -> Message:
        message = of()
        fill(message, section)
        return message

    def from_memory(message: Message, section: str = "theme") -> None:
        message.MergeFrom(part(type(message), section))

    setattr(from_memory, FILLED, fill)
    app_session._populate_theme_msg = from_memory
