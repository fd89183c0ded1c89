"""Live runs: which thread may change them now, and the part of the page that redraws itself during a run.

A run has one owner at a time. A click is put in a queue. The next script run waits until no slice of training is under
way, then does what the queue asks for. So a click is never lost, never acts twice, and never meets a half-made update.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, Protocol

import streamlit as st

from mbgd.ui.kit.busy import Lateness, busy_words
from mbgd.ui.kit.clicks import listen
from mbgd.ui.kit.once import fill_themes_from_memory
from mbgd.ui.kit.pace import SHARE, TICK, Beat, slice_seconds
from mbgd.ui.kit.part import (
    ClickWaits,
    current_part,
    end_for_click,
    let_clicks_through,
    let_page_through,
    note_clock,
    redraw,
    ticking,
)
from mbgd.ui.kit.sending import send_so_far, together
from mbgd.ui.kit.ticks import set_clock, stop_clock
from mbgd.ui.kit.versions import fragment
from mbgd.ui.kit.waiting import session_id, wake_scripts
from mbgd.ui.kit.whole import WHOLE, end_whole_run, note_whole_runs

Action = Callable[[], object]


class Owner:
    """Decides who may change the runs of one session: a slice of training, or the clicks that wait for it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._clicks: deque[Action] = deque()

    def ask(self, action: Action) -> None:
        """Note what a click asks for. The next `act` does it; this neither waits nor changes the session."""
        self._clicks.append(action)

    def act(self) -> None:
        """Wait for the slice under way, then do what the clicks asked for: in their order, each of them once."""
        with self._lock:
            while self._clicks:
                self._clicks.popleft()()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Own the runs: nobody else may change them meanwhile."""
        with self._lock:
            yield


fill_themes_from_memory()
note_whole_runs()
wake_scripts()
listen(lambda callback: isinstance(getattr(callback, "__self__", None), Owner))


def owner() -> Owner:
    """The owner of this session's runs."""
    return st.session_state.setdefault("owner", Owner())


def action_button(label: str, action: Action, *, key: str, icon: str, **looks: Any) -> None:
    """A button whose click queues an action at the session's owner. `looks` are other arguments of st.button."""
    st.button(label, key=key, icon=f":material/{icon}:", on_click=owner().ask, args=(action,), **looks)


def _lateness() -> Lateness:
    """Whether the redraws of this session come late."""
    return st.session_state.setdefault("lateness", Lateness())


def show_progress(share: float, text: str, *, playing: bool) -> None:
    """The progress of a run, 0 to 1, and a line of text. While the server is busy with others, the line says so."""
    if playing and _lateness().busy:
        text += busy_words(SHARE.sessions(session_id()) - 1)
    st.progress(min(share, 1.0), text)


class Playing(Protocol):
    """Something that goes on by itself until it is finished or stopped."""

    playing: bool


def live(
    key: str,
    player: Playing | None,
    draw: Callable[[], None],
    work: Callable[[float, Action], object],
    updates_a_second: float | None = None,
) -> None:
    """Draw the part of the page that redraws itself while `player` plays. Without a player it is drawn once.

    draw() draws the part. work(seconds, between) works for this many seconds and calls between() every few
    milliseconds; a click then ends it with an exception. The part draws first and works last, because a click may end
    the script run, and anything not yet sent is then lost. updates_a_second: the pace; None: as fast as possible.
    When the player stops, the buttons change: the page is drawn anew, or the part of the page in which this is called.
    """
    playing = player is not None and player.playing
    me = session_id()
    beat = Beat(SHARE.tick_seconds(me, updates_a_second, SHARE.sessions(me) if playing else 1))
    lateness = _lateness()
    lateness.paused()
    around = current_part()

    def redrawn() -> None:
        beat.begin(monotonic())
        lateness.begin(monotonic())
        note_clock()
        ticks = ticking() is not None
        let_through = let_clicks_through if ticks else let_page_through
        if ticks:
            WHOLE.give_way(let_through)
        elif not playing:
            stop_clock()
        # Drawing needs the turn as well: thirty sessions that draw at once would compete for the interpreter.
        with owner().held(), SHARE.turn(let_through, ahead=not ticks):
            began = monotonic()
            with together():
                draw()
            send_so_far()  # neither this page nor another need wait for the work below
            end_whole_run()
            if not player or not player.playing:
                return
            sessions = SHARE.sessions(me)
            with suppress(ClickWaits):
                work(slice_seconds(sessions), end_for_click)
            SHARE.note(me, monotonic() - began)
            lateness.end(monotonic() - began, max(TICK, 1 / updates_a_second if updates_a_second else 0.0))
        if not player.playing:
            redraw(around)
        if seconds := beat.renewed(SHARE.tick_seconds(me, updates_a_second, sessions)):
            set_clock(seconds)

    fragment(key, redrawn, beat.seconds if playing else None)
