"""The cost of an update with each trick: bars of microseconds, the saving of each trick, and the products alone."""

from itertools import pairwise

import altair as alt
import numpy as np
import pyarrow as pa

from mbgd.charts.layers import BLUE, FRAME, GREEN, frame, layered, only
from mbgd.charts.loop import INK, NOTE, NOTHING_YET, TABLE
from mbgd.charts.words import in_microseconds
from mbgd.experiments.under_the_hood.tricks import TRICKS
from mbgd.experiments.under_the_hood.update_costs import Costs

ON, OFF, FLOOR = "switched on", "not switched on", "products"
NAMES = [*(f"{number} {name}" for number, name in enumerate(TRICKS)), "products alone"]
ROW = 56  # pixels per bar with its two lines of words


def saved(before: float, after: float) -> str:
    """The saving of a trick as text: the microseconds saved, and how many times faster."""
    sign = "−" if after <= before else "+"
    return f"{sign}{in_microseconds(abs(before - after))}, ×{before / after:.2f}"


def costs_table(costs: Costs | None, tricks_on: int) -> pa.Table:
    """The table of costs_chart: one bar per trick, its microseconds, and two lines of words."""
    if costs is None or np.isnan(costs.seconds[0]).any():
        rows = [(FRAME, name, 0.0, "", "") for name in NAMES]
        rows += [(FRAME, NAMES[0], 1.0, "", ""), (NOTE, NAMES[3], 0.5, NOTHING_YET, "")]
    else:
        us, floor = costs.microseconds, costs.floor
        gains = ["", *(saved(before, after) for before, after in pairwise(us))]
        rows = [
            (ON if number <= tricks_on else OFF, NAMES[number], float(us[number]), in_microseconds(us[number]), gain)
            for number, gain in enumerate(gains)
        ]
        rows.append(
            (
                FLOOR,
                NAMES[-1],
                floor,
                in_microseconds(floor),
                f"variant {len(TRICKS) - 1} takes {us[-1] / floor:.2f} times that",
            )
        )
        rows.append((FRAME, NAMES[0], 1.8 * float(us.max()), "", ""))
    columns = zip(*rows, strict=True)
    return pa.table(dict(zip(("series", "trick", "microseconds", "label", "gain"), columns, strict=True)))


def costs_chart() -> alt.LayerChart:
    """Bars of microseconds per update: full colour if the trick is on; the matrix products alone also as a line."""
    y = alt.Y("trick:N", sort=NAMES, title=None, axis=alt.Axis(labelLimit=190, labelFontSize=13, ticks=False))
    x = alt.X("microseconds:Q", title="µs per update", scale=alt.Scale(nice=False), axis=alt.Axis(tickCount=5))
    rows = alt.Chart(alt.NamedData(TABLE)).encode(x=x, y=y)
    tips = ["trick:N", alt.Tooltip("label:N", title="per update"), alt.Tooltip("gain:N", title="saves")]
    measured = only(rows, ON, OFF, FLOOR)
    words = {"align": "left", "dx": 6, "color": INK}
    return layered(
        frame(rows),
        only(rows, ON).mark_bar(height=28, color=BLUE).encode(tooltip=tips),
        only(rows, OFF).mark_bar(height=28, fill=BLUE, fillOpacity=0.3, stroke=BLUE).encode(tooltip=tips),
        only(rows, FLOOR).mark_bar(height=28, color=GREEN).encode(tooltip=tips),
        only(rows, FLOOR)
        .mark_rule(strokeDash=[5, 4], strokeWidth=2, color=GREEN)
        .encode(y=alt.value(0), y2=alt.value("height")),
        measured.mark_text(**words, dy=-8, fontSize=14, fontWeight="bold").encode(text="label:N"),
        measured.mark_text(**words, dy=9, fontSize=12).encode(text="gain:N"),
        only(rows, NOTE).mark_text(fontSize=14, color=INK).encode(text="label:N"),
        height=ROW * len(NAMES),
    )
