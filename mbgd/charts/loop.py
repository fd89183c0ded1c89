"""The loop over rows compared with matrices: seconds as bars, their ratio, rows per second, and memory."""

from typing import Any, Literal

import altair as alt
import numpy as np
import pyarrow as pa

from mbgd.charts.layers import BLUE, FRAME, GREEN, GREY, VERMILLION, frame, layered, only, tip
from mbgd.charts.words import rows_a_second, short
from mbgd.engine.activations import Array
from mbgd.experiments.loop.timing import Throughput, WayTimes
from mbgd.experiments.loop.ways import LOOP, MATRICES, SAMPLE, WAYS

TABLE = "loops"
UNDER_WAY = " (measuring)"  # suffix of a way whose rounds are not all measured
CHOSEN, NOTE = "chosen B", "note"
NOTHING_YET = "Nothing measured yet."
ENDING = " (ending here)"  # suffix of a series whose labels end at their points instead of beginning there
INK = "#73808E"  # for words, readable on light and on dark
COLOURS = {SAMPLE: VERMILLION, LOOP: "#E69F00", MATRICES: BLUE}
SHAPES = {SAMPLE: "circle", LOOP: "triangle-up", MATRICES: "square"}
DASHES = {SAMPLE: [1, 0], LOOP: [7, 4], MATRICES: [2, 3]}
LOWER = 265  # pixels, the height of charts below a question

Part = tuple[str, Array, Array, list[str]]  # series, x, y, label


def _table(parts: list[Part]) -> pa.Table:
    """A table with the columns x, y, series and label."""
    return pa.table(
        {
            "x": np.concatenate([x for _, x, _, _ in parts]).astype(float),
            "y": np.concatenate([y for _, _, y, _ in parts]).astype(float),
            "series": np.repeat([name for name, *_ in parts], [len(x) for _, x, _, _ in parts]),
            "label": [text for *_, labels in parts for text in labels],
        }
    )


def _line(name: str, x: Array, y: Array, label: str = "") -> Part:
    """A line through the finite points, with a label at its last point."""
    known = np.isfinite(y)
    x, y = np.asarray(x)[known], np.asarray(y)[known]
    return name, x, y, [*[""] * (len(x) - 1), label][: len(x)]


def _marker(name: str, at: float, end: float, y: float, label: str) -> Part:
    """A labelled point on a log axis from 1 to `end`. Right of the middle, the label ends at the point."""
    return name + (ENDING if at**2 > end else ""), np.array([at]), np.array([y]), [label]


def _note(x: float, y: float) -> Part:
    return NOTE, np.array([x]), np.array([y]), [NOTHING_YET]


def _frame(x: tuple[float, float], y: tuple[float, float]) -> Part:
    return FRAME, np.array(x), np.array(y), ["", ""]


def decades(values: Array) -> tuple[float, float]:
    """The ends of a log axis: whole powers of ten around positive numbers."""
    return float(10 ** np.floor(np.log10(np.min(values)))), float(10 ** np.ceil(np.log10(np.max(values) * 1.05)))


# --- seconds as bars ---


def bars_table(speed: WayTimes | None, batch_size: int) -> pa.Table:
    """The table of bars_chart at one batch size: milliseconds per epoch, way, and the label at the bar.

    Until all rounds are measured, the bars have no ratio: they are pale, and their labels say so.
    """
    names = list(WAYS)
    at = speed.nearest(batch_size) if speed else 0
    if speed is None or np.isnan(speed.epoch_seconds[at]).any():
        rows = [(FRAME, name, 0.0, "") for name in names]
        rows += [(FRAME, names[0], 1.0, ""), (NOTE, names[1], 0.5, NOTHING_YET)]
    elif missing := int(np.isnan(speed.seconds[:, at]).any(axis=1).sum()):
        ms, rounds = 1e3 * speed.epoch_seconds[at], len(speed.seconds)
        label = f"measuring, {rounds - missing} of {rounds} rounds"
        rows = [(name + UNDER_WAY, name, time, label) for name, time in zip(names, ms, strict=True)]
        rows.append((FRAME, names[0], 1.75 * ms.max(), ""))
    else:
        times, ms = speed.times_as_long[at], 1e3 * speed.epoch_seconds[at]
        rows = [
            (name, name, milliseconds, f"{short(milliseconds)} ms  ×{short(ratio)}")
            for name, milliseconds, ratio in zip(names, ms, times, strict=True)
        ]
        rows.append((FRAME, names[0], 1.75 * ms.max(), ""))
    series, way, milliseconds, label = zip(*rows, strict=True)
    return pa.table({"series": series, "way": way, "milliseconds": milliseconds, "label": label})


