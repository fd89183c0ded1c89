"""Who is in which batch. Stochastic, mini-batch and full batch differ in one number, the batch size."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.checks import one_of, whole_number

LAST_BATCH = ("keep", "drop")


class EpochPlan(NamedTuple):
    """The arithmetic of an epoch: `updates` batches of `batch_size` rows, the last one of `last_rows`."""

    batch_size: int
    updates: int
    last_rows: int

    @property
    def rows(self) -> int:
        """Rows that one epoch trains on."""
        return (self.updates - 1) * self.batch_size + self.last_rows


def plan_epoch(n_samples: int, batch_size: int, last_batch: str = "keep") -> EpochPlan:
    """How N rows fall into batches of B: m = ⌈N/B⌉ updates, the last with N mod B rows if that is not 0.

    With last_batch="drop" a short last batch is left out. A batch size above N is one batch of all N rows.
    """
    n_samples = whole_number("n_samples", n_samples, 1)
    size = min(whole_number("batch_size", batch_size, 1), n_samples)
    one_of("last_batch", last_batch, LAST_BATCH)
    whole, rest = divmod(n_samples, size)
    if rest and last_batch == "keep":
        return EpochPlan(size, whole + 1, rest)
    return EpochPlan(size, whole, size)


def minibatches(
    rng: np.random.Generator, n_samples: int, batch_size: int, *, shuffle: bool = True, last_batch: str = "keep"
) -> Iterator[NDArray[np.intp]]:
    """Yield the row indices of each batch of one epoch.

    Every row comes exactly once ("keep"), or in whole batches only ("drop"). The rows are shuffled as an index,
    so X and Y stay together. Raises ValueError at once for a bad size or name.
    """
    plan = plan_epoch(n_samples, batch_size, last_batch)
    order = epoch_order(rng if shuffle else None, n_samples)
    return (order[start : start + plan.batch_size] for start in range(0, plan.rows, plan.batch_size))


def epoch_order(rng: np.random.Generator | None, n_samples: int) -> NDArray[np.intp]:
    """All rows (N,) in the order of one epoch: shuffled, or as they are where there is no rng."""
    return np.arange(n_samples) if rng is None else rng.permutation(n_samples)
