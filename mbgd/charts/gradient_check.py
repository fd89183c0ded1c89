"""A gradient check in two pictures: analytic against numerical derivatives, and the error at each step h."""

import altair as alt
import numpy as np
import pyarrow as pa

from mbgd.charts.layers import BLUE, GREEN, GREY, HEIGHT, VERMILLION, layered, only, tip
from mbgd.engine.activations import Array
from mbgd.experiments.gradient_check import STEP_SIZES, GradientCheck, step_name
from mbgd.experiments.gradient_verdict import Expected, is_right

TABLE = "gradient_check"
FRAME, DIAGONAL, KINK = "frame", "diagonal", "kink"
LAYERS = [f"layer {number}" for number in range(1, 8)]
COLOURS = [BLUE, VERMILLION, GREEN, "#B07AA1", "#8C8B3E", "#5B8E8C", GREY]
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right"]
CROSSED_OUT = "M-1,-1L1,1M-1,1L1,-1"
ALL, SMOOTH, BEND, ROUNDING = "measured", "without kinks", "expected: h²", "expected: 1/h"
BEST, CHOSEN = "best", "chosen"
LINES = {ALL: (BLUE, [1, 0]), SMOOTH: (GREEN, [5, 4]), BEND: (GREY, [8, 3, 2, 3]), ROUNDING: (GREY, [2, 3])}
LEAST = 1e-16  # the bottom of the error axis, unless an error is smaller still


def scatter_table(check: GradientCheck | None, at: int) -> pa.Table:
    """Rows of scatter_chart: numerical, analytic, series (a layer), name, error, switched; just its axes before a run.

    `at` is the index of the step. A derivative whose step switches a unit comes a second time, as a kink.
    """
    if check is None:
        a = n = error = np.empty(0)
        names, series, switched = np.empty(0, str), np.empty(0, str), np.empty(0, np.intp)
    else:
        a, n, error, switched = check.analytic, check.numerical[at], check.errors(at), check.switched[at]
        names, series = np.array(check.names), np.array(LAYERS)[check.layer - 1]
    kinks = np.flatnonzero(switched)
    order = np.concatenate([np.arange(len(a)), kinks])
    wide = 1.05 * float(np.abs(n).max(initial=0.0)) or 1.0
    high = 1.05 * float(max(np.abs(n).max(initial=0.0), np.abs(a).max(initial=0.0))) or 1.0
    line, corners = np.array([-wide, wide]), np.array([-high, high])
    nothing = np.zeros(4)
    return pa.table(
        {
            "numerical": np.concatenate([n[order], line, line]),
            "analytic": np.concatenate([a[order], line, corners]),
            "series": [*series, *[KINK] * len(kinks), *[DIAGONAL] * 2, *[FRAME] * 2],
            "name": [*names[order], *[""] * 4],
            "error": np.concatenate([error[order], nothing]),
            "switched": np.concatenate([switched[order], nothing.astype(np.intp)]),
        }
    )


def scatter_chart(layers: int) -> alt.LayerChart:
    """Derivatives by backpropagation over those by differences: on the diagonal they are equal."""
    axis = alt.Axis(tickCount=5, format="~g")
    rows = alt.Chart(alt.NamedData(TABLE)).encode(
        x=alt.X("numerical:Q", title="numerical derivative", scale=alt.Scale(nice=False), axis=axis),
        y=alt.Y("analytic:Q", title="analytic derivative", scale=alt.Scale(nice=False), axis=axis),
    )
    names = LAYERS[:layers]
    legend = alt.Legend(title=None, orient="top", columns=4)
    frame = only(rows, FRAME).mark_point(opacity=0)
    diagonal = only(rows, DIAGONAL).mark_line(strokeWidth=1.5, strokeDash=[6, 4], color=GREY)
    points = only(rows, *names).mark_point(size=45, filled=True, opacity=0.75)
    points = points.encode(
        color=alt.Color("series:N", scale=alt.Scale(domain=names, range=COLOURS[:layers]), legend=legend),
        shape=alt.Shape("series:N", scale=alt.Scale(domain=names, range=SHAPES[:layers]), legend=legend),
        tooltip=[
            alt.Tooltip("name:N", title="parameter"),
            tip("analytic", "analytic"),
            tip("numerical", "numerical"),
            alt.Tooltip("error:Q", title="relative error", format=".1e"),
            alt.Tooltip("switched:Q", title="ReLU units switched"),
        ],
    )
    kinks = only(rows, KINK).mark_point(shape=CROSSED_OUT, size=110, strokeWidth=1.5, color=GREY)
    return layered(frame, diagonal, points, kinks, height=HEIGHT)


def error_table(check: GradientCheck | None, at: int) -> pa.Table:
    """Rows of error_chart: h, error, series and label. The expected branches come with a complete check."""
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
    # what leaves the picture is left out: the expected branches would stretch it
    drawn = [(name, x[(e <= 1) & (e > 0)], e[(e <= 1) & (e > 0)]) for name, x, e in lines]
    drawn = [(name, x[e >= smallest], e[e >= smallest]) for name, x, e in drawn]
    lengths = [len(x) for _, x, _ in drawn]
    return pa.table(
        {
            "h": np.concatenate([x for _, x, _ in drawn]),
            "error": np.concatenate([e for _, _, e in drawn]),
            "series": np.repeat([name for name, _, _ in drawn], lengths),
            "label": np.repeat([words.get(name, "") for name, _, _ in drawn], lengths),
        }
    )


def error_chart() -> alt.LayerChart:
    """The relative error over the step h, both logarithmic, with the branches expected and the best step marked."""
    axis = alt.Axis(tickCount=6, format="~e", grid=False)
    rows = alt.Chart(alt.NamedData(TABLE)).encode(
        x=alt.X("h:Q", title="step h", scale=alt.Scale(type="log", nice=False), axis=axis),
        y=alt.Y(
            "error:Q",
            title="relative error",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(tickCount=8, format="~e"),
        ),
    )
    names = list(LINES)
    legend = alt.Legend(title=None, orient="top", columns=2, symbolType="stroke", symbolSize=300, symbolOpacity=1)
    frame = only(rows, FRAME).mark_point(opacity=0)
    lines = only(rows, *names).mark_line(strokeWidth=2)
    lines = lines.encode(
        color=alt.Color(
            "series:N", scale=alt.Scale(domain=names, range=[colour for colour, _ in LINES.values()]), legend=legend
        ),
        strokeDash=alt.StrokeDash(
            "series:N", scale=alt.Scale(domain=names, range=[dash for _, dash in LINES.values()]), legend=legend
        ),
    )
    points = only(rows, ALL).mark_point(size=35, filled=True, color=BLUE, opacity=1)
    points = points.encode(tooltip=[alt.Tooltip("h:Q", format=".0e"), alt.Tooltip("error:Q", format=".1e")])
    chosen = only(rows, CHOSEN).mark_point(size=220, strokeWidth=2, color=VERMILLION)
    best = only(rows, BEST)
    line = best.mark_rule(color=GREY, strokeWidth=1).encode(y=alt.value(0), y2=alt.value("height"))
    words = best.mark_text(align="right", dx=-6, fontSize=13, fontWeight="bold", color=BLUE)
    words = words.encode(y=alt.value(12), text="label:N")
    return layered(frame, line, lines, points, chosen, words, height=HEIGHT)
