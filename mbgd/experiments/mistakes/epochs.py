"""Epochs are not updates: how many updates a larger batch size costs, and how many epochs make up for it."""

from dataclasses import replace
from typing import NamedTuple

from mbgd.engine.batches import plan_epoch
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.experiments.mistakes.side_by_side import RunPlan, shortened

TIMES = 16  # how much larger the other batch size is,
LEAST = 4  # and how much at least, where there are too few rows for that


class Budget(NamedTuple):
    """The updates of a batch size: per epoch and in all. And the epochs that make as many as the first batch size."""

    batch_size: int
    an_epoch: int
    in_all: int
    epochs_for_as_many: int


def budgets(n_samples: int, batch_size: int, epochs: int) -> list[Budget]:
    """The updates of B, 4·B, 16·B (if there are enough rows) and full batch; N, B and epochs are 1 or more."""
    first = plan_epoch(n_samples, batch_size)
    sizes = sorted({min(first.batch_size * times, n_samples) for times in (1, 4, TIMES)} | {n_samples})
    found = []
    for size in sizes:
        updates = plan_epoch(n_samples, size).updates
        found.append(Budget(size, updates, updates * epochs, -(-first.updates * epochs // updates)))
    return found


def batch_pair(n_samples: int, batch_size: int) -> tuple[int, int]:
    """B and a batch size 16 times as large, at most N. If B is more than a quarter of N: 1/16 of B, and 16 times that.

    With few rows the larger one is N.
    """
    size = min(batch_size, n_samples)
    small = size if size * LEAST <= n_samples else max(1, size // TIMES)
    return small, min(small * TIMES, n_samples)


def budget_plans(dataset: TrainingData, settings: Settings) -> tuple[RunPlan, RunPlan, RunPlan]:
    """A small batch size; a batch size up to 16 times as large with the same epochs; the same with the same updates."""
    n_samples = len(dataset.X_train)
    small, large = batch_pair(n_samples, settings.batch_size)
    right = shortened(replace(settings, batch_size=small, last_batch="keep"), n_samples)
    as_many_epochs = replace(right, batch_size=large)
    updates = [plan_epoch(n_samples, size).updates for size in (small, large)]
    as_many_updates = replace(as_many_epochs, epochs=-(-updates[0] * right.epochs // updates[1]))
    return RunPlan(dataset, right), RunPlan(dataset, as_many_epochs), RunPlan(dataset, as_many_updates)
