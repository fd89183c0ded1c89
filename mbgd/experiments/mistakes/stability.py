"""The largest stable learning rate: the edge predicted from the curvature, and the edge found by running."""

from dataclasses import dataclass, replace
from math import isfinite, sqrt

import numpy as np

from mbgd.engine.activations import Array
from mbgd.engine.batches import plan_epoch
from mbgd.engine.network import Layer
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.experiments.gradients import batch_gradient, moved, parameters
from mbgd.experiments.mistakes.side_by_side import SLICE, RunPlan, Watched
from mbgd.experiments.plain import start
from mbgd.experiments.step import Step, Steps

ZONES = ("below", "edge", "above")
FLAT = 1e-12  # of the largest curvature: with less, a direction counts as flat, and no row changes the weights along it
MOST_PRODUCTS = 60
QUICK_WORK = 4_000_000  # rows times parameters: one gradient takes about 3 ms
NUDGE = 1e-5  # step length in the difference of two gradients
SEARCH_UPDATES = 4_000  # for a linear model; a network gets a quarter, because its edge moves during training anyway
HALVINGS = 14
GROWN = 1e3  # times the first loss: a run with a larger loss is above the edge


def with_bias_column(X: Array) -> Array:
    """X (N, n) with a column of ones for the bias, (N, n+1)."""
    return np.hstack([X, np.ones((len(X), 1))])


def curvature(X: Array, k: int) -> Array:
    """The Hessian (n+1, n+1) of the mean squared error of a linear model, for each of its k outputs: 2/(N·k)·XᵀX.

    X (N, n) has no bias column; one is added here.
    """
    X = with_bias_column(X)
    return 2.0 / (len(X) * k) * X.T @ X  # (n+1, N) @ (N, n+1)


def largest_curvature(layers: list[Layer], X: Array, Y: Array, loss: str) -> Steps[float]:
    """The largest eigenvalue of the Hessian of the mean loss over X (N, n), Y (N, k), at these weights.

    Lanczos' method: each step multiplies the Hessian by a vector, as a central difference of two gradients. In the
    space of these vectors, a small tridiagonal matrix has nearly the same extreme eigenvalues. The method ends when
    the error bound from its residual is below 1e-4 of the eigenvalue.
    """
    count = parameters(layers).size
    basis: list[Array] = []
    diagonal: list[float] = []
    beside: list[float] = []
    vector = np.random.default_rng(0).normal(size=count)
    most = min(MOST_PRODUCTS, count)
    for i in range(most):
        basis.append(vector / np.linalg.norm(vector))
        ahead, behind = (batch_gradient(moved(layers, sign * NUDGE * basis[-1]), X, Y, loss) for sign in (1, -1))
        vector = (ahead - behind) / (2 * NUDGE)  # (P,): the Hessian times the newest vector
        diagonal.append(float(vector @ basis[-1]))
        for known in (*basis, *basis):  # twice, because rounding left after one pass grows with each product
            vector = vector - (vector @ known) * known
        left = float(np.linalg.norm(vector))
        values, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1))
        done = i == most - 1 or left * abs(vectors[-1, -1]) <= 1e-4 * abs(values[-1])
        share = 1.0 if done else (i + 1) / most
        yield Step(share, f"{i + 1} products with the Hessian", float(values[-1]))
        if done:
            return
        beside.append(left)


def mean_square_limit(X: Array, k: int, batch_size: int) -> float:
    """The exact learning rate above which SGD on least squares diverges in the mean square: E‖w - w*‖² grows.

    For batches of B of the N rows, each drawn without replacement and independent of the others. h_i are the Hessians
    of the rows, and H is their mean. The second moment of w - w* stays bounded if η is below 1/λ_max(A⁻¹C), with
    A = H⊗I + I⊗H and C = E[H_B⊗H_B], on symmetric matrices (condition of Ma, Bassily and Belkin 2018, arXiv
    1712.06559, theorem 2). For B = N this is 2/λ_max. C has (n+1)(n+2)/2 rows, so this is only for a few dozen columns.
    """
    values, vectors = np.linalg.eigh(curvature(X, k))
    seen = values > FLAT * values[-1]
    rows = with_bias_column(X) @ vectors[:, seen]  # (N, d): in the directions of the eigenvectors
    values, N, d = values[seen], len(X), int(seen.sum())
    i, j = np.triu_indices(d)
    weight = np.where(i == j, 1.0, sqrt(2.0))  # with it, the inner product of matrices is one of vectors
    products = rows[:, i] * rows[:, j] * weight  # (N, d(d+1)/2): x_i x_iᵀ as a vector
    of_rows = (2.0 / k) ** 2 * products.T @ products / N  # the mean of h_i ⊗ h_i
    of_mean = np.diag(values[i] * values[j])  # H ⊗ H
    alone = (N - batch_size) / (batch_size * (N - 1)) if N > 1 else 0.0
    C = alone * of_rows + (1.0 - alone) * of_mean
    scale = 1.0 / np.sqrt(values[i] + values[j])  # A is diagonal in these directions
    return float(1.0 / np.linalg.eigvalsh(scale[:, None] * C * scale)[-1])


