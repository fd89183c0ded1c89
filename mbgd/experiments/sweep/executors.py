"""A pool of processes on this machine, for a sweep: it starts with its first task and ends when it is idle.

The standard library's pool breaks as a whole when one of its processes is killed, and can't end a task that is under
way. It also runs the main module again in each process, which under Streamlit is the app.
"""

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, InvalidStateError
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from mbgd.engine.checks import real_number, whole_number

HOUSE = Path(__file__).parents[3]
IDLE = 60.0  # seconds without a task after which a process ends
LIMIT = 600.0  # seconds that a task may take, where it should take about one
TRIES = 3  # of a task whose process was killed
MOST_WORKERS = 64


class Call(NamedTuple):
    """A task on its way: what to call, pickled, and where its result goes."""

    pickled: bytes
    future: Future[Any]


class Workers(Executor):
    """A pool of up to `count` processes, each with one BLAS thread.

    A task whose process was killed is run again by another one, up to three times in all; `again` counts these. A task
    that is cancelled while it runs ends with its process, and so does one that takes more than `limit` seconds: its
    future has a TimeoutError. A process ends after `idle` seconds without a task.
    """

    def __init__(self, count: int, idle: float = IDLE, limit: float = LIMIT) -> None:
        self.count = whole_number("workers", count, 1, MOST_WORKERS)
        self.again = 0
        self._idle, self._limit = idle, real_number("limit", limit, 0, open_ends=True)
        self._calls: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._lanes: set[_Lane] = set()
        self._free, self._closed = 0, False

    @property
    def at_once(self) -> int:
        """As many tasks as keep it busy."""
        return 2 * self.count

    @property
    def processes(self) -> list[int]:
        """The ids of the processes that run now."""
        with self._lock:
            return [lane.process.pid for lane in self._lanes if lane.process]

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a process call fn with these arguments; all of them, and the result, must be picklable."""
        call = Call(pickle.dumps((fn, args, kwargs)), Future())
        with self._lock:
            if self._closed:
                raise RuntimeError("This pool was shut down: make another one.")
            self._calls.put(call)
            if self._calls.qsize() > self._free and len(self._lanes) < self.count:
                lane = _Lane(self)
                self._lanes.add(lane)
                lane.start()
        return call.future

    def next_call(self, lane: "_Lane") -> Call | None:
        """The next call for a lane, or None if it is to end."""
        with self._lock:
            self._free += 1
        until = self._idle
        while True:
            with suppress(queue.Empty):
                call = self._calls.get(timeout=until)
                with self._lock:
                    self._free -= 1
                    if call is None:
                        self._lanes.discard(lane)
                return call
            with self._lock:
                if self._calls.empty() or self._closed:  # else a call came just now
                    self._free -= 1
                    self._lanes.discard(lane)
                    return None
            until = 0.01

    def run(self, call: Call, lane: "_Lane") -> None:
        """Have the call answered by the lane's process."""
        for _ in range(TRIES):
            if call.future.cancelled() or self._closed:
                call.future.cancel()
                return
            answer = lane.ask(call, self._limit)
            if answer is not None:
                worked, value = pickle.loads(answer)
                with suppress(InvalidStateError):  # cancelled just now
                    call.future.set_result(value) if worked else call.future.set_exception(value)
                return
            if lane.too_long:
                error = TimeoutError(
                    f"A task of the sweep took longer than {self._limit:g} s and was ended: make its runs shorter, or "
                    "allow more seconds."
                )
                with suppress(InvalidStateError):
                    call.future.set_exception(error)
                return
            if not call.future.cancelled() and not self._closed:
                with self._lock:
                    self.again += 1
        with suppress(InvalidStateError):
            said = f"The process of a task was killed {TRIES} times, so it is given up: go on to try again."
            call.future.set_exception(ChildProcessError(said))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes, those that are at work as well; the tasks that are not done are cancelled."""
        with self._lock:
            self._closed = True
            lanes = list(self._lanes)
        while not self._calls.empty():
            with suppress(queue.Empty):
                if call := self._calls.get_nowait():
                    call.future.cancel()
        for lane in lanes:
            lane.close()
            self._calls.put(None)
        if wait:
            for lane in lanes:
                lane.join(timeout=10)


class _Lane(threading.Thread):
    """A thread that passes calls to a process of its own."""

    def __init__(self, pool: Workers) -> None:
        super().__init__(daemon=True, name="sweep")
        self.process: subprocess.Popen[bytes] | None = None
        self.too_long, self._pool, self._now = False, pool, None
        self._lock = threading.RLock()

    def run(self) -> None:
        try:
            while (call := self._pool.next_call(self)) is not None:
                try:
                    self._pool.run(call, self)
                except Exception as error:  # no process could be started, or its answer can't be read
                    with suppress(InvalidStateError):
                        call.future.set_exception(error)
        finally:
            self._kill()

    def ask(self, call: Call, limit: float) -> bytes | None:
        """The answer of the process; None if it ended before it had one."""
        self.too_long = False
        with self._lock:
            self._now = call
            process = self._running()
        call.future.add_done_callback(lambda future: self._end(call) if future.cancelled() else None)
        timer = threading.Timer(limit, self._end, (call, True))
        timer.daemon = True
        timer.start()
        answer = None
        try:
            assert process.stdin
            assert process.stdout
            process.stdin.write(len(call.pickled).to_bytes(8) + call.pickled)
            process.stdin.flush()
            length = int.from_bytes(process.stdout.read(8))
            answer = process.stdout.read(length) if length else b""
            answer = answer if answer and len(answer) == length else None
        except (OSError, ValueError):  # it ended, or was ended
            answer = None
        finally:
            timer.cancel()
            with self._lock:
                self._now = None
                if answer is None:
                    self._kill()
        return answer

    def _end(self, call: Call, too_long: bool = False) -> None:
        """End the process if it is still at this call."""
        with self._lock:
            if self._now is call and self.process:
                self.too_long = too_long
                self.process.kill()

    def close(self) -> None:
        """End the process; the lane itself ends when it asks for the next call."""
        with self._lock:
            if self._now:
                self._now.future.cancel()
            if self.process:
                self.process.kill()

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None:
            self._kill()
            paths = [str(HOUSE), *filter(None, sys.path)]
            environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "OPENBLAS_NUM_THREADS": "1"}
            command = [sys.executable, "-m", "mbgd.experiments.sweep.worker"]
            pipe = subprocess.PIPE
            self.process = subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe)
        return self.process

    def _kill(self) -> None:
        with self._lock:
            process, self.process = self.process, None
        if process:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    if pipe:
                        pipe.close()
