"""The live player: a part of the page with its buttons, and inside it the part that redraws itself during a run.

A click draws all of the player, and not the menu and the sidebar. It is answered before the next redraw.
"""

from collections.abc import Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from mbgd.charts.batch_sizes import DASHES, STYLES, Style, batch_name, dashed_in_css, mode_name
from mbgd.charts.layers import AXIS_NAMES, LOSS_NAMES, X_AXES
from mbgd.charts.train.confusion import MATRIX_HEADING, Matrix, confusion
from mbgd.charts.train.digits import image_strip, weight_sheet
from mbgd.charts.train.loss import (
    COLOURS,
    Curve,
    lanes_table,
    loss_chart,
    loss_ends,
    loss_table,
    numbers_of_lanes,
    numbers_of_run,
    up_to_now,
)
from mbgd.charts.train.pictures import main_picture, picture_title
from mbgd.charts.train.prediction import outputs
from mbgd.charts.train.thumbnail import thumbnail
from mbgd.charts.words import duration
from mbgd.data.dataset import Dataset
from mbgd.experiments.train.comparison import Runner
from mbgd.experiments.train.seen import Lane
from mbgd.share.allowed import YES_OR_NO
from mbgd.share.choices import Choices
from mbgd.ui.kit.draw import draw, draw_picture, picture_numbers
from mbgd.ui.kit.html import announcement, picture_heading, unbroken
from mbgd.ui.kit.live import action_button, live, owner, show_progress
from mbgd.ui.kit.pace import DEFAULT_SPEED, SPEEDS, Speed
from mbgd.ui.kit.part import part
from mbgd.ui.kit.source import folded
from mbgd.ui.kit.state import keep, linked
from mbgd.ui.train.again import note_trained, offer_again
from mbgd.ui.train.choosing import set_choices
from mbgd.ui.train.compared import (
    FIRST_LABEL,
    FIRST_TRY,
    MEASURED,
    SECOND_LABEL,
    SECOND_TRY,
    Compared,
    button_label,
    caveat,
    is_first_try,
    is_measured,
    is_second_try,
    right,
)
from mbgd.ui.train.earlier import earlier_runs
from mbgd.ui.train.numbers import (
    batch_sentence,
    loss_in_words,
    losses_in_words,
    progress,
    results_of_comparison,
    results_of_run,
    run_tiles,
    spoken,
    spoken_results,
    status,
)
from mbgd.ui.train.run import FIRST_SLICE, Run
from mbgd.ui.train.session import current_run
from mbgd.ui.train.words import settings_in_words

IMAGES = 20  # rows shown as images in a strip
UNITS_SHOWN = 40
SOLID = "16"  # the style whose line looks like that of a single run's training rows
HERE = Path(__file__).parent
IN_WORDS = ("blue: training rows", "orange, dashed: validation rows", "thin: batch loss")
COMPARE_NEXT = "compare_next"  # the session's note that the comparison begins when the page is drawn


class Scales(NamedTuple):
    """What the x-axis of the loss chart counts, and which of its axes are logarithmic."""

    axis: str
    log_x: bool
    log_loss: bool


def player(choices: Choices, dataset: Dataset) -> None:
    """The buttons and the live part of the page Train: a part of its own, so that a click need not draw the sidebar."""
    st.html(HERE / "style.css")

    def act() -> None:
        owner().act()
        if st.session_state["choices"] != choices:  # a click has set controls of the sidebar
            st.rerun()

    part("player", lambda: _player(choices, dataset), act)


def _player(choices: Choices, dataset: Dataset) -> None:
    run = current_run(choices, dataset)
    if st.session_state.pop(COMPARE_NEXT, False):  # a click has set the sidebar's choices for it
        _compare(run)
    run.seek_advice()
    speed = SPEEDS[st.session_state[linked("speed", "speed", DEFAULT_SPEED, SPEEDS)]]
    offer_again(run, lambda: _compare(run))  # above all else, so that it is seen on a low screen, too
    _transport(run, speed)
    with st.container(key="said"):  # below the chart on a low screen (style.css)
        st.html(status(run) + announcement(spoken(run)))
        _offers(run)
    scales = _switches()
    with st.container(key="live_part"):  # a grid (style.css): columns inside would cost messages at each redraw
        _headings(run)
        _live_part(run, speed, scales)
    _numbers_to_read(run)
    earlier_runs(run)


def _live_part(run: Run, speed: Speed, scales: Scales) -> None:
    compared = run.compared
    if compared:
        live("live", compared, lambda: _draw_comparison(run, compared, scales), compared.play)
    elif run.advice and run.advice.playing:
        live("live", run.advice, lambda: _draw(run, speed, scales), run.advice.work)
    else:
        pace = speed.updates_a_second(run.training.plan.updates)
        live("live", run, lambda: _draw(run, speed, scales), partial(run.play, speed), pace)


