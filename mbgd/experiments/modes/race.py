"""A race of batch sizes: all train side by side, on the same data and from the same first weights."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter

import numpy as np

from mbgd.engine.history import Column
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import predict
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.engine.stack import Stack
from mbgd.engine.training import Training
from mbgd.experiments.clock import Clock
from mbgd.experiments.modes.lanes import SPLITS, Failure, Lane, checkpoints, measure
from mbgd.experiments.modes.rules import Rules
from mbgd.experiments.plain import start
from mbgd.experiments.step import Step, Steps

PIECE = 0.01  # seconds that one lane trains before the next turn
STEP = 0.03  # seconds of work between two Steps


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
            yield Step(min(share, 0.999), _doing(runners) + clock.in_words(share), so_far())
            since = perf_counter()
    yield Step(1.0, _doing(runners), so_far(finished=True))


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
                    losses[split] += list(measure(run, split))
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
