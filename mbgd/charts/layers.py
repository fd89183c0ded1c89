"""What the charts share: layers over one table, each drawing the rows of its own series."""

import json

import altair as alt

HEIGHT = 350  # pixels, of every chart on the first screen
BLUE, VERMILLION, GREEN, GREY = (
    "#1B86C4",
    "#D55E00",
    "#009E73",
    "#7F93A8",
)  # after Okabe and Ito


def only(rows: alt.Chart, *series: str) -> alt.Chart:
    """The rows whose column `series` is one of these."""
    # Compared one by one: the browser interprets the filter for every row, and membership in a list takes it longer.
    return rows.transform_filter(" || ".join(f"datum.series === {json.dumps(name)}" for name in series))


def layered(*layers: alt.Chart, height: int = HEIGHT) -> alt.LayerChart:
    """Charts over the same axes, the first one lowest."""
    return alt.LayerChart(layer=list(layers), height=height)


def tip(title: str, field: str) -> alt.Tooltip:
    """A tooltip line for a quantity under its title."""
    return alt.Tooltip(f"{field}:Q", title=title, format=",.4~g")
