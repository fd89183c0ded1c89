"""The map of a sweep, batch size × learning rate, and the curves of one of its cells."""

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite, log10, sqrt

import altair as alt
import numpy as np
import pyarrow as pa

from mbgd.charts.layers import BLUE, FRAME, GREY, HEIGHT, RAMP, VERMILLION, frame, layered, only, tip
from mbgd.charts.thinning import thin
from mbgd.charts.words import short
from mbgd.experiments.sweep.measures import Judge, Judged, best, best_of_rows
from mbgd.experiments.sweep.records import Cell
from mbgd.experiments.sweep.steps import Map

TABLE = "sweep"
CELL, SIGN, ROW_BEST, BEST, OPEN, LINE, EDGE = "cell", "sign", "best of its row", "best", "open", "ratio", "edge"
COLUMNS = ("series", "x", "x2", "y", "y2", "cx", "cy", "value", "text", "batch", "rate")
TIPS = ("median", "least", "most", "diverged")
PICKED = "picked"
DARK = "#1B242D"  # on the colours of the ramp, in both themes
CURVES = {"training": (BLUE, [1, 0]), "validation": (VERMILLION, [6, 4])}


def borders(values: Sequence[float]) -> list[float]:
    """The borders of cells around these rising values on a logarithmic axis: one more than there are values."""
    if len(values) == 1:
        return [values[0] / 2, values[0] * 2]
    between = [sqrt(low * high) for low, high in pairwise(values)]
    return [values[0] ** 2 / between[0], *between, values[-1] ** 2 / between[-1]]


def map_table(found: Map, cells: Sequence[Judged], judge: Judge, *, ratios: bool, edge: bool) -> pa.Table:
    """The table of map_chart: a rectangle for each cell, its text or sign, the rings, and the lines over it."""
    sizes, rates = sorted(found.grid.batch_sizes), sorted(found.grid.rates)
    ys, xs = borders(sizes), borders(rates)
    places = {
        (size, rate): (xs[j], xs[j + 1], ys[i], ys[i + 1])
        for i, size in enumerate(sizes)
        for j, rate in enumerate(rates)
    }
    by_key = {(one.cell.batch_size, one.cell.learning_rate): one for one in cells}
    rows = [
        _row(series, place, key, by_key.get(key), judge)
        for key, place in places.items()
        for series in _series_of(by_key.get(key))
    ]
    of_all = best(cells, judge)
    for one in best_of_rows(cells, judge).values():
        key = (one.cell.batch_size, one.cell.learning_rate)
        rows.append(_row(BEST if one is of_all else ROW_BEST, places[key], key, one, judge))
    if ratios and of_all:
        rows += _ratio_lines(of_all.cell, xs, ys)
    if edge and found.curvature:
        rows += _line(EDGE, [(2 / found.curvature, ys[0]), (2 / found.curvature, ys[-1])], "2/λ", xs)
    rows.append(_row(FRAME, (xs[0], xs[-1], ys[0], ys[-1]), (sizes[0], rates[0]), None, judge))
    rows.append(_row(FRAME, (xs[-1], xs[-1], ys[-1], ys[-1]), (sizes[0], rates[0]), None, judge))
    columns = (*COLUMNS, *TIPS)
    return pa.table(
        {
            name: pa.array([row[i] for row in rows], pa.string() if name in ("series", "text") else pa.float64())
            for i, name in enumerate(columns)
        }
    )


def _series_of(one: Judged | None) -> tuple[str, ...]:
    if one is None:
        return (OPEN,)
    return (SIGN,) if one.sign else (CELL,)


def _row(series: str, place: tuple, key: tuple[int, float], one: Judged | None, judge: Judge) -> tuple:
    x, x2, y, y2 = place
    text, value, tips = "", None, (None, None, None, None)
    if one:
        text = one.sign or (f"{one.median:.0%}" if judge.more_is_better else short(one.median) if one.median else "0")
        if series == BEST:
            text = "★"
        if not one.sign:
            value = one.median if judge.more_is_better else -log10(max(one.median, 1e-12))
        finite = [number if isfinite(number) else None for number in (one.median, one.least, one.most)]
        tips = (*finite, float(one.diverged))
    return (series, x, x2, y, y2, sqrt(x * x2), sqrt(y * y2), value, text, float(key[0]), key[1], *tips)


def _ratio_lines(cell: Cell, xs: list[float], ys: list[float]) -> list[tuple]:
    """Lines of constant learning rate ÷ batch size: through the best cell, and at 4 and 1/4 times its ratio."""
    rows = []
    for factor in (0.25, 1.0, 4.0):
        ratio = factor * cell.learning_rate / cell.batch_size
        low, high = max(ys[0], xs[0] / ratio), min(ys[-1], xs[-1] / ratio)
        if low < high:
            rows += _line(LINE, [(ratio * low, low), (ratio * high, high)], f"{factor:g}", xs)
    return rows


def _line(series: str, points: list[tuple[float, float]], text: str, xs: list[float]) -> list[tuple]:
    nothing = (None,) * (2 + len(TIPS))
    return [
        (series, x, x, y, y, x, y, None, text, *nothing) for x, y in points if xs[0] <= x * 1.000001 <= xs[-1] * 1.00001
    ]


