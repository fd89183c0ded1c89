"""Specifications of charts: their words have the ink of the theme, and their legends fit."""

import altair as alt

from mbgd.ui.kit.draw import specification

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
    lines = spec["title"]["text"]
    assert " ".join(lines).endswith("validation rows")
    assert len(lines) == 2
    assert max(map(len, lines)) <= 62
    assert "title" not in specification(chart, ("top",))


def test_the_words_of_a_chart_have_another_ink_in_the_dark_theme():
    light, dark = (specification(chart, ("top",), dark=theme)["config"] for theme in (False, True))
    for words in ("axis", "legend"):
        assert light[words]["labelColor"] != dark[words]["labelColor"]


def test_a_title_is_no_longer_than_its_axis():
    assert specification(chart, ("top",))["config"]["axisY"]["titleLimit"] == {"expr": "height"}