def safe_bound(X: Array, k: int, batch_size: int, largest: float) -> float:
    """A learning rate below which SGD on least squares is always stable: 2B/(β + (B-1)·λ_max).

    It may also be stable above. β is the largest curvature of a single row, 2/k·‖x‖² (arXiv 1712.06559).
    """
    beta = 2.0 / k * float((with_bias_column(X) ** 2).sum(axis=1).max())
    return 2.0 * batch_size / (beta + (batch_size - 1) * largest)


@dataclass(frozen=True)
class Edge:
    """The learning rate at which training becomes unstable.

    curvature: λ_max. full: 2/λ_max, the edge of full batch. here: the limit for this batch size. kind: "exact" for
    least squares. "local" for networks and classes: the edge of full batch at the first weights, because there is no
    formula for smaller batches, and λ_max changes during training.
    """

    curvature: float
    full: float
    here: float
    kind: str

    @property
    def half(self) -> float:
        """Half the limit for this batch size: the learning rate of the run to compare with."""
        return self.here / 2

    def zone(self, rate: float) -> str:
        """The place of a learning rate, one of ZONES: "below", "edge" or "above". It does not say what a run will do.

        The edge zone begins 10% below the limit for this batch size and ends 10% above the limit of full batch.
        """
        if rate < self.edge_begins:
            return "below"
        return "edge" if rate <= self.edge_ends else "above"

    @property
    def edge_begins(self) -> float:
        """The rate at which the zone "edge" begins, above `half`."""
        return 0.9 * self.here

    @property
    def edge_ends(self) -> float:
        """The rate at which the zone "edge" ends."""
        return 1.1 * max(self.full, self.here)


def edge(dataset: TrainingData, settings: Settings) -> Steps[Edge | None]:
    """The edge for these settings at the first weights. None if the loss is flat or curves upwards in no direction."""
    X, Y = dataset.X_train, dataset.Y_train
    k, batch_size = Y.shape[1], plan_epoch(len(X), settings.batch_size).batch_size
    if dataset.loss == "mse" and not settings.hidden:
        largest = float(np.linalg.eigvalsh(curvature(X, k))[-1])
        here = mean_square_limit(X, k, batch_size)
        yield Step(1.0, "computed from X", Edge(largest, 2.0 / largest, here, "exact"))
        return
    for step in largest_curvature(start(dataset, settings), X, Y, dataset.loss):
        known = step.share == 1 and isfinite(step.result) and step.result > 0
        found = Edge(step.result, 2.0 / step.result, 2.0 / step.result, "local") if known else None
        yield Step(step.share, step.doing, found)


def quick(dataset: TrainingData, settings: Settings) -> bool:
    """Whether the edge is quick to compute: a linear model, or few rows times parameters."""
    if dataset.loss == "mse" and not settings.hidden:
        return True
    return len(dataset.X_train) * parameters(start(dataset, settings)).size <= QUICK_WORK


# --- the edge found by running ---


@dataclass(frozen=True)
class Search:
    """The interval that contains the edge, and the learning rates tried with their outcome.

    stays, runs_away: the ends of the interval. After the first runs these are the largest stable rate tried and the
    smallest rate that diverged.
    """

    stays: float
    runs_away: float
    tried: tuple[tuple[float, bool], ...] = ()

    @property
    def rate(self) -> float:
        """The geometric middle of the interval. If `met`, this is the edge."""
        return sqrt(self.stays * self.runs_away)

    @property
    def met(self) -> bool:
        """Whether some runs were stable and some diverged. If not, the edge is outside the interval."""
        return len({ran_away for _, ran_away in self.tried}) == 2


def search_edge(dataset: TrainingData, settings: Settings, guess: float) -> Steps[Search]:
    """Find the edge by running. The interval from guess/4 to 4·guess is halved: does the loss grow a thousandfold?

    Each run starts at the first weights. If the edge is outside the interval, the search ends at that end of it.
    """
    most = SEARCH_UPDATES if not settings.hidden else SEARCH_UPDATES // 4
    epoch = plan_epoch(len(dataset.X_train), settings.batch_size, settings.last_batch).updates
    settings = replace(settings, epochs=-(-most // epoch))
    search = Search(guess / 4, guess * 4)
    for i in range(HALVINGS):
        rate = search.rate
        run = Watched(RunPlan(dataset, replace(settings, learning_rate=rate)), max(most // 20, 1), GROWN)
        while not run.ended:
            yield Step((i + run.share) / HALVINGS, f"learning rate {rate:.5g}: {run.done:,} updates", search)
            run.work(SLICE)
        ran_away = run.diverged is not None
        tried = (*search.tried, (rate, ran_away))
        search = Search(search.stays, rate, tried) if ran_away else Search(rate, search.runs_away, tried)
    yield Step(1.0, f"{HALVINGS} learning rates tried", search)
