"""The live player: a part of the page with its buttons, and inside it the part that redraws itself during a run.

A click draws all of the player, and not the menu and the sidebar. It is answered before the next redraw.
"""

from functools import partial
from pathlib import Path

import streamlit as st

from mbgd.charts.train.confusion import Matrix
from mbgd.charts.train.loss import numbers_of_lanes, numbers_of_run, up_to_now
from mbgd.charts.train.pictures import main_picture, picture_title
from mbgd.data.dataset import Dataset
from mbgd.share.choices import Choices
from mbgd.ui.frame.menu import go_to, page_of
from mbgd.ui.kit.draw import picture_numbers
from mbgd.ui.kit.html import announcement, unbroken
from mbgd.ui.kit.live import action_button, live, owner
from mbgd.ui.kit.pace import DEFAULT_SPEED, SPEEDS, Speed
from mbgd.ui.kit.part import part
from mbgd.ui.kit.saving import numbers_and_files
from mbgd.ui.kit.scales import Scales, Switches
from mbgd.ui.kit.source import folded
from mbgd.ui.kit.state import keep, linked
from mbgd.ui.train.again import offer_again
from mbgd.ui.train.choosing import set_choices
from mbgd.ui.train.compared import (
    FIRST_LABEL,
    FIRST_TRY,
    MEASURED,
    SECOND_LABEL,
    SECOND_TRY,
    button_label,
    caveat,
    is_first_try,
    is_measured,
    is_second_try,
)
from mbgd.ui.train.earlier import earlier_runs
from mbgd.ui.train.live_part import (
    draw_comparison,
    draw_run,
    headings,
    losses_of_comparison,
    losses_of_run,
)
from mbgd.ui.train.numbers import spoken, status
from mbgd.ui.train.run import FIRST_SLICE, Run
from mbgd.ui.train.session import current_run
from mbgd.ui.train.take_home import take_home

HERE = Path(__file__).parent
SWITCHES = Switches("x_axis", "log_x", "log_loss", Scales("epochs", False, False), link="log")
COMPARE_NEXT = "compare_next"  # the session's note that the comparison begins when the page is drawn


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
        headings(run, keep("log_loss"))
        _live_part(run, speed, scales)
    _numbers_to_read(run, speed, scales)
    take_home(run)
    earlier_runs(run)
    _pin(run)


def _live_part(run: Run, speed: Speed, scales: Scales) -> None:
    compared = run.compared
    if compared:
        live("live", compared, lambda: draw_comparison(run, compared, scales), compared.play)
    elif run.advice and run.advice.playing:
        live("live", run.advice, lambda: draw_run(run, speed, scales), run.advice.work)
    else:
        pace = speed.updates_a_second(run.training.plan.updates)
        live("live", run, lambda: draw_run(run, speed, scales), partial(run.play, speed), pace)


def _pin(run: Run) -> None:
    """A button that keeps what is shown on the page Runs, and a link to that page."""
    made = run.compared.comparison.done if run.compared else run.training.updates_done
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="pin_run"):
        action_button(
            "Pin these runs" if run.compared else "Pin this run",
            run.pin,
            key="pin",
            icon="keep",
            disabled=not made,
            help="Keep it as it is now on the page Runs, even if it has not ended.",
        )
        go_to(page_of("Runs"), "Compare runs", icon=":material/stacked_line_chart:")


def _numbers_to_read(run: Run, speed: Speed, scales: Scales) -> None:
    """The losses of the chart as a table, folded away. The chart's own table has columns that only the chart needs."""
    compared = run.compared

    def draw_table() -> None:
        table = (
            numbers_of_lanes(compared.curves) if compared else numbers_of_run(up_to_now(run.training, "", run.looks))
        )
        drawn = losses_of_comparison(run, compared, scales) if compared else losses_of_run(run, speed, scales)
        numbers_and_files("losses", drawn, table.to_pandas())

    if (compared and compared.comparison.done and not compared.playing) or (not compared and run.stands):
        folded("The losses as a table, and files to save", "details_losses", draw_table)
    if not compared and run.stands:
        picture = main_picture(run.dataset, run.training.layers, run.batch_rows)
        if not isinstance(picture, Matrix):
            title = picture_title(run.dataset)
            folded(
                "The picture as a table, and files to save",
                "numbers_picture",
                lambda: picture_numbers(picture, title, run.label),
            )


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
            type="secondary" if begins or run.goes_on_comparing else "primary",
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
            type="primary" if begins or run.goes_on_comparing else "secondary",
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


# --- the switches ---


def _switches() -> Scales:
    """Draw the chart's switches and the speed. Return the scales of the chart."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="switches"):
        SWITCHES.ask("A logarithmic axis shows small and large losses equally well.")
        st.select_slider("Speed", list(SPEEDS), key="speed", width=260)
    keep("speed")
    return SWITCHES.chosen()
