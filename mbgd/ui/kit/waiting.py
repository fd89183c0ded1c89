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
