"""X and Y are shuffled separately, so rows get the targets of other rows."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.batches import minibatches
from mbgd.experiments.mistakes.bug import Bug
from mbgd.experiments.mistakes.checks import PAIRS
from mbgd.experiments.mistakes.side_by_side import SideBySide, outcome_of_losses, stops_at_constant
from mbgd.experiments.plain import Parts


def shuffled_apart(
    rng: np.random.Generator, n_samples: int, batch_size: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """The batches of an epoch from two shuffles, one for X and one for Y: a row gets another row's target."""
    return zip(minibatches(rng, n_samples, batch_size), minibatches(rng, n_samples, batch_size), strict=True)


def outcome(result: SideBySide) -> str:
    """ "constant" if the loss stops at the loss of the best constant, otherwise the outcome of the losses."""
    return "constant" if stops_at_constant(result) else outcome_of_losses(result)


BUG = Bug(
    lambda dataset, settings: Parts(batches=shuffled_apart),
    (PAIRS,),
    place=5,
    right=lambda settings, n_samples: replace(settings, shuffle=True),
    outcome=outcome,
)
