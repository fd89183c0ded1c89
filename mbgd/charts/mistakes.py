"""The loss of the correct and the broken run, and the gauge of the learning rate."""

import altair as alt
import numpy as np
import pyarrow as pa

from mbgd.charts.layers import BLUE, FRAME, GREEN, GREY, VERMILLION, frame, layered, only, stacked, tip
from mbgd.charts.thinning import thin
from mbgd.experiments.mistakes.side_by_side import Side, SideBySide
from mbgd.experiments.mistakes.stability import ZONES, Edge

TABLE = "mistakes"
RIGHT, BROKEN, THIRD, CONSTANT = "right", "broken", "third", "constant"
EXPLODED, END, HINT = "exploded", "end", "hint"
HEIGHT = 310  # pixels
MOST_GROWTH = 1e4  # times the first loss: the top of the chart if a run diverges
NAME_WIDTH = 0.3  # of the width of the chart, which a curve's name takes at its end
LEAST = 1e-34  # the lowest bottom of the chart, where an exact 0 stands

RATE = "rate"
ZONE_COLOURS = ["#9ADBC5", "#F5D48A", "#F0B48F"]  # light enough for dark text in both themes
GAUGE_TABLE = "gauge"
GAUGE_HEIGHT = 125  # with its axis


def sides_table(result: SideBySide | None) -> pa.Table:
    """The table of sides_chart. Its columns are x (updates), loss, y (the loss, limited to the axis), series, side,
    label, half, line and name_at, the height of a curve's name.

    half says where x is in the chart: "left", "middle" or "right". The labels at the curves' ends are the result's
    names. line 0 is above a curve's end, line 1 below it. For runs that diverge, the lines are counted downwards.
    """
    rows: list[tuple[str, str, str, np.ndarray, np.ndarray]] = []
    bottom, top, total = 0.1, 1.0, 100.0
    if result:
        sides = [(RIGHT, result.right), (BROKEN, result.broken)] + [(THIRD, result.third)] * (result.third is not None)
        first = result.right.losses[0]
        losses = np.concatenate([[result.constant], *(side.losses for _, side in sides if side)])
        bottom = _decade(max(float(losses[losses > 0].min(initial=1.0)), LEAST), np.floor)
        bottom = bottom / 10 if losses.min() <= 0 else bottom  # an exact 0 stands below all others
        exploded = any(side and side.diverged for _, side in sides)
        top = _decade(first * MOST_GROWTH if exploded else max(float(losses.max()), bottom * 2), np.ceil)
        total = float(result.total)
        for (series, side), name in zip(sides, result.names, strict=False):
            rows += _curve(series, side, name, top)
        constant = np.full(3, result.constant)
        rows.append((CONSTANT, CONSTANT, "best constant", np.array([0.0, total / 2, total]), constant))
    else:
        rows.append(
            (HINT, "", "Press Run to draw both losses here", np.array([total / 2]), np.array([np.sqrt(bottom * top)]))
        )
    rows.append((FRAME, "", "", np.array([0.0, total]), np.array([bottom, top])))
    lines = _lines(rows)
    heights = [np.clip(_name_at(row, line, rows, total), bottom, top) for row, line in zip(rows, lines, strict=True)]
    extra = ((np.full(len(at), line), at) for line, at in zip(lines, heights, strict=True))
    blocks = [(*row, *more) for row, more in zip(rows, extra, strict=True)]
    table = stacked(("series", "side", "label", "x", "loss", "line", "name_at"), blocks)
    half = np.sign(table["x"].to_numpy() - total / 2).astype(int)  # -1, 0 or 1
    table = table.append_column("y", pa.array(np.clip(table["loss"].to_numpy(), bottom, top)))
    return table.append_column("half", pa.array(np.array(["left", "middle", "right"])[half + 1]))


def _curve(series: str, side: Side | None, name: str, top: float) -> list[tuple]:
    if side is None:
        return []
    kept = thin(side.losses)
    x, loss = side.updates[kept], side.losses[kept]
    if side.diverged is None:
        return [(series, series, name, x, loss), (END, series, name, x[-1:], loss[-1:])]
    inside = loss <= top  # the curve ends with a cross at the top of the chart
    at, above = np.append(x[~inside], float(side.diverged))[:1], np.array([top])
    label = f"{name} diverges: stopped at update {side.diverged:,}"
    return [
        (series, series, name, np.append(x[inside], at), np.append(loss[inside], above)),
        (EXPLODED, series, label, at, above),
    ]


def _lines(rows: list[tuple[str, str, str, np.ndarray, np.ndarray]]) -> list[int]:
    """The line of each label: the lowest curve has its label below its end, and each diverging run has its own line."""
    ends = [(loss[0], place) for place, (series, *_, loss) in enumerate(rows) if series == END]
    _, lowest = min(ends, default=(0.0, -1))
    lines, exploded = [], 0
    for place, (series, *_) in enumerate(rows):
        lines.append(exploded if series == EXPLODED else int(place == lowest))
        exploded += series == EXPLODED
    return lines


def _name_at(row: tuple, line: int, rows: list[tuple], total: float) -> np.ndarray:
    """The height of a curve's name: beyond the part of the curve that it would cover; of other rows, their own."""
    series, side, _, x, loss = row
    if series != END:
        return loss
    (near,) = [of[4][of[3] >= x[0] - NAME_WIDTH * total] for of in rows if of[0] == side]
    return np.array([near.min() if line else near.max()])


def _decade(value: float, rounding: np.ufunc) -> float:
    return float(10.0 ** rounding(np.log10(value)))


