"""Frameworks and our engine train with the same first weights, batches and learning rate: how far do they differ?"""

import json
from collections.abc import Iterator, Mapping
from itertools import islice, pairwise
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.batches import plan_epoch
from mbgd.engine.guards import quiet
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.engine.training import Training
from mbgd.experiments.compare import largest_difference
from mbgd.experiments.frameworks.peers import (
    FRAMEWORKS,
    Maker,
    Peer,
    import_failure,
    interleaved,
    mbgd_engine,
    renumbered,
    slightly_faster,
)
from mbgd.experiments.gradients import flatten, parameters
from mbgd.experiments.plain import start
from mbgd.experiments.step import Step, Steps

OURS, RENUMBERED, SLIGHTLY_FASTER = "mbgd", "sums reordered", "rate +0.0001%"
INTERLEAVED = "sums reordered otherwise"
CONTROLS: dict[str, Maker] = {RENUMBERED: renumbered, INTERLEAVED: interleaved, SLIGHTLY_FASTER: slightly_faster}
ROUNDS = 3  # the median counts
MOST_UPDATES = 3_000
MOST_WORK = 3e9  # rows x parameters x updates: a few seconds for each program
CHECKPOINTS = 60
BETWEEN_STEPS = 0.015  # seconds of work
ROUNDING = float(np.finfo(np.float64).eps)
AS_FAR = 100  # times the yardstick still counts as rounding, because rounding varies with program and seed
STEADY = 1e-9  # of the largest weight: if rounding grows beyond this, the run is unstable
RECORDED = Path(__file__).parent / "recorded" / "frameworks.json"


class Comparison(NamedTuple):
    """The measurements of a comparison so far: C checkpoints and U updates of its first round are done.

    loss: the name of the loss. updates: how many of the `asked` updates are compared; diverged: true if the run ended
    early by divergence.
    checkpoints (C,): numbers of updates, from 0. largest_weights (C,): the engine's largest absolute weight up to each
    checkpoint. differences {name: (C,)}: the largest absolute difference of a weight or bias from the engine's.
    losses {name: (U,)}: each batch's loss before its update, as the program reports it. seconds {name: (rounds,)}: the
    time spent in updates, per completed round. broken {name: why}: the programs left out because their import failed.
    """

    loss: str
    updates: int
    asked: int
    diverged: bool
    checkpoints: NDArray[np.intp]
    largest_weights: Array
    differences: dict[str, Array]
    losses: dict[str, Array]
    seconds: dict[str, Array]
    broken: dict[str, str]

    @property
    def frameworks(self) -> list[str]:
        """The names of the programs other than this engine."""
        return [name for name in self.seconds if name != OURS]

    def difference(self, name: str) -> float:
        """The largest difference of a weight from the engine's after the run."""
        return float(self.differences[name][-1])

    def relative(self, at: int = -1) -> dict[str, float]:
        """Each program's largest difference of a weight at a checkpoint ÷ the largest weight up to it."""
        largest = float(self.largest_weights[at]) or 1.0
        return {name: float(seen[at]) / largest for name, seen in self.differences.items()}

    @property
    def steady(self) -> bool:
        """Whether rounding stays small. If the learning rate is too large, every update multiplies it."""
        return not self.diverged and self.difference(RENUMBERED) <= STEADY * max(1.0, self.largest_weights[-1])

    @property
    def judged(self) -> int:
        """The checkpoint at which differences are judged: the last, or in an unstable run the first."""
        return -1 if self.steady else 1

    @property
    def yardstick(self) -> float:
        """The difference that rounding alone makes up to the judged checkpoint.

        It is measured on INTERLEAVED, which is never judged itself, and is at least one rounding of the largest weight.
        """
        return max(self.farthest_until_judged(INTERLEAVED), ROUNDING * float(self.largest_weights[self.judged]))

    def farthest_until_judged(self, name: str) -> float:
        """The largest difference of a weight up to the judged checkpoint."""
        seen = self.differences[name]
        return float(np.nanmax(seen[: self.judged % len(seen) + 1]))

    def is_rounding(self, difference: float) -> bool:
        """Whether rounding alone can explain a difference of this size at the judged checkpoint of this run."""
        return bool(difference <= AS_FAR * self.yardstick)

    @property
    def farthest(self) -> tuple[str, float]:
        """The framework that ended farthest from the engine, and its difference; without one, the renumbered engine."""
        names = self.frameworks or [RENUMBERED]
        return max(((name, self.difference(name)) for name in names), key=lambda pair: pair[1])


def size_of(comparison: Comparison) -> str:
    """The size of the final difference of the weights, by name: "none", "rounding", "visible" or "other"."""
    _, difference = comparison.farthest
    scale = max(1.0, comparison.largest_weights[-1])
    if difference == 0:
        return "none"
    if difference <= 1e-10 * scale:
        return "rounding"
    return "visible" if difference <= 1e-3 * scale else "other"


def planned_updates(dataset: TrainingData, settings: Settings) -> tuple[int, int]:
    """How many updates are compared, and how many the settings ask for.

    Fewer are compared if all of them would take too long.
    """
    plan = plan_epoch(len(dataset.X_train), settings.batch_size, settings.last_batch)
    asked = settings.epochs * plan.updates
    affordable = int(MOST_WORK / (plan.batch_size * len(parameters(start(dataset, settings)))))
    return min(asked, MOST_UPDATES, max(20, affordable)), asked


