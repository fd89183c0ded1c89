"""Memory is given back when sessions have ended, not after every run.

A session's objects refer to each other in circles, which only Python's collector finds. Streamlit would collect after
every script run, which is off (.streamlit/config.toml): it takes 64 ms. So a thread of its own collects when it is
worth it: sessions have ended, or the process has grown. What was there at the start never needs to be looked at.

A session ends when its tab was closed, or when its network was gone for too long. Streamlit 1.67 keeps both for a time,
and its loop keeps the session that it served last until it serves another one. So what an ended session has kept is
dropped here.
"""

import ctypes
import gc
import threading
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from functools import wraps
from pathlib import Path
from time import sleep
from typing import Any

from streamlit import runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.state import SessionState
from streamlit.web.server.starlette.starlette_websocket import StarletteSessionClient

from mbgd.ui.kit.versions import has_threads

LOOK = 5.0  # seconds between two looks
TAB_CLOSED = 1001  # the code with which a browser closes the socket of a page that is left
DROPPED = 0.2  # seconds in which the server's own thread drops sessions
GROWN = 100.0  # MB more than after the last collection
STATM = Path("/proc/self/statm")
PAGES_PER_MB = 256  # of 4 kB
MARK = "mbgd_forgets"
# GNU's mallopt: from this size on, an array has memory of its own; free memory kept at most; arenas, of which
# only the first gives back all that is free (malloc.h).
ALLOCATION = {-3: 2 * 2**20, -1: 16 * 2**20, -8: 1}


def resident() -> float:
    """The memory of this process in MB; 0 where the system does not say."""
    return int(STATM.read_text().split()[1]) / PAGES_PER_MB if STATM.exists() else 0.0


def sessions() -> int:
    """The sessions that the server knows, those included whose browser is gone and may come back."""
    manager = runtime.get_instance()._session_mgr
    storage = getattr(manager, "_session_storage", None)
    return manager.num_active_sessions() + (len(storage.list()) if storage else 0)


def drop_expired() -> None:
    """Let the server drop the sessions whose browser is gone for too long. By itself it keeps them until it needs room.

    The server's own thread does it, as it does all that it does with sessions.
    """
    server = runtime.get_instance()
    storage = getattr(server._session_mgr, "_session_storage", None)
    server._get_async_objs().eventloop.call_soon_threadsafe(expire, getattr(storage, "_cache", None))


def expire(cache: Any) -> None:
    """Drop the expired sessions of a cache of them, and what they have kept."""
    known: MutableMapping[str, Any] = getattr(cache, "_data", {})
    stored = dict(known)
    if hasattr(cache, "expire"):
        cache.expire()
        for session_id in stored.keys() - known.keys():
            stored[session_id].session.shutdown()


def forget_ended() -> None:
    """From now on, a session that is shut down keeps nothing, and one whose tab was closed is shut down at once."""
    if hasattr(AppSession.shutdown, MARK):
        return
    shutdown, begin = AppSession.shutdown, StarletteSessionClient.__init__

    @wraps(shutdown)
    def forgetting(self: AppSession) -> None:
        shutdown(self)
        self._session_state = SessionState()  # a script that still runs has the old one
        fragments = getattr(self, "_fragment_storage", None)  # the live parts, with all that they draw
        if fragments is not None:
            fragments.clear()

    @wraps(begin)
    def listening(self: StarletteSessionClient, websocket: Any) -> None:
        begin(self, websocket)
        receive = getattr(websocket, "_receive", None)
        if receive is None:  # another version of Starlette: its session is kept for a while
            return

        async def noting() -> Any:
            message = await receive()
            if message.get("type") == "websocket.disconnect" and message.get("code") == TAB_CLOSED:
                end_session_of(self)
            return message

        websocket._receive = noting

    setattr(forgetting, MARK, True)
    AppSession.shutdown = forgetting
    StarletteSessionClient.__init__ = listening


def end_session_of(client: Any) -> None:
    """Tell the server that nobody comes back to the session of this browser: it is then shut down, not stored."""
    manager = runtime.get_instance()._session_mgr
    mark = getattr(manager, "mark_session_nonresumable", None)
    for known in manager.list_active_sessions() if mark else ():
        if known.client is client and mark:
            mark(known.session.id)


def give_back() -> None:
    """Collect what nothing refers to, and give free memory back to the system."""
    gc.collect()
    with suppress(AttributeError, OSError):  # another C library than GNU's
        ctypes.CDLL(None).malloc_trim(0)


def return_large_arrays() -> None:
    """From now on, the memory of a large array goes back to the system as soon as the array is gone.

    The C library learns from large arrays to keep their memory, and keeps it separately for each of many threads.
    """
    with suppress(AttributeError, OSError):
        for option, value in ALLOCATION.items():
            ctypes.CDLL(None).mallopt(option, value)


class Keeper:
    """Decides when memory is given back: when there are fewer sessions than before, or the process has grown."""

    def __init__(
        self,
        sessions: Callable[[], int] = sessions,
        resident: Callable[[], float] = resident,
        give_back: Callable[[], None] = give_back,
    ) -> None:
        self._sessions, self._resident, self._give_back = sessions, resident, give_back
        self._seen, self._after = 0, resident()

    def look(self) -> bool:
        """Give memory back if it is worth it; return whether it was done."""
        now = self._sessions()
        worth_it = now < self._seen or self._resident() > self._after + GROWN
        self._seen = now
        if worth_it:
            self._give_back()
            self._after = self._resident()
        return worth_it


def _look_for_ever(keeper: Keeper) -> None:
    while True:
        sleep(LOOK)
        drop_expired()
        sleep(DROPPED)
        keeper.look()


def keep_memory_small() -> None:
    """Start the thread, once for a process. Outside a server, and where there are no threads, nothing is done."""
    name = "mbgd gives memory back"
    is_server = runtime.exists() and type(runtime.get_instance()) is runtime.Runtime  # tests of pages have none
    is_server = is_server and has_threads()
    if is_server:
        return_large_arrays()
        forget_ended()
    if is_server and all(thread.name != name for thread in threading.enumerate()):
        gc.collect()
        gc.freeze()
        threading.Thread(target=_look_for_ever, args=(Keeper(),), name=name, daemon=True).start()