def _numbers_to_read(run: Run) -> None:
    """The losses of the chart as a table, folded away. The chart's own table has columns that only the chart needs."""
    compared = run.compared

    def draw_table() -> None:
        table = (
            numbers_of_lanes(compared.curves) if compared else numbers_of_run(up_to_now(run.training, "", run.looks))
        )
        st.dataframe(table, hide_index=True, height=280)

    if (compared and compared.comparison.done and not compared.playing) or (not compared and _stands(run)):
        folded("The losses as a table", "details_losses", draw_table)
    if not compared and _stands(run):
        picture = main_picture(run.dataset, run.training.layers, run.batch_rows)
        if not isinstance(picture, Matrix):
            folded("The picture as a table", "numbers_picture", lambda: picture_numbers(picture))


def _offers(run: Run) -> None:
    """What to try next, with one click."""
    compared, advice = run.compared, run.advice
    if compared and compared.told and not run.compared_stale:
        tries = is_first_try(compared.choices)
        measured = MEASURED if tries and is_measured(compared) else ""
        says = " ".join(filter(None, [caveat(compared.comparison.lanes), measured]))
        if says:
            st.html(f'<p class="mbgd-uses">{unbroken(says)}</p>')
        if tries:
            action_button(SECOND_LABEL, _second_try, key="try_second", icon="compare")
        elif is_second_try(compared.choices):
            action_button(FIRST_LABEL, lambda: set_choices(**FIRST_TRY), key="try_first", icon="undo")
    elif not compared and advice and advice.safe and advice.safe.rate and not run.stale:
        rate = advice.safe.rate
        action_button(f"Set the rate to {rate:g}", lambda: set_choices(rate=rate), key="set_rate", icon="tune")


# --- the buttons ---


def _transport(run: Run, speed: Speed) -> None:
    compared = run.compared
    playing = run.playing or (compared is not None and compared.playing)
    can_go = run.stale or not run.ended
    begins = not (run.training.updates_done or compared or len(run.ghosts))  # what is said then begins with Compare
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="transport"):
        action_button(
            "Train",
            lambda: _train(run, speed),
            type="secondary" if begins else "primary",
            key="train",
            icon="play_arrow",
            disabled=playing or not can_go,
            help="Train until all epochs are done or you press Pause.",
        )
        action_button(
            "Go on comparing"
            if run.goes_on_comparing
            else button_label(run.chosen, len(run.chosen_dataset.X_train), again=run.compares_again),
            lambda: _compare(run),
            type="primary" if begins else "secondary",
            key="compare",
            icon="compare",
            disabled=playing,
            help="Train three networks side by side. They differ only in the batch size.",
        )
        action_button(
            "Pause",
            run.pause,
            key="pause",
            icon="pause",
            disabled=not playing,
        )
        action_button(
            "Step 1 update",
            lambda: run.step(updates=1),
            key="step_update",
            icon="skip_next",
            disabled=not can_go,
            help="Take one batch and update the weights once. Rings in the picture mark its rows.",
        )
        action_button(
            "Step 1 epoch",
            lambda: run.step(epochs=1),
            key="step_epoch",
            icon="fast_forward",
            disabled=not can_go,
            help="Train to the end of this epoch.",
        )
        action_button(
            "Reset",
            run.reset,
            key="reset",
            icon="restart_alt",
            help="Start again with a fresh network and the sidebar's settings. Earlier runs stay in the chart.",
        )


def _second_try() -> None:
    set_choices(**SECOND_TRY)
    st.session_state[COMPARE_NEXT] = True


def _train(run: Run, speed: Speed) -> None:
    run.train()
    run.play(speed, FIRST_SLICE)  # so that the first picture has a point to show


def _compare(run: Run) -> None:
    run.compare()
    if run.compared:
        run.compared.play(FIRST_SLICE)


# --- the part that redraws itself ---


