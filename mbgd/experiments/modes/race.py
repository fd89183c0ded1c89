"""A race of batch sizes: all train side by side, on the same data and from the same first weights."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.batches import EpochPlan
from mbgd.engine.checks import one_of, real_number, whole_number
from mbgd.engine.history import Column
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, predict
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.engine.stack import Stack
from mbgd.engine.training import Training
from mbgd.experiments.plain import start
from mbgd.experiments.step import Step, Steps

AXES = ("updates", "epochs", "samples", "seconds")
SPLITS = ("train", "val")
LIMITS = ("updates", "epochs", "seconds")
FEWEST_LANES, MOST_LANES = 2, 6
MOST_SEEDS = 10
AN_OCTAVE = 20  # checkpoints while the number of updates doubles: each comes 3.5 % later than the one before
PIECE = 0.01  # seconds that one lane trains before the next turn
STEP = 0.03  # seconds of work between two Steps
SOON = 0.5  # seconds before the time left is shown
A_STOP = 3.0  # seconds: a longer gap between two Steps means that the race was stopped
PIECES = 4  # of a lane's trial, of which the fastest counts
LONGEST_PIECE = 0.01  # seconds of a piece, unless a single update takes longer
NO_END = 10**9  # epochs of a run that is limited by its computing time


@dataclass(frozen=True)
class Rules:
    """The rules of a race. A bad value raises ValueError.

    batch_sizes: two to six, one lane each. seeds: the number of runs of each lane, from different first weights over
    the same data in the same order. limit and most: each run stops after `most` "epochs", or `most` "seconds" of
    computing. rate_for: None gives all lanes the settings' learning rate. A batch size b gives that rate to b, and
    rate · B / b to B, by the linear scaling rule (Goyal et al. 2017, arXiv 1706.02677).
    """

    batch_sizes: tuple[int, ...]
    seeds: int = 5
    limit: str = "updates"
    most: float = 4_000
    rate_for: int | None = None

    def __post_init__(self) -> None:
        for batch_size in self.batch_sizes:
            whole_number("batch_sizes", batch_size, 1)
        if not FEWEST_LANES <= len(set(self.batch_sizes)) == len(self.batch_sizes) <= MOST_LANES:
            raise ValueError(
                f"batch_sizes must be {FEWEST_LANES} to {MOST_LANES} different numbers, not {self.batch_sizes}."
            )
        whole_number("seeds", self.seeds, 1, MOST_SEEDS)
        if one_of("limit", self.limit, LIMITS) != "seconds":
            whole_number("most", self.most, 1)
        real_number("most", self.most, 0, open_ends=True)

    def updates(self, plan: EpochPlan) -> int | None:
        """The updates after which a run stops whose epochs have this plan; None if its computing time ends it."""
        if self.limit == "seconds":
            return None
        return int(self.most) * (plan.updates if self.limit == "epochs" else 1)

    def settings(self, settings: Settings, batch_size: int, seed: int) -> Settings:
        """The settings of a lane's run number `seed`, from 0. Only batch size and learning rate depend on the lane."""
        return replace(
            settings,
            batch_size=batch_size,
            learning_rate=settings.learning_rate * (batch_size / self.rate_for if self.rate_for else 1.0),
            epochs=int(self.most) if self.limit == "epochs" else NO_END,
            seed=settings.seed + seed,
            order_seed=settings.seed_of_order,
        )


class Failure(NamedTuple):
    """A run that diverged: its seed, the number of the update that failed, and its epoch."""

    seed: int
    update: int
    epoch: int


