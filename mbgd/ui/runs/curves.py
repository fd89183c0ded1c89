"""The curves of the chosen runs over each other. Runs of other data or another loss are left out, and named."""

from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st

from mbgd.charts.batch_sizes import STYLES, style_name
from mbgd.charts.batch_sizes import apart as dashes_apart
from mbgd.charts.layers import LOSS_NAMES, X_AXES
from mbgd.charts.runs import runs_chart, runs_table
from mbgd.charts.train.loss import Curve
from mbgd.share.allowed import Several
from mbgd.share.runs.record import Record
from mbgd.share.runs.store import Runs
from mbgd.ui.frame.page import heading
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.html import note, unbroken
from mbgd.ui.kit.scales import Scales, Switches
from mbgd.ui.kit.state import choose, keep, linked, remembered
from mbgd.ui.runs.words import for_chart, in_words, numbered
from mbgd.ui.train.live_part import line_of

CHOSEN, SEEN = "runs_chosen", "runs_seen"  # the widget, and the session's note of the runs that it has offered
MOST_DRAWN = 7  # as many dashes are told apart, even if all runs have the same batch size
DIFFERENT = ("16", "1", "all", "8", "4", "64", "256", "2")  # styles whose colours and dashes are far from each other
SWITCHES = Switches("runs_x", "runs_log_x", "runs_log_y", Scales("epochs", False, False))
LOSSES = {"both": ("train", "val"), "training": ("train",), "validation": ("val",)}


def choose_runs(runs: Runs) -> list[Record]:
    """Let the learner choose runs for the chart. New ones are chosen, with those that can be drawn beside them."""
    known = {run.number: run for run in runs}
    seen: set[int] = st.session_state.setdefault(SEEN, set())
    default = first_choice(runs)
    before: list[int] | None = remembered(CHOSEN)
    if before is not None:
        new = [number for number in default if number not in seen]
        stay = [number for number in before if number in (default if new else known) and number not in new]
        if (now := [*stay, *new][-MOST_DRAWN:]) != before:
            choose(CHOSEN, now)
    seen.update(known)
    key = linked("runs", CHOSEN, default, Several(list(known), most=MOST_DRAWN, empty="none"))
    st.multiselect(
        "Runs in the chart",
        list(known),
        key=key,
        format_func=lambda number: numbered(known[number]),
        max_selections=MOST_DRAWN,
        help=f"At most {MOST_DRAWN} at a time. What differs between them is marked in the table.",
    )
    return [known[number] for number in keep(CHOSEN)]


def first_choice(runs: Runs) -> list[int]:
    """The numbers of the newest run and of those before it that can be drawn beside it."""
    newest = max(runs, key=lambda run: run.number)
    return [run.number for run in runs if run.comparable(newest)][-MOST_DRAWN:]


def draw_curves(runs: Runs, chosen: Sequence[Record]) -> None:
    """Draw the switches of the chart, and the losses of the chosen ones of these runs."""
    drawn = together(chosen)
    axis, losses, log_x, log_y = _switches()
    for run in chosen:
        if run not in drawn:
            st.html(note("changed", escape(why_left_out(run, drawn[-1]))))
    if not drawn:
        st.html(note("plain", "Choose one or more runs to see their losses."))
        return
    if others := [f"{run.number}" for run in runs if not run.comparable(drawn[-1]) and run not in chosen]:
        st.html(note("plain", f"Not drawn, because their data or their loss are others: run {', '.join(others)}."))
    curves = curves_of(drawn)
    splits = LOSSES[losses]
    of = {"both": "thick: training rows; thin, with circles: validation rows"}.get(losses, f"{losses} rows")
    noisy = " · times of single runs vary with what else the machine does" if axis == "seconds" else ""
    heading("Loss over all rows", f"{of}{noisy}")
    legend = "".join(
        line_of(curve, f"<b>{curve.mark}</b> {escape(in_words(run))}") for curve, run in zip(curves, drawn, strict=True)
    )
    st.html(f'<p class="mbgd-legend" style="margin-bottom: 0">{unbroken(legend)}</p>')
    name = LOSS_NAMES[drawn[0].loss]
    caption = " · ".join(
        [f"{name}, {of}", *(f"{curve.mark} {STYLES[curve.style].symbol} {curve.label}" for curve in curves)]
    )
    draw(
        runs_chart,
        (axis, log_x, log_y, name),
        runs_table(curves, splits, axis, log_x=log_x, log_y=log_y),
        key="runs_chart",
        alt=f"Loss of {len(curves)} runs against {X_AXES[axis]}, {of}.",
        caption=caption,
    )


def together(chosen: Sequence[Record]) -> list[Record]:
    """Of the chosen runs, the newest one and those that may share its axes."""
    if not chosen:
        return []
    newest = max(chosen, key=lambda run: run.number)
    return [run for run in chosen if run.comparable(newest)]


def why_left_out(run: Record, drawn: Record) -> str:
    """Why a run is not drawn beside another one, as a sentence."""
    if run.loss != drawn.loss:
        loss, other = LOSS_NAMES[run.loss], LOSS_NAMES[drawn.loss]
        why = f"its loss is {loss}, and that of run {drawn.number} is {other}"
    else:
        why = f"its data are not those of run {drawn.number}, so the losses can't be compared"
    return f"Run {run.number} ({in_words(run)}) is not drawn: {why}."


def styles_of(runs: Sequence[Record]) -> list[str]:
    """The style of each run among STYLES: that of its batch size. If all have the same, each run has one of its own."""
    styles = [style_name(run.batch_size, run.rows_train) for run in runs]
    if len(set(styles)) > 1:
        return styles
    return [*styles[:1], *(name for name in DIFFERENT if name not in styles)][: len(runs)]


def curves_of(runs: Sequence[Record]) -> list[Curve]:
    """The curves of runs, each with a dash of its own."""
    styles = styles_of(runs)
    return [
        Curve(
            for_chart(run),
            {
                "epochs": run.history.epochs,
                "updates": run.history.updates,
                "samples": run.history.rows,
                "seconds": np.maximum.accumulate(run.history.seconds),
            },
            run.history.train_loss,
            run.history.val_loss,
            run.rates[1:],
            style,
            f"{run.number}",
            dash,
        )
        for run, style, dash in zip(runs, styles, dashes_apart(styles, ()), strict=True)
    ]


def _switches() -> tuple[str, str, bool, bool]:
    """Draw the switches of the chart: its x-axis, the losses, and which of its axes are logarithmic."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="runs_switches"):
        SWITCHES.ask()
        st.segmented_control(
            "Losses over",
            list(LOSSES),
            key=linked("losses", "runs_losses", "both", LOSSES),
            required=True,
            label_visibility="collapsed",
        )
    scales = SWITCHES.chosen()
    return scales.axis, keep("runs_losses"), scales.log_x, scales.log_y
