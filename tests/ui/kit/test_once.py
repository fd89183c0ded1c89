"""A chart's message and the theme are those that Streamlit would make by itself."""

import pyarrow as pa
import pytest
import streamlit as st
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.testing.v1 import AppTest

from mbgd.charts.train.loss import loss_chart
from mbgd.ui.kit import once
from mbgd.ui.kit.draw import specification

TABLE = pa.table({"series": ["frame"], "x": [0.0], "y": [1.0]})


def shown(as_sent: str | None, height: int | str) -> bytes:
    """The element that a page with one chart sends."""

    def page(as_sent, height):
        from mbgd.ui.kit.once import show_chart
        from tests.ui.kit.test_once import TABLE, spec

        show_chart(TABLE, spec(), as_sent, alt="a loss", height=height)

    at = AppTest.from_function(page, args=(as_sent, height)).run()
    assert not at.exception
    (element,) = at.get("vega_lite_chart")
    return element.proto.SerializeToString(deterministic=True)


def spec() -> dict:
    return specification(loss_chart, ("epochs", False, "cross-entropy"))


@pytest.mark.parametrize("height", [320, "stretch", "content"])
def test_a_chart_sent_with_a_ready_specification_is_the_one_that_streamlit_sends(height):
    ready = once.specification_as_sent(spec())
    assert ready
    assert shown(ready, height) == shown(None, height)


def test_a_ready_specification_spares_streamlit_the_work(monkeypatch):
    monkeypatch.setattr("streamlit.elements.vega_charts._stabilize_vega_json_spec", lambda _: pytest.fail("again"))
    shown('{"mark": "point"}', 320)


def test_another_version_of_streamlit_sends_charts_by_itself(monkeypatch):
    expected = shown(None, 320)
    monkeypatch.delattr("streamlit.elements.lib.layout_utils.LayoutConfig", raising=True)
    assert shown('{"mark": "point"}', 320) == expected
    monkeypatch.delattr("streamlit.elements.vega_charts._stabilize_vega_json_spec")
    assert once.specification_as_sent(spec()) is None


def test_a_streamlit_that_reads_no_arrow_gets_a_table_of_pandas(monkeypatch):
    converted = []
    convert = once.dataframe_util.convert_anything_to_arrow_bytes
    monkeypatch.setattr(once, "STAND_IN", True)
    monkeypatch.setattr(
        once.dataframe_util, "convert_anything_to_arrow_bytes", lambda table: converted.append(table) or convert(table)
    )
    shown(once.specification_as_sent(spec()), 320)
    (table,) = converted
    assert table.equals(TABLE.to_pandas())


def test_the_theme_is_the_one_of_the_configuration_and_is_read_once(monkeypatch):
    once.fill_themes_from_memory()
    filled = app_session._populate_theme_msg
    section = "theme.dark"
    st.get_option(f"{section}.primaryColor")
    by_streamlit, from_memory = CustomThemeConfig(), CustomThemeConfig()
    getattr(filled, once.FILLED)(by_streamlit, section)
    filled(from_memory, section)
    assert from_memory == by_streamlit
    monkeypatch.setattr("streamlit.config.get_options_for_section", lambda _: pytest.fail("read again"))
    again = CustomThemeConfig()
    filled(again, section)
    assert again == by_streamlit
    once.fill_themes_from_memory()
    assert app_session._populate_theme_msg is filled
