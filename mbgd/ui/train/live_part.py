"""What the live part of the page Train shows: its headings and legend, and the charts of a run or of a comparison."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np
import streamlit as st

from mbgd.charts.batch_sizes import DASHES, STYLES, Style, batch_name, dashed_in_css, mode_name
from mbgd.charts.layers import LOSS_NAMES
from mbgd.charts.train.confusion import Matrix
from mbgd.charts.train.loss import COLOURS, Curve, curve_ends, lanes_table, loss_chart, loss_ends, loss_table
from mbgd.charts.train.pictures import main_picture, picture_title
from mbgd.charts.train.thumbnail import thumbnail, what_it_shows
from mbgd.charts.words import duration
from mbgd.data.dataset import Dataset
from mbgd.experiments.train.comparison import Runner
from mbgd.experiments.train.seen import Lane
from mbgd.ui.kit.draw import draw, draw_picture
from mbgd.ui.kit.html import picture_heading, summed, unbroken
from mbgd.ui.kit.live import show_progress
from mbgd.ui.kit.pace import Speed
from mbgd.ui.train.again import note_trained
from mbgd.ui.train.compared import Compared, at_end
from mbgd.ui.train.more import more_pictures
from mbgd.ui.train.numbers import (
    batch_sentence,
    loss_in_words,
    losses_in_words,
    progress,
    results_of_comparison,
    results_of_run,
    run_tiles,
    spoken_results,
)
from mbgd.ui.train.run import Run
from mbgd.ui.train.words import settings_in_words

SOLID = "16"  # the style whose line looks like that of a single run's training rows
IN_WORDS = ("blue: training rows", "orange, dashed: validation rows", "thin: batch loss")


class Scales(NamedTuple):
    """What the x-axis of the loss chart counts, and which of its axes are logarithmic."""

    axis: str
    log_x: bool
    log_loss: bool


def headings(run: Run, log_loss: bool) -> None:
    """The headings of the loss chart and of the picture beside it, and the legend: the same while the run plays."""
    compared = run.compared
    if compared:
        beyond = "" if compared.playing else _beyond_of_lanes(compared.curves, _ghosts(run), log_loss)
        left = picture_heading("Training loss", f"over all training rows{beyond}")
        left += _legend({}, compared.curves, _ghosts(run))
        right_side = "What each network predicts"
    else:
        beyond = "" if run.playing else _beyond(run, log_loss)
        left = picture_heading("Loss", f"{run.label}{beyond}") + _legend(COLOURS, [], _ghosts(run))
        right_side = picture_title(run.dataset)
    st.html(left)
    st.html(picture_heading(right_side))


def draw_run(run: Run, speed: Speed, scales: Scales) -> None:
    """Draw a run: its losses, its picture, its progress and its numbers."""
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


def draw_comparison(run: Run, compared: Compared, scales: Scales) -> None:
    """Draw a comparison: the loss of each network, its picture, and the progress of all."""
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
    shows = what_it_shows(compared.dataset)
    return f'<div class="mbgd-three">{figures}</div>{summed(shows) if shows else ""}'


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
    return at_end(lane.last, lane.accuracy)


def _ghosts(run: Run) -> list[Curve]:
    """The earlier runs that are drawn beside the comparison, or beside the run."""
    shown = run.compared or run
    beside = [curve.style for curve in run.compared.curves] if run.compared else [SOLID]
    return run.ghosts.drawn(shown.choices, shown.dataset.loss, beside)


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


def _beyond_of_lanes(lanes: Sequence[Curve], ghosts: Sequence[Curve], log: bool) -> str:
    """Which runs of a comparison have losses above the loss chart, which are drawn at its top edge."""
    _, top = curve_ends([*lanes, *ghosts], log)
    high = [lane.label for lane in lanes if lane.train_loss.max() > top]
    return f" · losses above {top:.3g} are drawn at the top edge: {', '.join(high)}" if high else ""


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
