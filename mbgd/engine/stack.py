"""Many runs at once: networks that differ in seed or learning rate and share their batches, trained in one pass."""

import math
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.batches import plan_epoch
from mbgd.engine.checks import one_of, real_number, whole_number
from mbgd.engine.core import Copyable
from mbgd.engine.guards import quiet
from mbgd.engine.history import Update
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, copies, predict
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData, splits
from mbgd.engine.updates import Updates


class Progress(NamedTuple):
    """How far the runs have come, replaced as a whole: see Training's.

    live (R,): which runs have not failed. ended: the layers of those that have, before the update that failed.
    """

    updates: int
    seconds: float
    live: NDArray[np.bool_]
    failures: dict[int, Update]
    ended: dict[int, list[Layer]]


class Stack(Copyable):
    """R runs in one pass. Each is, to rounding, the Training of its settings with the first one's order of rows.

    settings: one for each run, alike in all but seed and learning rate. A run whose loss is not finite stops, as a
    Training does, with its weights as they were before the update that failed, kept in `failures` by its place; the
    others go on. It can be copied and interrupted as a Training can. Raises ValueError for no settings, for some that
    are not alike, and for data as Training does.
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
        order, decay = first.order() if first.shuffle else None, first.weight_decay
        self._updates = Updates(X, Y, dataset.loss, self.plan, order, weights, weight_decay=decay)
        self._rates = np.array([one.learning_rate for one in settings])
        self._now = Progress(0, 0.0, np.ones(len(settings), dtype=bool), {}, {})

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        failures = {run: update.protected() for run, update in self._now.failures.items()}
        self._now = self._now._replace(failures=failures)

    @property
    def updates_done(self) -> int:
        """Updates that the runs have made, but for those that failed before."""
        return self._now.updates

    @property
    def seconds(self) -> float:
        """Time spent computing updates, in seconds."""
        return self._now.seconds

    @property
    def failures(self) -> dict[int, Update]:
        """The update that could not be made, of each run that failed, by its place."""
        return dict(self._now.failures)

    @property
    def total_updates(self) -> int:
        """Updates in all epochs together."""
        return self.settings[0].epochs * self.plan.updates

    @property
    def ended(self) -> bool:
        """Whether no update can follow: all epochs are done, or all runs have failed."""
        return self.updates_done >= self.total_updates or not self._now.live.any()

    def layers(self, run: int) -> list[Layer]:
        """Copies of a run's layers, first to last."""
        return copies(self._layers(self._now)[run])

    def networks(self) -> list[list[Layer]]:
        """Copies of the layers of all runs, in their order."""
        return [copies(layers) for layers in self._layers(self._now)]

    def _layers(self, now: Progress) -> list[list[Layer]]:
        networks = self._updates.networks(now.updates)
        return [now.ended.get(run, layers) for run, layers in enumerate(networks)]

    def evaluate(self, split: str) -> Array:
        """The losses (R,) over all rows of "train" or "val" at the current weights."""
        one_of("split", split, self._splits)
        return self._evaluated(self._now, split)

    def _evaluated(self, now: Progress, split: str) -> Array:
        X, Y = self._splits[split]
        with quiet():
            return np.array([self._loss(Y, predict(layers, X)) for layers in self._layers(now)])

    def advance(self, *, updates: int | None = None, seconds: float | None = None) -> int:
        """Make updates until one of the limits is reached, or all epochs are done or all runs failed; how many."""
        before = self.updates_done
        most = self.total_updates - before
        if updates is not None:
            most = min(most, whole_number("updates", updates, 0))
        until = math.inf if seconds is None else perf_counter() + real_number("seconds", seconds, 0)
        with quiet():  # kept as failures
            while most > 0 and self._now.live.any():
                most -= self._some(most, until - perf_counter())
                if perf_counter() >= until:
                    break
        return self.updates_done - before

    def _some(self, most: int, seconds: float) -> int:
        started, now = perf_counter(), self._now
        losses, failed = self._updates.make(now.updates, most, self._rates, now.live, seconds)
        done = now.updates + len(losses)
        now = now._replace(updates=done, seconds=now.seconds + perf_counter() - started)
        if failed is not None:
            now = self._without(now, failed, done + 1)
        if done == self.total_updates:  # a run fails, too, whose last update left a split without a finite loss
            for split in self._splits:
                now = self._without(now, self._evaluated(now, split), done)
        self._now = now
        return len(losses)

    def _without(self, now: Progress, losses: Array, number: int) -> Progress:
        """The progress without the live runs whose losses (R,) are not finite: their weights are kept, and nobody looks
        at what goes on in their place.
        """
        failing = now.live & ~np.isfinite(losses)
        if not failing.any():
            return now
        layers, epoch, rows = self._layers(now), (number - 1) // self.plan.updates + 1, self._updates.rows_of(number)
        runs = [int(run) for run in np.flatnonzero(failing)]
        failures = {run: Update(number, epoch, rows, float(losses[run])) for run in runs}
        ended = {run: copies(layers[run]) for run in runs}
        live = now.live & ~failing
        return now._replace(live=live, failures=now.failures | failures, ended=now.ended | ended)
