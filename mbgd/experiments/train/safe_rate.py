"""A learning rate that does not diverge here: found by trying smaller ones, out of sight and in short slices."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from mbgd.data.dataset import Dataset
from mbgd.engine.settings import Settings
from mbgd.engine.training import Training
from mbgd.experiments.step import Step, Steps

MOST_UPDATES = 20_000  # of each try
SLICE = 0.015  # seconds between two steps


class Safe(NamedTuple):
    """A learning rate, None if every one tried diverged, and the epochs that it was trained for without diverging."""

    rate: float | None
    epochs: float


def find_safe_rate(dataset: Dataset, settings: Settings, rates: Sequence[float]) -> Steps[Safe]:
    """Try the rates, largest first, each at most half the one before; the first that neither diverges
    nor ends above its first loss is the answer.

    settings: those that diverged. Each try trains all epochs, or MOST_UPDATES updates if they are fewer.
    """
    limit = settings.learning_rate / 2
    while any(rate <= limit for rate in rates):
        rate = max(rate for rate in rates if rate <= limit)
        training = Training(dataset, replace(settings, learning_rate=rate), evaluate_share=0)
        most = min(training.total_updates, MOST_UPDATES)
        while training.updates_done < most and not training.diverged:
            training.advance(updates=most - training.updates_done, seconds=SLICE)
            yield Step(0.0, f"trying a learning rate of {rate:g}", Safe(None, 0))
        if not training.diverged and training.evaluate("train").loss <= training.start["train"].loss:
            yield Step(1.0, "found", Safe(rate, most / training.plan.updates))
            return
        limit = rate / 2
    yield Step(1.0, "none found", Safe(None, 0))
