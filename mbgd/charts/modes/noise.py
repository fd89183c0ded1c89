"""The noise of a batch against its size, measured and predicted; and all batch gradients of a handful of rows."""

import altair as alt
import numpy as np
import pyarrow as pa

from mbgd.charts.layers import BLUE, FRAME, GREY, VERMILLION, frame, layered, only, tip
from mbgd.charts.modes.race import as_table
from mbgd.experiments.modes.exhaustion import AllBatches
from mbgd.experiments.modes.noise import Noise, predicted_noise

TABLE = "noise"
PREDICTED, MEASURED = "predicted", "measured"
BATCH, FULL, MEAN = "batch", "full", "mean"
TWO = 2.0  # standard errors, the length of the bars up and down


def noise_table(found: Noise) -> pa.Table:
    """The table of noise_chart: E‖g_B - G‖² against B < N. At B = N it is 0, which a logarithmic axis cannot show."""
    B = np.geomspace(1, found.n_samples - 0.5, 120)
    curve = predicted_noise(B, found.S_squared, found.n_samples)
    predicted = found.predicted[:-1]
    bottom, top = predicted[-1] / 3, predicted[0] * 2
    kept = slice(None, -1)
    return _points(B, curve, found, found.squared, found.squared_error, kept, (bottom, top))


def cosine_table(found: Noise) -> pa.Table:
    """The table of cosine_chart: E cos(g_B, G) against B."""
    B = np.geomspace(1, found.n_samples, 80)
    curve = 1 / np.sqrt(1 + found.noise_scale / B)
    return _points(B, curve, found, found.cosine, found.cosine_error, slice(None), (0.0, 1.05))


def _points(
    B: np.ndarray,
    curve: np.ndarray,
    found: Noise,
    mean: np.ndarray,
    error: np.ndarray,
    kept: slice,
    ends: tuple[float, float],
) -> pa.Table:
    bottom, top = ends
    rows: list[dict] = [
        {"series": FRAME, "x": 1.0, "y": bottom},
        {"series": FRAME, "x": float(found.n_samples), "y": top},
    ]
    rows += [{"series": PREDICTED, "x": b, "y": y} for b, y in zip(B, curve, strict=True) if bottom <= y <= top]
    for b, y, e in zip(found.sizes[kept], mean[kept], error[kept], strict=True):
        if np.isfinite(y):
            low, high = np.clip([y - TWO * e, y + TWO * e], bottom, top) if np.isfinite(e) else (y, y)
            rows.append({"series": MEASURED, "x": float(b), "y": np.clip(y, bottom, top), "low": low, "high": high})
    return as_table(rows)


def noise_chart() -> alt.LayerChart:
    """The chart of noise_table; both axes are logarithmic."""
    return _chart("mean of ‖g_B − G‖²", log=True, height=300)


def cosine_chart() -> alt.LayerChart:
    """The chart of cosine_table."""
    return _chart("mean of cos(g_B, G)", log=False, height=220)


def _chart(y_title: str, *, log: bool, height: int) -> alt.LayerChart:
    scale = alt.Scale(type="log", nice=False) if log else alt.Scale(nice=False, zero=True)
    rows = alt.Chart(alt.NamedData(TABLE)).encode(
        x=alt.X(
            "x:Q",
            title="batch size B",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(format=",.4~r", grid=False, tickCount=6, labelOverlap=True),
        ),
        y=alt.Y("y:Q", title=y_title, scale=scale, axis=alt.Axis(tickCount=5, format=".6~g", grid=not log)),
    )
    line = only(rows, PREDICTED).mark_line(strokeWidth=2, color=BLUE, strokeDash=[6, 4])
    line = line.encode(tooltip=[tip("batch size", "x"), tip("predicted", "y")])
    bars = only(rows, MEASURED).mark_rule(strokeWidth=2, color=VERMILLION).encode(y="low:Q", y2="high:Q")
    points = only(rows, MEASURED).mark_point(filled=True, size=70, color=VERMILLION, opacity=1)
    points = points.encode(
        tooltip=[tip("batch size", "x"), tip("measured", "y"), tip("low", "low"), tip("high", "high")]
    )
    return layered(frame(rows), line, bars, points, height=height)


def batches_table(found: AllBatches, sizes: tuple[AllBatches, ...]) -> pa.Table:
    """The table of batches_chart: every batch gradient in the plane of AllBatches, with the same axes for all sizes."""
    everything = np.concatenate([one.gradients for one in sizes]) @ found.plane.T  # (all, 2)
    low, high = everything.min(axis=0), everything.max(axis=0)
    margin = 0.08 * np.maximum(high - low, 1e-9)
    rows: list[dict] = [
        {"series": FRAME, "x": low[0] - margin[0], "y": low[1] - margin[1]},
        {"series": FRAME, "x": high[0] + margin[0], "y": high[1] + margin[1]},
    ]
    for batch, (x, y) in zip(found.rows, found.gradients @ found.plane.T, strict=True):
        named = ", ".join(str(row + 1) for row in batch)
        rows.append({"series": BATCH, "x": x, "y": y, "text": named})
    for series, vector, text in ((FULL, found.full, "G, all rows"), (MEAN, found.mean, "")):
        x, y = found.plane @ vector
        rows.append({"series": series, "x": x, "y": y, "text": text})
    return as_table(rows)


def batches_chart() -> alt.LayerChart:
    """The chart of batches_table."""
    axis = alt.Axis(tickCount=5, format=",.4~r")
    rows = alt.Chart(alt.NamedData(TABLE)).encode(
        x=alt.X("x:Q", title="along the full gradient G", scale=alt.Scale(nice=False, zero=False), axis=axis),
        y=alt.Y("y:Q", title="at right angles to G", scale=alt.Scale(nice=False, zero=False), axis=axis),
    )
    batches = only(rows, BATCH).mark_point(filled=True, size=80, color=BLUE, opacity=0.75)
    batches = batches.encode(
        tooltip=[
            alt.Tooltip("text:N", title="rows of the batch"),
            tip("along G", "x"),
            tip("at right angles to G", "y"),
        ]
    )
    full = only(rows, FULL).mark_point(shape="cross", filled=True, size=160, color=VERMILLION, opacity=1)
    mean = only(rows, MEAN).mark_point(shape="circle", size=420, strokeWidth=2.5, color=GREY, opacity=1)
    name = only(rows, FULL).mark_text(align="left", dx=16, fontSize=13, fontWeight="bold", color=VERMILLION)
    return layered(frame(rows), batches, mean, full, name.encode(text="text:N"), height=380)