def sides_chart(loss_name: str) -> alt.LayerChart:
    """The chart of sides_table: the loss on a logarithmic axis against updates. `loss_name` is the axis title."""
    ticks = alt.Axis(tickCount=6, format=",.4~r", grid=False, labelFlush=True)
    x = alt.X("x:Q", title="updates done", scale=alt.Scale(nice=False), axis=ticks)
    # only powers of ten have labels
    y_axis = alt.Axis(format="~g", values=[10.0**power for power in range(-35, 16)], labelOverlap="greedy")
    y = alt.Y("y:Q", title=loss_name, scale=alt.Scale(type="log", nice=False), axis=y_axis)
    names, colours = [RIGHT, BROKEN, THIRD, CONSTANT], [BLUE, VERMILLION, GREEN, GREY]
    colour = alt.Color("side:N", scale=alt.Scale(domain=names, range=colours), legend=None)
    dashes = alt.StrokeDash(
        "side:N", scale=alt.Scale(domain=names, range=[[1, 0], [7, 4], [2, 3], [1, 4]]), legend=None
    )
    rows = alt.Chart(alt.NamedData(TABLE)).encode(x=x, y=y)

    hint = only(rows, HINT).mark_text(fontSize=14, color=GREY).encode(text="label:N")
    constant = only(rows, CONSTANT).mark_line(strokeWidth=1.5).encode(color=colour, strokeDash=dashes)
    text = {"align": "left", "fontSize": 12, "dx": 6}
    constant_text = (
        only(rows, CONSTANT).transform_filter("datum.half == 'middle'").mark_text(**text, dy=-13, color=GREY)
    )
    curves = only(rows, RIGHT, BROKEN, THIRD).mark_line(strokeWidth=2.5, clip=True)
    curves = curves.encode(color=colour, strokeDash=dashes)
    ends = only(rows, END).mark_point(filled=True, size=60, opacity=1).encode(color=colour)
    names_at_ends = [
        only(rows, END)
        .transform_filter(f"datum.line == {line} && datum.half {half}")
        .mark_text(align=alt.Align(align), fontSize=13, fontWeight="bold", dy=dy)
        .encode(text="label:N", color=colour, y="name_at:Q")
        for line, dy in enumerate((-13, 16))
        for half, align in (("== 'left'", "left"), ("!= 'left'", "right"))  # on the side with room for a name
    ]
    exploded = only(rows, EXPLODED)
    cross = exploded.mark_point(shape="cross", angle=45, filled=True, size=140, opacity=1).encode(color=colour)
    explosions = [
        exploded.transform_filter(f"datum.line == {line}")
        .mark_text(align="left", fontSize=13, fontWeight="bold", dx=12, dy=8 + 17 * line)
        .encode(text="label:N", color=colour)
        for line in range(3)
    ]
    hover = only(rows, RIGHT, BROKEN, THIRD).mark_point(size=90, opacity=0, filled=True)
    hover = hover.encode(tooltip=[alt.Tooltip("label:N", title="run"), tip("update", "x"), tip("loss", "loss")])
    named = constant_text.encode(text="label:N")
    return layered(
        frame(rows), hint, constant, named, curves, ends, *names_at_ends, cross, *explosions, hover, height=HEIGHT
    )


def gauge_table(edge: Edge, rate: float) -> pa.Table:
    """The table of gauge_chart: the zones from `start` to `end`, and the learning rate with its label."""
    low = min(rate, edge.edge_begins) / 4
    high = max(rate, edge.edge_ends) * 4
    bounds = [low, edge.edge_begins, edge.edge_ends, high]
    return pa.table(
        {
            "start": [*bounds[:3], rate],
            "end": [*bounds[1:], rate],
            "at": [low, float(np.sqrt(bounds[1] * bounds[2])), high, rate],
            "series": [*ZONES, RATE],
            "top": [0.55, 0.55, 0.55, 0.7],
            "bottom": [0.0] * 4,
            "label": [*ZONES, f"η = {rate:.4g}: {edge.zone(rate)}"],
        }
    )


def gauge_chart() -> alt.LayerChart:
    """The chart of gauge_table: a bar with three zones of the learning rate, and a marker at the one that is set."""
    scale = alt.Scale(type="log", nice=False)
    axis = alt.Axis(tickCount=5, format="~g", grid=False)
    x = alt.X("start:Q", title="learning rate η", scale=scale, axis=axis)
    height = alt.Y("top:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=None)
    rows = alt.Chart(alt.NamedData(GAUGE_TABLE))
    zones = only(rows, *ZONES)
    colour = alt.Color("series:N", scale=alt.Scale(domain=list(ZONES), range=ZONE_COLOURS), legend=None)
    said = [alt.Tooltip("series:N", title="zone"), tip("from η", "start"), tip("to η", "end")]
    bars = zones.mark_rect().encode(tooltip=said, x=x, x2="end:Q", y=height, y2="bottom:Q", color=colour)
    at = alt.X("at:Q", scale=scale)
    words = [  # at the outer ends, because the marker is rarely there
        only(rows, zone)
        .mark_text(align=alt.Align(align), fontSize=13, dx=dx, dy=14, color="#1A1A1A")
        .encode(x=at, y=height, text="label:N")
        for zone, align, dx in zip(ZONES, ("left", "center", "right"), (8, 0, -8), strict=True)
    ]
    marker = only(rows, RATE)
    line = marker.mark_rule(strokeWidth=3, color=BLUE).encode(x=at, y=height, y2="bottom:Q")
    name = marker.mark_text(fontSize=13, fontWeight="bold", color=BLUE, dy=-9).encode(x=at, y=height, text="label:N")
    return layered(bars, *words, line, name, height=GAUGE_HEIGHT)
