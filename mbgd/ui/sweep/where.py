"""Where the runs of a sweep are made: in this process, in a pool of processes, or on a cluster."""

import os
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from importlib import import_module
from threading import Lock

from mbgd.charts.words import count

CLUSTER, WORKERS = "MBGD_CLUSTER", "MBGD_WORKERS"  # of the environment

_lock = Lock()
_made: dict[str, Future[Executor | None]] = {}


def place() -> str:
    """Where the runs are made, in words."""
    if address := os.environ.get(CLUSTER):
        return f"on the Dask cluster at {address}"
    if workers := os.environ.get(WORKERS):
        number = count(int(workers), "process", "processes") if workers.isdecimal() else f"{workers} processes"
        return f"in {number} of this machine"
    return "in this app itself, in slices beside the other sessions"


def executor() -> Future[Executor | None]:
    """The executor of this server, made when it is first asked for. None: in the session.

    One that could not be made, or has lost its cluster, is made again. Its result raises ValueError, in a sentence.
    """
    key = f"{os.environ.get(CLUSTER, '')} {os.environ.get(WORKERS, '')}"
    with _lock:
        known = _made.get(key)
        if known is None or (known.done() and _lost(known)):
            known = _made[key] = _begin()
        return known


def _begin() -> Future[Executor | None]:
    if not (os.environ.get(CLUSTER) or os.environ.get(WORKERS)):
        here: Future[Executor | None] = Future()  # no thread: there may be none, as in a browser
        here.set_result(None)
        return here
    thread = ThreadPoolExecutor(1)
    future: Future[Executor | None] = thread.submit(_make)
    thread.shutdown(wait=False)
    return future


def _make() -> Executor | None:
    if address := os.environ.get(CLUSTER):
        return import_module("mbgd.experiments.sweep.cluster").Cluster(address)
    workers = os.environ[WORKERS]
    if not workers.isdecimal():
        raise ValueError(f"{WORKERS} must be a whole number of processes, not {workers!r}.")
    return import_module("mbgd.experiments.sweep.executors").Workers(int(workers))


def _lost(known: Future[Executor | None]) -> bool:
    if known.exception():
        return True
    try:
        getattr(known.result(), "check", lambda: None)()
    except ConnectionError:
        return True
    return False