@dataclass(frozen=True)
class Lane:
    """The runs of one batch size so far: S runs, one per seed, at C checkpoints, the first before any update.

    update (C,): the number of updates made. train_loss and val_loss (C, S): the loss over all rows, infinite after a
    run has diverged. seconds (C, S): the computing time. layers: those of the first run, after it has ended.
    """

    batch_size: int
    rate: float
    plan: EpochPlan
    update: NDArray[np.int64]
    train_loss: Array
    val_loss: Array
    seconds: Array
    failures: tuple[Failure, ...]
    layers: tuple[Layer, ...] = ()

    def losses(self, split: str) -> Array:
        """The loss (C, S) over all rows of "train" or "val"."""
        return self.train_loss if one_of("split", split, SPLITS) == "train" else self.val_loss

    def position(self, axis: str) -> Array:
        """The position of each checkpoint of each run on an axis, (C, S).

        Seconds are the number of updates times their mean cost, because the clock at a single checkpoint also counts
        what else the machine did at that moment.
        """
        one_of("axis", axis, AXES)
        whole, rest = np.divmod(self.update, self.plan.updates)
        along = {
            "updates": self.update,
            "epochs": self.update / self.plan.updates,
            "samples": whole * self.plan.rows + rest * self.plan.batch_size,
            "seconds": self.update * self.seconds_an_update,
        }[axis]
        return np.broadcast_to(along[:, None].astype(float), self.seconds.shape)

    @property
    def seconds_an_update(self) -> float:
        """The mean seconds of an update; 0 before the first."""
        return float(np.median(self.seconds[-1])) / max(int(self.update[-1]), 1)

    @property
    def diverged(self) -> bool:
        """Whether all runs have diverged."""
        return len(self.failures) == self.train_loss.shape[1]


@dataclass(frozen=True)
class Race:
    """A race so far: the dataset, settings and rules it began with, and the lanes that have started."""

    dataset: TrainingData
    settings: Settings
    rules: Rules
    lanes: tuple[Lane, ...]
    finished: bool

    @cached_property
    def expected_start(self) -> float:
        """The predicted training loss before any update: the median over the first weights of the seeds."""
        X, Y, loss = self.dataset.X_train, self.dataset.Y_train, LOSSES[self.dataset.loss].function
        seeds = [replace(self.settings, seed=self.settings.seed + seed) for seed in range(self.rules.seeds)]
        return float(np.median([loss(Y, predict(start(self.dataset, settings), X)) for settings in seeds]))


def race(dataset: TrainingData, settings: Settings, rules: Rules) -> Steps[Race]:
    """Train all lanes together: the lane that has done the smallest share of its work goes next.

    `settings` are those of every lane, except batch size and epochs.
    """
    runners = [_Runner(dataset, settings, rules, batch_size) for batch_size in rules.batch_sizes]

    def so_far(finished: bool = False) -> Race:
        lanes = tuple(runner.lane() for runner in runners if runner.started)
        return Race(dataset, settings, rules, lanes, finished)

    clock = Clock()
    since = perf_counter()
    while under_way := [runner for runner in runners if not runner.finished]:
        min(under_way, key=lambda runner: runner.share).go_on()
        if perf_counter() - since >= STEP:
            share = sum(runner.share for runner in runners) / len(runners)
            left = clock.left(share)
            yield Step(
                min(share, 0.999), _doing(runners) + ("" if left is None else f" · {left:,.0f} s left"), so_far()
            )
            since = perf_counter()
    yield Step(1.0, _doing(runners), so_far(finished=True))


class Clock:
    """Estimates the time left of a race from the time taken so far, which includes drawing but no stops.

    Only the later half of that time counts: a race begins with a checkpoint after each update, which are slow.
    """

    def __init__(self, now: Callable[[], float] = perf_counter) -> None:
        self._now, self._last, self._taken = now, now(), 0.0
        self._seen = deque([(0.0, 0.0)])  # the seconds taken and the share done, from the half of that time on

    def left(self, share: float) -> float | None:
        """The seconds left when this share is done; None while it is too early to tell. Call it at every Step."""
        now = self._now()
        self._taken += min(now - self._last, A_STOP)
        self._last = now
        self._seen.append((self._taken, share))
        while self._seen[1][0] <= self._taken / 2 and self._seen[1][1] < share:
            self._seen.popleft()
        taken, done = self._seen[0]
        if self._taken < SOON or share <= done:
            return None
        return (self._taken - taken) * (1 - share) / (share - done)


def checkpoints(updates_an_epoch: int, end: int | None = None) -> Iterator[int]:
    """The numbers of updates after which all rows are evaluated: at first each one, later 20 per doubling.

    If the next is an epoch or more away, it moves back to the end of an epoch. The last is `end`.
    """
    update = 0
    while end is None or update < end:
        yield update
        following = max(update + 1, round(update * 2 ** (1 / AN_OCTAVE)))
        if following - update >= updates_an_epoch:
            following = following // updates_an_epoch * updates_an_epoch
        update = following
    yield end


