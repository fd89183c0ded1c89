"""The speed of a run, and how sessions that train at the same time share one process."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import NamedTuple

from streamlit.runtime.scriptrunner import get_script_run_ctx


class Speed(NamedTuple):
    """A speed of play: updates per second, or epochs per second, or neither: as fast as the machine can."""

    updates: float | None = None
    epochs: float | None = None

    def updates_a_second(self, updates_an_epoch: int) -> float | None:
        """The pace in updates per second; None for full speed."""
        return self.updates if self.epochs is None else self.epochs * updates_an_epoch


FULL_SPEED = Speed()
SPEEDS = {
    "1 update/s": Speed(updates=1),
    "5 updates/s": Speed(updates=5),
    "1 epoch/s": Speed(epochs=1),
    "10 epochs/s": Speed(epochs=10),
    "full speed": FULL_SPEED,
}
DEFAULT_SPEED = "10 epochs/s"

TICK = 0.125  # seconds between redraws
BUSY_TICK = 0.2  # the least, if several sessions share the process
TICK_PER_SESSION = 0.01  # with many sessions, redraws are less frequent
ENGINE_SHARE = 0.76  # of a tick that is spent training, if only one session trains
SWITCH_INTERVAL = 0.001  # seconds for which a thread may keep the interpreter to itself; Python's default is 0.005
WAIT = 0.02  # seconds to wait for a turn before the next check for clicks
TICKED_LATELY = 3.0  # seconds after a tick for which a session counts as training


class Share:
    """The sessions that train in this process now: all of them share its one interpreter lock."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}
        self._turn = threading.Lock()

        # A click reaches the server's thread in several steps. Training may delay each of them by this long.
        sys.setswitchinterval(SWITCH_INTERVAL)

    def sessions(self, session: str) -> int:
        """Note that this session trains; return how many sessions train now, this one included."""
        now = monotonic()
        self._seen[session] = now
        for other, seen in list(self._seen.items()):
            if now - seen > TICKED_LATELY:
                self._seen.pop(other, None)
        return len(self._seen)

    @contextmanager
    def turn(self, between: Callable[[], object] = lambda: None) -> Iterator[None]:
        """Hold the only place for training in this process: slices finish sooner one after the other than interleaved.

        While it waits, it calls between() every few milliseconds, which may give up with an exception.
        """
        while not self._turn.acquire(timeout=WAIT):
            between()
        try:
            yield
        finally:
            self._turn.release()


SHARE = Share()


def session_id() -> str:
    """The id of the session whose script runs now."""
    context = get_script_run_ctx()
    return context.session_id if context else "none"


def tick_seconds(updates_a_second: float | None, sessions: int) -> float:
    """Seconds between redraws, for a pace of updates (None: full speed) and the number of sessions that train."""
    tick = TICK if sessions <= 1 else max(BUSY_TICK, TICK_PER_SESSION * sessions)
    return tick if updates_a_second is None else max(tick, 1 / updates_a_second)


def slice_seconds(tick: float, sessions: int) -> float:
    """The seconds that a session may train in one tick: its share of the process."""
    return ENGINE_SHARE * min(tick, max(TICK, TICK_PER_SESSION * sessions)) / sessions
