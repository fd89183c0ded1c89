"""Runs from the same first weights, one correct and one with a mistake, trained in turns."""

from dataclasses import dataclass, replace
from time import perf_counter
from typing import NamedTuple

import numpy as np

from mbgd.engine.activations import Array
from mbgd.engine.batches import plan_epoch
from mbgd.engine.guards import quiet
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import predict
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.experiments.plain import Parts, plain_training, start
from mbgd.experiments.step import Step, Steps

MOST_UPDATES = 4_000  # of each run, unless three epochs need more
FEWEST_EPOCHS = 3
POINTS = 150  # at which the loss over all rows is computed,
FIRST = 10  # and after each of the first updates, because that is when most runs diverge
EXPLODED = 1e12  # times the first loss: a larger one counts as diverged
SLICE = 0.02  # seconds of work between two steps
ALIKE = 1.1  # losses with a smaller ratio count as the same


class RunPlan(NamedTuple):
    """The plan of a run: its data, its settings, and the part that is replaced."""

    dataset: TrainingData
    settings: Settings
    parts: Parts = Parts()


@dataclass(frozen=True)
class Side:
    """What one run did so far.

    updates, losses (E,): the loss over all training rows after so many updates, from 0 on. done: updates made.
    diverged: the update at which the loss diverged, None if it did not. unused: for each finished epoch, the number of
    rows in no batch of it. never_used: the number of rows in no batch of any finished epoch. sizes: the rows of the
    smallest and of the largest batch so far.
    """

    updates: Array
    losses: Array
    done: int = 0
    diverged: int | None = None
    unused: tuple[int, ...] = ()
    never_used: int = 0
    sizes: tuple[int, int] = (0, 0)

    @property
    def end(self) -> float:
        """The final loss: the mean over the last tenth of the points, because single points jump."""
        return float(self.losses[-max(1, len(self.losses) // 10) :].mean())


class SideBySide(NamedTuple):
    """The correct run, the broken run, and a third run if there is one.

    constant: the loss of the best constant output, Var(Y) for the squared error. total: the updates of the longest run
    if none diverges.
    """

    right: Side
    broken: Side
    constant: float
    total: int
    third: Side | None = None


def shortened(settings: Settings, n_samples: int, most: int = MOST_UPDATES) -> Settings:
    """The settings with fewer epochs if they make more than `most` updates, but with at least three of their epochs."""
    updates = plan_epoch(n_samples, settings.batch_size, settings.last_batch).updates
    return replace(settings, epochs=min(settings.epochs, max(FEWEST_EPOCHS, most // updates)))


def constant_loss(dataset: TrainingData) -> float:
    """The loss over the training rows of the best output that ignores X.

    With the squared error this output is the mean of Y, and its loss is the variance of Y (averaged over the k
    columns). With cross-entropy it is the shares of the classes, and its loss is their entropy.
    """
    mean = dataset.Y_train.mean(axis=0)  # (k,)
    if dataset.loss == "mse":
        return float(((dataset.Y_train - mean) ** 2).mean())
    return float(-(mean[mean > 0] * np.log(mean[mean > 0])).sum())


def side_by_side(*plans: RunPlan) -> Steps[SideBySide]:
    """Train the correct, the broken and perhaps a third plan in turns, until all have ended."""
    total = max(map(updates_of, plans))
    sides = [Watched(plan, -(-total // POINTS)) for plan in plans]
    constant = constant_loss(plans[0].dataset)
    while True:
        for side in sides:
            if side.ended:
                continue
            side.work(SLICE)
            ended = all(one.ended for one in sides)
            share = 1.0 if ended else min(sum(one.share for one in sides) / len(sides), 0.999)
            right, broken, *third = (one.so_far() for one in sides)
            doing = f"updates made by each run: {' · '.join(f'{one.done:,}' for one in sides)}"
            yield Step(share, doing, SideBySide(right, broken, constant, total, *third))
            if ended:
                return


def updates_of(plan: RunPlan) -> int:
    """The updates that a plan makes if each row is used once per epoch."""
    settings = plan.settings
    epoch = plan_epoch(len(plan.dataset.X_train), settings.batch_size, settings.last_batch)
    return epoch.updates * settings.epochs


class Watched:
    """A run that records its loss over all rows after every `every` updates, and counts the rows used.

    It ends when its updates are done, or when a loss is more than `exploded` times the first loss.
    """

    def __init__(self, plan: RunPlan, every: int, exploded: float = EXPLODED) -> None:
        self.dataset, settings, parts = plan
        self.every, self.total = every, updates_of(plan)
        self.layers = start(self.dataset, settings)
        self.updates = plain_training(self.layers, self.dataset, settings, parts)
        self.done, self.ended, self.diverged = 0, False, None
        n_samples = len(self.dataset.X_train)
        self.epoch, self.in_epoch, self.uses = 1, np.zeros(n_samples, np.intp), np.zeros(n_samples, np.intp)
        self.unused: list[int] = []
        self.sizes: list[int] = []
        self.at, self.losses = [0], [self._loss()]
        self.most = exploded * max(self.losses[0], 1e-12)

    @property
    def share(self) -> float:
        """The share of its updates that is done; 1 when it has ended."""
        return 1.0 if self.ended else min(self.done / self.total, 1.0)

    def work(self, seconds: float) -> None:
        """Train for so many seconds."""
        until = perf_counter() + seconds
        with quiet():  # some mistakes make the loss overflow
            while not self.ended and perf_counter() < until:
                self._update()

    def _update(self) -> None:
        update = next(self.updates, None)
        if update is None:
            self._end_epoch()
            self._end()
        elif not update.loss <= self.most:
            self.ended, self.diverged = True, update.update
        else:
            if update.epoch != self.epoch:
                self._end_epoch()
                self.epoch = update.epoch
            self.in_epoch[update.rows] += 1
            self.sizes.append(len(update.rows))
            self.done = update.update
            if self.done % self.every == 0 or self.done <= FIRST:
                self._evaluate()

    def _evaluate(self) -> None:
        loss = self._loss()
        if loss <= self.most:
            self.at.append(self.done)
            self.losses.append(loss)
        else:
            self.ended, self.diverged = True, self.done

    def _end_epoch(self) -> None:
        self.unused.append(int(np.count_nonzero(self.in_epoch == 0)))
        self.uses = self.uses + self.in_epoch
        self.in_epoch[:] = 0

    def _end(self) -> None:
        self.ended = True
        if self.at[-1] != self.done:
            self._evaluate()

    def _loss(self) -> float:
        return LOSSES[self.dataset.loss].function(self.dataset.Y_train, predict(self.layers, self.dataset.X_train))

    def so_far(self) -> Side:
        """What the run did so far."""
        sizes = (min(self.sizes), max(self.sizes)) if self.sizes else (0, 0)
        never_used = int(np.count_nonzero(self.uses == 0)) if self.unused else 0
        curve = np.array(self.at, float), np.array(self.losses)
        return Side(*curve, self.done, self.diverged, tuple(self.unused), never_used, sizes)


# --- outcomes ---


def classify(right: Side, broken: Side) -> str:
    """The outcome of the broken run compared with the correct one: "explodes", "higher", "same" or "lower".

    The ratio of the final losses decides. If it is close to 1, the mean ratio of the whole curves decides (the
    geometric mean). If only the correct run diverged, the outcome is "lower".
    """
    if broken.diverged:
        return "explodes"
    if right.diverged:
        return "lower"
    at = right.updates[right.updates <= broken.updates[-1]]
    curves = [np.interp(at, side.updates, side.losses) for side in (broken, right)]
    for above, below in ((broken.end, right.end), curves):
        distance = float(np.log(np.maximum(above, 1e-300) / np.maximum(below, 1e-300)).mean())
        if abs(distance) > np.log(ALIKE):
            return "higher" if distance > 0 else "lower"
    return "same"


def stops_at_constant(result: SideBySide) -> bool:
    """Whether the broken run ended near the loss of the best constant, and the correct run clearly below it."""
    right, broken, constant = result[:3]
    if broken.diverged or right.diverged:
        return False
    return abs(broken.end - constant) < 0.15 * constant and right.end < min(0.9 * constant, broken.end)


def classify_rows(right: Side, broken: Side) -> str:
    """The use of the rows in the broken run: "once" as in the correct run, "larger", "never" or "others".

    "larger": some batch is larger than any batch of the correct run. "never": some rows were in no batch of any epoch,
    and every epoch left out only these. "others": epochs left rows out, but not always the same ones.
    """
    if broken.sizes[1] > right.sizes[1]:
        return "larger"
    if not any(broken.unused):
        return "once"
    return "never" if broken.never_used == max(broken.unused) else "others"


def outcome_of_losses(result: SideBySide) -> str:
    """The outcome of a mistake that shows in the losses."""
    return classify(result.right, result.broken)


def outcome_of_rows(result: SideBySide) -> str:
    """The outcome of a mistake that shows in the rows: "explodes", or the use of the rows."""
    exploded = classify(result.right, result.broken) == "explodes"
    return "explodes" if exploded else classify_rows(result.right, result.broken)
