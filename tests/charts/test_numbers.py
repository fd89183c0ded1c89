"""The numbers of a chart to read: the columns that its tooltips name, without what only the drawing needs."""

import altair as alt
import numpy as np
import pyarrow as pa

from mbgd.charts.batch_sizes import STYLES
from mbgd.charts.layers import FRAME, frame, layered, only, tip
from mbgd.charts.mistakes import gauge_chart
from mbgd.charts.modes.race import race_chart
from mbgd.charts.numbers import numbers_of

TABLE = pa.table(
    {
        "series": [FRAME, FRAME, "seen", "seen", "expected"],
        "x": [0.0, 9.0, 1.0, 2.0, 3.0],
        "y": [0.0, 9.0, 0.5, 0.25, 0.1],
        "hover": [False, False, True, False, False],
    }
)


def spec() -> dict:
    rows = alt.Chart(alt.NamedData("rows")).encode(x="x:Q", y="y:Q")
    seen = only(rows, "seen").transform_filter("datum.hover").mark_point()
    expected = only(rows, "expected").mark_line().encode(tooltip=[tip("batch size", "x"), tip("predicted", "y")])
    return layered(frame(rows), seen.encode(tooltip=[tip("batch size", "x"), tip("measured", "y")]), expected).to_dict()


def test_the_columns_are_what_the_tooltips_say_and_every_point_has_its_row():
    numbers = numbers_of(spec(), TABLE)
    assert list(numbers) == ["batch size", "measured", "predicted"]
    assert numbers["batch size"].tolist() == [1.0, 2.0, 3.0]
    np.testing.assert_array_equal(numbers["measured"], [0.5, 0.25, np.nan])
    np.testing.assert_array_equal(numbers["predicted"], [np.nan, np.nan, 0.1])


def test_a_chart_without_points_has_no_numbers():
    assert numbers_of(spec(), TABLE.slice(0, 2)).empty
    assert numbers_of({"mark": "line"}, TABLE).empty


def test_charts_name_their_columns_in_words():
    race = race_chart("updates", True, True, "loss", ("B = 1",), (next(iter(STYLES)),)).to_dict()
    table = pa.table({"series": ["lane"], "lane": ["B = 1"]} | {n: [1.0] for n in ("x", "y", "loss", "low", "high")})
    for columns in (list(numbers_of(race, table)), [t["title"] for t in _tips(gauge_chart().to_dict())]):
        assert len(columns) >= 3
        assert not {"x", "y", "series", "lane", "start", "end"} & set(columns)


def _tips(spec: dict) -> list[dict]:
    return next(layer["encoding"]["tooltip"] for layer in spec["layer"] if "tooltip" in layer.get("encoding", {}))