def bars_chart() -> alt.LayerChart:
    """Milliseconds per epoch, one bar per way, and its ratio to the time of the matrices."""
    names = list(WAYS)
    y = alt.Y("way:N", sort=names, title=None, axis=alt.Axis(labelLimit=190, labelFontSize=13, ticks=False))
    x = alt.X("milliseconds:Q", title="milliseconds per epoch", scale=alt.Scale(nice=False), axis=alt.Axis(tickCount=5))
    rows = alt.Chart(alt.NamedData(TABLE)).encode(x=x, y=y)
    colour = alt.Color("way:N", scale=alt.Scale(domain=names, range=[COLOURS[name] for name in names]), legend=None)
    bars = only(rows, *names).mark_bar(height=34)
    bars = bars.encode(color=colour, tooltip=["way:N", tip("milliseconds", "milliseconds")])
    pale = only(rows, *(name + UNDER_WAY for name in names)).mark_bar(height=34, fillOpacity=0.25, strokeDash=[4, 3])
    of_way = alt.Scale(domain=names, range=[COLOURS[name] for name in names])
    pale = pale.encode(
        fill=alt.Fill("way:N", scale=of_way, legend=None), stroke=alt.Stroke("way:N", scale=of_way, legend=None)
    )
    labels = only(rows, *names).mark_text(align="left", dx=6, fontSize=14, fontWeight="bold", color=INK)
    says = only(rows, *(name + UNDER_WAY for name in names)).mark_text(align="left", dx=6, fontSize=13, color=INK)
    notes = only(rows, NOTE).mark_text(fontSize=14, color=INK)
    return layered(
        frame(rows),
        bars,
        pale,
        says.encode(text="label:N"),
        labels.encode(text="label:N"),
        notes.encode(text="label:N"),
        height=LOWER,
    )


# --- the ratio against B ---


def ratio_table(speed: WayTimes | None, n_samples: int, batch_size: int) -> pa.Table:
    """The table of ratio_chart: x the batch size, y the seconds of a way ÷ the seconds of the matrices."""
    end = max(2, speed.n_samples if speed else n_samples)
    if speed is None or np.isnan(speed.seconds).all():
        return _table([_frame((1, end), (1, 100)), _note(end**0.5, 10)])
    ratios = speed.times_as_long  # (sizes, ways)
    top = np.nanmax(ratios, initial=10.0) * 1.3
    sizes = np.array(speed.sizes)
    lines = [_line(name, sizes, ratios[:, i]) for i, name in enumerate(WAYS) if name != MATRICES]
    B = speed.sizes[speed.nearest(batch_size)]
    chosen = _marker(CHOSEN, B, end, top, f"B = {B:,}")
    ones = (MATRICES, np.array([1, end]), np.array([1, 1]), ["", MATRICES])
    low = min(1.0, np.nanmin(ratios, initial=1.0))
    return _table([_frame((1, end), (0.9 * low, top)), ones, *lines, chosen])


def ratio_chart() -> alt.LayerChart:
    """The seconds of the loops ÷ the seconds of the matrices, against the batch size, on log scales."""
    rows = _log_log("rows in a batch, B", "ratio of the times", [1, 2, 5, 10, 20, 50, 100, 200, 500])
    names = list(WAYS)
    legend = alt.Legend(orient="top", title=None, values=[SAMPLE, LOOP], labelFontSize=13, symbolSize=90)
    colours, dashes, shapes = (
        alt.Scale(domain=names, range=[looks[name] for name in names]) for looks in (COLOURS, DASHES, SHAPES)
    )
    colour = alt.Color("series:N", scale=colours, legend=legend)
    dash = alt.StrokeDash("series:N", scale=dashes, legend=legend)
    shape = alt.Shape("series:N", scale=shapes, legend=legend)
    lines = only(rows, *names).mark_line(strokeWidth=2.5).encode(color=colour, strokeDash=dash)
    points = only(rows, SAMPLE, LOOP).mark_point(filled=True, size=60, opacity=1)
    points = points.encode(
        color=colour,
        shape=shape,
        tooltip=[tip("B", "x"), tip("times as long", "y"), alt.Tooltip("series:N", title="way")],
    )
    labels = only(rows, MATRICES).mark_text(align="right", dy=-12, fontSize=13, fontWeight="bold")
    labels = labels.encode(text="label:N", color=colour)
    return layered(frame(rows), *_rule(rows, CHOSEN, "top"), lines, points, labels, _notes(rows), height=LOWER)


# --- rows per second ---

MEDIAN, SPREAD, PEAK, ALL = "median", "quartiles", "peak", "all rows"


def throughput_table(throughput: Throughput | None, largest: int) -> pa.Table:
    """The table of throughput_chart: x the batch size, y (and y2 for the spread) rows per second; peak and N labelled.

    Before any measurement the axis ends at `largest`.
    """
    if throughput is None or np.isnan(throughput.seconds).all():
        table = _table([_frame((1, largest), (1e4, 1e7)), _note(largest**0.5, 3e5)])
        return table.append_column("y2", table["y"])
    low, middle, high = throughput.quartiles
    sizes, N, peak = np.array(throughput.sizes), throughput.n_samples, throughput.peak
    bottom, top = decades(middle[np.isfinite(middle)])
    at_peak = f"peak: {rows_a_second(middle[peak])} at B = {sizes[peak]:,}".replace(
        " rows/s", ""
    )  # the axis says what of
    parts = [
        _frame((1, max(2, sizes.max())), (bottom, top)),
        _line(SPREAD, sizes, low),
        _line(MEDIAN, sizes, middle),
        _marker(
            PEAK,
            sizes[peak],
            sizes.max(),
            middle[peak],
            at_peak,
        ),
        _marker(ALL, N, sizes.max(), bottom, f"all rows, N = {N:,}"),
    ]
    table = _table(parts)
    y2 = table["y"].to_numpy().copy()
    y2[table["series"].to_numpy() == SPREAD] = high[np.isfinite(high)]
    return table.append_column("y2", pa.array(y2))


