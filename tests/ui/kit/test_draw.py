"""Specifications of charts: their words have the ink of the theme, and their legends fit."""

import json

import altair as alt
from streamlit.testing.v1 import AppTest

from mbgd.ui.kit.draw import caption_lines, specification
from tests.charts.encoded import caption_of
from tests.pages.app import healthy

NAMES = ["Adelie", "Chinstrap", "Gentoo"]


def chart(orient: str) -> alt.LayerChart:
    colour = alt.Color("series:N", scale=alt.Scale(domain=NAMES), legend=alt.Legend(orient=orient))  # pyright: ignore
    points = alt.Chart(alt.NamedData("rows")).mark_point().encode(x="x:Q", color=colour)
    return alt.LayerChart(layer=[points])


def legend(orient: str) -> dict:
    return specification(chart, (orient,))["encoding"]["color"]["legend"]


def test_a_legend_above_a_chart_has_as_many_columns_as_fit():
    assert "width" in legend("top")["columns"]["expr"]
    assert "columns" not in legend("right")


def test_what_all_layers_of_a_chart_have_in_common_is_stated_once():
    def layers() -> alt.LayerChart:
        rows = alt.Chart(alt.NamedData("rows")).encode(x="x:Q", y="y:Q")
        return alt.layer(rows.mark_line(), rows.mark_point().encode(x="x2:Q", size="s:Q"))

    spec = specification(layers, ())
    assert list(spec["encoding"]) == ["y"]
    assert [list(layer["encoding"]) for layer in spec["layer"]] == [["x"], ["size", "x"]]


def test_a_caption_is_part_of_the_picture_in_lines_that_fit_a_phone():
    spec = specification(
        chart, ("top",), "spiral, B = 16, rate 0.2 · blue: training rows · orange, dashed: validation rows"
    )
    lines = caption_of(spec)
    assert " ".join(lines).endswith("validation rows")
    assert len(lines) == 2
    assert max(map(len, lines)) <= 62
    assert any("B\xa0=\xa016" in line for line in lines)
    (_, second) = caption_lines(57 * "x" + " · B = 16")
    assert second == "B\xa0=\xa016"
    assert "title" not in specification(chart, ("top",))


def test_the_words_of_a_chart_have_another_ink_in_the_dark_theme():
    light, dark = (specification(chart, ("top",), dark=theme)["config"] for theme in (False, True))
    for words in ("axis", "legend"):
        assert light[words]["labelColor"] != dark[words]["labelColor"]


def test_a_title_is_no_longer_than_its_axis():
    assert specification(chart, ("top",))["config"]["axisY"]["titleLimit"] == {"expr": "height"}


def a_page():
    import altair as alt
    import pyarrow as pa
    import streamlit as st

    from mbgd.charts.layers import tip
    from mbgd.ui.kit.draw import SETTINGS, charts_of, draw

    def chart():
        points = alt.Chart(alt.NamedData("rows")).mark_point().encode(x="x:Q", y="y:Q", tooltip=[tip("loss", "y")])
        return alt.LayerChart(layer=[points])

    st.session_state[SETTINGS] = "seed 7"
    table = pa.table({"x": [1.0, 2.0], "y": [0.5, 0.25]})
    draw(chart, (), table, key="now", alt="", caption="The loss")
    with charts_of("seed 3", stands=True):
        draw(chart, (), table, key="then", alt="", caption="The loss")
    with charts_of("seed 3", stands=False):
        draw(chart, (), table, key="running", alt="", caption="The loss")
    draw(chart, (), table, key="own", alt="", caption="The loss, seed 5", explained=True)


def test_a_saved_picture_names_the_settings_of_its_result_and_its_numbers_are_below_it():
    at = AppTest.from_function(a_page)
    at.session_state["numbers_then"] = True
    at = healthy(at.run())
    captions = [" ".join(caption_of(json.loads(chart.proto.spec))) for chart in at.get("vega_lite_chart")]
    assert captions == ["The loss · seed 7", "The loss · seed 3", "The loss · seed 3", "The loss, seed 5"]
    folds = [panel.proto.id.rpartition("-")[2] for panel in at.expander]
    assert folds == ["numbers_now", "numbers_then"]  # none during a run
    assert at.dataframe[0].value.to_dict("list") == {"loss": [0.5, 0.25]}


def test_another_caption_or_theme_does_not_build_a_chart_again():
    built = []

    def counted() -> alt.LayerChart:
        built.append(1)
        return chart("top")

    drawn = [specification(counted, (), caption, dark) for caption in ("", "B = 16", "B = 1") for dark in (False, True)]
    assert len(built) == 1
    assert "title" not in drawn[0]
    assert caption_of(drawn[2]) == ["B\xa0=\xa016"]


def test_in_a_low_window_a_caption_leaves_its_room_to_the_curves():
    def tall() -> alt.LayerChart:
        return chart("top").properties(height=350)

    expression = specification(tall, (), "B = 16")["title"]["text"]["expr"]
    assert expression.startswith("containerSize()[1] < 280 ? '' : ")
    assert caption_of(specification(tall, (), "B = 16")) == ["B\xa0=\xa016"]