def _switches() -> Scales:
    """Draw the chart's switches and the speed. Return the scales of the chart."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="switches"):
        st.segmented_control(
            "x-axis",
            list(X_AXES),
            key=linked("x", "x_axis", "epochs", X_AXES),
            format_func=AXIS_NAMES.__getitem__,
            required=True,
            label_visibility="collapsed",
        )
        st.toggle("log x", key=linked("logx", "log_x", False, YES_OR_NO))
        st.toggle(
            "log y",
            key=linked("log", "log_loss", False, YES_OR_NO),
            help="A logarithmic axis shows small and large losses equally well.",
        )
        st.select_slider("Speed", list(SPEEDS), key="speed", width=260)
    keep("speed")
    return Scales(keep("x_axis"), keep("log_x"), keep("log_loss"))


def _headings(run: Run) -> None:
    """The headings of the loss chart and of the picture beside it, and the legend: the same while the run plays."""
    compared = run.compared
    if compared:
        left = picture_heading("Training loss", "over all training rows") + _legend({}, compared.curves, _ghosts(run))
        right_side = "What each network predicts"
    else:
        beyond = "" if run.playing else _beyond(run, keep("log_loss"))
        left = picture_heading("Loss", f"{run.label}{beyond}") + _legend(COLOURS, [], _ghosts(run))
        right_side = picture_title(run.dataset)
    st.html(left)
    st.html(picture_heading(right_side))


def _draw(run: Run, speed: Speed, scales: Scales) -> None:
    note_trained(run)
    training, dataset = run.training, run.dataset
    in_slow_motion = not run.playing or (speed.updates or 0) >= 1
    of_all = training.plan.batch_size == len(dataset.X_train)  # rings around all points would only hide them
    rows = run.batch_rows if in_slow_motion and not of_all else np.arange(0)
    whole = not (run.stepped or speed.updates or training.diverged)
    ghosts = _ghosts(run)
    draw(
        loss_chart,
        (scales.axis, scales.log_loss, LOSS_NAMES[dataset.loss], scales.log_x),
        loss_table(training, scales.axis, scales.log_loss, ghosts, whole, run.looks, scales.log_x),
        alt=loss_in_words(scales.axis),
        caption=_caption([run.label, *IN_WORDS], [], ghosts),
        explained=True,
    )
    picture = main_picture(dataset, training.layers, rows)
    if isinstance(picture, Matrix):
        st.html(picture.html)
    else:
        draw_picture(picture, f"{picture_title(dataset)} · {run.label}")
    share, text = progress(run, speed)
    show_progress(share, text, playing=run.playing)
    more = more_pictures(dataset, training.layers, rows)
    st.html(run_tiles(run, speed) + batch_sentence(run) + more + spoken_results(results_of_run(run)))


def _draw_comparison(run: Run, compared: Compared, scales: Scales) -> None:
    note_trained(run)
    comparison, curves = compared.comparison, compared.curves
    about = settings_in_words(compared.choices, "training rows")
    ghosts = _ghosts(run)
    draw(
        loss_chart,
        (scales.axis, scales.log_loss, LOSS_NAMES[compared.dataset.loss], scales.log_x),
        lanes_table(curves, comparison.epochs, scales.axis, scales.log_loss, ghosts, scales.log_x),
        alt=losses_in_words(compared, scales.axis),
        caption=_caption([about], curves, ghosts),
        explained=True,
    )
    st.html(small_pictures(compared) + spoken_results(results_of_comparison(compared)))
    left = compared.seconds_left if compared.playing else None
    text = f"Epoch {comparison.done:,} of {comparison.epochs:,}" + (f" · {duration(left)} left" if left else "")
    show_progress(comparison.done / comparison.epochs, text, playing=compared.playing)


def small_pictures(compared: Compared) -> str:
    """The picture of each network, with its name, its training loss and its accuracy, as HTML."""
    parts = zip(compared.comparison.runners, compared.curves, strict=True)
    figures = "".join(_figure(compared.dataset, runner, STYLES[shown.style]) for runner, shown in parts)
    return f'<div class="mbgd-three">{figures}</div>'


def _figure(dataset: Dataset, runner: Runner, style: Style) -> str:
    mode = mode_name(runner.batch_size, len(dataset.X_train))
    name = f"<b>{style.symbol} {batch_name(runner.batch_size)}</b>{f' {mode}' if mode else ''}"
    return (
        f'<figure style="--line: {style.colour}; --border: {style.border}"><figcaption>{name}</figcaption>'
        f'<img src="{thumbnail(dataset, runner.layers)}" alt="What {batch_name(runner.batch_size)} predicts"/>'
        f"<figcaption>{unbroken(_numbers(runner.lane))}</figcaption></figure>"
    )


def _numbers(lane: Lane) -> str:
    if lane.diverged is not None:
        return f"diverged at update {lane.diverged:,}"
    return f"loss {lane.last:.3g}{right(lane)}"


def _ghosts(run: Run) -> list[Curve]:
    """The earlier runs that are drawn beside the comparison, or beside the run."""
    shown = run.compared or run
    beside = [curve.style for curve in run.compared.curves] if run.compared else [SOLID]
    return run.ghosts.drawn(shown.choices, shown.dataset.loss, beside)


def _stands(run: Run) -> bool:
    """Whether the run has trained and does not play: its results may then change a chart's words."""
    return run.training.updates_done > 0 and not run.playing


