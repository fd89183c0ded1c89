"""The pictures of a gradient check: analytic against numerical derivatives, and the error at each h."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pyarrow as pa

from mbgd.charts.layers import BLUE, FRAME, GREEN, GREY, HEIGHT, VERMILLION, frame, layered, only, stacked, tip
from mbgd.engine.activations import ACTIVATIONS, Array
from mbgd.engine.network import Layer
from mbgd.experiments.gradient_check.check import STEP_SIZES, GradientCheck, step_name
from mbgd.experiments.gradient_check.verdict import Expected, is_right

TABLE = "gradient_check"
DIAGONAL, KINK = "diagonal", "kink"
LAYERS = [f"layer {number}" for number in range(1, 8)]
COLOURS = [BLUE, VERMILLION, GREEN, "#B07AA1", "#8C8B3E", "#5B8E8C", GREY]
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right"]
CROSSED_OUT = "M-1,-1L1,1M-1,1L1,-1"
ALL, SMOOTH, BEND, ROUNDING = "measured", "without kinks", "expected: h²", "expected: 1/h"
BEST, CHOSEN = "best", "chosen"
LINES = {ALL: (BLUE, [1, 0]), SMOOTH: (GREEN, [5, 4]), BEND: (GREY, [12, 4]), ROUNDING: (GREY, [4, 4])}
EXPECTED = (BEND, ROUNDING)
LEAST = 1e-16  # the bottom of the error axis, unless an error is even smaller
SQUARE = 430  # pixels, of the chart with the square plot
SIDE = "min(width, height)"  # of the square plot, as an expression


def scatter_table(check: GradientCheck | None, at: int) -> pa.Table:
    """The table of scatter_chart: numerical, analytic, series (a layer), name, error, switched; only axes before a run.

    `at` is the index of the step. A derivative whose step switches a unit has a second row, as a kink.
    """
    if check is None:
        a = n = error = np.empty(0)
        names, series, switched = np.empty(0, str), np.empty(0, str), np.empty(0, np.intp)
    else:
        a, n, error, switched = check.analytic, check.numerical[at], check.errors(at), check.switched[at]
        names, series = np.array(check.names), np.array(LAYERS)[check.layer - 1]
    kinks = np.flatnonzero(switched)
    order = np.concatenate([np.arange(len(a)), kinks])
    most = 1.05 * float(max(np.abs(n).max(initial=0.0), np.abs(a).max(initial=0.0))) or 1.0
    ends = np.array([-most, most])  # of both axes, and of the diagonal
    nothing = np.zeros(4)
    return pa.table(
        {
            "numerical": np.concatenate([n[order], ends, ends]),
            "analytic": np.concatenate([a[order], ends, ends]),
            "series": [*series, *[KINK] * len(kinks), *[DIAGONAL] * 2, *[FRAME] * 2],
            "name": [*names[order], *[""] * 4],
            "error": np.concatenate([error[order], nothing]),
            "switched": np.concatenate([switched[order], nothing.astype(np.intp)]),
        }
    )


def scatter_chart(layers: int) -> alt.LayerChart:
    """Derivatives by backpropagation against derivatives by differences. On the diagonal they are equal.

    Both axes have the same range, and the plot is the largest square for which there is room.
    """
    axis = alt.Axis(tickCount=5, format=".3~g")
    side, bottom, top = (alt.ExprRef(expr) for expr in (SIDE, "height", f"height - {SIDE}"))
    across, up = alt.Scale(nice=False, range=[0, side]), alt.Scale(nice=False, range=[bottom, top])
    rows = alt.Chart(alt.NamedData(TABLE)).encode(
        x=alt.X("numerical:Q", title="difference quotient", scale=across, axis=axis),
        y=alt.Y("analytic:Q", title="derivative from backpropagation", scale=up, axis=axis),
    )
    diagonal = only(rows, DIAGONAL).mark_line(strokeWidth=1.5, strokeDash=[6, 4], color=GREY)
    return layered(frame(rows), diagonal, *_points(rows, layers), height=SQUARE)


def apart_table(check: GradientCheck | None, at: int) -> pa.Table:
    """The table of apart_chart: as scatter_table without the diagonal, and y, the error limited to the axis."""
    table = scatter_table(check, at)
    table = table.filter(pa.array([series != DIAGONAL for series in table["series"].to_pylist()]))
    y = np.clip(table["error"].to_numpy(), LEAST, 1.0)
    y[-2:] = LEAST, 1.0  # the frame: the axis does not move when the step changes
    return table.append_column("y", pa.array(y))


def apart_chart(layers: int) -> alt.LayerChart:
    """Each parameter's relative error against its derivative. A step too small or too large moves the points up."""
    rows = alt.Chart(alt.NamedData(TABLE)).encode(
        x=alt.X(
            "analytic:Q",
            title="derivative from backpropagation",
            scale=alt.Scale(nice=False),
            axis=alt.Axis(tickCount=5, format=".3~g"),
        ),
        y=alt.Y(
            "y:Q",
            title="relative error",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(tickCount=8, format="~e"),
        ),
    )
    return layered(frame(rows), *_points(rows, layers), height=HEIGHT)


