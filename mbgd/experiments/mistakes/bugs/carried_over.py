"""The rows that do not fill a last batch are added to the first batch of the next epoch."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mbgd.experiments.mistakes.bug import Bug, Case, Pair, Proof, leaving_rows_over
from mbgd.experiments.mistakes.checks import ROWS
from mbgd.experiments.mistakes.side_by_side import outcome_of_rows
from mbgd.experiments.plain import Parts
from mbgd.experiments.step import Step, Steps


class CarriedOver:
    """The whole batches of an epoch. The rows left over are added to the first batch of the next epoch.

    TensorFlow Playground does this: it updates after every row whose number is a multiple of B.
    """

    def __init__(self, *, shuffle: bool = True) -> None:
        self.shuffle = shuffle
        self.waiting = np.arange(0)

    def __call__(self, rng: np.random.Generator, n_samples: int, batch_size: int) -> Iterator[NDArray[np.intp]]:
        """The batches of the next epoch; no batches at all if B is larger than N."""
        order = rng.permutation(n_samples) if self.shuffle else np.arange(n_samples)  # (N,)
        for stop in range(batch_size, n_samples + 1, batch_size):
            yield np.concatenate([self.waiting, order[stop - batch_size : stop]])
            self.waiting = np.arange(0)
        self.waiting = np.concatenate([self.waiting, order[n_samples - n_samples % batch_size :]])


def carried_sizes(n_samples: int, batch_size: int) -> Pair:
    """The rows in the first batch of the second epoch: B + N mod B."""
    carried = CarriedOver()
    epochs = [list(carried(np.random.default_rng(0), n_samples, batch_size)) for _ in range(2)]
    return Pair(batch_size + n_samples % batch_size, len(epochs[1][0]))


def prove(bug: Bug, case: Case) -> Steps[Proof]:
    """Count the rows of the first batch of the second epoch: in an example, and in this data set."""
    yield Step(1.0, "measured", Proof((carried_sizes(250, 30), carried_sizes(case.N, case.B))))


BUG = Bug(
    lambda dataset, settings: Parts(batches=CarriedOver(shuffle=settings.shuffle)),
    (ROWS,),
    place=7,
    right=leaving_rows_over,
    hidden_by=lambda case: "one epoch" if case.settings.epochs == 1 else None,
    outcome=outcome_of_rows,
    prove=prove,
)
