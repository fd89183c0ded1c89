"""The record of a bug's numbers, and the values that it works with."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from inspect import isfunction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.batches import minibatches, plan_epoch
from mbgd.engine.checks import one_of
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import backward, descend
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.experiments.mistakes.checks import CHECKS
from mbgd.experiments.mistakes.side_by_side import SideBySide, outcome_of_losses, shortened
from mbgd.experiments.plain import Parts
from mbgd.experiments.step import Step, Steps

LAST = 100


class Rows(NamedTuple):
    """The part of a data set that training needs: inputs (N, n), targets (N, k), and the name of the loss."""

    X_train: Array
    Y_train: Array
    X_val: Array
    Y_val: Array
    loss: str


class Case(NamedTuple):
    """The data that a bug is shown on (made by its `data`), and the settings of the run."""

    dataset: TrainingData
    settings: Settings

    @property
    def N(self) -> int:
        """Training rows."""
        return len(self.dataset.X_train)

    @property
    def k(self) -> int:
        """Outputs."""
        return self.dataset.Y_train.shape[1]

    @property
    def B(self) -> int:
        """Rows of a whole batch, at most N."""
        return plan_epoch(self.N, self.settings.batch_size).batch_size

    @property
    def rest(self) -> int:
        """Rows left over after the whole batches: N mod B."""
        return self.N % self.B


class Derivatives(NamedTuple):
    """The derivatives of a batch's loss with respect to M parameters.

    loss, activation: their names. rows, outputs: B and k. bias (M,): which parameters are biases. last (M,): which
    parameters belong to the last layer.
    """

    loss: str
    activation: str
    rows: int
    outputs: int
    bias: NDArray[np.bool_]
    last: NDArray[np.bool_]


class Pair(NamedTuple):
    """A predicted number, and the same number measured."""

    predicted: float
    measured: float


class Gap(NamedTuple):
    """The largest distance of two runs, relative to the largest parameter, and the number of updates compared."""

    largest: float
    updates: int


class Proof(NamedTuple):
    """What is measured of a bug before its run: pairs of numbers, and the gap between two runs."""

    pairs: tuple[Pair, ...] = ()
    gap: Gap | None = None


# --- the defaults of a bug ---


def as_it_is(dataset: TrainingData) -> TrainingData:
    """The data set itself."""
    return dataset


def as_set(settings: Settings, n_samples: int) -> Settings:
    """The settings themselves."""
    return settings


def leaving_rows_over(settings: Settings, n_samples: int) -> Settings:
    """The settings with the nearest batch size that does not divide N, so that the last batch is short.

    That is their own batch size if it leaves rows over, and also if no batch size does (N is 1 or 2). Of two sizes that
    are equally near, it is the larger one.
    """
    B = plan_epoch(n_samples, settings.batch_size).batch_size
    leaving = [size for size in range(2, n_samples) if n_samples % size]
    return replace(settings, batch_size=min(leaving, key=lambda size: (abs(size - B), -size), default=B))


def by_nothing(case: Case) -> None:
    """Nothing hides the bug."""


def prove_nothing(bug: "Bug", case: Case) -> Steps[Proof]:
    """No numbers to measure."""
    yield Step(1.0, "measured", Proof())


def no_rows(case: Case) -> int:
    """No rows."""
    return 0


@dataclass(frozen=True)
class Bug:
    """The numbers of a bug: the function it replaces, and all that can be measured of it.

    parts(dataset, settings) -> Parts with exactly one part. checks: all of CHECKS that catch it.
    place: its place in the list; bugs with the same place are in the order of their names.
    data(dataset): the data it is shown on: the same data, or the rows in another order or with other targets.
    right(settings, N): the settings of both runs on N training rows, if they differ from the sidebar's.
    factor(loss, B, k): the number by which it multiplies the whole gradient of a batch of B rows and k outputs. None
    if there is no such number.
    partly(derivatives) -> (M,): the factor of each derivative, if the factors differ; NaN where there is no factor.
    hidden_by(case): a key for the reason why these settings hide the bug, or None. Its words have a sentence per key.
    outcome(result): the key of the answer that is right for this result.
    prove(bug, case): measures what is predicted. proof_rows(case): the rows that prove() sends through the network; a
    row that is sent twice counts twice.
    """

    parts: Callable[[TrainingData, Settings], Parts]
    checks: tuple[str, ...]
    place: int = LAST
    data: Callable[[TrainingData], TrainingData] = as_it_is
    right: Callable[[Settings, int], Settings] = as_set
    factor: Callable[[str, int, int], float] | None = None
    partly: Callable[[Derivatives], Array] | None = None
    hidden_by: Callable[[Case], str | None] = by_nothing
    outcome: Callable[[SideBySide], str] = outcome_of_losses
    prove: "Callable[[Bug, Case], Steps[Proof]]" = prove_nothing
    proof_rows: Callable[[Case], int] = no_rows

    def __post_init__(self) -> None:
        """Refuse a check that does not exist."""
        for check in self.checks:
            one_of("check", check, CHECKS)

    def factors(self, of: Derivatives) -> Array:
        """The factor by which the bug multiplies each derivative, (M,); NaN where there is no factor."""
        if self.partly:
            return self.partly(of)
        return np.full(len(of.bias), self.factor(of.loss, of.rows, of.outputs) if self.factor else 1.0)

    def case(self, dataset: TrainingData, settings: Settings) -> Case:
        """The data and the settings of both runs, made from the sidebar's.

        The correct code uses every row in every epoch, and long runs are shortened.
        """
        data = self.data(dataset)
        n_samples = len(data.X_train)
        return Case(data, shortened(replace(self.right(settings, n_samples), last_batch="keep"), n_samples))


# --- the two functions, shown side by side ---


def replacement(parts: Parts) -> Callable[..., Any]:
    """The bug's function or class, from its parts."""
    _, part = _replaced(parts)
    if isinstance(part, partial):
        return part.func
    return part if isfunction(part) else type(part)


def original(parts: Parts, loss: str) -> Callable[..., Any]:
    """The engine's function that the parts of a bug replace."""
    engine = {
        "batches": minibatches,
        "loss": LOSSES[loss].with_derivative,
        "gradients": backward,
        "update": descend,
    }
    return engine[_replaced(parts)[0]]


def _replaced(parts: Parts) -> tuple[str, Callable[..., Any]]:
    """The name of the replaced part, and its replacement."""
    (found,) = ((name, part) for name, part in vars(parts).items() if part is not None)
    return found
