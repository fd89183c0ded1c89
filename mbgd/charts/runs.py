"""The losses of several runs over each other: each run has a dash and a name of its own, and validation has circles."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import altair as alt
import numpy as np
import pyarrow as pa

from mbgd.charts.batch_sizes import DASHES, STYLES
from mbgd.charts.layers import GREY, X_AXES, frame, layered, only, tip
from mbgd.charts.thinning import thin
from mbgd.charts.train.loss import (
    NAME,
    RATE,
    TRAIN,
    VAL,
    Block,
    Curve,
    curve_ends,
    names_of,
    rate_marks,
    starts_of,
    table_of,
)

TABLE = "runs"
CIRCLE = "circle"  # a few places on the line of validation rows, so that it is told from that of training rows
CIRCLES = 12  # on each line
SPLITS = {"train": TRAIN, "val": VAL}


def runs_table(runs: Sequence[Curve], splits: Collection[str], axis: str, *, log_x: bool, log_y: bool) -> pa.Table:
    """The table of runs_chart: one or more runs, and of their losses those of "train", "val" or both.

    Its columns are those of the loss chart of the page Train.
    """
    shown = [_only(run, splits) for run in runs]
    rows: list[Block] = []
    for run, drawn in zip(runs, shown, strict=True):
        for split in SPLITS:
            if split in splits:
                rows += _line(run, split, axis)
        rows += rate_marks(drawn, axis)
    end = max(float(run.position[axis][-1]) for run in runs) or 1e-3
    start = min(starts_of(shown, axis), default=end / 2) if log_x else 0.0
    if log_x:
        start = min(start, end / 2)
    ends = curve_ends(shown, log_y)
    names = names_of(shown, axis, (start, end), ends, log_y)
    return table_of(rows + names, (start, end), ends, runs)


def _only(run: Curve, splits: Collection[str]) -> Curve:
    """The run with the losses that are drawn; its name and its marks stand on the first of them."""
    if "train" not in splits:
        return replace(run, train_loss=run.val_loss, val_loss=run.val_loss[:0])
    return run if "val" in splits else replace(run, val_loss=run.val_loss[:0])


def _line(run: Curve, split: str, axis: str) -> list[Block]:
    loss, name = (run.train_loss if split == "train" else run.val_loss), SPLITS[split]
    kept = thin(loss)
    x, y = run.position[axis][kept], loss[kept]
    rows: list[Block] = [(name, name, run.label, run.style, run.mark, x, y)]
    if split == "val":
        few = np.unique(np.linspace(0, len(x) - 1, CIRCLES).astype(int))
        rows.append((CIRCLE, name, run.label, run.style, run.mark, x[few], y[few]))
    return rows


def runs_chart(axis: str, log_x: bool, log_y: bool, loss_name: str) -> alt.LayerChart:
    """The chart of runs_table; `loss_name` is the title of the loss axis."""
    ticks = alt.Axis(tickCount=6, format=",.4~r", grid=False, labelFlush=True, labelOverlap=True)
    x_scale = alt.Scale(nice=False, type="log") if log_x else alt.Scale(nice=False)
    y_scale = alt.Scale(nice=False, type="log") if log_y else alt.Scale(nice=False, zero=True)
    x = alt.X("x:Q", title=X_AXES[axis], scale=x_scale, axis=ticks)
    y = alt.Y("y:Q", title=loss_name, scale=y_scale, axis=alt.Axis(tickCount=5, format=".6~g"))
    rows = alt.Chart(alt.NamedData(TABLE)).encode(x=x, y=y)
    scale = alt.Scale(domain=list(STYLES), range=[style.colour for style in STYLES.values()])
    colour, fill = alt.Stroke("style:N", scale=scale, legend=None), alt.Fill("style:N", scale=scale, legend=None)
    dashes = alt.Scale(domain=list(DASHES), range=[list(dash) for dash in DASHES.values()])
    dash = alt.StrokeDash("dash:N", scale=dashes, legend=None)
    lines = {
        name: only(rows, name).mark_line(strokeWidth=width).encode(stroke=colour, strokeDash=dash, detail="mark:N")
        for name, width in ((TRAIN, 2.4), (VAL, 1.4))
    }
    circles = only(rows, CIRCLE).mark_point(size=34, strokeWidth=1.6, filled=False).encode(stroke=colour)
    rates = only(rows, RATE).mark_point(shape="diamond", size=70, color=GREY, filled=True, opacity=1)
    rate_names = only(rows, RATE).mark_text(dy=-12, fontSize=11, color=GREY).encode(text="mark:N")
    names = only(rows, NAME).mark_text(dy=-9, fontSize=12, fontWeight="bold").encode(text="mark:N", fill=fill)
    hover = only(rows, TRAIN, VAL).transform_filter("datum.hover").mark_point(size=90, opacity=0, filled=True)
    hover = hover.encode(
        tooltip=[
            tip(X_AXES[axis], "x"),
            tip("loss", "loss"),
            alt.Tooltip("split:N", title="loss of"),
            alt.Tooltip("run:N", title="run"),
        ]
    )
    return layered(frame(rows), lines[VAL], circles, lines[TRAIN], rates, rate_names, names, hover)
