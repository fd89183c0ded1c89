"""Memory is given back when sessions have ended, not after every run.

A session's objects refer to each other in circles, which only Python's collector finds. Streamlit would collect after
every script run, which is off (.streamlit/config.toml): it takes 64 ms. So a thread of its own collects when it is
worth it: sessions have ended, or the process has grown. What was there at the start never needs to be looked at.
"""

import ctypes
import gc
import threading
from collections.abc import Callable
from pathlib import Path
from time import sleep

from streamlit import runtime

LOOK = 5.0  # seconds between two looks
DROPPED = 0.2  # seconds in which the server's own thread drops sessions
GROWN = 100.0  # MB more than after the last collection
STATM = Path("/proc/self/statm")
PAGES_PER_MB = 256  # of 4 kB


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
    expire = getattr(getattr(storage, "_cache", None), "expire", None)
    if expire:
        server._get_async_objs().eventloop.call_soon_threadsafe(expire)


def give_back() -> None:
    """Collect what nothing refers to, and give free memory back to the system."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError):  # another C library than GNU's
        pass


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
    """Start the thread, once for a process. Outside a server nothing is done."""
    name = "mbgd gives memory back"
    is_server = runtime.exists() and type(runtime.get_instance()) is runtime.Runtime  # tests of pages have none
    if is_server and all(thread.name != name for thread in threading.enumerate()):
        gc.collect()
        gc.freeze()
        threading.Thread(target=_look_for_ever, args=(Keeper(),), name=name, daemon=True).start()
