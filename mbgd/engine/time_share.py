"""When there is time to evaluate all rows: evaluations take at most a share of the time that passes."""

import math
from typing import NamedTuple

IDLE_COUNTED = 0.1  # seconds of waiting between two slices of computing, at most, that count as time passed


class TimeShare(NamedTuple):
    """Tells after how many epochs another evaluation fits into `share` of the time; math.inf: after each epoch, 0:
    after the first alone.

    The first is always due. Time passes with computing, and a little of it with waiting: in slow motion every epoch
    can be evaluated. A value: what happens to it returns the next. `now` is the time by the caller's clock, in seconds,
    and `at` when it was last told.
    """

    share: float
    at: float
    seconds: float = 0.0  # that evaluations have taken
    times: int = 0  # evaluations made
    passed: float = 0.0  # seconds
    passed_then: float = 0.0  # at the last evaluation
    epochs: float = 0.0  # since the last evaluation, whole and part

    def after(self, computing: float, epochs: float, now: float) -> "TimeShare":
        """After so many seconds of computing, which made these epochs, whole and part."""
        passed = self.passed + min(max(now - self.at, computing), computing + IDLE_COUNTED)
        return TimeShare(self.share, now, self.seconds, self.times, passed, self.passed_then, self.epochs + epochs)

    def after_evaluation(self, seconds: float) -> "TimeShare":
        """After an evaluation that took so long."""
        return TimeShare(
            self.share, self.at, self.seconds + seconds, self.times + 1, self.passed, passed_then=self.passed
        )

    @property
    def missing(self) -> float:
        """Seconds that must pass before another evaluation fits; none, or less, if it fits now."""
        if not self.times:
            return 0.0
        wanted = self.seconds + self.seconds / self.times
        return (wanted / self.share if self.share else math.inf) - self.passed

    def epochs_to_wait(self) -> float:
        """How many epochs that will take at the pace since the last evaluation; one at least."""
        missing = self.missing
        since = self.passed - self.passed_then
        if missing <= 0 or not self.epochs or not since:
            return 1
        return max(1, missing / since * self.epochs)