@dataclass(frozen=True)
class LaneCost:
    """The measured seconds of a lane's work: of an update of the first run alone, of an update of all its runs, and of
    a checkpoint, at which training stops and the losses of all runs over all rows are computed. ended: the update at
    which all runs had diverged in the trial, None if some had not.
    """

    first: float
    update: float
    checkpoint: float
    ended: int | None = None

    def seconds(self, plan: EpochPlan, rules: Rules) -> float:
        """The predicted seconds of the lane's work in a race."""
        updates = rules.updates(plan) or round(rules.most / self.first)
        updates = max(1, min(updates, self.ended or updates))
        return updates * self.update + sum(1 for _ in checkpoints(plan.updates, updates)) * self.checkpoint


class _Trial:
    """Real updates of a lane, made to measure its cost: pieces of equally many updates.

    Before the first piece come slices that do not count, each twice as long as the one before, because every slice has
    a fixed cost, and because a run's first update and evaluation take longer than all others.
    """

    def __init__(
        self, dataset: TrainingData, settings: Settings, rules: Rules, batch_size: int, clock: Callable[[], float]
    ) -> None:
        each = [replace(rules.settings(settings, batch_size, seed), epochs=NO_END) for seed in range(rules.seeds)]
        self._runs: list[Training | Stack] = [Training(dataset, each[0], evaluate_share=0)]
        self._runs += [Stack(dataset, each[1:])] if each[1:] else []
        self._clock = clock
        self._took: list[LaneCost] = []  # of each slice
        self._stops: list[float] = []  # the seconds of slices of one update: it, and a checkpoint
        self._updates = self._begins = 0  # the updates of a piece, and the slice that is the first piece

    @property
    def _ended(self) -> bool:
        return all(run.ended for run in self._runs)

    def measure(self) -> None:
        """Measure one more piece, unless all runs have diverged."""
        if not self._updates:
            self._slice(1)  # the cold one, which may take any time
            self._stops.append(self._slice(1))
            self._updates = 1
            while not self._ended and self._slice(self._updates) < LONGEST_PIECE:
                self._updates *= 2
            self._begins = len(self._took) - 1
        elif not self._ended:
            self._slice(self._updates)
            self._stops.append(self._slice(1))
            self._took.pop()

    def _slice(self, updates: int) -> float:
        begun = self._clock()
        done = [self._runs[0].advance(updates=updates)]
        alone = self._clock() - begun
        done += [run.advance(updates=updates) for run in self._runs[1:]]
        trained = self._clock() - begun
        for run in self._runs:
            for split in SPLITS:
                _measure(run, split)
        evaluated = self._clock() - begun - trained
        first = alone / done[0] if done[0] else np.inf  # a run that has diverged costs nothing, which tells nothing
        self._took.append(LaneCost(first, trained / max(*done, 1), evaluated))
        return trained + evaluated

    @property
    def cost(self) -> LaneCost:
        """The least of each cost over the pieces: what else the machine does can only make a piece slower."""
        pieces = self._took[self._begins :]
        update = min(one.update for one in pieces)
        first = min((one.first for one in pieces if one.first < np.inf), default=update)
        ended = max(run.updates_done for run in self._runs) if self._ended else None
        least = min(one.checkpoint for one in pieces)
        return LaneCost(first, update, max(least, min(self._stops) - update), ended)


def lane_costs(
    dataset: TrainingData,
    settings: Settings,
    rules: Rules,
    batch_sizes: Sequence[int],
    turn: Callable[[], AbstractContextManager[object]] = nullcontext,
    clock: Callable[[], float] = perf_counter,
) -> list[LaneCost]:
    """The cost of each of these lanes, measured on this machine with real updates, PIECES pieces each.

    The lanes are measured piece by piece in turns, so that a moment in which the machine is busy falls on few pieces of
    each. Each piece is measured within turn().
    """
    trials = [_Trial(dataset, settings, rules, batch_size, clock) for batch_size in batch_sizes]
    for _ in range(PIECES):
        for trial in trials:
            with turn():
                trial.measure()
    return [trial.cost for trial in trials]


def expected_seconds(plans: Sequence[EpochPlan], costs: Sequence[LaneCost], rules: Rules) -> float:
    """The predicted seconds of a race's work, from the plan of an epoch and the cost of each lane."""
    return sum(cost.seconds(plan, rules) for plan, cost in zip(plans, costs, strict=True))


def _doing(runners: Sequence["_Runner"]) -> str:
    return "Epochs done: " + " · ".join(f"B = {runner.batch_size:,}: {runner.epochs_done:,}" for runner in runners)


