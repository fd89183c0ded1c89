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
from mbgd.experiments.constant import constant_loss
from mbgd.experiments.plain import Parts, plain_training, start
from mbgd.experiments.step import Step, Steps

MOST_UPDATES = 4_000  # of each run, unless three epochs need more
FEWEST_EPOCHS = 3
POINTS = 150  # at which the loss over all rows is computed,
FIRST = 10  # and after each of the first updates, because that is when most runs diverge
EXPLODED = 1e12  # times the first loss: a larger one counts as diverged
SLICE = 0.02  # seconds of work between two steps
ALIKE = 1.1  # final losses with at most this ratio count as the same
NEAR = 0.15  # of the loss of the best constant: a final loss so far above or below it still counts as near


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
    if none diverges. names: those of the runs. loss: the name of their loss.
    """

    right: Side
    broken: Side
    constant: float
    total: int
    third: Side | None = None
    names: tuple[str, ...] = ("correct", "broken", "third")
    loss: str = "mse"


def shortened(settings: Settings, n_samples: int, most: int = MOST_UPDATES) -> Settings:
    """The settings with fewer epochs if they make more than `most` updates, but with at least three of their epochs."""
    updates = plan_epoch(n_samples, settings.batch_size, settings.last_batch).updates
    return replace(settings, epochs=min(settings.epochs, max(FEWEST_EPOCHS, most // updates)))


def side_by_side(*plans: RunPlan, names: tuple[str, ...] = ("correct", "broken", "third")) -> Steps[SideBySide]:
    """Train the correct, the broken and perhaps a third plan in turns, until all have ended.

    The result keeps the names, because the picture of an old result must not change with the settings.
    """
    total, loss = max(map(updates_of, plans)), plans[0].dataset.loss
    sides = [Watched(plan, -(-total // POINTS)) for plan in plans]
    constant = constant_loss(plans[0].dataset)
    while True:
        for side in sides:
            if side.ended:
                continue
            side.work(SLICE)
            ended = all(one.ended for one in sides)
            share = 1.0 if ended else min(sum(one.share for one in sides) / len(sides), 0.999)
            right, broken, *others = (one.so_far() for one in sides)
            third = others[0] if others else None
            made = " · ".join(f"{name}: {one.done:,}" for name, one in zip(names, sides, strict=False))
            doing = f"updates made ({made})"
            yield Step(share, doing, SideBySide(right, broken, constant, total, third, names, loss))
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


def compare(loss: float, other: float) -> str:
    """A final loss compared with another: "higher", "lower", or "same" if their ratio is at most ALIKE."""
    if max(loss, other) <= ALIKE * min(loss, other):
        return "same"
    return "higher" if loss > other else "lower"


def classify(right: Side, broken: Side) -> str:
    """The outcome of the broken run compared with the correct one: "explodes", "higher", "same" or "lower".

    The final losses decide. If only the correct run diverged, the outcome is "lower".
    """
    if broken.diverged:
        return "explodes"
    return "lower" if right.diverged else compare(broken.end, right.end)


def near_constant(result: SideBySide) -> bool:
    """Whether the broken run ended near the loss of the best constant, NEAR of it above or below."""
    return not result.broken.diverged and abs(result.broken.end - result.constant) < NEAR * result.constant


def stops_at_constant(result: SideBySide) -> bool:
    """Whether the broken run ended near the loss of the best constant, and clearly above the correct run."""
    return near_constant(result) and classify(result.right, result.broken) == "higher"


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
    return "explodes" if result.broken.diverged else classify_rows(result.right, result.broken)
