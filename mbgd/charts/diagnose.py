"""The charts of Diagnose: both losses of a run, runs with one change each, and the three training losses."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mbgd.charts.layers import BLUE, FRAME, GREEN, GREY, VERMILLION, frame, layered, only, stacked, tip
from mbgd.charts.thinning import thin
from mbgd.engine.activations import Array
from mbgd.experiments.diagnose.meanings import Meanings
from mbgd.experiments.diagnose.remedies import BASE, BATCH, DATA, DECAY, SMALL, SideBySide
from mbgd.experiments.diagnose.watch import Watched

TABLE = "diagnose"
COLUMNS = ("series", "line", "label", "x", "loss", "top")
TRAIN, VAL = "training rows", "validation rows"
BEST, GAP, GAP_NAME, HINT, RUN = "best", "gap", "gap name", "hint", "run"
SIDES = {"left": "best, named to its left", "right": "best, named to its right"}  # where there is room for the name
OF_BATCH, MEAN, AFTER = "loss of the batch", "running mean of the epoch", "all rows, after the epoch"
ABOVE_START = 3.0  # times the first loss: the top of the chart at most
FIRST_EPOCHS = 64  # that are all drawn on a logarithmic axis
LOG_GAP, GAP_FROM = 10, 0.25  # epochs, and share of all epochs: before, there is no room for the gap at the left
SMALL_GAP, ABOVE_GAP = 0.15, 0.08  # shares of the height
FIRST = 0.5  # where a logarithmic axis of epochs shows the loss before the first update
# Of a change: its colour and dash. Each line can be told from the others without colour.
LOOKS = {
    BASE: (BLUE, (1, 0)),
    DATA: (VERMILLION, (8, 3)),
    SMALL: (GREEN, (2, 3)),
    DECAY: ("#C2459B", (12, 3, 3, 3)),
    BATCH: ("#A87400", (5, 5)),
}
HEIGHT = 330  # pixels


def _ends(losses: Sequence[Array], log: bool) -> tuple[float, float]:
    """Bottom and top of the loss axis: a loss far above the first ones is drawn along the edge."""
    every = np.concatenate([*losses, [np.nan]])
    every = every[np.isfinite(every)]
    if not len(every):
        return (0.1, 1.0) if log else (0.0, 1.0)
    first = max(float(values[0]) for values in losses if len(values))
    top = min(float(every.max()) * 1.05, max(first, 1e-12) * ABOVE_START)
    if not log:
        return 0.0, top or 1.0
    positive = every[every > 0]
    lowest = max(float(positive.min()) if len(positive) else top / 10, top * 1e-8)
    return 0.9 * lowest, top


def _at(epoch: NDArray[np.int64] | Array, log: bool) -> Array:
    """Where epochs are on the axis. A logarithmic one has no place for 0: it is drawn at half an epoch."""
    return np.maximum(epoch, FIRST) if log else np.asarray(epoch, dtype=float)


def _kept(losses: Array, log: bool) -> NDArray[np.intp]:
    """The points of a line that are drawn. On a logarithmic axis the first ones have most of the room."""
    kept = thin(losses)
    return np.union1d(kept, np.arange(min(FIRST_EPOCHS, len(losses)))) if log else kept


def _table(blocks: list[tuple], bottom: float, top: float) -> pa.Table:
    table = stacked(COLUMNS, blocks)
    return table.append_column("y", pa.array(np.clip(table["loss"].to_numpy(), bottom, top)))


def _block(series: str, line: str, label: str, x: Array, loss: Array, top: Array | None = None) -> tuple:
    x, loss = np.asarray(x, dtype=float), np.asarray(loss, dtype=float)
    return series, line, label, x, loss, np.full(len(x), np.nan) if top is None else np.asarray(top, dtype=float)


def _waiting(hint: str, log_x: bool, log_y: bool) -> pa.Table:
    """The table of an empty chart that says what to do."""
    left, bottom = FIRST if log_x else 0.0, 0.1 if log_y else 0.0
    middle = (np.sqrt(left * 100) if log_x else 50.0), (np.sqrt(bottom) if log_y else 0.5)
    blocks = [
        _block(FRAME, "", "", np.array([left, 100.0]), np.array([bottom, 1.0])),
        _block(HINT, "", hint, np.array([middle[0]]), np.array([middle[1]])),
    ]
    return _table(blocks, bottom, 1.0)


# --- one run ---


def watch_table(run: Watched | None, log_x: bool, log_y: bool) -> pa.Table:
    """The table of watch_chart: x (epochs), loss, y (the loss, limited to the axis), series, line, label, top.

    The row of the series BEST is the lowest validation loss, named in one of SIDES. That of GAP reaches from the final
    training loss to `top`, the final validation loss; GAP_NAME has its name.
    """
    if run is None:
        return _waiting("Press Run to draw both losses here", log_x, log_y)
    found, x = run.diagnosis, _at(run.epoch, log_x)
    bottom, top = _ends((run.train, run.val), log_y)
    right = max(run.settings.epochs if not run.finished else int(run.epoch[-1]), 1) * (1.25 if log_x else 1.05)
    blocks = [_block(FRAME, "", "", np.array([x[0], right]), np.array([bottom, top]))]
    for name, losses in ((TRAIN, run.train), (VAL, run.val)):
        kept = _kept(losses, log_x)
        blocks.append(_block(name, name, name, x[kept], losses[kept]))
    at, lowest = _at(np.array([found.since]), log_x), np.array([found.lowest])
    place = np.log(at[0] / x[0]) / np.log(right / x[0]) if log_x else (at[0] - x[0]) / (right - x[0])
    blocks.append(_block(BEST, VAL, "", at, lowest))
    blocks.append(_block(SIDES["left" if place > 0.5 else "right"], "", f"lowest: epoch {found.since:,}", at, lowest))
    if np.isfinite(found.gap) and (run.finished or run.epoch[-1] >= (LOG_GAP if log_x else GAP_FROM * right)):
        low, high = np.clip([found.train, found.val], bottom, top)
        middle = _beside(low, high, bottom, top, log_y)
        blocks.append(_block(GAP, "", "", x[-1:], np.array([low]), np.array([high])))
        blocks.append(_block(GAP_NAME, "", f"gap {found.gap:.3g}", x[-1:], np.array([middle])))
    return _table(blocks, bottom, top)


def _beside(low: float, high: float, bottom: float, top: float, log: bool) -> float:
    """The height of the name of the gap from low to high: in its middle, or above a gap that is too small for it."""
    low, high, bottom, top = np.log([low, high, bottom, top]) if log else (low, high, bottom, top)
    low, high = min(low, high), max(low, high)
    at = (low + high) / 2 if high - low > SMALL_GAP * (top - bottom) else high + ABOVE_GAP * (top - bottom)
    at = min(at, top)
    return float(np.exp(at)) if log else float(at)


def watch_chart(loss_name: str, log_x: bool, log_y: bool) -> alt.LayerChart:
    """The chart of watch_table: training and validation loss, the lowest validation loss, and the gap at the end."""
    rows = _rows("epochs done", loss_name, log_x, log_y)
    colour, dash = _lines({TRAIN: (BLUE, (1, 0)), VAL: (VERMILLION, (7, 3))})
    lines = only(rows, TRAIN, VAL).mark_line(strokeWidth=2.5).encode(color=colour, strokeDash=dash)
    best = only(rows, BEST)
    rule = best.mark_rule(strokeDash=[3, 3], color=GREY).encode(y=alt.value(0), y2=alt.value("height"))
    point = best.mark_point(shape="diamond", filled=True, size=130, color=VERMILLION, opacity=1)
    text = {"dy": 2, "baseline": "top", "fontSize": 12, "fontWeight": "bold", "color": GREY}
    names = [
        only(rows, SIDES[side]).mark_text(align=alt.Align(align), dx=dx, **text).encode(text="label:N", y=alt.value(0))
        for side, align, dx in (("right", "left", 7), ("left", "right", -7))
    ]
    gap = only(rows, GAP).mark_rule(strokeWidth=2, color=GREY).encode(y2="top:Q")
    size = only(rows, GAP_NAME).mark_text(align="right", dx=-6, fontSize=12, fontWeight="bold", color=GREY)
    size = size.encode(text="label:N")
    hover = _hover(only(rows, TRAIN, VAL), "rows", "epoch")
    return layered(frame(rows), _hint(rows), rule, lines, gap, point, *names, size, hover, height=HEIGHT)


# --- with one change each ---


def remedies_table(result: SideBySide | None, names: Sequence[str], split: str, log_x: bool, log_y: bool) -> pa.Table:
    """The table of remedies_chart: the losses of each run over the rows of "train" or "val", and its lowest validation
    loss. x counts updates. names: those of the runs, in their order.
    """
    if result is None or not result.runs:
        return _waiting("Press Run to draw the losses here", log_x, log_y)
    losses = [run.val if split == "val" else run.train for run in result.runs]
    bottom, top = _ends(losses, log_y)
    blocks, left, right = [], np.inf, 1.0
    for name, run, values in zip(names, result.runs, losses, strict=False):
        x, kept = _at(run.epoch * run.updates_an_epoch, log_x), _kept(values, log_x)
        left, right = min(left, x[0]), max(right, run.settings.epochs * run.updates_an_epoch)
        blocks.append(_block(RUN, name, name, x[kept], values[kept]))
        if split == "val":
            best = int(run.val.argmin())
            blocks.append(_block(BEST, name, name, x[[best]], values[[best]]))
    blocks.append(_block(FRAME, "", "", np.array([left, right]), np.array([bottom, top])))
    return _table(blocks, bottom, top)


def remedies_chart(loss_name: str, looks: tuple[tuple[str, str], ...], log_x: bool, log_y: bool) -> alt.LayerChart:
    """The chart of remedies_table; looks: the name of each run, and the change whose look it has."""
    rows = _rows("updates done", loss_name, log_x, log_y)
    colour, dash = _lines({name: LOOKS[change] for name, change in looks})
    lines = only(rows, RUN).mark_line(strokeWidth=2.2).encode(color=colour, strokeDash=dash)
    points = only(rows, BEST).mark_point(shape="diamond", filled=True, size=90, opacity=1).encode(color=colour)
    hover = _hover(only(rows, RUN), "run", "update")
    return layered(frame(rows), _hint(rows), lines, points, hover, height=HEIGHT + 50)  # for the lines of the legend


# --- the three training losses ---


def meanings_table(found: Meanings | None, log_y: bool) -> pa.Table:
    """The table of meanings_chart: x (epochs), and the loss of each batch, the running mean of each epoch (a line for
    each), and the loss over all rows after each epoch.
    """
    if found is None or not len(found.batch):
        return _waiting("Press Run to draw the three losses here", False, log_y)
    bottom, top = _ends((found.after, found.batch), log_y)
    ends = np.arange(len(found.after), dtype=float)
    m = found.updates_an_epoch
    kept = thin(found.batch)
    blocks = [
        _block(FRAME, "", "", np.array([0.0, max(found.epochs, 1)]), np.array([bottom, top])),
        _block(OF_BATCH, OF_BATCH, "", found.position[kept], found.batch[kept]),
    ]
    for epoch in np.unique(found.running_of):
        mine = np.flatnonzero(found.running_of == epoch)
        mine = mine[thin(found.running[mine], 40)]
        # a mean is known after the update whose batch it holds
        blocks.append(_block(MEAN, MEAN, f"epoch {epoch}", found.position[mine] + 1 / m, found.running[mine]))
    blocks.append(_block(AFTER, AFTER, "", ends, found.after))
    return _table(blocks, bottom, top)


def meanings_chart(loss_name: str, log_y: bool) -> alt.LayerChart:
    """The chart of meanings_table."""
    rows = _rows("epochs done", loss_name, False, log_y)
    colour, dash = _lines({OF_BATCH: (GREY, (1, 0)), MEAN: (VERMILLION, (7, 3)), AFTER: (BLUE, (1, 0))})
    batches = only(rows, OF_BATCH).mark_line(strokeWidth=1, opacity=0.7).encode(color=colour)
    means = only(rows, MEAN).mark_line(strokeWidth=2.2, point={"size": 26, "filled": True})
    means = means.encode(color=colour, strokeDash=dash, detail="label:N")
    after = only(rows, AFTER).mark_line(strokeWidth=2.2).encode(color=colour)
    points = only(rows, AFTER).mark_point(shape="square", filled=True, size=60, opacity=1).encode(color=colour)
    hover = _hover(only(rows, OF_BATCH, MEAN, AFTER), "training loss", "epochs done")
    return layered(frame(rows), _hint(rows), batches, means, after, points, hover, height=HEIGHT)


# --- shared ---


def _rows(x_title: str, y_title: str, log_x: bool, log_y: bool) -> alt.Chart:
    ticks = alt.Axis(tickCount=6, format=",.4~r", grid=False, labelFlush=True, labelOverlap=True)
    x_scale = alt.Scale(type="log" if log_x else "linear", nice=False)
    y_scale = alt.Scale(type="log", nice=False) if log_y else alt.Scale(nice=False, zero=True)
    # without a precision, the step of a linear axis sets it: ticks up to 10 by 2 would have one digit, and 10 be 1e+1
    return alt.Chart(alt.NamedData(TABLE)).encode(
        x=alt.X("x:Q", title=x_title, scale=x_scale, axis=ticks),
        y=alt.Y("y:Q", title=y_title, scale=y_scale, axis=alt.Axis(tickCount=5, format=".6~g")),
    )


def _lines(looks: dict[str, tuple[str, tuple[int, ...]]]) -> tuple[alt.Color, alt.StrokeDash]:
    """Colours and dashes of lines with these names, with a legend above the chart."""
    names = list(looks)
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", symbolSize=400, labelLimit=400)
    colour = alt.Scale(domain=names, range=[colour for colour, _ in looks.values()])
    dashes = alt.Scale(domain=names, range=[list(dash) for _, dash in looks.values()])
    return alt.Color("line:N", scale=colour, legend=legend), alt.StrokeDash("line:N", scale=dashes, legend=legend)


def _hint(rows: alt.Chart) -> alt.Chart:
    return only(rows, HINT).mark_text(fontSize=14, color=GREY).encode(text="label:N")


def _hover(rows: alt.Chart, what: str, x: str) -> alt.Chart:
    said = [alt.Tooltip("line:N", title=what), tip(x, "x"), tip("loss", "loss")]
    return rows.mark_point(size=70, opacity=0, filled=True).encode(tooltip=said)
