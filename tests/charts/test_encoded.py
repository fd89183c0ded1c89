"""The helpers that read specifications see a missing column, and a series that no layer draws."""

import altair as alt
import pyarrow as pa
import pytest

from mbgd.charts.layers import FRAME, layered, only
from tests.charts.encoded import assert_draws, fields, series_drawn, series_named

ROWS = alt.Chart(alt.NamedData("rows")).mark_point().encode(x="a:Q", tooltip=["b:N"], order=alt.Order("c:N"))
LINES = alt.Chart(alt.NamedData("rows")).encode(x="x:Q", y="y:Q")
HOVER = only(LINES, "left", "right").mark_point(opacity=0)


def spec(*layers):
    return layered(*layers).to_dict()


def table(*series):
    return pa.table({"x": range(len(series)), "y": range(len(series)), "series": list(series)})


def test_fields_finds_encodings_tooltips_conditions_and_filters():
    chart = ROWS.encode(color=alt.condition(alt.datum.d > 1, alt.value("red"), alt.value("blue")))
    chart = chart.transform_filter(alt.datum["e"] == "x").transform_filter(alt.FieldOneOfPredicate("f", ["p", "q"]))
    assert fields(chart.to_dict()) == set("abcdef")


def test_a_missing_column_is_seen():
    with pytest.raises(AssertionError):
        assert_draws(ROWS.to_dict(), pa.table({"a": [1], "b": ["x"]}))


def test_the_series_of_a_filter_are_read_whatever_their_names():
    names = ["left", 'the "best" one', r"a\b", "B = 1,437", "η"]
    assert series_named(spec(only(LINES, *names).mark_line())) == set(names)


def test_a_layer_draws_the_series_that_all_its_filters_let_through():
    both = only(only(LINES, "left", "middle"), "middle", "right").mark_line()
    assert series_drawn(spec(both), table("left", "middle", "right")) == {"middle"}
    assert series_drawn(spec(LINES.mark_line()), table("left", "right")) == {"left", "right"}
    within = layered(only(LINES, "left", "right").mark_line())
    assert series_drawn(only(within, "left").to_dict(), table("left", "right")) == {"left"}


def test_a_chart_that_draws_every_series_of_its_table_passes():
    left, right = only(LINES, "left").mark_line(), only(LINES, "right").mark_line()
    frame = only(LINES, FRAME).mark_point(opacity=0)
    assert_draws(spec(frame, left, right, HOVER), table("left", "right", FRAME))
    assert_draws(spec(frame, left, right, HOVER), table("left", FRAME), table("right"))


@pytest.mark.parametrize(
    ("layers", "tables"),
    [
        pytest.param(["left"], [["left", "right"]], id="a series of the table that no layer draws"),
        pytest.param(["left"], [["left"], ["left", "right"]], id="a series of the second table alone"),
        pytest.param(["left", "right", "rihgt"], [["left", "right"]], id="a misspelt name"),
        pytest.param(["left", "right"], [["left"], ["left"]], id="a name that is in none of the tables"),
        pytest.param([], [["left", "right"]], id="series that only the layer for the pointer picks, unseen"),
    ],
)
def test_a_series_named_on_one_side_only_is_seen(layers, tables):
    chart = spec(*(only(LINES, name).mark_line() for name in layers), HOVER)
    with pytest.raises(AssertionError):
        assert_draws(chart, *(table(*series) for series in tables))


@pytest.mark.parametrize(
    "filter",
    [
        "datum.series == 'left'",
        "datum['series'] === 'left'",
        'datum.series === "left" && datum.y > 0',
        alt.FieldOneOfPredicate("series", ["left"]),
    ],
)
def test_a_filter_on_the_series_that_cannot_be_read_is_seen(filter):
    with pytest.raises(AssertionError, match="can't read"):
        assert_draws(spec(LINES.mark_line().transform_filter(filter)), table("left"))
