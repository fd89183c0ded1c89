"""What a lane of a race will cost on this machine, measured by real updates before the race."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from mbgd.engine.batches import EpochPlan
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.engine.stack import Stack
from mbgd.engine.training import Training
from mbgd.experiments.modes.lanes import SPLITS, checkpoints, measure
from mbgd.experiments.modes.rules import NO_END, Rules

PIECES = 4  # of a lane's trial, of which the fastest counts
LONGEST_PIECE = 0.01  # seconds of a piece, unless a single update takes longer


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
                measure(run, split)
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