def map_chart(sizes: tuple[int, ...], rates: tuple[float, ...], title: str, picks: bool = False) -> alt.LayerChart:
    """The map: light cells are better. ✕ and – are signs of cells without a value; rings mark the best ones.

    picks: a click on a cell picks it, under the name PICKED with its batch and rate.
    """
    log = {"type": "log", "nice": False}
    size = 9 if len(rates) > 8 else 12
    # On a phone, the cells may be too narrow for their numbers, which are also in the tooltips and below the chart.
    fits = alt.ExprRef(f"width / {len(rates)} < {3 * size} ? 0 : {size}")
    above = alt.ExprRef(f"6 - height / {2 * len(sizes)}")
    rows = alt.Chart(alt.NamedData(TABLE)).encode(
        x=alt.X("x:Q", title="learning rate η", scale=alt.Scale(**log), axis=_axis(rates, "~g")),
        y=alt.Y("y:Q", title="batch size B", scale=alt.Scale(**log), axis=_axis(sizes, "~d")),
    )
    box = {"x2": "x2:Q", "y2": "y2:Q"}
    tips = [
        tip("batch size", "batch"),
        tip("learning rate", "rate"),
        tip(f"{title}, median", "median"),
        tip("lowest", "least"),
        tip("highest", "most"),
        tip("runs that diverged", "diverged"),
    ]
    ramp = alt.Scale(range=list(RAMP), nice=False, zero=False)
    cells = only(rows, CELL).mark_rect(stroke="white", strokeWidth=1)
    cells = cells.encode(**box, color=alt.Color("value:Q", scale=ramp, legend=None), tooltip=tips)
    none = only(rows, SIGN).mark_rect(fill=GREY, fillOpacity=0.15, stroke=GREY, strokeWidth=0.5)
    none = none.encode(**box, tooltip=tips)
    if picks:
        picked = alt.selection_point(name=PICKED, fields=["batch", "rate"], toggle=False)
        cells = cells.properties(name="cells").add_params(picked)
        none = none.properties(name="signs").add_params(picked)
    waiting = only(rows, OPEN).mark_rect(fillOpacity=0, stroke=GREY, strokeWidth=0.5, strokeDash=[2, 3]).encode(**box)
    middle = {"x": "cx:Q", "y": "cy:Q", "text": "text:N"}
    words = only(rows, CELL).mark_text(fontSize=fits, color=DARK).encode(**middle)
    signs = only(rows, SIGN).mark_text(fontSize=16, color=GREY, fontWeight="bold").encode(**middle)
    ring = only(rows, ROW_BEST).mark_rect(fillOpacity=0, stroke=BLUE, strokeWidth=3).encode(**box)
    ring_of_all = only(rows, BEST).mark_rect(fillOpacity=0, stroke=VERMILLION, strokeWidth=5).encode(**box)
    star = only(rows, BEST).mark_text(fontSize=12, dy=above, color=DARK).encode(**middle)
    lines = (
        only(rows, LINE).mark_line(strokeDash=[6, 4], strokeWidth=2, opacity=0.6, color=DARK).encode(detail="text:N")
    )
    edge = only(rows, EDGE).mark_line(strokeWidth=3, color=VERMILLION, strokeDash=[2, 2]).encode(detail="text:N")
    layers = (frame(rows), waiting, none, cells, lines, edge, words, signs, ring, ring_of_all, star)
    return layered(*layers, height=HEIGHT)


def _axis(values: Sequence[float], form: str) -> alt.Axis:
    return alt.Axis(values=list(values), format=form, grid=False, labelOverlap=True)


def curves_table(cell: Cell) -> pa.Table:
    """The table of curves_chart: x (updates), loss, series (training or validation) and seed, where it is finite."""
    parts = []
    for run in cell.runs:
        for series, losses in (("training", run.train_loss), ("validation", run.val_loss)):
            seen = np.isfinite(losses)
            kept = thin(losses[seen])
            parts += [
                (series, float(x), float(loss), f"{run.seed}")
                for x, loss in zip(run.update[seen][kept], losses[seen][kept], strict=True)
            ]
    return pa.table(
        {
            "series": pa.array([part[0] for part in parts], pa.string()),
            "x": pa.array([part[1] for part in parts], pa.float64()),
            "loss": pa.array([part[2] for part in parts], pa.float64()),
            "seed": pa.array([part[3] for part in parts], pa.string()),
        }
    )


def curves_chart(loss_name: str) -> alt.LayerChart:
    """The losses of a cell's runs over their updates, a line for each seed."""
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", symbolSize=400)
    colours, dashes = zip(*CURVES.values(), strict=True)
    rows = alt.Chart(alt.NamedData(TABLE)).encode(
        x=alt.X("x:Q", title="updates done", scale=alt.Scale(nice=False), axis=alt.Axis(tickCount=5, grid=False)),
        y=alt.Y("loss:Q", title=loss_name, scale=alt.Scale(zero=True)),
        detail="seed:N",
    )
    lines = rows.mark_line(strokeWidth=2).encode(
        color=alt.Color("series:N", scale=alt.Scale(domain=list(CURVES), range=list(colours)), legend=legend),
        strokeDash=alt.StrokeDash("series:N", scale=alt.Scale(domain=list(CURVES), range=list(dashes)), legend=legend),
    )
    hover = rows.mark_point(size=90, opacity=0, filled=True)
    hover = hover.encode(tooltip=["series:N", "seed:N", tip("updates done", "x"), tip("loss", "loss")])
    return layered(lines, hover, height=HEIGHT - 90)
