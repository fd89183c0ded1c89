"""The rows that do not fill a last batch are left out of the epoch."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.batches import minibatches, plan_epoch
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, predict
from mbgd.engine.splits import TrainingData
from mbgd.experiments.mistakes.bug import Bug, Case, Pair, Proof, leaving_rows_over
from mbgd.experiments.mistakes.checks import ROWS
from mbgd.experiments.mistakes.side_by_side import outcome_of_rows
from mbgd.experiments.plain import Parts, start
from mbgd.experiments.step import Step, Steps


def whole_batches_only(
    rng: np.random.Generator, n_samples: int, batch_size: int, *, shuffle: bool = True
) -> Iterator[NDArray[np.intp]]:
    """The whole batches of an epoch. The N mod B rows left over are dropped."""
    order = rng.permutation(n_samples) if shuffle else np.arange(n_samples)  # (N,)
    size = min(batch_size, n_samples)
    return (order[start : start + size] for start in range(0, n_samples - size + 1, size))


def short_batch_weight(case: Case) -> Pair:
    """The weight of a row in the short last batch, relative to a row in a whole batch: B/r.

    Measured with the engine's loss: dL/dŶ of one row in a batch of r rows, over dL/dŶ of that row in a batch of B.
    """
    dataset, settings = case
    plan, loss = plan_epoch(case.N, settings.batch_size), LOSSES[dataset.loss].with_derivative
    outputs = predict(start(dataset, settings), dataset.X_train)
    whole, short = (
        float(np.linalg.norm(loss(dataset.Y_train[:rows], outputs[:rows])[1][0]))
        for rows in (plan.batch_size, plan.last_rows)
    )
    return Pair(plan.batch_size / plan.last_rows, short / whole if whole else np.nan)


def batch_loss_bias(case: Case) -> Pair:
    """The mean of an epoch's batch losses minus the loss over all training rows, at the first weights.

    Predicted: (1/m - r/N)·(L_last - L_rest) for m batches, the last of r rows.
    """
    dataset, settings = case
    n_samples, layers = case.N, start(dataset, settings)
    plan = plan_epoch(n_samples, settings.batch_size)
    batches = list(minibatches(settings.order(), n_samples, settings.batch_size))
    last, rest = batches[-1], np.concatenate([np.arange(0), *batches[:-1]])
    of_batches = float(np.mean([_loss(layers, dataset, rows) for rows in batches]))
    if len(batches) == 1:
        return Pair(0.0, of_batches - _loss(layers, dataset, last))
    share = 1 / plan.updates - plan.last_rows / n_samples
    predicted = share * (_loss(layers, dataset, last) - _loss(layers, dataset, rest))
    return Pair(predicted, of_batches - _loss(layers, dataset, np.arange(n_samples)))


def prove(bug: Bug, case: Case) -> Steps[Proof]:
    """Measure the effects of the short last batch in the correct code: the weight of its rows, and a bias."""
    yield Step(1.0, "measured", Proof((short_batch_weight(case), batch_loss_bias(case))))


def hidden_by(case: Case) -> str | None:
    """There is no second epoch that could leave out other rows."""
    return "one epoch" if case.settings.epochs == 1 and case.settings.shuffle else None


def _loss(layers: list[Layer], dataset: TrainingData, rows: NDArray[np.intp]) -> float:
    return LOSSES[dataset.loss].function(dataset.Y_train[rows], predict(layers, dataset.X_train[rows]))


BUG = Bug(
    lambda dataset, settings: Parts(batches=partial(whole_batches_only, shuffle=settings.shuffle)),
    (ROWS,),
    place=6,
    right=leaving_rows_over,
    hidden_by=hidden_by,
    outcome=outcome_of_rows,
    prove=prove,
    proof_rows=lambda case: 2 * case.N,
)
