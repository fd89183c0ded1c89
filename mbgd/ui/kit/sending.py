"""Messages to the browser are sent together: those of a part of the page, or those of a few hundredths of a second.

Each message that a script sends wakes the server's own thread, and the two then compete for the interpreter. In a crowd
that took as long as drawing itself. So messages are kept for a while, and are then sent in a row.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from time import monotonic
from typing import Any

from streamlit.commands import execution_control
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx

# Whether st.rerun() and its like end a script run at once. In Streamlit 1.62 the next message that is sent ends it.
ENDS_BY_ITSELF = hasattr(execution_control, "_force_yield_point")
KEPT = 0.05  # seconds for which the messages of the whole page are kept


class Batch:
    """Keeps messages until `flush`, or until one comes so many seconds after the first of those kept."""

    def __init__(self, send: Callable[[ForwardMsg], object], seconds: float = inf) -> None:
        self.send = send
        self._seconds = seconds
        self._kept: list[ForwardMsg] = []
        self._since = 0.0

    def __call__(self, message: ForwardMsg) -> None:
        """Keep a message, in the place of the function that sends it."""
        if not self._kept:
            self._since = monotonic()
        self._kept.append(message)
        if monotonic() - self._since > self._seconds:
            self.flush()

    def flush(self) -> None:
        """Send what was kept, in its order."""
        kept, self._kept = self._kept, []
        for message in kept:
            self.send(message)


@contextmanager
def together() -> Iterator[None]:
    """Keep the messages of what is drawn inside, and send them at the end, whatever ends it."""
    context = get_script_run_ctx()
    batch = keep_messages(context, inf)
    try:
        yield
    finally:
        if batch:
            send_kept(context)


def keep_messages(context: Any, seconds: float = KEPT) -> Batch | None:
    """From now on, keep the messages of a script run; None if there is no session, or another version of Streamlit."""
    send = getattr(context, "_enqueue", None)
    if send is None or not ENDS_BY_ITSELF:
        return None
    context._enqueue = Batch(send, seconds)
    return context._enqueue


def send_kept(context: Any) -> None:
    """Send what was kept, and keep nothing more, if messages are kept."""
    batch = getattr(context, "_enqueue", None)
    if isinstance(batch, Batch):
        context._enqueue = batch.send
        batch.flush()


def send_so_far() -> None:
    """Send what was kept until now, and keep what follows."""
    batch = getattr(get_script_run_ctx(), "_enqueue", None)
    if isinstance(batch, Batch):
        batch.flush()
