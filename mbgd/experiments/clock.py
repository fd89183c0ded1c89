"""How long a run will still take."""

from collections import deque
from collections.abc import Callable
from time import perf_counter

SOON = 1.5  # seconds before the time left is told: until then, an estimate before the run is better
A_STOP = 3.0  # seconds: a longer gap between two Steps means that the run was stopped


class Clock:
    """Estimates the time left of a run from the time taken so far, which includes drawing but no stops.

    Only the later half of that time counts: a race, for example, begins with a checkpoint after each update, which are
    slow.
    """

    def __init__(self, now: Callable[[], float] = perf_counter) -> None:
        self._now, self._last, self._taken = now, now(), 0.0
        self._seen = deque([(0.0, 0.0)])  # the seconds taken and the share done, from the half of that time on

    def left(self, share: float) -> float | None:
        """The seconds left when this share is done; None while it is too early to tell. Call it at every Step."""
        now = self._now()
        self._taken += min(now - self._last, A_STOP)
        self._last = now
        self._seen.append((self._taken, share))
        while self._seen[1][0] <= self._taken / 2 and self._seen[1][1] < share:
            self._seen.popleft()
        taken, done = self._seen[0]
        if self._taken < SOON or share <= done:
            return None
        return (self._taken - taken) * (1 - share) / (share - done)

    def in_words(self, share: float) -> str:
        """The seconds left when this share is done, to be added to what a Step says; empty while it is too early."""
        left = self.left(share)
        return "" if left is None else f" · {left:,.0f} s left"
