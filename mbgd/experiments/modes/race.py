"""A race of batch sizes: the same data and the same first weights, trained side by side."""

from collections.abc import Callable, Iterator, Sequence
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
LIMITS = ("seconds", "epochs")
FEWEST_LANES, MOST_LANES = 2, 6
MOST_SEEDS = 10
AN_OCTAVE = 20  # checkpoints from an update to twice its number: the next comes 3.5 % later
PIECE = 0.01  # seconds of one lane's training before another has its turn
STEP = 0.03  # seconds of work between two Steps
SOON = 0.5  # seconds until the time left is told
A_STOP = 3.0  # seconds: a Step that comes later was held up by no drawing, but stopped
NO_END = 10**9  # epochs of a run that ends by its computing time


@dataclass(frozen=True)
class Rules:
    """How a race is run. Values are checked here: a bad one raises ValueError.

    batch_sizes: two to six, one lane each. seeds: runs of each lane, from different first weights over the same data
    in the same order. limit and most: each run stops after so many "epochs", or "seconds" of computing. rate_for: None
    gives all lanes the settings' learning rate; a batch size b gives that rate to b, and rate · B / b to B, the linear
    scaling rule (Goyal et al. 2017, arXiv 1706.02677).
    """

    batch_sizes: tuple[int, ...]
    seeds: int = 5
    limit: str = "seconds"
    most: float = 0.4
    rate_for: int | None = None

    def __post_init__(self) -> None:
        for batch_size in self.batch_sizes:
            whole_number("batch_sizes", batch_size, 1)
        if not FEWEST_LANES <= len(set(self.batch_sizes)) == len(self.batch_sizes) <= MOST_LANES:
            raise ValueError(
                f"batch_sizes must be {FEWEST_LANES} to {MOST_LANES} different ones, not {self.batch_sizes}."
            )
        whole_number("seeds", self.seeds, 1, MOST_SEEDS)
        if one_of("limit", self.limit, LIMITS) == "epochs":
            whole_number("most", self.most, 1)
        real_number("most", self.most, 0, open_ends=True)

    def settings(self, settings: Settings, batch_size: int, seed: int) -> Settings:
        """The settings of a lane's run number `seed`, from 0: but for batch size and rate those of every lane."""
        return replace(
            settings,
            batch_size=batch_size,
            learning_rate=settings.learning_rate * (batch_size / self.rate_for if self.rate_for else 1.0),
            epochs=int(self.most) if self.limit == "epochs" else NO_END,
            seed=settings.seed + seed,
            order_seed=settings.seed,
        )


class Failure(NamedTuple):
    """A run that diverged: its seed, and the update that could not be made, with its epoch."""

    seed: int
    update: int
    epoch: int


@dataclass(frozen=True)
class Lane:
    """The runs of one batch size so far: C checkpoints, the first before any update, of S runs, one a seed.

    update (C,) is how many updates had been made; train_loss and val_loss (C, S) are over all rows, infinite once a
    run has diverged; seconds (C, S) is the computing time. layers are those of the first run, once it has ended.
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
        """Where each checkpoint of each run stands on an axis, (C, S).

        Seconds are updates at their mean cost: the clock at a single checkpoint tells of whatever else the machine did
        just then.
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
        """What an update cost in the mean; 0 before the first."""
        return float(np.median(self.seconds[-1])) / max(int(self.update[-1]), 1)

    @property
    def diverged(self) -> bool:
        """Whether all runs have diverged."""
        return len(self.failures) == self.train_loss.shape[1]


@dataclass(frozen=True)
class Race:
    """A race so far. dataset, settings and rules are what it was begun with; a lane is there once it has started."""

    dataset: TrainingData
    settings: Settings
    rules: Rules
    lanes: tuple[Lane, ...]
    finished: bool

    @cached_property
    def expected_start(self) -> float:
        """The training loss before any update, from the first weights of the seeds alone: the median over them."""
        X, Y, loss = self.dataset.X_train, self.dataset.Y_train, LOSSES[self.dataset.loss].function
        seeds = [replace(self.settings, seed=self.settings.seed + seed) for seed in range(self.rules.seeds)]
        return float(np.median([loss(Y, predict(start(self.dataset, settings), X)) for settings in seeds]))