def _points(rows: alt.Chart, layers: int) -> tuple[alt.Chart, alt.Chart]:
    """One point per parameter, in the colour and shape of its layer; a cross over those that switch a unit."""
    names = LAYERS[:layers]
    legend = alt.Legend(title=None, orient="top", columns=4)
    points = only(rows, *names).mark_point(size=45, filled=True, opacity=0.75)
    points = points.encode(
        color=alt.Color("series:N", scale=alt.Scale(domain=names, range=COLOURS[:layers]), legend=legend),
        shape=alt.Shape("series:N", scale=alt.Scale(domain=names, range=SHAPES[:layers]), legend=legend),
        tooltip=[
            alt.Tooltip("name:N", title="parameter"),
            tip("from backpropagation", "analytic"),
            tip("difference quotient", "numerical"),
            alt.Tooltip("error:Q", title="relative error", format=".1e"),
            alt.Tooltip("switched:Q", title="ReLU units switched"),
        ],
    )
    kinks = only(rows, KINK).mark_point(shape=CROSSED_OUT, size=110, strokeWidth=1.5, color=GREY)
    return points, kinks


def error_table(check: GradientCheck | None, at: int) -> pa.Table:
    """The table of error_chart: h, error, series, label and y, the error limited to the axis.

    A complete check adds the expected branches. An error of exactly 0 stands at the bottom of the axis.
    """
    h = check.step_sizes if check else np.empty(0)
    lines: list[tuple[str, Array, Array]] = []
    words: dict[str, str] = {}
    if check and len(h):
        curve, smooth = check.curve(), check.curve(smooth=True)
        lines = [(ALL, h, curve), (CHOSEN, h[at : at + 1], curve[at : at + 1])]
        if check.switched.any():
            lines.append((SMOOTH, h, smooth))
        if len(h) == len(STEP_SIZES):
            expected = Expected(check)
            lines.append((ROUNDING, h, expected.rounding / h))
            if expected.curvature:
                lines.append((BEND, h, expected.curvature * h**2))
            if is_right(check):
                best = check.best
                lines.append((BEST, h[best : best + 1], curve[best : best + 1]))
                words[BEST] = f"best: h = {step_name(float(h[best]))}"
    smallest = min([LEAST, *(float(e[e > 0].min(initial=LEAST)) for name, _, e in lines if name in (ALL, SMOOTH))])
    lines.append((FRAME, np.array([min(STEP_SIZES), max(STEP_SIZES)]), np.array([smallest, 1.0])))
    drawn = []
    for name, x, e in lines:
        # what is expected outside the frame is left out, because it would stretch it
        kept = (e >= smallest) & (e <= 1) if name in EXPECTED else np.isfinite(e)
        drawn.append((name, words.get(name, ""), x[kept], e[kept]))
    table = stacked(("series", "label", "h", "error"), drawn)
    return table.append_column("y", pa.array(np.clip(table["error"].to_numpy(), smallest, 1.0)))


def error_lines(table: pa.Table) -> tuple[str, ...]:
    """The names of LINES that have a row in a table of error_chart."""
    drawn = set(table["series"].to_pylist())
    return tuple(name for name in LINES if name in drawn)


def measured_lines(layers: Sequence[Layer]) -> tuple[str, ...]:
    """The names of LINES that are measured during a check of this network. Those expected come at its end only."""
    return (ALL, SMOOTH) if any(ACTIVATIONS[layer.activation].has_kink for layer in layers) else (ALL,)


def error_chart(names: tuple[str, ...]) -> alt.LayerChart:
    """The relative error against h, both logarithmic, with these LINES; the best h is marked.

    The expected branches are broad and pale, below the measured lines.
    """
    axis = alt.Axis(tickCount=6, format="~e", grid=False)
    rows = alt.Chart(alt.NamedData(TABLE)).encode(
        x=alt.X("h:Q", title="h", scale=alt.Scale(type="log", nice=False), axis=axis),
        y=alt.Y(
            "y:Q",
            title="relative error",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(tickCount=8, format="~e"),
        ),
    )
    styles = [LINES[name] for name in names]
    legend = alt.Legend(title=None, orient="top", columns=2, symbolType="stroke", symbolSize=300, symbolOpacity=1)
    coloured = rows.encode(
        color=alt.Color(
            "series:N", scale=alt.Scale(domain=list(names), range=[colour for colour, _ in styles]), legend=legend
        ),
        strokeDash=alt.StrokeDash(
            "series:N", scale=alt.Scale(domain=list(names), range=[dash for _, dash in styles]), legend=legend
        ),
    )
    broad = only(coloured, *EXPECTED).mark_line(strokeWidth=7, opacity=0.5)
    lines = only(coloured, ALL, SMOOTH).mark_line(strokeWidth=2)
    points = only(rows, ALL).mark_point(size=35, filled=True, color=BLUE, opacity=1)
    points = points.encode(
        tooltip=[
            alt.Tooltip("h:Q", title="h", format=".0e"),
            alt.Tooltip("error:Q", title="relative error", format=".1e"),
        ]
    )
    chosen = only(rows, CHOSEN).mark_point(size=220, strokeWidth=2, color=VERMILLION)
    best = only(rows, BEST)
    line = best.mark_rule(color=GREY, strokeWidth=1).encode(y=alt.value(0), y2=alt.value("height"))
    words = best.mark_text(align="right", dx=-6, fontSize=13, fontWeight="bold", color=BLUE)
    words = words.encode(y=alt.value(12), text="label:N")
    return layered(frame(rows), line, broad, lines, points, chosen, words, height=HEIGHT)
