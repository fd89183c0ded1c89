"""The loss surface of a line fitted to one input: it has two weights, so each training can be drawn as a path."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from time import perf_counter
from typing import NamedTuple

import numpy as np

from mbgd.data.dataset import Dataset, Scaling
from mbgd.data.pictured import Pictured
from mbgd.engine.activations import Array
from mbgd.engine.network import Layer
from mbgd.engine.plain import plain_epochs
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.experiments.gradients import parameters
from mbgd.experiments.step import Step, Steps

STEP = 0.02  # seconds of work between two Steps
FURTHEST = 1e100  # a weight: its square, a loss, is still finite
ALIKE = 1e-9  # relative difference of two curvatures, or of a learning rate and its limit, that is only rounding
START = (-1.5, 1.5)  # W and b where all paths begin: far from any minimum, so that the paths are seen


def one_input(dataset: Dataset, feature: int, shift: float = 0.0) -> Dataset:
    """The same rows and target with only one input, standardised and then moved by `shift`.

    Raises ValueError for classes, because the surface is that of a mean squared error.
    """
    if dataset.loss != "mse" or dataset.Y_train.shape[1] != 1:
        raise ValueError(f"A line is fitted to one quantity, and {dataset.name!r} has classes: choose a regression.")
    mean, scale = dataset.inputs.mean[[feature]], dataset.inputs.scale[[feature]]
    return replace(
        dataset,
        X_train=dataset.X_train[:, [feature]] + shift,
        X_val=dataset.X_val[:, [feature]] + shift,
        inputs=Scaling(mean - shift * scale, scale),
        feature_names=(dataset.feature_names[feature],),
        feature_units=(dataset.feature_units[feature],),
        pictured=Pictured("curve"),
    )


class Surface(NamedTuple):
    """The loss over θ = (W, b): L(θ) = least + (θ - best)ᵀ H (θ - best) / 2, with H (2, 2) and best (2,)."""

    H: Array
    best: Array
    least: float

    def loss(self, points: Array) -> Array:
        """The loss (P,) at points (P, 2)."""
        away = points - self.best  # (P, 2)
        return self.least + np.einsum("pi,ij,pj->p", away, self.H, away) / 2

    def contour(self, loss: float, points: int = 181) -> Array:
        """The ellipse (points, 2) on which the loss has this value; the minimum alone for a smaller value."""
        values, directions = np.linalg.eigh(self.H)
        angle = np.linspace(0, 2 * np.pi, points)
        radii = np.sqrt(2 * max(loss - self.least, 0.0) / np.maximum(values, 1e-6 * values[-1]))  # (2,)
        return self.best + np.column_stack([np.cos(angle), np.sin(angle)]) * radii @ directions.T

    @property
    def curvatures(self) -> Array:
        """The eigenvalues of H, the smaller first: how strongly the valley curves along its length, and across it."""
        return np.asarray(np.linalg.eigvalsh(self.H), dtype=np.float64)

    @property
    def limit(self) -> float:
        """2/λₘₐₓ: with a smaller learning rate full batch comes down, with a larger one it climbs."""
        return float(2 / self.curvatures[-1])

    def across(self, points: Array) -> Array:
        """The part (P,) of the loss above the minimum that comes from the steepest direction, at points (P, 2).

        That direction is across the valley. In a round valley all directions are equally steep: then it is all of it.
        """
        values, directions = np.linalg.eigh(self.H)
        along = (points - self.best) @ directions  # (P, 2)
        return (along**2 * values / 2)[:, values > values[-1] * (1 - ALIKE)].sum(axis=1)

    def full_batch(self, first: Array, rate: float, updates: int) -> Array:
        """The predicted path of full batch: θ_u = best + (I - ηH)^u (θ_0 - best), (updates + 1, 2)."""
        values, directions = np.linalg.eigh(self.H)
        along = directions.T @ (first - self.best)  # (2,)
        shrunk = (1 - rate * values) ** np.arange(updates + 1)[:, None] * along  # (U + 1, 2)
        return self.best + shrunk @ directions.T


def line_surface(X: Array, y: Array) -> Surface:
    """The surface of mse(y, W·x + b) for X (N, 1) and y (N, 1): H = (2/N)·X̃ᵀX̃, X̃ = [x, 1]; best is least squares."""
    with_ones = np.column_stack([X, np.ones(len(X))])  # (N, 2)
    best = np.asarray(np.linalg.lstsq(with_ones, y[:, 0], rcond=None)[0], dtype=np.float64)  # (2,)
    error = y[:, 0] - with_ones @ best
    return Surface(2 / len(X) * with_ones.T @ with_ones, best, float(error @ error) / len(X))


@dataclass(frozen=True)
class Path:
    """The path of one batch size: points (U + 1, 2), W and b before the first update and after each."""

    batch_size: int
    points: Array

    @property
    def updates(self) -> int:
        """The number of updates made."""
        return len(self.points) - 1

    @property
    def length(self) -> float:
        """The sum of the lengths of all steps."""
        return float(np.linalg.norm(np.diff(self.points, axis=0), axis=1).sum())

    @property
    def detour(self) -> float:
        """The length divided by the distance from start to end: 1 for a straight line."""
        straight = float(np.linalg.norm(self.points[-1] - self.points[0]))
        return self.length / straight if straight else np.inf

    def up_to(self, update: int) -> "Path":
        """The path up to this update."""
        return replace(self, points=self.points[: update + 1])


@dataclass(frozen=True)
class Descent:
    """The surface and the path of each batch size on it, so far."""

    dataset: TrainingData
    surface: Surface
    rate: float
    updates: int
    paths: tuple[Path, ...]

    def broke_off(self, path: Path) -> bool:
        """Whether a path ended before the run, because a weight was beyond FURTHEST."""
        return path.updates < self.updates

    def climbs(self, path: Path) -> bool:
        """Whether the loss at the end of a path is above the loss at its start."""
        first, last = self.surface.loss(path.points[[0, -1]])
        return course(first, last) == "grows"

    @property
    def all_climb(self) -> bool:
        """Whether every path ends higher than it began. Then there is no way down whose length can be measured."""
        return all(map(self.climbs, self.paths))


def descent(dataset: TrainingData, batch_sizes: Sequence[int], rate: float, updates: int, seed: int) -> Steps[Descent]:
    """Fit a line with each batch size, from the same first weights and with the same number of updates.

    A path ends when a weight is beyond FURTHEST: it has diverged.
    """
    surface = line_surface(dataset.X_train, dataset.Y_train)
    ways = [_points(dataset, Settings(size, updates, rate, (), seed=seed)) for size in batch_sizes]
    points = [[next(way)] for way in ways]

    def so_far() -> Descent:
        paths = tuple(Path(size, np.array(seen)) for size, seen in zip(batch_sizes, points, strict=True))
        return Descent(dataset, surface, rate, updates, paths)

    since = perf_counter()
    for update in range(1, updates + 1):
        for way, seen in zip(ways, points, strict=True):
            seen.extend(islice(way, 1))
        if perf_counter() - since >= STEP and update < updates:
            yield Step(update / updates, f"Update {update:,} of {updates:,}", so_far())
            since = perf_counter()
    found = so_far()
    yield Step(1.0, done(found), found)


def done(found: Descent) -> str:
    """The number of updates of each path as text, with ✕ for those that broke off."""
    if not any(map(found.broke_off, found.paths)):
        return f"{found.updates:,} updates each"
    made = (f"B = {path.batch_size:,}: {path.updates:,}{' ✕' * found.broke_off(path)}" for path in found.paths)
    return "Updates done: " + " · ".join(made)


def _points(dataset: TrainingData, settings: Settings) -> Iterator[Array]:
    """W and b (2,) before the first update and after each."""
    layers = [Layer(np.array([[START[0]]]), np.array([START[1]]), "identity")]
    training = plain_epochs(layers, dataset, settings)
    while np.abs(parameters(layers)).max() < FURTHEST:
        yield parameters(layers)
        next(training)


def ratio_of_lengths(found: Descent) -> float:
    """The length of the smallest batch's path ÷ the length of the largest batch's."""
    small, large = min(found.paths, key=_size), max(found.paths, key=_size)
    return small.length / large.length


def how_much_longer(found: Descent) -> str:
    """The ratio of lengths, by name: "shorter", "alike" from 0.9, "several" above 1.5, "many" above 10.

    "away" if all paths climb.
    """
    if found.all_climb:
        return "away"
    ratio = ratio_of_lengths(found)
    if ratio < 0.9:
        return "shorter"
    return "alike" if ratio <= 1.5 else "several" if ratio <= 10 else "many"


def expected_course(surface: Surface, rate: float) -> str:
    """What happens to full batch's loss across the valley: each update multiplies it by (1 - ηλₘₐₓ)².

    It "shrinks" for a learning rate below 2/λₘₐₓ and "grows" above. At the limit the factor is 1 and it "stays".
    """
    beyond = rate / surface.limit - 1
    return "stays" if abs(beyond) < ALIKE else "shrinks" if beyond < 0 else "grows"


def course(first: float, last: float) -> str:
    """What happened to a loss, by the names of expected_course. It "stays" if it changes by at most a millionth."""
    return "stays" if abs(last - first) <= 1e-6 * first else "shrinks" if last < first else "grows"


def _size(path: Path) -> int:
    return path.batch_size
