"""What trains on a page: who may touch it now, and the part of the page that redraws itself while it goes on.

A run has one owner at a time. A click is put in a queue; the next script run takes the queue and acts, once no slice
of training is under way. So a click is never lost, never acts twice, and never meets a half-made update.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import streamlit as st

from mbgd.ui.kit.clicks import listen
from mbgd.ui.kit.pace import SHARE, session_id, slice_seconds, tick_seconds

Action = Callable[[], object]


class Owner:
    """Decides who may touch the runs of one session: a slice of training, or the clicks that wait for it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._clicks: deque[Action] = deque()

    def ask(self, action: Action) -> None:
        """Note what a click asks for. It is done by the next `act`; this neither waits nor touches the session."""
        self._clicks.append(action)

    def act(self) -> None:
        """Wait for the slice under way, then do what the clicks asked for, in their order, each once."""
        with self._lock:
            while self._clicks:
                self._clicks.popleft()()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the one who touches the runs."""
        with self._lock:
            yield


listen(lambda callback: isinstance(getattr(callback, "__self__", None), Owner))


def owner() -> Owner:
    """The session's own."""
    return st.session_state.setdefault("owner", Owner())


def let_clicks_through() -> None:
    """Reading the session's state lets a waiting click through: Streamlit then ends this script run at once."""
    st.session_state.get("owner")


class Playing(Protocol):
    """What goes on by itself until it is finished or stopped."""

    playing: bool


def live(
    key: str,
    player: Playing | None,
    draw: Callable[[], None],
    work: Callable[[float, Action], object],
    updates_a_second: float | None = None,
) -> None:
    """Draw the part of the page that redraws itself while `player` plays; without one it is drawn once.

    draw() draws it. work(seconds, between) goes on for so many seconds and calls between() every few milliseconds: a
    click then ends it by an exception. The part draws first and works last, because what an overtaken script run has
    not sent yet is lost. updates_a_second: the pace asked for, None for as fast as the machine can.
    """
    sessions = SHARE.sessions(session_id()) if player and player.playing else 1
    tick = tick_seconds(updates_a_second, sessions)

    def part() -> None:
        # Drawing takes the turn as well: thirty sessions that draw at once would fight for the interpreter.
        with owner().held(), SHARE.turn(let_clicks_through):
            draw()
            if not player or not player.playing:
                return
            sessions = SHARE.sessions(session_id())
            work(slice_seconds(tick, sessions), let_clicks_through)
        wanted = tick_seconds(updates_a_second, sessions)
        if not player.playing or not 0.8 < wanted / tick < 1.25:
            st.rerun()  # the whole page: the buttons change, or the redraws must come at another pace

    st.fragment(part, run_every=tick if player and player.playing else None, key=key)()
