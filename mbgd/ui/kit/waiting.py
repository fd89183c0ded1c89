"""A script that waits is woken by what it waits for, or by its own browser's next message, and not by a clock.

In a crowd, forty scripts wait at once. If each of them looked for clicks fifty times a second, they would take the
interpreter from those who work.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mbgd.ui.kit.clicks import on_arrival

LOOK = 0.2  # seconds after which a script that waits looks for clicks, even if nothing woke it
HEARD = "mbgd_wakes_scripts"
Between = Callable[[], object]

_bells: dict[str, threading.Event] = {}  # of the scripts that wait, by session


def session_id() -> str:
    """The id of the session whose script runs now."""
    context = get_script_run_ctx()
    return context.session_id if context else "none"


@contextmanager
def waiting_bell() -> Iterator[threading.Event]:
    """The bell of this thread while it waits. Another thread that has news for it sets the bell."""
    session, bell = session_id(), threading.Event()
    _bells[session] = bell
    try:
        yield bell
    finally:
        if _bells.get(session) is bell:
            del _bells[session]


class Line:
    """Those who want what only one may have at a time, in their order: the first has it, and is woken to know it."""

    def __init__(self) -> None:
        self._places: dict[object, tuple[bool, threading.Event]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, who: object) -> bool:
        return who in self._places

    def join(self, who: object, bell: threading.Event, *, ahead: bool = False) -> None:
        """Join the line at its end, or `ahead` of all who are not, except the first. Who is in it keeps the place."""
        with self._lock:
            if who in self._places:
                return
            places = list(self._places.items())
            later = (i for i, (_, (first, _)) in enumerate(places) if i and not first)
            at = next(later, len(places)) if ahead else len(places)
            self._places = dict([*places[:at], (who, (ahead, bell)), *places[at:]])

    def is_first(self, who: object) -> bool:
        """Whether it is the turn of this one."""
        with self._lock:
            return next(iter(self._places), None) is who

    def leave(self, who: object) -> bool:
        """Leave the line, and wake the one who is first now. Return whether there is one."""
        with self._lock:
            self._places.pop(who, None)
            for _, bell in self._places.values():
                bell.set()
                return True
            return False


def wait(bell: threading.Event, ready: Callable[[], bool], seconds: float, between: Between) -> bool:
    """Wait until ready() is true, for so many seconds at most; return whether it is.

    Each time its bell rings, and now and then, it calls between(), which may give up with an exception.
    """
    until = monotonic() + seconds
    while not ready():
        if (left := until - monotonic()) <= 0:
            return False
        bell.wait(min(left, LOOK))
        bell.clear()
        if not ready():
            between()
    return True


def wake_scripts() -> None:
    """From now on, a message of a browser wakes its session's script, if that waits."""
    on_arrival(HEARD, _wake, after=True)


def _wake(session: AppSession, message: ClientState) -> None:
    bell = None if message.is_auto_rerun else _bells.get(session.id)
    if bell:
        bell.set()
