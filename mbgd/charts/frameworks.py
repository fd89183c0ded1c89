"""One network trained by several programs: the differences of their weights, their losses, and their seconds."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mbgd.charts.layers import BLUE, FRAME, GREEN, GREY, HEIGHT, VERMILLION, frame, layered, only, stacked, tip
from mbgd.charts.words import times
from mbgd.engine.activations import Array
from mbgd.experiments.frameworks.comparison import INTERLEAVED, OURS, RENUMBERED, ROUNDING, SLIGHTLY_FASTER, Comparison

TABLE = "frameworks"
RULES = {
    "one rounding in double precision, float64": ROUNDING,
    "one rounding in single precision, float32": float(np.finfo(np.float32).eps),
}
DRAWN = (RENUMBERED, SLIGHTLY_FASTER)  # the controls that are drawn
TALL = HEIGHT + 40  # room for a legend of two rows
LEAST, MOST = 1e-18, 1.0  # ends of the axis; a difference of 0 is drawn at the lower end
STYLES = {  # colour, dash
    OURS: (GREY, [1, 0]),
    RENUMBERED: (GREY, [2, 3]),
    SLIGHTLY_FASTER: (GREEN, [9, 3, 2, 3]),
}
OTHERS = [(BLUE, [1, 0]), (VERMILLION, [6, 4])]  # frameworks, in turn


def difference_table(comparison: Comparison | None, updates: int) -> pa.Table:
    """The table of difference_chart: x (updates), difference, y (on the axis), series, label; no lines before a run.

    Differences are divided by the largest weight so far, so they stay small even if the weights grow without bound.
    """
    end = comparison.updates if comparison else updates
    lines: list[tuple[str, str, Array, Array]] = []
    if comparison:
        done = comparison.checkpoints[1:].astype(np.float64)
        scale = comparison.largest_weights[1:]
        relative = {name: seen[1:] / scale for name, seen in comparison.differences.items() if name != INTERLEAVED}
        lines = [(name, "", done, seen) for name, seen in relative.items()]
    for label, size in RULES.items():
        lines.append(("rule", label, np.array([0.0, end]), np.full(2, size)))
    top = max(float(seen[np.isfinite(seen)].max(initial=MOST)) for _, _, _, seen in lines)
    lines.append((FRAME, "", np.array([0.0, end]), np.array([LEAST, top])))
    table = stacked(("series", "label", "x", "difference"), lines)
    return table.append_column("y", pa.array(np.clip(table["difference"].to_numpy(), LEAST, None)))


def difference_chart(frameworks: tuple[str, ...]) -> alt.LayerChart:
    """The largest difference of a weight from the engine's ÷ the largest weight, on a logarithmic axis."""
    names = [*frameworks, *DRAWN]
    rows = alt.Chart(alt.NamedData(TABLE)).encode(
        x=alt.X("x:Q", title="updates done", scale=alt.Scale(nice=False), axis=alt.Axis(tickCount=6, grid=False)),
        y=alt.Y(
            "y:Q",
            title="largest difference ÷ largest weight",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(tickCount=7, format="~e"),
        ),
    )
    rules = only(rows, "rule").mark_line(strokeWidth=1, opacity=0.7, color=GREY).encode(detail="label:N")
    words = only(rows, "rule").transform_filter("datum.x > 0").mark_text(align="right", dx=-4, dy=22, fontSize=12)
    words = words.encode(text="label:N", color=alt.value(GREY))
    lines = _styled(only(rows, *names).mark_line(strokeWidth=2.5), names)
    hover = only(rows, *names).mark_point(size=90, opacity=0, filled=True)
    hover = hover.encode(
        tooltip=[
            alt.Tooltip("series:N", title="program"),
            tip("updates done", "x"),
            alt.Tooltip("difference:Q", title="difference", format=".1e"),
        ]
    )
    return layered(frame(rows), rules, words, lines, hover, height=TALL)


def loss_table(comparison: Comparison | None, names: Sequence[str], updates: int) -> pa.Table:
    """The table of loss_chart: x (updates), loss (mean of the batches since the previous point), series."""
    lines: list[tuple[str, Array, Array]] = []
    if comparison:
        edges = comparison.checkpoints
        done = edges[1:].astype(np.float64)
        lines = [(name, done, _means(comparison.losses[name], edges)) for name in names]
    top = max([0.0, *(float(loss.max(initial=0.0)) for _, _, loss in lines)]) or 1.0
    end = float(comparison.updates if comparison else updates)
    lines.append((FRAME, np.array([0.0, end]), np.array([0.0, top])))
    return stacked(("series", "x", "loss"), lines)


