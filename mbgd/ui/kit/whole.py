"""Whole runs, for which a learner waits: of the page, or of a part of it after a click. A redraw by the clock is none.

They come one after the other, and before the redraws of other sessions. A class that reads and clicks asks for twenty
of them a second, 15 to 30 ms each. Side by side, each would take as long as all together; one after the other, half of
them are done in half the time.
"""

import threading
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from time import monotonic
from typing import Any

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx, script_runner

from mbgd.ui.kit.clicks import on_arrival
from mbgd.ui.kit.sending import keep_messages, send_kept
from mbgd.ui.kit.versions import has_threads
from mbgd.ui.kit.waiting import Between, Line, session_id, wait, waiting_bell

MOST_WAIT = 3.0  # seconds after which a run no longer waits for a longer one
GIVE_WAY = 3.0  # seconds after which a redraw no longer waits for whole runs
FORGOTTEN = 5.0  # seconds after which a run that never began is not waited for
EXECUTE = "exec_func_with_error_handling"  # in which Streamlit runs a script, and reports what it raises
NOTED, ENDED = "mbgd_notes_whole_runs", "mbgd_ends_whole_runs"


class WholeRuns:
    """The whole runs that were asked for or are under way in this process."""

    def __init__(self) -> None:
        self._asked: dict[str, float] = {}  # when, by session
        self._line = Line()  # the first has the turn
        self._redraws: set[threading.Event] = set()  # of those who give way
        self._lock = threading.Lock()

    def ask(self, session: str) -> None:
        """Note that a session's browser has asked for a whole run."""
        with self._lock:
            now = monotonic()
            self._asked = {one: since for one, since in self._asked.items() if now - since < FORGOTTEN}
            self._asked[session] = now

    def begin(self, mark: object, between: Between = lambda: None) -> None:
        """Wait until no other run is before this one, for MOST_WAIT at most. `mark` is what `end` gets then.

        While it waits, each message of its browser calls between(), which may give up with an exception.
        """
        with waiting_bell() as bell:
            self._line.join(mark, bell)
            wait(bell, lambda: self._line.is_first(mark), MOST_WAIT, between)

    def has(self, mark: object) -> bool:
        """Whether this run has the turn, or waits for it."""
        return mark in self._line

    def end(self, mark: object, session: str) -> None:
        """Note that a run of this session has ended, whether or not it had begun."""
        with self._lock:
            self._asked.pop(session, None)
            if not self._line.leave(mark) and not self._waiting():
                for bell in self._redraws:
                    bell.set()

    def give_way(self, between: Between = lambda: None) -> None:
        """Wait until no whole run is asked for or under way, for GIVE_WAY at most: what a redraw does first."""
        if not self._waiting():
            return
        with waiting_bell() as bell:
            with self._lock:
                self._redraws.add(bell)
            try:
                wait(bell, lambda: not self._waiting(), GIVE_WAY, between)
            finally:
                with self._lock:
                    self._redraws.discard(bell)

    def _waiting(self) -> bool:
        now = monotonic()
        return len(self._line) > 0 or any(now - since < FORGOTTEN for since in list(self._asked.values()))


WHOLE = WholeRuns()
_run: ContextVar[object] = ContextVar("run", default=None)  # the mark of the script run of this thread


def note_whole_runs() -> None:
    """From now on, note when a browser asks for a whole run, and when a script run has ended.

    Nothing is noted without threads: one run then follows the other by itself.
    """
    if not has_threads():
        return
    on_arrival(NOTED, _ask)
    execute: Callable[..., Any] | None = getattr(script_runner, EXECUTE, None)
    if execute is None or hasattr(execute, ENDED):
        return

    @wraps(execute)
    def executing(script: Callable[[], None], context: Any) -> Any:
        mark = object()
        token = _run.set(mark)
        try:
            return execute(script, context)
        finally:
            _run.reset(token)
            send_kept(context)
            WHOLE.end(mark, context.session_id)

    setattr(executing, ENDED, True)
    setattr(script_runner, EXECUTE, executing)


def _ask(session: AppSession, message: ClientState) -> None:
    if not message.is_auto_rerun:
        WHOLE.ask(session.id)


def begin_whole_run(between: Between) -> None:
    """Wait for the turn of this script run, which is a whole run. It has it until it ends.

    Its messages are sent together, every few hundredths of a second.
    """
    if (mark := _run.get()) is not None:  # None: another version of Streamlit, which does not tell when a run ends
        WHOLE.begin(mark, between)
        keep_messages(get_script_run_ctx())


def end_whole_run() -> None:
    """Give the turn back before the script run ends, if it has it: what follows may take long."""
    if WHOLE.has(mark := _run.get()):
        WHOLE.end(mark, session_id())