def race(dataset: TrainingData, settings: Settings, rules: Rules) -> Steps[Race]:
    """Train all lanes together: whichever has done the smallest share of what it may goes next.

    `settings` are those of every lane, but for batch size and epochs.
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
    """How long a race goes on, told by how long it has taken: drawing and other sessions count, a stop does not."""

    def __init__(self, now: Callable[[], float] = perf_counter) -> None:
        self._now, self._last, self._taken = now, now(), 0.0

    def left(self, share: float) -> float | None:
        """Seconds left with this share done; None while too little is done to tell. To be asked at every Step."""
        now = self._now()
        self._taken += min(now - self._last, A_STOP)
        self._last = now
        return self._taken * (1 - share) / share if self._taken >= SOON and share > 0 else None


def checkpoints(updates_an_epoch: int, end: int | None = None) -> Iterator[int]:
    """After which updates all rows are evaluated: each of the first, then 20 times until their number has doubled.

    Where that is an epoch and more, at epoch ends. The last is `end`.
    """
    update = 0
    while end is None or update < end:
        yield update
        following = max(update + 1, round(update * 2 ** (1 / AN_OCTAVE)))
        if following - update >= updates_an_epoch:
            following = following // updates_an_epoch * updates_an_epoch
        update = following
    yield end


def expected_seconds(dataset: TrainingData, settings: Settings, rules: Rules, budget: float = 0.004) -> float:
    """How long a race will take here, told by a short trial: `budget` seconds of training for each lane."""
    seconds = 0.0
    for batch_size in rules.batch_sizes:
        started = perf_counter()
        run = Training(dataset, rules.settings(settings, batch_size, 0), evaluate_share=0)  # evaluates all rows once
        to_evaluate, started = perf_counter() - started, perf_counter()
        run.advance(seconds=budget)
        done = max(run.updates_done, 1)
        if rules.seeds > 1:
            Stack(dataset, [rules.settings(settings, batch_size, seed) for seed in range(1, rules.seeds)]).advance(
                updates=done
            )
        took = perf_counter() - started
        updates = run.total_updates if rules.limit == "epochs" else done * rules.most / max(run.seconds, 1e-6)
        within_epochs = sum(update % run.plan.updates > 0 for update in checkpoints(run.plan.updates, int(updates)))
        seconds += took * updates / done + to_evaluate * within_epochs * rules.seeds
    return seconds


def _doing(runners: Sequence["_Runner"]) -> str:
    return "Epochs done: " + " · ".join(f"B = {runner.batch_size:,}: {runner.epochs_done:,}" for runner in runners)


class _Runner:
    """A lane under way: the first run by itself, whose clock is the lane's, and the others in one pass beside it.

    They go from checkpoint to checkpoint together.
    """

    def __init__(self, dataset: TrainingData, settings: Settings, rules: Rules, batch_size: int) -> None:
        self.batch_size = batch_size
        self.finished = False
        self._rules = rules
        self._settings = [rules.settings(settings, batch_size, seed) for seed in range(rules.seeds)]
        self._first: Training | None = None
        self._others: Stack | None = None
        self._update = Column()
        self._measured = {name: Column() for name in (*SPLITS, "seconds")}  # a value a run at each checkpoint
        self._pieces = self._work(dataset)

    def go_on(self) -> None:
        """Do a little more, for PIECE seconds or so."""
        self.finished = next(self._pieces, True)

    @property
    def started(self) -> bool:
        """Whether there is a first checkpoint."""
        return len(self._update) > 0

    @property
    def _leader(self) -> Training | Stack | None:
        """Who still runs, the first run if it does; None where nobody does."""
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
        """How much of what the lane may do is done, 0 to 1."""
        leader = self._leader
        if self.finished or (self._first and not leader):
            return 1.0
        if not leader:
            return 0.0
        by_epochs = self._rules.limit == "epochs"
        return min(leader.updates_done / leader.total_updates if by_epochs else self._seconds / self._rules.most, 1.0)

    @property
    def _seconds(self) -> float:
        """Computing time of a run: the first one's own; once it has diverged, a run's part of the common pass."""
        first = self._first.seconds if self._first else 0.0
        if self._others and self._leader is self._others:
            return max(first, self._others.seconds / (self._rules.seeds - 1))
        return first

    def _work(self, dataset: TrainingData) -> Iterator[bool]:
        """Train, stopping after each piece to say whether it was the last."""
        first = self._first = Training(dataset, self._settings[0], evaluate_share=0)
        yield False
        others = self._others = Stack(dataset, self._settings[1:]) if self._settings[1:] else None
        yield False
        for update in checkpoints(first.plan.updates, first.total_updates if self._rules.limit == "epochs" else None):
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
        """What the lane has done so far."""
        train_loss, val_loss, seconds = (
            column.values.reshape(-1, self._rules.seeds) for column in self._measured.values()
        )  # (C, S): views of what is only ever added to
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
    """The loss of each run over all rows of a split, infinite where it is no number or the run has diverged."""
    losses = runs.evaluate(split) if isinstance(runs, Stack) else np.array([runs.evaluate(split).loss])
    gone = list(runs.failures) if isinstance(runs, Stack) else [0] * runs.diverged
    losses[gone] = np.inf
    return np.where(np.isfinite(losses), losses, np.inf)
