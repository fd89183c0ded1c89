"""The speed of a run, and how sessions that train at the same time share one process."""

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from math import inf
from time import monotonic
from typing import NamedTuple

from mbgd.ui.kit.waiting import Line, wait, waiting_bell


class Speed(NamedTuple):
    """A speed of play: updates per second, or epochs per second, or neither: as fast as the machine can."""

    updates: float | None = None
    epochs: float | None = None

    def updates_a_second(self, updates_an_epoch: int) -> float | None:
        """The pace in updates per second; None for full speed."""
        return self.updates if self.epochs is None else self.epochs * updates_an_epoch


FULL_SPEED = Speed()
SPEEDS = {
    "1 update/s": Speed(updates=1),
    "5 updates/s": Speed(updates=5),
    "1 epoch/s": Speed(epochs=1),
    "10 epochs/s": Speed(epochs=10),
    "full speed": FULL_SPEED,
}
DEFAULT_SPEED = "10 epochs/s"

TICK = 0.125  # seconds from one redraw to the next
BUSY_TICK = 0.2  # the least, if several sessions share the process
TICK_PER_SESSION = 0.008  # with many sessions, redraws are less frequent
ENGINE_SHARE = 0.76  # of a tick that is spent training, if only one session trains
CROWD_SHARE = 0.45  # of a tick that all sessions together may spend training, if there are several
MOST_BUSY = 0.85  # the share of the time in which the process may train and draw; the rest is sending and clicks
SWITCH_INTERVAL = 0.001  # seconds for which a thread may keep the interpreter to itself; Python's default is 0.005
MOST_WAIT = 0.02  # seconds after which a click no longer waits for its turn
TICKED_LATELY = 3.0  # seconds after a tick for which a session counts as training
LATEST = 0.3  # the weight of the latest redraw in a session's mean cost
ON_TIME = (0.7, 1.3)  # a redraw is on time if it begins after this share of a tick: earlier or later, ticks pile up


class Share:
    """The sessions that train in this process now: all of them share its one interpreter lock."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}
        self._costs: dict[str, float] = {}
        self._line = Line()  # the first has the turn
        self._beside = threading.Lock()  # of the one click that does not wait for a long turn
        self._lock = threading.Lock()  # of the costs

        # A click reaches the server's thread in several steps. Training may delay each of them by this long.
        sys.setswitchinterval(SWITCH_INTERVAL)

    def sessions(self, session: str) -> int:
        """Note that this session trains; return how many sessions train now, this one included."""
        with self._lock:
            now = monotonic()
            self._seen[session] = now
            for other, seen in list(self._seen.items()):
                if now - seen > TICKED_LATELY + self._costs.get(other, 0.0):
                    self._seen.pop(other)
                    self._costs.pop(other, None)
            return len(self._seen)

    def note(self, session: str, seconds: float) -> None:
        """Note how long this session had the turn for its last redraw, training included."""
        with self._lock:
            if session in self._seen:
                before = self._costs.get(session, seconds)
                self._costs[session] = before + LATEST * (seconds - before)

    def tick_seconds(self, session: str, updates_a_second: float | None, sessions: int) -> float:
        """Seconds from one redraw of a session to its next, for a pace of updates (None: full speed).

        What the redraws of all `sessions` that train cost, drawing and training together, must fit into the time, and
        leave some free. So a slow or a crowded machine redraws less often, and answers clicks as before. A session
        whose redraws cost more than its fair share waits longer; those that cost less don't wait for it.
        """
        with self._lock:
            costs = list(self._costs.values())
            own = self._costs.get(session, sum(costs) / max(len(costs), 1))
        tick = TICK if sessions <= 1 else max(BUSY_TICK, TICK_PER_SESSION * sessions)
        tick = max(tick, own / fair_share(costs, tick, MOST_BUSY if sessions > 1 else 1.0))
        return tick if updates_a_second is None else max(tick, 1 / updates_a_second)

    @contextmanager
    def turn(self, between: Callable[[], object] = lambda: None, *, ahead: bool = False) -> Iterator[None]:
        """Hold the only place for training in this process: slices finish sooner one after the other than interleaved.

        Those who wait get it in the order in which they came. `ahead`: before all redraws, for what a click asked for.
        A click does not wait for a long step, such as one update of a large network: after MOST_WAIT it goes on beside
        it, one click at a time. NumPy leaves the interpreter free while it works on large arrays.
        While it waits, each message of its browser calls between(), which may give up with an exception.
        """
        with waiting_bell() as bell:
            mine = object()
            self._line.join(mine, bell, ahead=ahead)
            beside = False
            try:
                while not wait(bell, lambda: self._line.is_first(mine), MOST_WAIT if ahead else inf, between):
                    if self._beside.acquire(blocking=False):
                        beside = True
                        self._line.leave(mine)
                        break
                yield
            finally:
                if beside:
                    self._beside.release()
                else:
                    self._line.leave(mine)


def fair_share(costs: Iterable[float], tick: float, time: float) -> float:
    """The most that one session may take of the process, as a share of its time: inf if all get what they ask for.

    Each session asks for its cost, in seconds, once in a tick. `time` is what they have together, as a share. Those who
    ask for less than an equal part get it; the others divide the rest equally (max-min fairness).
    """
    asked = sorted(cost / tick for cost in costs)
    for place, share in enumerate(asked):
        equal = time / (len(asked) - place)
        if share > equal:
            return equal
        time -= share
    return inf


SHARE = Share()


def slice_seconds(sessions: int) -> float:
    """The seconds that a session may train in one tick: its share of the process."""
    if sessions <= 1:
        return ENGINE_SHARE * TICK
    return CROWD_SHARE * max(BUSY_TICK, TICK_PER_SESSION * sessions) / sessions


class Beat:
    """The ticks of one part of a page: the browser asks for a redraw every `seconds`.

    The browser goes on asking, whether or not it was answered. In a crowd its questions would pile up, and each redraw
    would be followed by another one at once. So a redraw that was not on time ends with a new clock in the browser,
    which starts when the browser has received what was drawn.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._began: float | None = None
        self._on_time = True

    def begin(self, now: float) -> None:
        """Note that a redraw begins."""
        if self._began is not None:
            least, most = ON_TIME
            self._on_time = least <= (now - self._began) / self.seconds <= most
        self._began = now

    def renewed(self, wanted: float) -> float | None:
        """The seconds of a new clock, if the browser needs one: when a redraw was not on time, or at another pace."""
        if self._on_time and 0.8 < self.seconds / wanted < 1.25:
            return None
        # A browser whose clock has exactly these seconds would not start it again.
        self.seconds = wanted if wanted != self.seconds else wanted * (1 + 1e-6)
        self._began = None  # the first tick of a new clock comes later than the others
        self._on_time = True
        return self.seconds