class _Runner:
    """A lane in training. The first run trains alone, and its clock is the lane's.

    All other runs train in one Stack. Both go from checkpoint to checkpoint together.
    """

    def __init__(self, dataset: TrainingData, settings: Settings, rules: Rules, batch_size: int) -> None:
        self.batch_size = batch_size
        self.finished = False
        self._rules = rules
        self._settings = [rules.settings(settings, batch_size, seed) for seed in range(rules.seeds)]
        self._first: Training | None = None
        self._others: Stack | None = None
        self._update = Column()
        self._measured = {name: Column() for name in (*SPLITS, "seconds")}  # one value per run at each checkpoint
        self._pieces = self._work(dataset)

    def go_on(self) -> None:
        """Train for about PIECE seconds."""
        self.finished = next(self._pieces, True)

    @property
    def started(self) -> bool:
        """Whether there is a first checkpoint."""
        return len(self._update) > 0

    @property
    def _leader(self) -> Training | Stack | None:
        """The first run if it still runs, else the other runs; None if none runs."""
        if self._first and not self._first.diverged:
            return self._first
        return self._others if self._others and not self._others.ended else None

    @property
    def epochs_done(self) -> int:
        """Epochs completed."""
        leader = self._leader
        return leader.updates_done // leader.plan.updates if leader else 0

    @property
    def share(self) -> float:
        """The share of the lane's work that is done, 0 to 1."""
        leader = self._leader
        if self.finished or (self._first and not leader):
            return 1.0
        if not leader:
            return 0.0
        end = self._rules.updates(leader.plan)
        return min(leader.updates_done / end if end else self._seconds / self._rules.most, 1.0)

    @property
    def _seconds(self) -> float:
        """The computing time of one run: the first run's; after it has diverged, one run's part of the Stack's."""
        first = self._first.seconds if self._first else 0.0
        if self._others and self._leader is self._others:
            return max(first, self._others.seconds / (self._rules.seeds - 1))
        return first

    def _work(self, dataset: TrainingData) -> Iterator[bool]:
        """Train, and yield after each piece whether it was the last."""
        first = self._first = Training(dataset, self._settings[0], evaluate_share=0)
        yield False
        others = self._others = Stack(dataset, self._settings[1:]) if self._settings[1:] else None
        yield False
        for update in checkpoints(first.plan.updates, self._rules.updates(first.plan)):
            for run in filter(None, (first, others)):
                while run.updates_done < update and not run.ended:
                    run.advance(updates=update - run.updates_done, seconds=PIECE)
                    yield False
            losses: dict[str, list[float]] = {split: [] for split in SPLITS}
            for run in filter(None, (first, others)):
                for split in SPLITS:
                    losses[split] += list(_measure(run, split))
                    yield False
            self._update.append(update)
            for split in SPLITS:
                self._measured[split].extend(np.array(losses[split]))
            self._measured["seconds"].extend(np.full(self._rules.seeds, self._seconds))
            if self.share >= 1:
                break
        yield True

    def lane(self) -> Lane:
        """The lane so far."""
        train_loss, val_loss, seconds = (
            column.values.reshape(-1, self._rules.seeds) for column in self._measured.values()
        )  # (C, S): views of columns that only grow
        first, others = self._first, self._others
        assert first is not None
        failed = {} if first.failure is None else {0: first.failure}
        failed |= {run + 1: failure for run, failure in others.failures.items()} if others else {}
        return Lane(
            batch_size=self.batch_size,
            rate=first.settings.learning_rate,
            plan=first.plan,
            update=self._update.values.astype(np.int64),
            train_loss=train_loss,
            val_loss=val_loss,
            seconds=seconds,
            failures=tuple(
                Failure(self._settings[run].seed, failure.update, failure.epoch) for run, failure in failed.items()
            ),
            layers=tuple(first.layers) if self.finished else (),
        )


def _measure(runs: Training | Stack, split: str) -> Array:
    """The loss of each run over all rows of a split; infinite if it is NaN or the run has diverged."""
    losses = runs.evaluate(split) if isinstance(runs, Stack) else np.array([runs.evaluate(split).loss])
    gone = list(runs.failures) if isinstance(runs, Stack) else [0] * runs.diverged
    losses[gone] = np.inf
    return np.where(np.isfinite(losses), losses, np.inf)
