"""The search for a learning rate that does not diverge, a slice at a time."""

from collections.abc import Callable
from time import perf_counter

from mbgd.data.dataset import Dataset
from mbgd.engine.settings import Settings
from mbgd.experiments.train.safe_rate import Safe, find_safe_rate
from mbgd.share.choices import RATES


class Advice:
    """The search for a learning rate that does not diverge, after a divergence. It goes on by itself until it ends."""

    def __init__(self, dataset: Dataset, settings: Settings) -> None:
        self._steps = find_safe_rate(dataset, settings, RATES)
        self.playing = True
        self.safe: Safe | None = None

    def work(self, seconds: float, between: Callable[[], object] = lambda: None) -> None:
        """Go on for this many seconds, one try of a few milliseconds at least."""
        until = perf_counter() + seconds
        while self.playing:
            step = next(self._steps)
            if step.share >= 1:
                self.safe, self.playing = step.result, False
            elif perf_counter() >= until:
                break
            between()