def compare(
    dataset: TrainingData, settings: Settings, frameworks: Mapping[str, Maker], rounds: int = ROUNDS
) -> Steps[Comparison]:
    """Train one network with the engine and with each framework. They take turns, update by update.

    The batches are those of Training. The first round also trains the controls and measures the differences. Every
    round measures the seconds.
    """
    run = _Run(dataset, settings, rounds, {OURS: mbgd_engine, **frameworks})
    yield from run.draw_batches()
    for number in range(1, rounds + 1):
        yield from run.round(number)
    yield run.step(f"done: {run.updates:,} updates, timed {rounds} times", share=1.0)


class _Run:
    """The state of a comparison between two steps."""

    def __init__(self, dataset: TrainingData, settings: Settings, rounds: int, timed: dict[str, Maker]) -> None:
        self.X, self.Y = dataset.X_train, dataset.Y_train
        self.loss, self.rate = dataset.loss, settings.learning_rate
        self.first, self.timed = start(dataset, settings), timed
        self.training = Training(dataset, settings, evaluate_share=0)
        self.updates, self.asked = planned_updates(dataset, settings)
        self.batches: list[NDArray[np.intp]] = []
        self.done, self.turns = 0, rounds * len(timed) + len(CONTROLS) + 1
        self.checkpoints: list[int] = [0]
        self.differences: dict[str, list[float]] = {name: [0.0] for name in (*timed, *CONTROLS) if name != OURS}
        self.losses: dict[str, list[float]] = {name: [] for name in (*timed, *CONTROLS)}
        self.seconds: dict[str, list[float]] = {name: [] for name in timed}
        self.broken: dict[str, str] = {}
        self.largest_weights = [float(np.abs(parameters(self.first)).max())]
        self.last_step = perf_counter()

    def draw_batches(self) -> Iterator[Step[Comparison]]:
        """Train once with Training itself, to get the rows of its batches. A run that diverges ends there."""
        for update in islice(self.training, self.updates):
            self.batches.append(update.rows)
            self.done += 1
            if self.due():
                yield self.step("making the batches")
        self.updates = len(self.batches)

    def round(self, number: int) -> Iterator[Step[Comparison]]:
        """Train all peers from the first weights; they take turns."""
        for name in [name for name in self.timed if name in FRAMEWORKS]:
            yield self.step(f"starting {name}")
            if failure := import_failure(name):  # imports may take seconds that must not count as updates
                self.leave_out(name, failure)
        makers = self.timed | (CONTROLS if number == 1 else {})
        peers = {name: make(self.first, self.loss, self.rate) for name, make in makers.items()}
        spent = dict.fromkeys(self.timed, 0.0)
        edges = np.unique(np.append(np.linspace(0, self.updates, CHECKPOINTS + 1).astype(int), min(1, self.updates)))
        for begin, end in pairwise(edges.tolist()):
            batches = [(self.X[rows], self.Y[rows]) for rows in self.batches[begin:end]]
            for name, peer in peers.items():
                for X, Y in batches:
                    seconds, loss = _timed_update(peer, X, Y)
                    self.done += 1
                    if name in spent:
                        spent[name] += seconds
                    if number == 1:
                        self.losses[name].append(loss)
                    if self.due():
                        yield self.step(f"run {number}: update {end:,} of {self.updates:,}")
            if number == 1:
                self.measure(end, peers)
        for name, seconds in spent.items():
            self.seconds[name].append(seconds)

    def leave_out(self, name: str, why: str) -> None:
        """Go on without a program."""
        self.broken[name] = why
        for of_programs in (self.timed, self.differences, self.losses, self.seconds):
            del of_programs[name]

    def measure(self, update: int, peers: dict[str, Peer]) -> None:
        """Record the differences of all peers' weights from the engine's."""
        ours = flatten(peers[OURS].weights())  # (P,)
        self.largest_weights.append(max(self.largest_weights[-1], float(np.abs(ours).max())))
        self.checkpoints.append(update)
        for name, differences in self.differences.items():
            differences.append(largest_difference(flatten(peers[name].weights()), ours))

    def due(self) -> bool:
        """Whether it is time to yield a step."""
        return perf_counter() - self.last_step >= BETWEEN_STEPS

    def step(self, doing: str, share: float | None = None) -> Step[Comparison]:
        """A Step with all that is measured so far."""
        self.last_step = perf_counter()
        result = Comparison(
            loss=self.loss,
            updates=self.updates,
            asked=self.asked,
            diverged=self.training.diverged,
            checkpoints=np.array(self.checkpoints),
            largest_weights=np.array(self.largest_weights),
            differences=_arrays(self.differences),
            losses=_arrays(self.losses),
            seconds=_arrays(self.seconds),
            broken=dict(self.broken),
        )
        share = min(self.done / (self.updates * self.turns), 0.999) if share is None else share
        return Step(share, doing, result)


def _timed_update(peer: Peer, X: Array, Y: Array) -> tuple[float, float]:
    with quiet():  # shortly before a divergence
        started = perf_counter()
        loss = peer.update(X, Y)
        return perf_counter() - started, loss


def _arrays(lists: dict[str, list[float]]) -> dict[str, Array]:
    return {name: np.array(values, dtype=np.float64) for name, values in lists.items()}


def recorded() -> dict[str, Any]:
    """The comparison recorded by `python -m benchmarks.frameworks --write`: its date, versions and cases."""
    return json.loads(RECORDED.read_text(encoding="utf-8"))
