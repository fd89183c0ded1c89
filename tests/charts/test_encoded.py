"""The helpers that read specifications see a missing column."""

import altair as alt
import pyarrow as pa
import pytest

from tests.charts.encoded import assert_draws, fields, series_drawn

ROWS = alt.Chart(alt.NamedData("rows")).mark_point().encode(x="a:Q", tooltip=["b:N"], order=alt.Order("c:N"))


def test_fields_finds_encodings_tooltips_conditions_and_filters():
    chart = ROWS.encode(color=alt.condition(alt.datum.d > 1, alt.value("red"), alt.value("blue")))
    chart = chart.transform_filter(alt.datum["e"] == "x").transform_filter(alt.FieldOneOfPredicate("f", ["p", "q"]))
    assert fields(chart.to_dict()) == set("abcdef")
    assert series_drawn(chart.to_dict()) == {"p", "q"}


def test_a_missing_column_is_seen():
    with pytest.raises(AssertionError):
        assert_draws(ROWS.to_dict(), pa.table({"a": [1], "b": ["x"]}))
