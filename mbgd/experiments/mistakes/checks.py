"""The checks that catch mistakes. Each tests the parts of a training loop, without knowing the mistake in them."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from mbgd.engine.activations import Array
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.experiments.compare import relative_distance
from mbgd.experiments.gradients import OFF_THE_KINK, batch_gradient, loss_and_gradient, moved, parameters
from mbgd.experiments.plain import Parts, RowPair, epoch_batches, first_batch, start
from mbgd.experiments.step import Step, Steps

DIRECTIONS = 5
STEP = 1e-6  # along each direction, of length 1
EPOCHS = 5
ORDERS = 1_000  # random orders, to compare the order of the rows with
ROUNDING = 1e-9  # equal correlations may differ by this
NO_ROWS = np.arange(0)
# The checks' names.
GRADIENT, ROWS, PAIRS, ORDER = "loss against gradient", "counting rows", "following row numbers", "neighbours' targets"
DUPLICATED = "duplicated rows"


class Finding(NamedTuple):
    """Whether a check found a fault (None if it cannot tell), and what it saw."""

    caught: bool | None
    saw: str


def loss_against_gradient(dataset: TrainingData, settings: Settings, parts: Parts) -> Finding:
    """Change the weights a little in random directions: does the loss change as the gradient predicts?

    For each direction, central differences give the slope of the loss on one batch. It must equal the gradient's
    component in that direction. The weights are the first weights, moved a little: with zero biases, a ReLU unit whose
    inputs are all 0 is exactly on its kink.
    """
    rng = np.random.default_rng(0)
    layers, rows = start(dataset, settings), first_batch(dataset, settings)[0]
    layers = moved(layers, OFF_THE_KINK * rng.normal(size=parameters(layers).size))
    X, Y = dataset.X_train[rows], dataset.Y_train[rows]
    gradient = batch_gradient(layers, X, Y, dataset.loss, parts)
    said, slopes = [], []
    for _ in range(DIRECTIONS):
        direction = rng.normal(size=gradient.size)  # (P,)
        direction /= np.linalg.norm(direction)
        ahead, behind = (
            loss_and_gradient(moved(layers, sign * STEP * direction), X, Y, dataset.loss, parts)[0] for sign in (1, -1)
        )
        said.append(gradient @ direction)
        slopes.append((ahead - behind) / (2 * STEP))
    said, slopes = np.array(said), np.array(slopes)
    apart = relative_distance(said, slopes)
    if apart < 1e-3:
        return Finding(False, f"gradient and slope agree: relative difference {apart:.0e}")
    factor = float(said @ slopes / (slopes @ slopes)) if slopes.any() else np.inf
    if np.linalg.norm(said - factor * slopes) < 1e-4 * np.linalg.norm(said):
        return Finding(True, f"the gradient is {factor:.4g} times the slope")
    return Finding(True, f"gradient and slope differ by {apart:.0%}, not by one factor")


def duplicated_rows(dataset: TrainingData, settings: Settings, parts: Parts) -> Finding:
    """A batch of B copies of one row must have the same gradient as that row alone."""
    layers, rows = start(dataset, settings), first_batch(dataset, settings)[0]
    X, Y = dataset.X_train[rows[:1]], dataset.Y_train[rows[:1]]
    B = len(rows)
    one = batch_gradient(layers, X, Y, dataset.loss, parts)
    many = batch_gradient(layers, X.repeat(B, axis=0), Y.repeat(B, axis=0), dataset.loss, parts)
    if relative_distance(many, one) < 1e-9:
        return Finding(False, f"one row, repeated {B:,} times, has the gradient of that row")
    factor = float(many @ one / (one @ one))
    return Finding(True, f"one row, repeated {B:,} times, has {factor:.4g} times the gradient of that row")


def counting_rows(dataset: TrainingData, settings: Settings, parts: Parts) -> Finding:
    """Count the rows of an epoch: each row must be in exactly one batch, and no batch may have more than B rows."""
    n_samples = len(dataset.X_train)
    unused, largest = set(), 0
    for epoch in _epochs(dataset, settings, parts):
        rows = [rows for rows, _ in epoch]
        counts = np.bincount(np.concatenate([NO_ROWS, *rows]), minlength=n_samples)  # (N,)
        unused.add(int(np.count_nonzero(counts == 0)))
        largest = max([largest, *map(len, rows)])
    too_large = largest > min(settings.batch_size, n_samples)
    if unused == {0} and not too_large:
        return Finding(False, f"each of the {n_samples:,} rows was used once in each of {EPOCHS} epochs")
    first = f"up to {max(unused):,} of {n_samples:,} rows were in no batch of an epoch"
    return Finding(True, first + (f"; a batch had {largest:,} rows, but B = {settings.batch_size:,}" * too_large))


def following_row_numbers(dataset: TrainingData, settings: Settings, parts: Parts) -> Finding:
    """Use the row numbers as X and as Y: in every batch, each X must be equal to its Y."""
    pairs = [pair for epoch in _epochs(dataset, settings, parts) for pair in epoch]
    matches = np.concatenate(
        [NO_ROWS == NO_ROWS, *(rows == targets for rows, targets in pairs)]
    )  # one bool per row used
    together = float(matches.mean()) if len(matches) else 1.0
    return Finding(together < 1, f"{together:.1%} of the rows had their own target")


def neighbours_targets(dataset: TrainingData, settings: Settings, parts: Parts) -> Finding:
    """The correlation between the targets of rows that follow each other in an epoch must be near 0.

    The order is wrong if every epoch has a larger correlation than 99% of random orders of its rows. If not even sorted
    rows have that, there are too few rows to tell.
    """
    epochs = [
        np.concatenate([NO_ROWS, *(targets for _, targets in epoch)]) for epoch in _epochs(dataset, settings, parts)
    ]
    rng, rows = np.random.default_rng(0), np.sort(epochs[0])
    Y = dataset.Y_train - dataset.Y_train.mean(axis=0)  # (N, k)
    in_order = Y[rows[np.lexsort(Y[rows].T)]]  # by value, or class after class
    random = [_neighbours_correlation(Y[rng.permutation(rows)]) for _ in range(ORDERS)]
    limit = float(np.quantile(random, 0.99)) + ROUNDING
    if _neighbours_correlation(in_order) <= limit:
        return Finding(None, f"even in random order, {len(rows):,} rows can look sorted")
    lowest = min(_neighbours_correlation(Y[order]) for order in epochs)
    return Finding(
        lowest > limit, f"the correlation is {lowest:+.2f}; in 99% of random orders it is below {limit:+.2f}"
    )


def _neighbours_correlation(Y: Array) -> float:
    """The correlation of each row of Y (N, k) with the next row. The columns have mean 0. Without rows it is 0."""
    return float((Y[1:] * Y[:-1]).sum() / (Y**2).sum()) if Y.any() else 0.0


CHECKS: dict[str, Callable[[TrainingData, Settings, Parts], Finding]] = {
    GRADIENT: loss_against_gradient,
    DUPLICATED: duplicated_rows,
    ROWS: counting_rows,
    PAIRS: following_row_numbers,
    ORDER: neighbours_targets,
}

Findings = dict[str, list[Finding]]  # of each check, one finding per code that it tested


def run_checks(dataset: TrainingData, settings: Settings, *codes: Parts) -> Steps[Findings]:
    """Run all checks on each of these codes."""
    found: Findings = {}
    for check, run in CHECKS.items():
        found = found | {check: [run(dataset, settings, parts) for parts in codes]}
        yield Step(len(found) / len(CHECKS), f"{len(found)} of {len(CHECKS)} checks done", found)


def caught_by(found: Findings) -> list[str]:
    """The checks that the first code, the correct one, passes, and that the second code fails."""
    return [check for check, (right, broken) in found.items() if broken.caught and right.caught is False]


def _epochs(dataset: TrainingData, settings: Settings, parts: Parts) -> Iterator[list[RowPair]]:
    """The batches of some epochs, each as its rows of X and its rows of Y."""
    rng, n_samples = settings.order(), len(dataset.X_train)
    for _ in range(EPOCHS):
        yield list(epoch_batches(rng, n_samples, settings, parts))
