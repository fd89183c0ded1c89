"""The noise of a batch: how far its gradient is from the gradient of all rows, in length and in direction."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from mbgd.engine.activations import Array
from mbgd.engine.evaluation import EVALUATED_AT_ONCE
from mbgd.engine.guards import quiet
from mbgd.engine.network import Layer
from mbgd.engine.splits import TrainingData
from mbgd.experiments.gradients import batch_gradient, parameters, sample_gradients, squared_lengths
from mbgd.experiments.step import Step, Steps

STEP = 0.02  # seconds of work between two Steps
AT_ONCE = 250_000  # numbers in the sample gradients held in memory at once: rows × parameters
LARGEST = 1e150  # squared length of a gradient: its square, needed for a standard error, is still finite
FOUR = 4.0  # standard errors: a mean this near to the prediction agrees with it


@dataclass(frozen=True)
class Noise:
    """Measurements at fixed weights, for each batch size B (sizes,): `draws` batches so far, without replacement.

    squared and squared_error: the mean of ‖g_B - G‖² and its standard error; cosine and cosine_error: that of
    cos(g_B, G). G_squared is ‖G‖²; S_squared = Σ‖g_i - G‖²/(N - 1) over the N samples.
    """

    sizes: tuple[int, ...]
    n_samples: int
    n_parameters: int
    G_squared: float
    S_squared: float
    draws: int
    squared: Array
    squared_error: Array
    cosine: Array
    cosine_error: Array

    @property
    def predicted(self) -> Array:
        """E‖g_B - G‖² = S²/B · (1 - B/N), of B rows drawn without replacement."""
        return predicted_noise(np.array(self.sizes), self.S_squared, self.n_samples)

    @property
    def noise_scale(self) -> float:
        """B_simple = tr Σ / ‖G‖², with tr Σ = S² (McCandlish et al. 2018, arXiv 1812.06162)."""
        return self.S_squared / self.G_squared if self.G_squared else np.inf

    @property
    def predicted_cosine(self) -> Array:
        """E cos(g_B, G) ≈ 1/√(1 + B_simple/B): an approximation for infinitely many rows."""
        return 1 / np.sqrt(1 + self.noise_scale / np.array(self.sizes))


def predicted_noise(B: Array | np.ndarray, S_squared: float, n_samples: int) -> Array:
    """S²/B · (1 - B/N) for batch sizes B."""
    return S_squared / B * (1 - B / n_samples)


def noise_sizes(n_samples: int) -> tuple[int, ...]:
    """Powers of two below N, and N."""
    return (*(2**i for i in range(n_samples.bit_length()) if 2**i < n_samples), n_samples)


def noise(
    layers: Sequence[Layer], dataset: TrainingData, sizes: Sequence[int], draws: int, rng: np.random.Generator
) -> Steps[Noise]:
    """Measure the gradients of `draws` batches of each size at these weights. Each batch is drawn from all rows.

    S² comes from the gradients of the single samples, computed some rows at a time. Raises ValueError for weights that
    are not `measurable`.
    """
    if not measurable(layers, dataset):
        raise ValueError("At these weights gradients overflow: choose smaller weights.")
    X, Y, loss = dataset.X_train, dataset.Y_train, dataset.loss
    N, P = len(X), parameters(layers).size
    G = batch_gradient(layers, X, Y, loss)  # (P,)
    G_squared = float(G @ G)
    squared, cosine = np.zeros((draws, len(sizes))), np.zeros((draws, len(sizes)))
    S_squared = 0.0

    def so_far(done: int) -> Noise:
        s, s_error = _mean_and_error(squared[:done])
        c, c_error = _mean_and_error(cosine[:done])
        return Noise(tuple(sizes), N, P, G_squared, S_squared, done, s, s_error, c, c_error)

    since, at_once = perf_counter(), max(1, AT_ONCE // P)
    for start in range(0, N, at_once):
        rows = slice(start, start + at_once)
        apart = sample_gradients(layers, X[rows], Y[rows], loss) - G  # (rows, P)
        S_squared += float(np.vdot(apart, apart)) / (N - 1)
        if perf_counter() - since >= STEP:
            yield Step(0.5 * min(1.0, (start + at_once) / N), f"Gradients of {N:,} single rows", so_far(0))
            since = perf_counter()
    for draw in range(draws):
        order = rng.permutation(N)
        for i, B in enumerate(sizes):
            rows = order[:B]  # every batch of B rows has the same chance
            g = batch_gradient(layers, X[rows], Y[rows], loss)  # (P,)
            squared[draw, i] = (g - G) @ (g - G)
            length = np.sqrt((g @ g) * G_squared)
            cosine[draw, i] = g @ G / length if length else 0.0
            if perf_counter() - since >= STEP:
                share = 0.5 + 0.5 * (draw + 0.5) / draws
                yield Step(share, f"Batch {draw + 1:,} of {draws:,} of each size", so_far(draw))
                since = perf_counter()
    yield Step(1.0, f"{draws:,} batches of each size", so_far(draws))


def measurable(layers: Sequence[Layer], dataset: TrainingData) -> bool:
    """Whether the noise at these weights is finite: the gradient of every training row is small enough."""
    X, Y, loss = dataset.X_train, dataset.Y_train, dataset.loss
    pieces = [slice(start, start + EVALUATED_AT_ONCE) for start in range(0, len(X), EVALUATED_AT_ONCE)]
    with quiet():  # weights of a diverging run give NaN, which is not small
        return all(bool((squared_lengths(layers, X[rows], Y[rows], loss) < LARGEST).all()) for rows in pieces)


def _mean_and_error(values: Array) -> tuple[Array, Array]:
    """The mean of each column of (draws, sizes) and its standard error; NaN if there are too few draws."""
    n = len(values)
    nothing = np.full(values.shape[1], np.nan)
    if n == 0:
        return nothing, nothing
    return values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else nothing


def agrees(found: Noise) -> np.ndarray:
    """For each size, whether ‖g_B - G‖² is within four standard errors of its prediction; at B = N, within rounding."""
    rounding = 1e-20 * max(found.G_squared, found.S_squared)
    return np.abs(found.squared - found.predicted) <= FOUR * found.squared_error + rounding


def quarter_pair(sizes: Sequence[int]) -> tuple[int, int]:
    """The indices in `sizes` of B and 4·B: the largest pair with 4·B ≤ N/2, or else the first and third size."""
    pairs = [(i, sizes.index(4 * B)) for i, B in enumerate(sizes) if 4 * B in sizes and 4 * B <= sizes[-1] / 2]
    return pairs[-1] if pairs else (0, min(2, len(sizes) - 1))


FACTORS = {"same": 1.0, "half": 1 / 2, "quarter": 1 / 4, "sixteenth": 1 / 16}


def falls_to(found: Noise) -> str:
    """The factor between the measured noise at B and at 4·B: the nearest of FACTORS, on a logarithmic scale."""
    small, large = quarter_pair(found.sizes)
    ratio = max(found.squared[large] / found.squared[small], 1e-9) if found.squared[small] else 1.0
    return min(FACTORS, key=lambda name: abs(np.log(FACTORS[name] / ratio)))