def throughput_chart() -> alt.LayerChart:
    """Rows per second against the batch size, on log scales: medians, quartiles as bars, and the peak."""
    rows = _log_log("rows in a batch, B", "rows per second")
    line = only(rows, MEDIAN).mark_line(strokeWidth=2.5, color=BLUE)
    points = only(rows, MEDIAN).mark_point(filled=True, size=50, opacity=1, color=BLUE)
    points = points.encode(tooltip=[tip("B", "x"), tip("rows per second", "y")])
    spread = only(rows, SPREAD).mark_rule(strokeWidth=5, color=BLUE, opacity=0.35).encode(y2="y2:Q")
    peak = only(rows, PEAK, PEAK + ENDING).mark_point(shape="diamond", size=220, strokeWidth=3, color=VERMILLION)
    labels = _labels(rows, PEAK, fontSize=14, fontWeight="bold", color=VERMILLION, dy=-20)
    return layered(frame(rows), *_rule(rows, ALL, "bottom"), spread, line, points, peak, *labels, _notes(rows))


# --- memory ---

COUNTED, PREDICTED, FIXED = "counted", "predicted", "weights and their gradients"


def memory_table(sizes: Array, counted: Array, predicted: Array, fixed: int, batch_size: int) -> pa.Table:
    """The table of memory_chart: bytes at batch sizes (sizes,), predicted, and counted (perhaps at fewer sizes)."""
    ends = np.array([sizes.min(), sizes.max()])
    bottom, top = decades(np.array([fixed, predicted.min(), predicted.max()]))
    parts = [
        _frame((1, max(2, sizes.max())), (bottom, top)),
        _line(PREDICTED, sizes, predicted),
        _line(COUNTED, sizes[: len(counted)], counted),
        (FIXED, ends, np.array([fixed, fixed]), [FIXED, ""]),
        _marker(CHOSEN, batch_size, sizes.max(), bottom, f"B = {batch_size:,}"),
    ]
    return _table(parts)


def memory_chart() -> alt.LayerChart:
    """The bytes of an update's arrays against the batch size, on log scales."""
    rows = _log_log("rows in a batch, B", "bytes")
    line = only(rows, PREDICTED).mark_line(strokeWidth=2, color=GREY)
    line = line.encode(tooltip=[tip("B", "x"), tip("bytes predicted", "y")])
    points = only(rows, COUNTED).mark_point(filled=True, size=70, opacity=1, color=GREEN)
    points = points.encode(tooltip=[tip("B", "x"), tip("bytes counted", "y")])
    fixed = only(rows, FIXED).mark_line(strokeWidth=1.5, strokeDash=[5, 4], color=GREY)
    label = only(rows, FIXED).mark_text(fontSize=13, color=INK, align="left", dx=6, dy=10).encode(text="label:N")
    return layered(frame(rows), *_rule(rows, CHOSEN, "top"), line, fixed, points, label)


# --- shared helpers ---


def _log_log(x_title: str, y_title: str, values: list[int] | None = None) -> alt.Chart:
    log = alt.Scale(type="log", nice=False)
    x = alt.X("x:Q", title=x_title, scale=log, axis=alt.Axis(values=[4**i for i in range(9)], format=",", grid=False))
    ticks = alt.Axis(values=values or [10**i for i in range(15)], format="~s")
    return alt.Chart(alt.NamedData(TABLE)).encode(x=x, y=alt.Y("y:Q", title=y_title, scale=log, axis=ticks))


def _notes(rows: alt.Chart) -> alt.Chart:
    return only(rows, NOTE).mark_text(fontSize=14, color=INK).encode(text="label:N")


def _labels(rows: alt.Chart, series: str, **looks: Any) -> tuple[alt.Chart, alt.Chart]:
    """The label of a marker: it begins at the point or ends there."""
    begins = only(rows, series).mark_text(align="left", dx=6, **looks)
    ends = only(rows, series + ENDING).mark_text(align="right", dx=-6, **looks)
    return begins.encode(text="label:N"), ends.encode(text="label:N")


def _rule(rows: alt.Chart, series: str, edge: Literal["top", "bottom"]) -> tuple[alt.Chart, ...]:
    """A vertical line through a marker, and its label at one edge of the chart."""
    rule = only(rows, series, series + ENDING).mark_rule(strokeDash=[3, 3], color=GREY)
    y = alt.value(2) if edge == "top" else alt.value("height")
    labels = _labels(rows, series, fontSize=13, color=INK, baseline=edge)
    return rule.encode(y=alt.value(0), y2=alt.value("height")), *(label.encode(y=y) for label in labels)
