"""Helpers of the bugs' proofs: the factor of a gradient, and the gap between two runs."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.batches import minibatches
from mbgd.engine.guards import quiet
from mbgd.experiments.compare import largest_difference
from mbgd.experiments.gradients import batch_gradient, parameters
from mbgd.experiments.mistakes.bug import Bug, Case, Gap, Pair, Proof
from mbgd.experiments.mistakes.side_by_side import RunPlan
from mbgd.experiments.plain import Parts, PlainUpdate, first_batch, plain_training, start
from mbgd.experiments.step import Step, Steps

COMPARED_UPDATES = 20
ROUNDING = 1e-14  # two runs are compared as long as rounding alone moves them apart by no more than this
QUICK_WORK = 200_000_000  # rows times parameters, over all gradients: about 0.15 s


def quick_proof(bug: Bug, case: Case) -> bool:
    """Whether a bug's proof is quick. Only large networks are slow."""
    rows = bug.proof_rows(case)
    return not rows or rows * parameters(start(*case)).size <= QUICK_WORK


# --- bugs that multiply the gradient by a factor ---


def prove_by_rate(bug: Bug, case: Case) -> Steps[Proof]:
    """Measure the factor, and the gap to correct training with the learning rate multiplied by that factor."""
    pairs = (gradient_ratio(bug, case),)
    for step in same_path(bug, case):
        yield Step(step.share, step.doing, Proof(pairs, step.result))


def rows_of_paths(case: Case) -> int:
    """The rows of the three runs that are compared in same_path()."""
    return 3 * COMPARED_UPDATES * case.B


def hidden_where_it_is_one(factor: Callable[[str, int, int], float], case: Case) -> str | None:
    """A factor of 1 hides the bug."""
    return "factor 1" if factor(case.dataset.loss, case.B, case.k) == 1 else None


def factor_of(bug: Bug, case: Case, rows: int) -> float:
    """The factor of a bug for a batch of `rows` rows."""
    if bug.factor is None:
        raise ValueError("This bug has no single factor. To use it here, give its record a factor.")
    return bug.factor(case.dataset.loss, rows, case.k)


def gradient_ratio(bug: Bug, case: Case) -> Pair:
    """The wrong gradient of the first batch over the correct gradient, at the first weights."""
    dataset, settings = case
    layers, rows = start(dataset, settings), first_batch(dataset, settings)[0]
    X, Y = dataset.X_train[rows], dataset.Y_train[rows]
    right, wrong = (batch_gradient(layers, X, Y, dataset.loss, parts) for parts in (None, bug.parts(dataset, settings)))
    size = float(right @ right)
    return Pair(factor_of(bug, case, len(rows)), float(wrong @ right) / size if size else np.nan)


def path_gap(one: RunPlan, other: RunPlan) -> Steps[Gap]:
    """The largest difference between the parameters of two runs after any update, relative to the largest parameter.

    A third run differs from `other` by rounding only. The runs are compared for 20 updates, or as long as the third
    run agrees with `other` to 1e-14: some runs magnify rounding tenfold per update, and then a difference says nothing.
    The gap is infinite if only the parameters of `one` overflow.
    """
    plans = (one, other, _rounded_otherwise(other))
    sides = [start(plan.dataset, plan.settings) for plan in plans]
    trainings = [plain_training(layers, *plan) for layers, plan in zip(sides, plans, strict=True)]
    gap = Gap(0.0, 0)
    while gap.updates < COMPARED_UPDATES and _advance(trainings):
        first, second, control = (parameters(layers) for layers in sides)
        if not _distance(control, second) <= ROUNDING:
            break
        gap = Gap(max(gap.largest, _distance(first, second)), gap.updates + 1)
        yield Step(gap.updates / (COMPARED_UPDATES + 1), _compared(gap), gap)
    yield Step(1.0, _compared(gap), gap)


def _rounded_otherwise(plan: RunPlan) -> RunPlan:
    """The same run except for rounding: each batch in reverse order, and the next floating-point number as the rate.

    A sum rounds differently in another order. With one row per batch there is no sum, but the rate still differs.
    """
    dataset, settings, _ = plan

    def reversed_batches(rng: np.random.Generator, n_samples: int, batch_size: int) -> Iterator[NDArray[np.intp]]:
        batches = minibatches(rng, n_samples, batch_size, shuffle=settings.shuffle, last_batch=settings.last_batch)
        return (rows[::-1] for rows in batches)

    rate = float(np.nextafter(settings.learning_rate, np.inf))
    return RunPlan(dataset, replace(settings, learning_rate=rate), Parts(batches=reversed_batches))


def _advance(trainings: list[Iterator[PlainUpdate]]) -> bool:
    """Make one update in each run. False if one of them has ended."""
    with quiet():  # a run that diverges is compared until it overflows
        return all([next(training, None) for training in trainings])


def _distance(one: Array, other: Array) -> float:
    """The largest difference of two vectors, relative to the largest number in `other`; infinite for NaN."""
    distance = largest_difference(one, other) / max(float(np.abs(other).max()), 1e-300)
    return distance if np.isfinite(distance) else np.inf


def _compared(gap: Gap) -> str:
    return f"{gap.updates} updates compared"


def same_path(bug: Bug, case: Case) -> Steps[Gap]:
    """The gap between a bug with a factor and correct training with the learning rate multiplied by that factor.

    Only whole batches are used, because a short last batch has another factor.
    """
    dataset, settings = case
    whole = replace(settings, last_batch="drop", epochs=COMPARED_UPDATES)
    scaled = replace(whole, learning_rate=settings.learning_rate * factor_of(bug, case, case.B))
    return path_gap(RunPlan(dataset, whole, bug.parts(dataset, whole)), RunPlan(dataset, scaled))
