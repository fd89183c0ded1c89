"""The pace of a run: how many updates are due at the chosen speed, and the time that training them took."""

import sys
from collections.abc import Callable
from time import monotonic, perf_counter

from mbgd.engine.training import Training
from mbgd.ui.kit.pace import Speed

PIECE = 0.015  # seconds of training before the next check for clicks
LONGEST_GAP = 3.0  # seconds between two slices that count; in a longer one nobody watched, as when a network was cut
SOON = 0.5  # seconds before the measured pace is told


class Pacer:
    """Trains a run at a speed, one slice after the other.

    wall_seconds is all the time since the first slice, drawing included; engine_seconds is the part that training took.
    """

    def __init__(self, training: Training) -> None:
        self._training = training
        self.wall_seconds = self.engine_seconds = 0.0
        self.begin()

    def begin(self) -> None:
        """Count the updates that are due from here."""
        self._count_from_here()
        self._last_slice: float | None = None  # when the last slice began, on the clock that counts updates
        self._last_slice_end: float | None = None
        self._speed: Speed | None = None

    def _count_from_here(self) -> None:
        self._since, self._updates_then = monotonic(), self._training.updates_done

    @property
    def updates_a_second(self) -> float | None:
        """The measured pace since it began, in updates per second; None if it is too early to tell."""
        elapsed = monotonic() - self._since
        done = self._training.updates_done - self._updates_then
        return done / elapsed if elapsed > SOON and done else None

    def play(self, speed: Speed, seconds: float, between: Callable[[], object]) -> None:
        """Make the updates that are due at this speed, in at most these seconds; call between() every few
        milliseconds."""
        started = perf_counter()
        if self._last_slice_end is not None:
            self.wall_seconds += min(started - self._last_slice_end, LONGEST_GAP)
        self._last_slice_end = started
        due = self._due(speed)
        left = self.play_in_pieces(sys.maxsize if due is None else max(due, 0), started + seconds, between)
        if left and due is not None:  # the machine can't keep this pace: don't let the backlog grow
            self._count_from_here()
        ended = perf_counter()
        self.wall_seconds += ended - self._last_slice_end
        self._last_slice_end = ended

    def _due(self, speed: Speed) -> int | None:
        """The updates that are due by now; None for as many as there is time for."""
        now = monotonic()
        if self._last_slice is not None:  # no updates are due for the time in which nobody drew
            self._since += max(now - self._last_slice - LONGEST_GAP, 0.0)
        self._last_slice = now
        if self._speed not in (None, speed):
            self._count_from_here()
        self._speed = speed
        pace = speed.updates_a_second(self._training.plan.updates)
        if pace is None:
            return None
        return int((monotonic() - self._since) * pace) + 1 - (self._training.updates_done - self._updates_then)

    def play_in_pieces(self, updates: int, until: float, between: Callable[[], object]) -> int:
        """Make this many updates, or as many as there is time for; return how many are still to be made."""
        while updates and not self._training.ended:
            time_left = until - perf_counter()
            if time_left <= 0:
                break
            started = perf_counter()
            updates -= self._training.advance(updates=updates, seconds=min(PIECE, time_left))
            self.engine_seconds += perf_counter() - started
            between()
        return updates
