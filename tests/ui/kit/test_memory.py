"""Memory is given back when sessions have ended, or the process has grown, and not otherwise."""

import gc
import subprocess
import sys
import weakref

import pytest
from streamlit.runtime.caching.ttl_cache import TTLCache

from mbgd.ui.kit import memory
from mbgd.ui.kit.memory import GROWN, STATM, Keeper, expire, give_back, keep_memory_small


def keeper(sessions, resident):
    """A keeper of these numbers, one for each look; the first size is that at its start."""
    given = []
    counts, sizes = iter(sessions), iter(resident)
    made = Keeper(lambda: next(counts), lambda: next(sizes), lambda: given.append(1))
    return [made.look() for _ in sessions], given


def test_it_is_given_back_when_a_session_has_ended():
    looks, given = keeper([1, 2, 2, 1, 1], [100.0] * 20)
    assert looks == [False, False, False, True, False]
    assert len(given) == 1


def test_it_is_given_back_when_the_process_has_grown_and_then_not_again():
    grown = 100.0 + GROWN + 1
    looks, _ = keeper([1, 1, 1], [100.0, 100.0, grown, grown, grown, grown])
    assert looks == [False, True, False]


def test_objects_that_refer_to_each_other_are_collected():
    class Node:
        pass

    first, second = Node(), Node()
    first.other, second.other = second, first
    seen = weakref.ref(first)
    gc.disable()
    try:
        del first, second
        assert seen() is not None
        give_back()
        assert seen() is None
    finally:
        gc.enable()


class Session:
    """A session of the server that may be shut down, as `expire` sees it."""

    def __init__(self) -> None:
        self.session, self.ended = self, False

    def shutdown(self) -> None:
        self.ended = True


def test_only_expired_sessions_are_shut_down():
    now = [0.0]
    cache: TTLCache[str, Session] = TTLCache(maxsize=10, ttl=30, timer=lambda: now[0])
    first, second, resumed = Session(), Session(), Session()
    cache["first"], cache["resumed"] = first, resumed
    now[0] = 20
    cache["second"] = second
    del cache["resumed"]  # its network came back
    now[0] = 31
    expire(cache)
    assert (first.ended, second.ended, resumed.ended) == (True, False, False)
    assert list(cache) == ["second"]


def test_the_memory_of_a_large_array_goes_back_at_once():
    code = (
        "import numpy as np; from mbgd.ui.kit.memory import resident, return_large_arrays; return_large_arrays();"
        "many = [np.ones(500_000) for _ in range(50)]; before = resident(); kept = many[-1]; del many;"
        "print(before - resident())"
    )
    given_back = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert float(given_back) > 150 or not STATM.exists()  # of 200 MB; a trim is not needed


@pytest.mark.parametrize("threads", [True, False])
def test_the_thread_is_started_in_a_server_that_has_threads(monkeypatch, threads):
    class Runtime:
        """That of a server."""

    started = []
    monkeypatch.setattr(memory, "has_threads", lambda: threads)
    monkeypatch.setattr(memory.runtime, "exists", lambda: True)
    monkeypatch.setattr(memory.runtime, "Runtime", Runtime)
    monkeypatch.setattr(memory.runtime, "get_instance", Runtime)
    for name in ("return_large_arrays", "forget_ended"):
        monkeypatch.setattr(memory, name, lambda: None)
    monkeypatch.setattr(memory.gc, "freeze", lambda: None)
    monkeypatch.setattr(memory.threading.Thread, "start", lambda thread: started.append(thread))
    keep_memory_small()
    assert len(started) == threads