def _caption(parts: list[str], lanes: Sequence[Curve], ghosts: Sequence[Curve]) -> str:
    """What a saved picture of the loss chart says: its settings, and what its lines are."""
    earlier = (f"{run.mark} {STYLES[run.style].symbol} {run.label}" for run in ghosts)
    return " · ".join([*parts, *(f"{STYLES[run.style].symbol} {run.label}" for run in lanes), *earlier])


def _legend(colours: dict[str, str], lanes: Sequence[Curve], ghosts: Sequence[Curve]) -> str:
    """The lines of the loss chart as text, which wraps; a legend inside the chart would be cut off."""
    lines = [
        f'<span style="--line: {colour}" class="mbgd-line-{i}">{name}</span>'
        for i, (name, colour) in enumerate(colours.items())
    ]
    lines += [_line(lane, f"<b>{escape(lane.label)}</b>") for lane in lanes]
    lines += [_line(ghost, f"<b>{escape(ghost.mark)}</b> {escape(ghost.label)}") for ghost in ghosts]
    return f'<p class="mbgd-legend">{unbroken("".join(lines))}</p>'


def _line(run: Curve, name: str) -> str:
    style = STYLES[run.style]
    looks = f"--line: {style.colour}; --dash: {dashed_in_css(DASHES[run.dash or run.style])}"
    return f'<span style="{looks}" class="mbgd-line-of">{style.symbol} {name}</span>'


def _beyond(run: Run, log: bool) -> str:
    """How many losses lie above the loss chart, and are drawn at its top edge."""
    losses = run.training.history.batch_loss  # a long run keeps only some losses, but all spikes
    _, top = loss_ends(run.training, log, _ghosts(run))
    above = int(np.count_nonzero(losses > top))
    exact = len(losses) == run.training.updates_done
    which = ("1 batch loss is" if above == 1 else f"{above:,} batch losses are") if exact else "some batch losses are"
    text = f" · {which} above the top of the chart; the largest is {losses.max():.3g}" if above else ""
    zero = log and (run.training.history.train_loss == 0).any()
    return text + (" · a loss of exactly 0 is drawn at the bottom edge" if zero else "")


def more_pictures(dataset: Dataset, layers: list, rows: np.ndarray) -> str:
    """What is shown below the numbers, as HTML: images of rows and weights, or the confusion matrix; else nothing."""
    if dataset.pictured.kind == "images":
        return _images(dataset, layers, rows)
    if dataset.pictured.kind == "classes":
        matrix = confusion(dataset, layers)
        return f'<div class="mbgd-side"><div>{picture_heading(MATRIX_HEADING)}{matrix.html}</div></div>'
    return ""


def _images(dataset: Dataset, layers: list, rows: np.ndarray) -> str:
    strips = picture_heading(
        f"The first {IMAGES} validation rows", "below each: the predicted class; if wrong, predicted ≠ true"
    )
    strips += _strip(dataset, layers, "val", None)
    if len(rows):
        strips += picture_heading("Rows of this batch") + _strip(dataset, layers, "train", rows[:IMAGES])
    units, W = len(layers[0].W), layers[0].W[:UNITS_SHOWN]
    which = f"{UNITS_SHOWN} of {units:,} units" if units > UNITS_SHOWN else "each unit"
    layer = "first hidden layer" if len(layers) > 1 else "output layer"
    weights = picture_heading(f"Weights of {which} of the {layer}", "dark blue: below 0, grey: 0, light: above 0")
    weights += weight_sheet(
        W.reshape(-1, *dataset.pictured.shape), f"Weights of {len(W)} units of the {layer} as images"
    )
    return f'<div class="mbgd-side"><div>{strips}</div><div>{weights}</div></div>'


def _strip(dataset: Dataset, layers: list, split: str, rows: np.ndarray | None) -> str:
    X, Y = getattr(dataset, f"X_{split}"), getattr(dataset, f"Y_{split}")
    X, Y = (X[:IMAGES], Y[:IMAGES]) if rows is None else (X[rows], Y[rows])
    predicted, actual = outputs(dataset, layers, X).argmax(axis=1), Y.argmax(axis=1)
    names = dataset.target_names
    captions = [names[p] if p == a else f"{names[p]} ≠ {names[a]}" for p, a in zip(predicted, actual, strict=True)]
    right = list(predicted == actual)
    description = f"{len(X)} images, {sum(right)} of them classified correctly"
    return image_strip(dataset.images(X), captions, right, description)
