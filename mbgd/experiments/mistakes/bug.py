"""The record that a bug is, in numbers, and what the files of bugs/ share."""

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
    """Just the rows of a data set, as training needs them: inputs (N, n), targets (N, k), and the loss's name."""

    X_train: Array
    Y_train: Array
    X_val: Array
    Y_val: Array
    loss: str


class Case(NamedTuple):
    """The data that a bug is seen on, as its `data` makes them, and the settings of the run."""

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
        """Rows of a whole batch, N at most."""
        return plan_epoch(self.N, self.settings.batch_size).batch_size

    @property
    def rest(self) -> int:
        """Rows that whole batches leave over, N mod B."""
        return self.N % self.B


class Derivatives(NamedTuple):
    """The derivatives by M parameters of the loss of a batch.

    loss, activation: their names. rows, outputs: B and k. bias (M,): which parameters are biases. last (M,): which
    ones belong to the last layer.
    """

    loss: str
    activation: str
    rows: int
    outputs: int
    bias: NDArray[np.bool_]
    last: NDArray[np.bool_]


class Pair(NamedTuple):
    """A number predicted, and the same measured."""

    predicted: float
    measured: float


class Gap(NamedTuple):
    """How far apart two trainings got, as a share of the largest parameter, and the number of updates compared."""

    largest: float
    updates: int


class Proof(NamedTuple):
    """What of a mistake is measured without a run of its own: numbers predicted, and the gap of two paths."""

    pairs: tuple[Pair, ...] = ()
    gap: Gap | None = None


# --- what a bug does unless its file says otherwise ---


def as_it_is(dataset: TrainingData) -> TrainingData:
    """The data set itself."""
    return dataset


def as_set(settings: Settings) -> Settings:
    """The settings themselves."""
    return settings


def by_nothing(case: Case) -> None:
    """No settings hide the bug."""


def prove_nothing(bug: "Bug", case: Case) -> Steps[Proof]:
    """No number is predicted."""
    yield Step(1.0, "measured", Proof())


def no_rows(case: Case) -> int:
    """No gradient is computed."""
    return 0


@dataclass(frozen=True)
class Bug:
    """A bug in numbers: the function it replaces, and all that can be measured of it.

    parts(dataset, settings) -> Parts with exactly one part. check: the name of the check that catches it, of CHECKS.
    place orders the list: bugs of one place by name.
    data(dataset): the data it is seen on, the same or the same rows in another order or with other targets.
    right(settings): how the settings of the right training differ from the sidebar's.
    factor(loss, B, k): by what it multiplies the gradient of a batch of B rows of k outputs, None if by no one number.
    partly(derivatives) -> (M,): the same for each derivative by itself, NaN where there is no factor; needed only where
    the derivatives differ in it.
    hidden_by(case): None, or a key that says why these settings hide it; its file of words has a sentence for each.
    outcome(result): what became of the run, as the key of the answer that is then right.
    prove(bug, case): measure what is predicted. proof_rows(case): the rows that pass through the network for that, each
    counted as often as it does.
    """

    parts: Callable[[TrainingData, Settings], Parts]
    check: str
    place: int = LAST
    data: Callable[[TrainingData], TrainingData] = as_it_is
    right: Callable[[Settings], Settings] = as_set
    factor: Callable[[str, int, int], float] | None = None
    partly: Callable[[Derivatives], Array] | None = None
    hidden_by: Callable[[Case], str | None] = by_nothing
    outcome: Callable[[SideBySide], str] = outcome_of_losses
    prove: "Callable[[Bug, Case], Steps[Proof]]" = prove_nothing
    proof_rows: Callable[[Case], int] = no_rows

    def __post_init__(self) -> None:
        """Refuse a check that does not exist."""
        one_of("check", self.check, CHECKS)

    def factors(self, of: Derivatives) -> Array:
        """By what the bug multiplies each derivative, (M,); NaN where it is no single factor."""
        if self.partly:
            return self.partly(of)
        return np.full(len(of.bias), self.factor(of.loss, of.rows, of.outputs) if self.factor else 1.0)

    def case(self, dataset: TrainingData, settings: Settings) -> Case:
        """The data and settings of the run, for the sidebar's: the settings are those of both sides.

        Every row is used in every epoch, rows are shuffled where that matters, and long runs are shortened.
        """
        data = self.data(dataset)
        return Case(data, shortened(replace(self.right(settings), last_batch="keep"), len(data.X_train)))


# --- the two functions to read side by side ---


def replacement(parts: Parts) -> Callable[..., Any]:
    """The function, or class, that parts of a bug put in place of the engine's."""
    _, part = _replaced(parts)
    if isinstance(part, partial):
        return part.func
    return part if isfunction(part) else type(part)


def original(parts: Parts, loss: str) -> Callable[..., Any]:
    """The engine's function whose place they take."""
    engine = {
        "batches": minibatches,
        "loss": LOSSES[loss].with_derivative,
        "gradients": backward,
        "update": descend,
    }
    return engine[_replaced(parts)[0]]


def _replaced(parts: Parts) -> tuple[str, Callable[..., Any]]:
    """The name of the one part that is replaced, and what replaces it."""
    (found,) = ((name, part) for name, part in vars(parts).items() if part is not None)
    return found
