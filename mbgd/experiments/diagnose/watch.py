"""A run that is watched: both losses after every epoch, the network with the lowest validation loss, early stopping."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from mbgd.data.dataset import Dataset
from mbgd.engine.activations import Array
from mbgd.engine.history import Column
from mbgd.engine.network import Layer
from mbgd.engine.settings import Settings
from mbgd.engine.training import Training
from mbgd.experiments.clock import Clock
from mbgd.experiments.constant import constant_loss
from mbgd.experiments.diagnose.diagnosis import Diagnosis, diagnose
from mbgd.experiments.step import Step, Steps

PIECE = 0.01  # seconds of training at a time
STEP = 0.03  # seconds of work between two Steps


@dataclass(frozen=True, eq=False)
class Watched:
    """A run so far. epoch, train and val (E,): the losses over all rows before the first update (epoch 0) and after
    each epoch; epochs whose losses are not finite are left out.

    best_layers: the network with the lowest validation loss; layers: the network now. stopped: whether early stopping
    has ended it. failed: the epoch in which it diverged, or None. updates: those made; updates_an_epoch: those of each.
    """

    dataset: Dataset
    settings: Settings
    patience: int | None
    epoch: NDArray[np.int64]
    train: Array
    val: Array
    best_layers: Sequence[Layer]
    layers: Sequence[Layer]
    stopped: bool
    failed: int | None
    updates: int
    updates_an_epoch: int
    finished: bool

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """What its curves say."""
        constant = constant_loss(self.dataset)
        return diagnose(self.epoch, self.train, self.val, constant, diverged=self.failed is not None)


class Watcher:
    """Trains a network, and notes both losses after every epoch.

    patience: the run ends when so many epochs have brought no lower validation loss; None: it does all its epochs.
    """

    def __init__(self, dataset: Dataset, settings: Settings, patience: int | None = None) -> None:
        self.dataset, self.settings, self.patience = dataset, settings, patience
        self._training = Training(dataset, settings)
        self._columns = tuple(Column() for _ in range(3))  # epoch, training loss, validation loss
        self._best, self._best_epoch, self._noted = math.inf, 0, -1
        self.best_layers = self._training.layers
        self._note()

    @property
    def epochs_done(self) -> int:
        """Epochs completed."""
        return self._training.epochs_done

    @property
    def stopped(self) -> bool:
        """Whether early stopping has ended the run."""
        waited = self.epochs_done - self._best_epoch
        return self.patience is not None and waited >= self.patience and not self._training.ended

    @property
    def ended(self) -> bool:
        """Whether it has come to its end: all epochs, a divergence, or early stopping."""
        return self._training.ended or self.stopped

    @property
    def share(self) -> float:
        """The share of all updates that is done, 0 to 1; 1 if it has ended."""
        return 1.0 if self.ended else self._training.updates_done / self._training.total_updates

    def go_on(self, seconds: float = PIECE) -> None:
        """Train for about so many seconds: whole epochs, or a part of a long one."""
        until = perf_counter() + seconds
        while not self.ended:
            self._training.advance(epochs=1, seconds=max(0.0, until - perf_counter()))
            self._note()
            if perf_counter() >= until:
                break

    def _note(self) -> None:
        """Note the losses at the end of an epoch."""
        training = self._training
        epoch, within = divmod(training.updates_done, training.plan.updates)
        if within or epoch == self._noted or training.diverged:
            return
        self._noted = epoch
        train, val = (training.evaluate(split).loss for split in ("train", "val"))  # known already
        if not (math.isfinite(train) and math.isfinite(val)):
            return
        for column, value in zip(self._columns, (epoch, train, val), strict=True):
            column.append(value)
        if val < self._best:
            self._best, self._best_epoch, self.best_layers = val, epoch, training.layers

    def so_far(self) -> Watched:
        """The run so far."""
        epoch, train, val = (column.values for column in self._columns)
        failure = self._training.failure
        return Watched(
            self.dataset,
            self.settings,
            self.patience,
            epoch.astype(np.int64),
            train,
            val,
            self.best_layers,
            self._training.layers,
            self.stopped,
            None if failure is None else failure.epoch,
            self._training.updates_done,
            self._training.plan.updates,
            self.ended,
        )


def watch(dataset: Dataset, settings: Settings, patience: int | None = None) -> Steps[Watched]:
    """Train, and watch both losses."""
    watcher = Watcher(dataset, settings, patience)
    yield Step(0.0, _doing(watcher), watcher.so_far())  # for a large network, to begin takes long enough
    clock = Clock()
    while not watcher.ended:
        watcher.go_on(STEP)
        share = min(watcher.share, 0.999)
        yield Step(share, _doing(watcher) + clock.in_words(share), watcher.so_far())
    yield Step(1.0, _doing(watcher), watcher.so_far())


def _doing(watcher: Watcher) -> str:
    return f"Epochs done: {watcher.epochs_done:,} of {watcher.settings.epochs:,}"
