"""Where a sweep may run besides its own process: a pool of processes on this machine, or a Dask cluster."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from typing import Any

IDLE = 60.0  # seconds without a task after which the processes end
TRIES = 3  # of a task whose process was killed


class Workers(Executor):
    """A pool of processes that starts with its first task, ends when idle, and goes on after a process was killed.

    Its processes are spawned, so they hold nothing of this one, and each has one BLAS thread. A task whose process
    ended is made again, up to three times in all. `again` counts such tasks.
    """

    def __init__(self, count: int, idle: float = IDLE) -> None:
        self.count, self.again = count, 0
        self._idle, self._pool, self._lock = idle, None, threading.RLock()
        self._under_way, self._timer = 0, None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a process call fn with these arguments."""
        outer: Future[Any] = Future()
        with self._lock:
            self._under_way += 1
        outer.add_done_callback(self._one_less)
        self._try(outer, 1, (fn, args, kwargs))
        return outer

    def _try(self, outer: Future[Any], number: int, task: tuple) -> None:
        fn, args, kwargs = task
        pool = self._running()
        try:
            inner = pool.submit(fn, *args, **kwargs)
        except (BrokenProcessPool, RuntimeError):  # it broke, or ended, between the two lines
            self._put_away(pool)
            inner = self._running().submit(fn, *args, **kwargs)

        def pass_on(inner: Future[Any]) -> None:
            if outer.cancelled():
                return
            error = None if inner.cancelled() else inner.exception()
            if (isinstance(error, BrokenProcessPool) or inner.cancelled()) and number < TRIES:
                self._put_away(pool)
                self.again += 1
                self._try(outer, number + 1, task)
            elif error:
                outer.set_exception(error)
            else:
                outer.set_result(inner.result())

        outer.add_done_callback(lambda one: inner.cancel() if one.cancelled() else None)
        inner.add_done_callback(pass_on)

    def _running(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._timer:
                self._timer.cancel()
                self._timer = None
            if self._pool is None:
                self._pool = ProcessPoolExecutor(self.count, mp_context=multiprocessing.get_context("spawn"))
            return self._pool

    def _put_away(self, pool: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is pool:
                self._pool = None
        pool.shutdown(wait=False)

    def _one_less(self, _: Future[Any]) -> None:
        with self._lock:
            self._under_way -= 1
            if not self._under_way and self._pool:
                self._timer = threading.Timer(self._idle, self._rest)
                self._timer.daemon = True
                self._timer.start()

    def _rest(self) -> None:
        with self._lock:
            if not self._under_way and self._pool:
                self._put_away(self._pool)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes, those that are at work as well."""
        with self._lock:
            pool, self._pool = self._pool, None
            if self._timer:
                self._timer.cancel()
        if pool:
            processes = list((pool._processes or {}).values())
            pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                with suppress(ValueError):
                    process.terminate()


@contextmanager
def on_cluster(address: str) -> Iterator[Executor]:
    """The executor of the Dask cluster whose scheduler has this address. Raises ValueError if it does not answer."""
    raise NotImplementedError
