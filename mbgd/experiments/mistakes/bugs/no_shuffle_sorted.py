"""The rows are sorted by their target, and every epoch takes its batches in that order."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.splits import TrainingData
from mbgd.experiments.mistakes.bug import Bug, Case, Gap, Proof, Rows
from mbgd.experiments.mistakes.checks import ORDER
from mbgd.experiments.mistakes.proofs import COMPARED_UPDATES, path_gap
from mbgd.experiments.mistakes.side_by_side import RunPlan
from mbgd.experiments.plain import Parts
from mbgd.experiments.step import Step, Steps


def in_file_order(rng: np.random.Generator, n_samples: int, batch_size: int) -> Iterator[NDArray[np.intp]]:
    """The batches of an epoch, always in the order of the file."""
    order = np.arange(n_samples)  # (N,)
    return (order[start : start + batch_size] for start in range(0, n_samples, batch_size))


def sorted_by_target(dataset: TrainingData) -> Rows:
    """The training rows sorted by target: by its value, or class after class."""
    targets = dataset.Y_train
    key = targets.argmax(axis=1) if dataset.loss == "cross_entropy" else targets[:, 0]
    order = np.argsort(key, kind="stable")  # (N,)
    return Rows(dataset.X_train[order], targets[order], dataset.X_val, dataset.Y_val, dataset.loss)


def order_gap(case: Case) -> Steps[Gap]:
    """The gap between shuffled and sorted rows if B = N. It is 0, because the order of a sum does not matter."""
    data, settings = case
    full = replace(settings, batch_size=case.N, epochs=COMPARED_UPDATES, shuffle=True)
    return path_gap(RunPlan(data, full, Parts(batches=in_file_order)), RunPlan(data, full))


def prove(bug: Bug, case: Case) -> Steps[Proof]:
    """Measure the gap with full batches."""
    for step in order_gap(case):
        yield Step(step.share, step.doing, Proof((), step.result))


BUG = Bug(
    lambda dataset, settings: Parts(batches=in_file_order),
    (ORDER,),
    place=4,
    data=sorted_by_target,
    right=lambda settings, n_samples: replace(settings, shuffle=True),
    hidden_by=lambda case: "full batch" if case.B == case.N else None,
    prove=prove,
    proof_rows=lambda case: 3 * COMPARED_UPDATES * case.N,
)
