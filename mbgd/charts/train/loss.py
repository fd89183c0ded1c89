"""The live loss of a run: each batch faint, all rows after each epoch bold, and earlier runs as ghosts."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mbgd.charts.layers import BLUE, FRAME, GREY, VERMILLION, X_AXES, frame, layered, only, stacked, tip
from mbgd.charts.thinning import thin
from mbgd.engine.activations import Array
from mbgd.engine.training import Training

TABLE = "loss"
BATCH, TRAIN, VAL, GHOST = "each batch", "training rows", "validation rows", "earlier run"
COLOURS = {TRAIN: BLUE, VAL: VERMILLION, BATCH: GREY}
GHOST_COLOURS = ["#B07AA1", "#8C8B3E", "#5B8E8C"]  # of earlier runs, first to last
HEAD = "head"  # the end of a curve
HOVER_POINTS = 100  # per line: five pixels apart; each one costs the browser time at every redraw
OFF_THE_CHART = 3.0  # linear axis: its top is at most this many times the first loss


@dataclass(frozen=True)
class Curve:
    """The start and the epoch ends of a run: their positions on all four axes {axis: (E+1,)}, and losses (E+1,)."""

    label: str
    position: dict[str, Array]
    train_loss: Array
    val_loss: Array


def curve(training: Training, label: str) -> Curve:
    """The losses over all rows of a run: before its first update, and at the end of each epoch."""
    history = training.history
    position = {
        "updates": history.epoch_update,
        "epochs": history.epoch,
        "samples": history.samples,
        "seconds": history.seconds,
    }
    return Curve(
        label,
        {axis: np.concatenate([[0.0], values]) for axis, values in position.items()},
        np.concatenate([[training.start["train"].loss], history.train_loss]),
        np.concatenate([[training.start["val"].loss], history.val_loss]),
    )


def _up_to_now(training: Training, run: Curve) -> Curve:
    """The curve up to the last update: if it ends before, with one more point, the loss at the current weights."""
    done = training.updates_done
    behind = done > run.position["updates"][-1]
    now = {split: training.evaluate(split).loss for split in ("train", "val")} if behind else {}
    if not now or not np.isfinite(list(now.values())).all():
        return run
    here = {
        "updates": done,
        "epochs": done / training.plan.updates,
        "samples": training.samples_seen,
        "seconds": training.seconds,
    }
    return Curve(
        run.label,
        {axis: np.append(values, here[axis]) for axis, values in run.position.items()},
        np.append(run.train_loss, now["train"]),
        np.append(run.val_loss, now["val"]),
    )


def batch_position(training: Training, axis: str, kept: NDArray[np.intp]) -> Array:
    """The positions of the batch losses `kept` on an axis: each was measured before its update."""
    plan, history = training.plan, training.history
    before = history.update[kept] - 1
    if axis == "updates":
        return before.astype(float)
    if axis == "epochs":
        return before / plan.updates
    if axis == "samples":
        return before // plan.updates * plan.rows + before % plan.updates * float(plan.batch_size)
    return np.interp(before, np.append(0, history.update), np.append(0.0, history.update_seconds))


def axis_end(training: Training, axis: str, whole: bool) -> float:
    """The end of a run's axis: the end of the whole run, or of a part that holds all updates done so far.

    The part is the whole run, halved again and again while all updates done still fit, and at least 25 updates. It
    grows in a few large steps. So the first updates are seen in slow motion, and the picture rarely moves.
    """
    updates = training.total_updates
    while not whole and updates / 2 >= max(25, training.updates_done):
        updates /= 2
    if axis == "updates":
        return updates
    if axis == "epochs":
        return updates / training.plan.updates
    if axis == "samples":
        return updates / training.plan.updates * training.plan.rows
    if training.updates_done < 2:
        return 1e-3
    # the seconds of the run are predicted from those so far, rounded up to a quarter power of two
    expected = training.seconds * updates / training.updates_done
    return float(2 ** (np.ceil(np.log2(expected) * 4) / 4))


def loss_table(training: Training, axis: str, log: bool, ghosts: Sequence[Curve] = (), whole: bool = True) -> pa.Table:
    """The table of loss_chart.

    Its columns are x, loss, y (the loss, limited to the axis), series, split, run, and hover (whether the point has a
    tooltip).
    """
    own = _up_to_now(training, curve(training, ""))
    batch_loss = training.history.batch_loss
    kept = thin(batch_loss)
    rows = [(BATCH, BATCH, "", batch_position(training, axis, kept), batch_loss[kept])]
    for run in (*ghosts, own):
        for split, loss in ((TRAIN, run.train_loss), (VAL, run.val_loss)):
            kept = thin(loss)
            rows.append((GHOST if run.label else split, split, run.label, run.position[axis][kept], loss[kept]))
    for split, loss in ((TRAIN, own.train_loss), (VAL, own.val_loss)):
        rows.append((HEAD, split, "", own.position[axis][-1:], loss[-1:]))
    bottom, top = loss_ends(training, log, ghosts)
    end = max([axis_end(training, axis, whole), *(run.position[axis][-1] for run in ghosts)])
    rows.append((FRAME, "", "", np.array([0.0, end]), np.array([bottom, top])))
    pointed_at = [np.isin(np.arange(len(loss)), thin(loss, HOVER_POINTS)) for *_, loss in rows]
    table = stacked(("series", "split", "run", "x", "loss"), rows)
    table = table.append_column("y", pa.array(np.clip(table["loss"].to_numpy(), bottom, top)))
    return table.append_column("hover", pa.array(np.concatenate(pointed_at)))


def loss_ends(training: Training, log: bool, ghosts: Sequence[Curve] = ()) -> tuple[float, float]:
    """Bottom and top of the loss axis. They hardly move while a run goes on, even if single losses are large.

    Linear: from 0 to a little above the losses at the epoch ends. The first loss, often many times larger, may lie
    outside. A diverging run is shown up to three times the first loss. Log: whole powers of ten around all losses, but
    no lower than a hundredth of the best loss over all rows, and no higher than ten thousand times the first.
    """
    runs = [curve(training, ""), *ghosts]
    first = max(max(run.train_loss[0], run.val_loss[0]) for run in runs)
    epoch_ends = np.concatenate([losses[1:] for run in runs for losses in (run.train_loss, run.val_loss)])
    if not log:
        after_one = [float(losses[1]) for run in runs for losses in (run.train_loss, run.val_loss) if len(losses) > 1]
        needed = max(1.08 * float(epoch_ends.max()), 1.6 * max(after_one)) if after_one else np.inf
        grows = training.diverged or (len(epoch_ends) and epoch_ends.max() > first)
        room = OFF_THE_CHART * first if grows else 1.08 * first
        return 0.0, float(min(needed, room))
    batch_loss = training.history.batch_loss
    losses = np.concatenate([[first], batch_loss, epoch_ends])
    lowest = min(run.train_loss.min() for run in runs)
    bottom = max(losses[losses > 0].min(initial=first), lowest * 1e-2, 1e-12)
    top = min(losses.max(), first * 1e4)
    return float(10 ** np.floor(np.log10(bottom))), float(10 ** np.ceil(np.log10(top)))


def loss_chart(axis: str, log: bool, loss_name: str) -> alt.LayerChart:
    """The chart of loss_table; `loss_name` is the title of the loss axis."""
    ticks = alt.Axis(tickCount=6, format=",.4~r", grid=False, labelFlush=True)
    x = alt.X("x:Q", title=X_AXES[axis], scale=alt.Scale(nice=False), axis=ticks)
    y = alt.Y(
        "y:Q",
        title=loss_name,
        scale=alt.Scale(type="log", nice=False) if log else alt.Scale(zero=True, nice=False),
        axis=alt.Axis(tickCount=5, format="~g"),
    )
    series = [TRAIN, VAL, BATCH]
    colour = alt.Color(
        "series:N",
        scale=alt.Scale(domain=series, range=[COLOURS[name] for name in series]),
        legend=None,
    )
    dash = alt.StrokeDash("split:N", scale=alt.Scale(domain=[TRAIN, VAL], range=[[1, 0], [6, 4]]), legend=None)
    rows = alt.Chart(alt.NamedData(TABLE)).encode(x=x, y=y)

    batches = only(rows, BATCH).mark_line(strokeWidth=1, opacity=0.65).encode(color=colour)
    of_run = alt.Stroke("run:N", scale=alt.Scale(range=GHOST_COLOURS), sort=None, legend=None)
    ghosts = only(rows, GHOST).mark_line(strokeWidth=1.5).encode(stroke=of_run, strokeDash=dash, detail="run:N")
    curves = only(rows, TRAIN, VAL).mark_line(strokeWidth=2.5).encode(color=colour, strokeDash=dash)
    heads = only(rows, HEAD).mark_point(filled=True, size=60, opacity=1)
    heads = heads.encode(color=alt.condition(alt.datum.split == TRAIN, alt.value(BLUE), alt.value(VERMILLION)))
    hover = only(rows, *series, GHOST).transform_filter("datum.hover").mark_point(size=90, opacity=0, filled=True)
    hover = hover.encode(
        tooltip=[
            tip(X_AXES[axis], "x"),
            tip("loss", "loss"),
            alt.Tooltip("split:N", title="loss of"),
        ]
    )
    return layered(frame(rows), batches, ghosts, curves, heads, hover)
