"""All batches of B rows out of a handful, listed one by one, and the mean and the spread of their gradients."""

from collections.abc import Sequence
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.checks import whole_number
from mbgd.engine.network import Layer
from mbgd.experiments.compare import largest_difference
from mbgd.experiments.gradients import batch_gradient, sample_gradients
from mbgd.experiments.modes.noise import predicted_noise
from mbgd.experiments.step import Step, Steps

MOST_BATCHES = 1_000
ROUNDING = 1e-12


class AllBatches(NamedTuple):
    """Every batch of B of N rows: rows (C, B), gradients (C, P), C = C(N, B); full (P,) is the gradient of all rows.

    S_squared = Σ‖g_i - G‖²/(N - 1) over the N single rows. plane (2, P): the two directions in which the gradients are
    drawn, along G, and at right angles to it where the rows differ most.
    """

    batch_size: int
    n_samples: int
    rows: NDArray[np.intp]
    gradients: Array
    full: Array
    S_squared: float
    plane: Array

    @property
    def mean(self) -> Array:
        """The mean (P,) of all batch gradients."""
        return self.gradients.mean(axis=0)

    @property
    def bias(self) -> float:
        """The largest difference in any parameter between that mean and the full gradient: 0 except for rounding."""
        return largest_difference(self.mean, self.full)

    @property
    def squared_distances(self) -> Array:
        """‖g_B - G‖² of each batch, (C,)."""
        return ((self.gradients - self.full) ** 2).sum(axis=1)

    @property
    def predicted(self) -> float:
        """The predicted mean of the squared distances: S²/B · (1 - B/N)."""
        return float(predicted_noise(np.array(self.batch_size), self.S_squared, self.n_samples))


def all_batches(layers: Sequence[Layer], X: Array, Y: Array, loss: str, batch_size: int) -> AllBatches:
    """The gradient of each possible batch of `batch_size` rows of X (N, n), Y (N, k), N at least 2.

    Raises ValueError if there are more than MOST_BATCHES batches.
    """
    N = whole_number("rows", len(X), 2)
    B = whole_number("batch_size", batch_size, 1, N)
    if comb(N, B) > MOST_BATCHES:
        raise ValueError(f"There are {comb(N, B):,} batches of {B} of {N} rows; at most {MOST_BATCHES:,} are listed.")
    rows = np.array(list(combinations(range(N), B)), dtype=np.intp)  # (C, B)
    gradients = np.array([batch_gradient(layers, X[batch], Y[batch], loss) for batch in rows])  # (C, P)
    full = batch_gradient(layers, X, Y, loss)  # (P,)
    apart = sample_gradients(layers, X, Y, loss) - full  # (N, P)
    return AllBatches(B, N, rows, gradients, full, float((apart**2).sum()) / (N - 1), _plane(full, apart))


def every_size(layers: Sequence[Layer], X: Array, Y: Array, loss: str) -> Steps[tuple[AllBatches, ...]]:
    """List all batches of each size, from 1 to all rows."""
    found: tuple[AllBatches, ...] = ()
    for B in range(1, len(X) + 1):
        found = (*found, all_batches(layers, X, Y, loss, B))
        yield Step(B / len(X), f"All batches of up to {B} rows", found)


def mean_is(found: AllBatches) -> str:
    """The mean of all batch gradients compared with the full gradient, by name: "full" (equal), "short" or "long"."""
    if found.bias <= ROUNDING * scale_of(found):
        return "full"
    return "short" if found.mean @ found.full < found.full @ found.full else "long"


def means_are(sizes: Sequence[AllBatches]) -> str:
    """`mean_is` for all batch sizes together: "full" only if it is so for each of them."""
    return next((found for found in map(mean_is, sizes) if found != "full"), "full")


def scale_of(found: AllBatches) -> float:
    """The size of the numbers whose rounding counts: the largest number in the gradients, at least 1."""
    return max(1.0, float(np.abs(found.gradients).max()))


def _plane(full: Array, apart: Array) -> Array:
    """Two directions (2, P) at right angles, along G and most across it: of length 1, or 0 if there is none."""
    length = np.linalg.norm(full)
    along = full / length if length else np.zeros_like(full)
    across = apart - np.outer(apart @ along, along)  # (N, P)
    _, sizes, directions = np.linalg.svd(across, full_matrices=False)
    return np.array([along, directions[0] if sizes[0] > 0 else np.zeros_like(full)])
