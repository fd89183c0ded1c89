"""The three numbers that are called training loss: of a batch, the mean over an epoch so far, of all rows after it."""

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from mbgd.data.dataset import Dataset
from mbgd.engine.activations import Array
from mbgd.engine.batches import minibatches
from mbgd.engine.history import Column
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.engine.training import Training
from mbgd.experiments.step import Step, Steps

MOST_EPOCHS, FEWEST_EPOCHS = 12, 3  # that are looked at
MOST_UPDATES = 5_000  # of short epochs there are more, up to so many updates
STEP = 0.03  # seconds of work between two Steps
OFF = 0.005  # relative difference of the two means that can be seen
ABOVE, SAME, BELOW = ANSWERS = ("above", "same", "below")


@dataclass(frozen=True, eq=False)
class Meanings:
    """The losses of U updates in E complete epochs, of `epochs` that are run, with updates_an_epoch each.

    position (U,): the epochs done before the update. batch (U,): the loss of its batch. running (U,): the mean over the
    rows of the epoch so far, that of its batch included, as frameworks print it; running_of (U,): the number of its
    epoch, from 1. after (E+1,): the loss over all rows before the first epoch, and after each. mean (E,): the running
    mean at the end of each epoch. fixed: the mean over the batches of an epoch at the first weights. failed: the epoch
    in which the run diverged, or None.
    """

    dataset: TrainingData
    settings: Settings
    position: Array
    batch: Array
    running: Array
    running_of: NDArray[np.int64]
    after: Array
    mean: Array
    fixed: float
    epochs: int
    updates_an_epoch: int
    failed: int | None
    finished: bool

    @property
    def between(self) -> int:
        """In how many epochs the mean lies between the losses over all rows before and after the epoch."""
        pairs = np.sort(np.column_stack([self.after[:-1], self.after[1:]]), axis=1)  # (E, 2)
        return int(((pairs[:, 0] <= self.mean) & (self.mean <= pairs[:, 1])).sum())

    @property
    def last_batch(self) -> float:
        """The loss of the last batch of the first epoch."""
        return float(self.batch[min(self.updates_an_epoch, len(self.batch)) - 1])

    @property
    def falling(self) -> int:
        """In how many epochs the loss over all rows falls."""
        return int((np.diff(self.after) < 0).sum())

    @property
    def ratio(self) -> float:
        """The running means at the ends of the epochs ÷ the losses after them, both added up; NaN without an epoch."""
        total = self.after[1:].sum()
        return float(self.mean.sum() / total) if total > 0 else np.nan


def answer(ratio: float) -> str:
    """Which is higher: the running mean is above, below, or the same within OFF."""
    if not np.isfinite(ratio) or abs(ratio - 1) <= OFF:
        return SAME
    return ABOVE if ratio > 1 else BELOW


def epochs_to_look_at(settings: Settings, updates_an_epoch: int) -> int:
    """How many epochs are run: a few, because the three differ most at the start."""
    return min(settings.epochs, int(np.clip(MOST_UPDATES // updates_an_epoch, FEWEST_EPOCHS, MOST_EPOCHS)))


def measure_meanings(dataset: Dataset, settings: Settings) -> Steps[Meanings]:
    """Train a few epochs, one update after another, and note all three losses."""
    notes = _Notes(Training(dataset, settings, evaluate_share=0))
    since = perf_counter()
    for doing in notes.work():
        if perf_counter() - since >= STEP:
            yield Step(min(notes.share, 0.999), doing, notes.so_far(finished=False))
            since = perf_counter()
    yield Step(1.0, notes.doing, notes.so_far(finished=True))


class _Notes:
    """The losses of a run's first epochs, noted one after another."""

    def __init__(self, training: Training) -> None:
        self._training, self.settings = training, training.settings
        self._updates = epochs_to_look_at(training.settings, training.plan.updates) * training.plan.updates
        self._batch, self._running, self._after = Column(), Column(), Column()
        self._fixed = np.nan

    @property
    def share(self) -> float:
        """The share of the updates that is done."""
        return len(self._batch) / self._updates

    @property
    def doing(self) -> str:
        """How far it has come, in words."""
        return f"Updates done: {len(self._batch):,} of {self._updates:,}"

    def work(self) -> Iterator[str]:
        """Note one loss after another, and yield in words what is done."""
        training, m = self._training, self._training.plan.updates
        self._after.append(training.start["train"].loss)
        total = 0.0
        for rows in minibatches(self.settings.order(), len(training.dataset.X_train), self.settings.batch_size):
            total += training.loss_of(rows) * len(rows)
            yield "The mean over the batches at the first weights"
        self._fixed = total / len(training.dataset.X_train)
        for number, epoch, rows, loss in training:
            place = (number - 1) % m  # in its epoch, from 0
            total = loss * len(rows) + (total if place else 0.0)
            self._batch.append(loss)
            self._running.append(total / (place * training.plan.batch_size + len(rows)))
            if place == m - 1 and np.isfinite(after := training.evaluate("train").loss):
                self._after.append(after)
            if number >= self._updates or (place == m - 1 and len(self._after) <= epoch):
                break
            yield self.doing

    def so_far(self, *, finished: bool) -> Meanings:
        """All that has been noted."""
        batch, running, after = (column.values for column in (self._batch, self._running, self._after))
        m, failure = self._training.plan.updates, self._training.failure
        update = np.arange(len(batch))
        return Meanings(
            self._training.dataset,
            self.settings,
            update / m,
            batch,
            running,
            update // m + 1,
            after,
            running[m - 1 :: m][: len(after) - 1],
            self._fixed,
            self._updates // m,
            m,
            None if failure is None else failure.epoch,
            finished,
        )
