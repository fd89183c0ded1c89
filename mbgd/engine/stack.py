"""Many runs at once: networks that differ in seed or learning rate and share their batches, trained in one pass."""

import math
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.batches import plan_epoch
from mbgd.engine.checks import one_of, real_number, whole_number
from mbgd.engine.guards import quiet
from mbgd.engine.history import Update
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, predict
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData, splits
from mbgd.engine.updates import Updates


class Stack:
    """R runs in one pass. Each is, to rounding, the Training of its settings with the first one's order of rows.

    settings: one a run, alike in all but seed and learning rate. A run whose loss is not finite stops, as a Training
    does, with its weights as they were before the update that failed, kept in `failures` by its place; the others go
    on. Raises ValueError for no settings, for some that are not alike, and for data as Training does.
    """

    def __init__(self, dataset: TrainingData, settings: Sequence[Settings]) -> None:
        if not settings:
            raise ValueError("settings must hold those of at least one run, not none.")
        first = settings[0]
        for other in settings:
            if replace(other, seed=first.seed, learning_rate=first.learning_rate) != first:
                raise ValueError(
                    "settings must be alike in all but seed and learning_rate, as their runs share their batches: "
                    f"{other} is not as {first}."
                )
        self.dataset, self.settings, self._splits = dataset, tuple(settings), splits(dataset)
        self._loss = LOSSES[dataset.loss].function
        X, Y = self._splits["train"]
        self.plan = plan_epoch(len(X), first.batch_size, first.last_batch)
        weights = [one.first_weights(X.shape[1], Y.shape[1]) for one in settings]
        self._updates = Updates(X, Y, dataset.loss, self.plan, first.order() if first.shuffle else None, weights)
        self._rates = np.array([one.learning_rate for one in settings])
        self._ended: dict[int, list[Layer]] = {}
        self._failures: dict[int, Update] = {}
        self.seconds = 0.0

    @property
    def updates_done(self) -> int:
        """Updates that the runs have made, but for those that failed before."""
        return self._updates.done

    @property
    def failures(self) -> dict[int, Update]:
        """The update that could not be made, of each run that failed, by its place."""
        return dict(self._failures)

    @property
    def total_updates(self) -> int:
        """Updates in all epochs together."""
        return self.settings[0].epochs * self.plan.updates

    @property
    def ended(self) -> bool:
        """Whether no update can follow: all epochs are done, or all runs have failed."""
        return self.updates_done >= self.total_updates or len(self._failures) == len(self.settings)

    def layers(self, run: int) -> list[Layer]:
        """Copies of a run's layers, first to last."""
        layers = self._ended.get(run, self._updates.networks[run])
        return [Layer(W.copy(), b.copy(), name) for W, b, name in layers]

    def evaluate(self, split: str) -> Array:
        """The losses (R,) over all rows of "train" or "val" at the current weights."""
        X, Y = self._splits[one_of("split", split, self._splits)]
        with quiet():
            return np.array([self._loss(Y, predict(self.layers(run), X)) for run in range(len(self.settings))])

    def advance(self, *, updates: int | None = None, seconds: float | None = None) -> int:
        """Make updates until one of the limits is reached, or all epochs are done or all runs failed; how many."""
        before = self.updates_done
        most = self.total_updates - before
        if updates is not None:
            most = min(most, whole_number("updates", updates, 0))
        until = math.inf if seconds is None else perf_counter() + real_number("seconds", seconds, 0)
        with quiet():  # kept as failures
            while most > 0 and len(self._failures) < len(self.settings):
                most -= self._some(most, until - perf_counter())
                if self.updates_done == self.total_updates:
                    self._look_at_the_end()
                if perf_counter() >= until:
                    break
        return self.updates_done - before

    def _some(self, most: int, seconds: float) -> int:
        started = perf_counter()
        losses, failed = self._updates.make(most, self._rates, seconds)
        if failed is not None:
            self._end(np.flatnonzero(~np.isfinite(failed) & self._updates.live), failed, self.updates_done + 1)
        self.seconds += perf_counter() - started
        return len(losses)

    def _look_at_the_end(self) -> None:
        """Find the runs whose last update left weights with which the loss of a split is no number."""
        for split in self._splits:
            losses = self.evaluate(split)
            self._end(np.flatnonzero(~np.isfinite(losses) & self._updates.live), losses, self.updates_done)

    def _end(self, runs: NDArray[np.intp], losses: Array, number: int) -> None:
        """Take these runs out: their weights are kept, and nobody looks at what goes on in their place."""
        epoch = (number - 1) // self.plan.updates + 1
        for run in map(int, runs):
            self._failures[run] = Update(number, epoch, self._updates.rows_of(number), float(losses[run]))
            self._ended[run] = self.layers(run)
            self._updates.live[run] = False
