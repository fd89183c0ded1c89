"""Messages to the browser are sent together, once a part of the page is drawn.

Each message that a script sends wakes the server's own thread, and the two then compete for the interpreter. In a crowd
that took as long as drawing itself. So the messages of a part are kept until it is drawn, and are then sent in a row.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx


@contextmanager
def together() -> Iterator[None]:
    """Keep the messages of what is drawn inside, and send them at the end, whatever ends it."""
    context = get_script_run_ctx()
    send = getattr(context, "_enqueue", None)
    if context is None or send is None:  # no session, or another version of Streamlit
        yield
        return
    kept: list[ForwardMsg] = []
    context._enqueue = kept.append
    try:
        yield
    finally:
        context._enqueue = send
        for message in kept:
            send(message)