def _means(losses: Array, edges: NDArray[np.intp]) -> Array:
    """The mean of the losses between neighbouring edges, (C - 1,)."""
    if len(edges) < 2:
        return np.empty(0)
    return np.add.reduceat(losses[: edges[-1]], edges[:-1]) / np.diff(edges)


def loss_chart(names: tuple[str, ...], loss_name: str) -> alt.LayerChart:
    """The losses that each program reports, drawn over each other: a broad line, then thin ones."""
    rows = alt.Chart(alt.NamedData(TABLE)).encode(
        x=alt.X("x:Q", title="updates done", scale=alt.Scale(nice=False), axis=alt.Axis(tickCount=5, grid=False)),
        y=alt.Y("loss:Q", title=f"{loss_name} of the batches", scale=alt.Scale(zero=True, nice=False)),
    )
    broad = _styled(only(rows, names[0]).mark_line(strokeWidth=8, opacity=0.45), list(names))
    thin = _styled(only(rows, *names[1:]).mark_line(strokeWidth=2), list(names))
    hover = only(rows, *names).mark_point(size=90, opacity=0, filled=True)
    hover = hover.encode(
        tooltip=[alt.Tooltip("series:N", title="program"), tip("updates done", "x"), tip("loss", "loss")]
    )
    return layered(frame(rows), broad, thin, hover, height=TALL)


def seconds_table(seconds: dict[str, Array]) -> pa.Table:
    """The table of seconds_chart: program, its median, fastest and slowest seconds, and the words above its bar."""
    done = {name: values for name, values in seconds.items() if len(values)}
    median = {name: float(np.median(values)) for name, values in done.items()}
    return pa.table(
        {
            "program": pa.array(list(done), pa.string()),
            "seconds": pa.array(list(median.values()), pa.float64()),
            "fastest": pa.array([float(values.min()) for values in done.values()], pa.float64()),
            "slowest": pa.array([float(values.max()) for values in done.values()], pa.float64()),
            "words": pa.array(
                [f"{name}: {value:.3g} s, {times(value / median[OURS])} {OURS}" for name, value in median.items()],
                pa.string(),
            ),
        }
    )


def seconds_chart(names: tuple[str, ...]) -> alt.LayerChart:
    """A bar of each program's seconds, with its name above, and a line from the fastest round to the slowest."""
    place = alt.Y("program:N", scale=alt.Scale(domain=list(names)), axis=None)
    rows = alt.Chart(alt.NamedData(TABLE)).encode(y=place)
    colours = [colour for colour, _ in _styles_of(list(names))]
    bars = rows.mark_bar(height=14, yOffset=10).encode(
        x=alt.X("seconds:Q", title="seconds spent computing updates", scale=alt.Scale(zero=True, nice=False)),
        color=alt.Color("program:N", scale=alt.Scale(domain=list(names), range=colours), legend=None),
        tooltip=["program:N", tip("median, s", "seconds"), tip("fastest, s", "fastest"), tip("slowest, s", "slowest")],
    )
    spread = rows.mark_rule(strokeWidth=2, yOffset=10, color=GREY).encode(x="fastest:Q", x2="slowest:Q")
    words = rows.mark_text(align="left", dy=-8, fontSize=13, color=GREY).encode(x=alt.datum(0), text="words:N")
    return layered(bars, spread, words, height=46 * len(names) + 50)


def _styles_of(names: list[str]) -> list[tuple[str, list[int]]]:
    others = [name for name in names if name not in STYLES]
    return [STYLES.get(name) or OTHERS[others.index(name) % len(OTHERS)] for name in names]


def _styled(lines: alt.Chart, names: list[str]) -> alt.Chart:
    """The lines in the colour and dash of each program, with one legend for both."""
    colours, dashes = zip(*_styles_of(names), strict=True)
    legend = alt.Legend(
        title=None,
        orient="top",
        columns=2,  # so that it fits a narrow window
        symbolType="stroke",
        symbolSize=400,
        symbolOpacity=1,
    )
    return lines.encode(
        color=alt.Color("series:N", scale=alt.Scale(domain=names, range=list(colours)), legend=legend),
        strokeDash=alt.StrokeDash("series:N", scale=alt.Scale(domain=names, range=list(dashes)), legend=legend),
    )
