"""How large a learning rate may be: the edge, from the curvature of the loss, and the edge a run meets."""

from dataclasses import dataclass, replace
from math import isfinite, sqrt

import numpy as np

from mbgd.engine.activations import Array
from mbgd.engine.batches import plan_epoch
from mbgd.engine.network import Layer
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.experiments.gradients import batch_gradient, moved, parameters
from mbgd.experiments.mistakes.side_by_side import SLICE, Plan, Watched
from mbgd.experiments.plain import start
from mbgd.experiments.step import Step, Steps

FLAT = 1e-12  # of the largest curvature: directions below are not stepped along by any row
MOST_PRODUCTS = 60
QUICK_WORK = 4_000_000  # rows times parameters of a gradient of about 3 ms
NUDGE = 1e-5  # length of the step in the finite difference of gradients
SEARCH_UPDATES = 4_000  # of a linear model; a quarter for a network, whose edge moves as it trains anyway
HALVINGS = 14
GROWN = 1e3  # times the first loss: a run that gets there is past its edge


def with_bias_column(X: Array) -> Array:
    """X (N, n) with a column of ones for the bias, (N, n+1)."""
    return np.hstack([X, np.ones((len(X), 1))])


def curvature(X: Array, k: int) -> Array:
    """The Hessian (n+1, n+1) of the mean squared error of a linear model, for each of its k outputs: 2/(N·k)·XᵀX.

    X (N, n) is given without the bias column and gets one.
    """
    X = with_bias_column(X)
    return 2.0 / (len(X) * k) * X.T @ X  # (n+1, N) @ (N, n+1)


def largest_curvature(layers: list[Layer], X: Array, Y: Array, loss: str) -> Steps[float]:
    """The largest eigenvalue of the Hessian of the mean loss over X (N, n), Y (N, k), at these weights.

    By Lanczos' method: products of the Hessian with a vector, each a central difference of two gradients, span a
    space in which a small tridiagonal matrix has nearly the same extreme eigenvalues. Ends when the error that its
    residual allows is below 1e-4 of the eigenvalue.
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
        for known in (*basis, *basis):  # twice: once leaves rounding that grows from product to product
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
    """The exact rate above which SGD on least squares spreads: E‖w - w*‖² grows from update to update.

    For batches of B of the N rows, drawn anew without replacement. With h_i the rows' Hessians and H their mean, the
    second moment of w - w* stays bounded where η is below 1/λ_max(A⁻¹C), A = H⊗I + I⊗H, C = E[H_B⊗H_B], on symmetric
    matrices (condition of Ma, Bassily and Belkin 2018, arXiv 1712.06559, theorem 2). At B = N it is 2/λ_max.
    C has (n+1)(n+2)/2 rows: a few dozen columns of X are as many as this is for.
    """
    values, vectors = np.linalg.eigh(curvature(X, k))
    seen = values > FLAT * values[-1]
    rows = with_bias_column(X) @ vectors[:, seen]  # (N, d): in the directions of the eigenvectors
    values, N, d = values[seen], len(X), int(seen.sum())
    i, j = np.triu_indices(d)
    weight = np.where(i == j, 1.0, sqrt(2.0))  # makes the inner product of symmetric matrices that of vectors
    products = rows[:, i] * rows[:, j] * weight  # (N, d(d+1)/2): x_i x_iᵀ as a vector
    of_rows = (2.0 / k) ** 2 * products.T @ products / N  # the mean of h_i ⊗ h_i
    of_mean = np.diag(values[i] * values[j])  # H ⊗ H
    alone = (N - batch_size) / (batch_size * (N - 1)) if N > 1 else 0.0
    C = alone * of_rows + (1.0 - alone) * of_mean
    scale = 1.0 / np.sqrt(values[i] + values[j])  # A is diagonal in these directions
    return float(1.0 / np.linalg.eigvalsh(scale[:, None] * C * scale)[-1])


def safe_bound(X: Array, k: int, batch_size: int, largest: float) -> float:
    """A rate below which SGD on least squares is stable, though it may be stable above: 2B/(β + (B-1)·λ_max).

    β is the largest curvature of a single row, 2/k·‖x‖² (arXiv 1712.06559).
    """
    beta = 2.0 / k * float((with_bias_column(X) ** 2).sum(axis=1).max())
    return 2.0 * batch_size / (beta + (batch_size - 1) * largest)


@dataclass(frozen=True)
class Edge:
    """Where a learning rate becomes too large.

    curvature: λ_max; full: 2/λ_max, the edge of full batch; here: the limit for this batch size. kind says what that
    is: "exact" (least squares) or "local" (the edge of full batch at the first weights, as for networks and classes
    there is no formula for smaller batches, and λ_max changes as they train).
    """

    curvature: float
    full: float
    here: float
    kind: str

    def zone(self, rate: float) -> str:
        """Where a rate stands: "stable", "edge" or "diverges".

        The edge begins a tenth below the limit for this batch size, and ends a tenth above that of full batch.
        """
        if rate < self.edge_begins:
            return "stable"
        return "edge" if rate <= self.edge_ends else "diverges"

    @property
    def edge_begins(self) -> float:
        """The rate at which the zone "edge" begins."""
        return 0.9 * self.here

    @property
    def edge_ends(self) -> float:
        """The rate at which the zone "edge" ends."""
        return 1.1 * max(self.full, self.here)


def edge(dataset: TrainingData, settings: Settings) -> Steps[Edge | None]:
    """The edge for these settings at the first weights; None where the loss is flat, or nowhere bends upwards."""
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
    """Whether the edge is found in a moment: without a network, or with few rows times parameters."""
    if dataset.loss == "mse" and not settings.hidden:
        return True
    return len(dataset.X_train) * parameters(start(dataset, settings)).size <= QUICK_WORK


# --- the edge as a run meets it ---


@dataclass(frozen=True)
class Search:
    """The interval that the edge is sought in, and the rates tried with their outcome.

    stays, runs_away: its ends, each a rate that did so once one was tried that did.
    """

    stays: float
    runs_away: float
    tried: tuple[tuple[float, bool], ...] = ()

    @property
    def rate(self) -> float:
        """The middle of the interval, on the scale of ratios: the edge, where it was met."""
        return sqrt(self.stays * self.runs_away)

    @property
    def met(self) -> bool:
        """Whether some rates stayed and some ran away. If not, the edge is beyond all that were tried."""
        return len({ran_away for _, ran_away in self.tried}) == 2


def search_edge(dataset: TrainingData, settings: Settings, guess: float) -> Steps[Search]:
    """Halve the interval from a quarter of `guess` to four times it by running: does the loss grow a thousandfold?

    Each run starts at the first weights. Where the edge is outside the interval, the search ends at that end of it
    without having met the edge.
    """
    most = SEARCH_UPDATES if not settings.hidden else SEARCH_UPDATES // 4
    epoch = plan_epoch(len(dataset.X_train), settings.batch_size, settings.last_batch).updates
    settings = replace(settings, epochs=-(-most // epoch))
    search = Search(guess / 4, guess * 4)
    for i in range(HALVINGS):
        rate = search.rate
        run = Watched(Plan(dataset, replace(settings, learning_rate=rate)), max(most // 20, 1), GROWN)
        while not run.ended:
            yield Step((i + run.share) / HALVINGS, f"rate {rate:.5g}: {run.done:,} updates", search)
            run.work(SLICE)
        ran_away = run.diverged is not None
        tried = (*search.tried, (rate, ran_away))
        search = Search(search.stays, rate, tried) if ran_away else Search(rate, search.runs_away, tried)
    yield Step(1.0, f"{HALVINGS} rates tried", search)
