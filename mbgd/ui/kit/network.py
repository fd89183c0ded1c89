"""Small messages leave at once.

The socket on which Streamlit 1.67 listens is not marked as TCP, so asyncio leaves Nagle's algorithm on: the last
message of an answer then waits until the browser has acknowledged the one before, for up to 40 ms.
"""

import socket
from contextlib import suppress
from functools import wraps
from typing import Any

from streamlit import runtime
from streamlit.web.server.starlette.starlette_websocket import StarletteSessionClient

MARK = "mbgd_sends_at_once"


def send_at_once() -> None:
    """From now on, all browsers get small messages without delay: those that come, and those that are here."""
    begin = StarletteSessionClient.__init__
    if hasattr(begin, MARK):
        return

    @wraps(begin)
    def beginning(self: StarletteSessionClient, websocket: Any) -> None:
        without_delay(websocket)
        begin(self, websocket)

    setattr(beginning, MARK, True)
    StarletteSessionClient.__init__ = beginning
    manager = getattr(runtime.get_instance(), "_session_mgr", None) if runtime.exists() else None  # tests have none
    for known in manager.list_active_sessions() if manager else ():
        without_delay(getattr(known.client, "_websocket", None))


def without_delay(websocket: Any) -> None:
    """Switch Nagle's algorithm off for a browser's connection, unless another kind of server hides its socket."""
    transport = getattr(getattr(getattr(websocket, "_receive", None), "__self__", None), "transport", None)
    connection = transport.get_extra_info("socket") if transport else None
    if connection is not None:
        with suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
