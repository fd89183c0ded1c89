"""When there is time to look at all rows: evaluation takes at most a share of the time that passes."""

import math
from time import perf_counter

IDLE_COUNTED = 0.1  # seconds between two calls, at most, that a run may have waited and that count as passed


class Budget:
    """Tells after how many epochs an evaluation fits into `share` of the time; math.inf: after each one, 0: after the
    first alone.

    The first is always due. Time passes with computing, and, a little of it, with waiting: in slow motion every epoch
    can be evaluated. `seconds` is what the evaluations have taken.
    """

    def __init__(self, share: float) -> None:
        self.seconds = 0.0
        self._share, self._times = share, 0
        self._passed, self._at = 0.0, perf_counter()
        self._passed_then, self._epochs = 0.0, 0.0  # since the last evaluation

    def tick(self, computing: float, epochs: float) -> None:
        """Note so many seconds of computing, and the epochs, whole and part, that they made."""
        now = perf_counter()
        self._passed += min(now - self._at, computing + IDLE_COUNTED)
        self._at = now
        self._epochs += epochs

    @property
    def missing(self) -> float:
        """Seconds that must pass before another evaluation fits; none, or less, where it does."""
        if not self._times:
            return 0.0
        wanted = self.seconds + self.seconds / self._times
        return (wanted / self._share if self._share else math.inf) - self._passed

    def epochs_to_wait(self) -> float:
        """How many epochs that will take at the pace since the last evaluation; one at least."""
        missing = self.missing
        since = self._passed - self._passed_then
        if missing <= 0 or not self._epochs or not since:
            return 1
        return max(1, missing / since * self._epochs)

    def spend(self, seconds: float) -> None:
        """Note an evaluation that took so long."""
        self.seconds += seconds
        self._times += 1
        self._passed_then, self._epochs = self._passed, 0.0
