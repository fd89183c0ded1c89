"""The live loss of a run: each batch faint, all rows after each epoch bold, and earlier runs as ghosts."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import altair as alt
import numpy as np
import pyarrow as pa

from mbgd.charts.batch_sizes import DASHES, STYLES
from mbgd.charts.layers import BLUE, FRAME, GREY, VERMILLION, X_AXES, frame, layered, only, stacked, tip
from mbgd.charts.thinning import thin
from mbgd.charts.train.axes import axis_end, axis_start, batch_position
from mbgd.engine.activations import Array
from mbgd.engine.training import Training

TABLE = "loss"
BATCH, TRAIN, VAL, GHOST = "batch loss", "training rows", "validation rows", "earlier run"
LANE = "compared"  # a run of a comparison
COLOURS = {TRAIN: BLUE, VAL: VERMILLION, BATCH: GREY}
HEAD = "head"  # the end of a curve
NAME, RATE = "name", "rate"  # texts on a curve: what it is, and where its learning rate changed


NAME_STEP = 0.04  # of a curve, between two places that are tried for its name
LETTER, NAME_HEIGHT = 0.02, 0.12  # of a name, as shares of the width and height of a chart in a low window
FIRST_UPDATES = 64  # whose batch losses are all drawn on a logarithmic x-axis
HOVER_POINTS = 100  # per line: five pixels apart; each one costs the browser time at every redraw
OFF_THE_CHART = 3.0  # linear axis: its top is at most this many times the first loss


@dataclass(frozen=True)
class Curve:
    """The start and the epoch ends of a run: their positions on all four axes {axis: (E+1,)}, and losses (E+1,).

    val_loss may be empty. rates: after how many updates the learning rate became which, if it was changed. style: one
    of STYLES. mark: its name on the chart. dash: one of DASHES, if it is not that of its style.
    """

    label: str
    position: dict[str, Array]
    train_loss: Array
    val_loss: Array
    rates: tuple[tuple[int, float], ...] = ()
    style: str = ""
    mark: str = ""
    dash: str = ""


class Look(NamedTuple):
    """The losses over all rows after an update within an epoch, at which a learner looked."""

    updates: int
    samples: int
    seconds: float
    train_loss: float
    val_loss: float


def look(training: Training) -> Look:
    """The losses over all rows at the current weights."""
    train, val = (training.evaluate(split).loss for split in ("train", "val"))
    return Look(training.updates_done, training.samples_seen, training.seconds, train, val)


def curve(training: Training, label: str, looks: Sequence[Look] = ()) -> Curve:
    """The losses over all rows of a run: before its first update, at the end of each epoch, and after the `looks`."""
    history = training.history
    start, known = training.start, set(history.epoch_update.tolist())
    own = np.column_stack(
        [history.epoch_update, history.samples, history.seconds, history.train_loss, history.val_loss]
    )
    others = [each for each in looks if each.updates not in known and np.isfinite(each).all()]
    rows = np.vstack([[0.0, 0.0, 0.0, start["train"].loss, start["val"].loss], own, *others])  # (E+1, 5)
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    position: dict[str, Array] = dict(zip(("updates", "samples", "seconds"), rows.T[:3], strict=True))
    position["epochs"] = position["updates"] / training.plan.updates
    return Curve(label, position, rows[:, 3], rows[:, 4], changes_of_rate(training))


def numbers_of_run(run: Curve) -> pa.Table:
    """The losses of a run as a table to read: where each was measured, and over which rows."""
    where = {axis: run.position[axis] for axis in ("epochs", "updates", "samples", "seconds")}
    names = ("epochs", "updates", "rows seen", "seconds of computing")
    columns = dict(zip(names, where.values(), strict=True)) | {"training loss": run.train_loss}
    return pa.table(columns | ({"validation loss": run.val_loss} if len(run.val_loss) else {}))


def numbers_of_lanes(lanes: Sequence[Curve]) -> pa.Table:
    """The training losses of compared runs as a table to read: a row per epoch end, a column per run."""
    epochs = max((lane.position["epochs"] for lane in lanes), key=len)
    columns = {
        lane.label: pa.array([*lane.train_loss, *[None] * (len(epochs) - len(lane.train_loss))]) for lane in lanes
    }
    return pa.table({"epochs": pa.array(epochs)} | columns)


def changes_of_rate(training: Training) -> tuple[tuple[int, float], ...]:
    """After how many updates the learning rate became which; changes that no update followed are left out."""
    found: dict[int, float] = dict(training.rates)  # of several changes at one update, the last one counts
    steps = [(at, rate) for at, rate in sorted(found.items()) if at < max(training.updates_done, 1)]
    return tuple(after for before, after in pairwise(steps) if before[1] != after[1])


def rates_of(training: Training) -> tuple[tuple[int, float], ...]:
    """After how many updates a run had which learning rate, the first after none: it may be set before any update."""
    return ((0, dict(training.rates)[0]), *changes_of_rate(training))


def up_to_now(training: Training, label: str, looks: Sequence[Look] = ()) -> Curve:
    """The curve up to the last update: if it ends before, with one more point, the losses at the current weights."""
    now = [look(training)] if training.updates_done else []
    return curve(training, label, [*(each for each in looks if each.updates < training.updates_done), *now])


def loss_table(
    training: Training,
    axis: str,
    log: bool,
    ghosts: Sequence[Curve] = (),
    whole: bool = True,
    looks: Sequence[Look] = (),
    log_x: bool = False,
) -> pa.Table:
    """The table of loss_chart: a run and the runs before it.

    Its columns are x, loss, y (the loss, limited to the axis), series, split, run (a name), style, dash, mark (a
    text on the chart) and hover (whether the point has a tooltip). log_x: the x-axis is logarithmic, so what is at 0
    is left out.
    """
    own = up_to_now(training, "", looks)
    batch_loss = training.history.batch_loss
    kept = thin(batch_loss)
    if log_x:  # there the first updates have most of the room
        kept = np.union1d(kept, np.arange(min(FIRST_UPDATES, len(batch_loss))))
    rows = [(BATCH, BATCH, "", "", "", batch_position(training, axis, kept), batch_loss[kept])]
    rows += _lines(ghosts, GHOST, axis)
    for split, loss in ((TRAIN, own.train_loss), (VAL, own.val_loss)):
        kept = thin(loss)
        rows.append((split, split, "", "", "", own.position[axis][kept], loss[kept]))
    rows += rate_marks(own, axis)
    for split, loss in ((TRAIN, own.train_loss), (VAL, own.val_loss)):
        rows.append((HEAD, split, "", "", "", own.position[axis][-1:], loss[-1:]))
    end = max([axis_end(training, axis, whole), *(run.position[axis][-1] for run in ghosts)])
    start = min([axis_start(training, axis), *starts_of(ghosts, axis)]) if log_x else 0.0
    ends = loss_ends(training, log, ghosts)
    return table_of(rows + names_of(ghosts, axis, (start, end), ends, log), (start, end), ends, ghosts)


def lanes_table(
    lanes: Sequence[Curve], epochs: int, axis: str, log: bool, ghosts: Sequence[Curve] = (), log_x: bool = False
) -> pa.Table:
    """The table of loss_chart for a comparison of runs that end after so many epochs, and the runs before it."""
    rows = _lines(ghosts, GHOST, axis) + _lines(lanes, LANE, axis)
    for lane in lanes:
        rows.append((HEAD, TRAIN, lane.label, lane.style, "", lane.position[axis][-1:], lane.train_loss[-1:]))
    ends = [run.position[axis][-1] for run in (*lanes, *ghosts)]
    if axis != "seconds":  # how long it will take, nobody knows before
        ends += [
            lane.position[axis][-1] / lane.position["epochs"][-1] * epochs
            for lane in lanes
            if lane.position["epochs"][-1]
        ]
        ends.append(epochs if axis == "epochs" else 1)
    end, losses = float(max([*ends, 1e-3])), curve_ends([*lanes, *ghosts], log)
    start = min(starts_of([*lanes, *ghosts], axis), default=end / 2) if log_x else 0.0
    return table_of(rows + names_of([*lanes, *ghosts], axis, (start, end), losses, log), (start, end), losses, ghosts)


def starts_of(curves: Sequence[Curve], axis: str) -> list[float]:
    """Where each curve begins on a logarithmic axis, if it has a point there."""
    return [float(run.position[axis][1]) for run in curves if len(run.position[axis]) > 1]


Block = tuple[str, str, str, str, str, Array, Array]


def _lines(curves: Sequence[Curve], series: str, axis: str) -> list[Block]:
    """The lines of earlier or compared runs, and the places where their rates changed."""
    rows: list[Block] = []
    for run in curves:
        for split, loss in ((TRAIN, run.train_loss), (VAL, run.val_loss)):
            kept = thin(loss)
            rows.append((series, split, run.label, run.style, run.mark, run.position[axis][kept], loss[kept]))
        rows += rate_marks(run, axis)
    return rows


def names_of(
    curves: Sequence[Curve], axis: str, sides: tuple[float, float], ends: tuple[float, float], log: bool
) -> list[Block]:
    """A name on each curve: near its end, but further back where it would stand on another name or another's end.

    sides: the start and end of the x-axis, which is logarithmic unless it starts at 0.
    """
    start, end = sides
    bottom, top = ends

    def place(run: Curve) -> tuple[Array, Array]:
        x, y = run.position[axis], np.clip(run.train_loss, bottom, top)
        across = np.log(np.maximum(x, start) / start) / np.log(end / start) if start else x / end
        return across, np.log(y / bottom) / np.log(top / bottom) if log else (y - bottom) / (top - bottom)

    rows: list[Block] = []
    places = [place(run) for run in curves]
    names: list[tuple[float, float, int]] = []
    for number, (run, (across, up)) in enumerate(zip(curves, places, strict=True)):
        others = [(x[-1], y[-1], 1) for x, y in places[:number] + places[number + 1 :]]
        tried = [int(np.searchsorted(across, share * across[-1])) for share in np.arange(1, 0.2, -NAME_STEP)]
        free = [i for i in tried if all(_apart(across[i], up[i], len(run.mark), *one) for one in names + others)]
        i = (free or tried)[0]
        names.append((across[i], up[i], len(run.mark)))
        rows.append((NAME, TRAIN, run.label, run.style, run.mark, run.position[axis][[i]], run.train_loss[[i]]))
    return rows


def _apart(x: float, y: float, letters: int, other_x: float, other_y: float, other_letters: int) -> bool:
    """Whether two names, given by their places and letters, do not overlap."""
    room = LETTER * (1 + (letters + other_letters) / 2)
    return abs(x - other_x) >= room or abs(y - other_y) >= NAME_HEIGHT


def rate_marks(run: Curve, axis: str) -> list[Block]:
    """A point where the learning rate of a run changed, for each change, on the line of its training rows."""
    updates = run.position["updates"]
    return [
        (
            RATE,
            TRAIN,
            run.label,
            run.style,
            f"rate {rate:g}",
            np.interp([at], updates, run.position[axis]),
            np.interp([at], updates, run.train_loss),
        )
        for at, rate in run.rates
    ]


def table_of(
    rows: list[Block], sides: tuple[float, float], ends: tuple[float, float], ghosts: Sequence[Curve]
) -> pa.Table:
    """The table of these blocks, on an x-axis between `sides` and a loss axis between `ends`.

    ghosts: the curves that may have a dash which is not that of their style.
    """
    bottom, top = ends
    own_dash = {run.mark: run.dash for run in ghosts}
    rows.append((FRAME, "", "", "", "", np.array(sides), np.array([bottom, top])))
    if sides[0]:
        rows = [_from(sides[0], *block) for block in rows]
    pointed_at = [np.zeros(len(loss), dtype=bool) for *_, loss in rows]
    for shown, (*_, loss) in zip(pointed_at, rows, strict=True):
        shown[thin(loss, HOVER_POINTS)] = True
    dashes = [own_dash.get(mark) or style or split for _, split, _, style, mark, *_ in rows]
    blocks = [(*block[:5], dash, *block[5:]) for block, dash in zip(rows, dashes, strict=True)]
    table = stacked(("series", "split", "run", "style", "mark", "dash", "x", "loss"), blocks)
    table = table.append_column("y", pa.array(np.clip(table["loss"].to_numpy(), bottom, top)))
    return table.append_column("hover", pa.array(np.concatenate(pointed_at)))


def _from(start: float, series: str, split: str, run: str, style: str, mark: str, x: Array, loss: Array) -> Block:
    """The part of a block that begins here."""
    return series, split, run, style, mark, x[x >= start], loss[x >= start]


def loss_ends(training: Training, log: bool, ghosts: Sequence[Curve] = ()) -> tuple[float, float]:
    """Bottom and top of the loss axis of a run and the runs before it."""
    runs = [curve(training, ""), *ghosts]
    return curve_ends(runs, log, training.history.batch_loss, training.diverged)


def curve_ends(
    runs: Sequence[Curve], log: bool, batch_loss: Array | None = None, diverged: bool = False
) -> tuple[float, float]:
    """Bottom and top of the loss axis. They hardly move while a run goes on, even if single losses are large.

    Linear: from 0 to a little above the losses at the epoch ends. The first loss, often many times larger, may lie
    outside. A diverging run is shown up to three times the first loss. Log: whole powers of ten around all losses, but
    no lower than a hundredth of the best loss over all rows, and no higher than ten thousand times the first. A loss
    of exactly 0 has no place there: it is drawn at the bottom, a power of ten below the others.
    """
    of_all = [losses for run in runs for losses in (run.train_loss, run.val_loss) if len(losses)]
    first = max(losses[0] for losses in of_all)
    epoch_ends = np.concatenate([losses[1:] for losses in of_all])
    if not log:
        after_one = [float(losses[1]) for losses in of_all if len(losses) > 1]
        needed = max(1.08 * float(epoch_ends.max()), 1.6 * max(after_one)) if after_one else np.inf
        grows = diverged or (len(epoch_ends) and epoch_ends.max() > first)
        room = OFF_THE_CHART * first if grows else 1.08 * first
        return 0.0, float(min(needed, room))
    losses = np.concatenate([[first], [] if batch_loss is None else batch_loss, epoch_ends])
    measured = np.concatenate([[first], epoch_ends])
    lowest = measured[measured > 0].min(initial=first)
    bottom = max(losses[losses > 0].min(initial=first), lowest * 1e-2)
    top = min(losses.max(), first * 1e4)
    power = np.floor(np.log10(bottom)) - (1 if (measured == 0).any() else 0)
    return float(10**power), float(10 ** np.ceil(np.log10(top)))


def loss_chart(axis: str, log: bool, loss_name: str, log_x: bool = False) -> alt.LayerChart:
    """The chart of loss_table; `loss_name` is the title of the loss axis."""
    scale = alt.Scale(nice=False, type="log") if log_x else alt.Scale(nice=False)
    ticks = alt.Axis(tickCount=6, format=",.4~r", grid=False, labelFlush=True, labelOverlap=True)
    x = alt.X("x:Q", title=X_AXES[axis], scale=scale, axis=ticks)
    y = alt.Y(
        "y:Q",
        title=loss_name,
        scale=alt.Scale(type="log", nice=False) if log else alt.Scale(zero=True, nice=False),
        axis=alt.Axis(tickCount=5, format=".6~g"),
    )
    series = [TRAIN, VAL, BATCH]
    colour = alt.Color(
        "series:N",
        scale=alt.Scale(domain=series, range=[COLOURS[name] for name in series]),
        legend=None,
    )
    rows = alt.Chart(alt.NamedData(TABLE)).encode(x=x, y=y)
    colours, styles = [style.colour for style in STYLES.values()], list(STYLES)
    dashes = alt.Scale(  # one for all layers, because they share it
        domain=[TRAIN, VAL, *DASHES], range=[[1, 0], [6, 4], *map(list, DASHES.values())]
    )
    dash = alt.StrokeDash("dash:N", scale=dashes, legend=None)
    of_style = alt.Stroke("style:N", scale=alt.Scale(domain=styles, range=colours), legend=None)
    in_style = alt.Fill("style:N", scale=alt.Scale(domain=styles, range=colours), legend=None)

    batches = only(rows, BATCH).mark_line(strokeWidth=1, opacity=0.65).encode(color=colour)
    earlier = only(rows, GHOST).encode(stroke=of_style, strokeDash=dash, detail="mark:N")
    ghosts = earlier.transform_filter(alt.datum.split == TRAIN).mark_line(strokeWidth=1.8, opacity=0.85)
    ghosts_val = earlier.transform_filter(alt.datum.split == VAL).mark_line(strokeWidth=0.9, opacity=0.6)
    lanes = only(rows, LANE).mark_line(strokeWidth=2.4)
    lanes = lanes.encode(stroke=of_style, strokeDash=dash, detail="mark:N")
    names = only(rows, NAME).mark_text(dy=-9, fontSize=12, fontWeight="bold").encode(text="mark:N", fill=in_style)
    rates = only(rows, RATE).mark_point(shape="diamond", size=70, color=GREY, filled=True, opacity=1)
    rate_names = only(rows, RATE).mark_text(dy=-12, fontSize=11, color=GREY).encode(text="mark:N")
    curves = only(rows, TRAIN, VAL).mark_line(strokeWidth=2.5).encode(color=colour, strokeDash=dash)
    heads = only(rows, HEAD).mark_point(filled=True, size=60, opacity=1)
    of_run = alt.condition(alt.datum.split == TRAIN, alt.value(BLUE), alt.value(VERMILLION))
    own_heads = heads.transform_filter('datum.style === ""').encode(color=of_run)
    shapes = alt.Scale(domain=styles, range=[style.shape for style in STYLES.values()])
    lane_heads = heads.transform_filter('datum.style !== ""')
    lane_heads = lane_heads.encode(fill=in_style, shape=alt.Shape("style:N", scale=shapes, legend=None))
    hover = only(rows, *series, GHOST, LANE).transform_filter("datum.hover").mark_point(size=90, opacity=0, filled=True)
    hover = hover.encode(
        tooltip=[
            tip(X_AXES[axis], "x"),
            tip("loss", "loss"),
            alt.Tooltip("split:N", title="loss of"),
            alt.Tooltip("run:N", title="run"),
        ]
    )
    parts = (batches, ghosts_val, ghosts, lanes, curves, own_heads, lane_heads, rates, rate_names, names, hover)
    return layered(frame(rows), *parts)
