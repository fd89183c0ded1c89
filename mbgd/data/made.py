"""Made-up data sets. Each maker takes a generator for the points, one for the noise, the size and the noise level.

Points and noise come from generators of their own, so that turning up the noise moves the same points.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.data.dataset import Table, one_hot
from mbgd.engine.activations import Array

Maker = Callable[[np.random.Generator, np.random.Generator, int, float], Table]


def sine(points: np.random.Generator, jitter: np.random.Generator, n: int, noise: float) -> Table:
    """One wave: y = sin x for x in -π..π, plus normal noise of deviation `noise`."""
    x = points.uniform(-np.pi, np.pi, size=(n, 1))
    y = np.sin(x) + noise * jitter.normal(size=(n, 1))
    return _regression(x, y, ("x",))


def plane(points: np.random.Generator, jitter: np.random.Generator, n: int, noise: float) -> Table:
    """A tilted plane: y = 2·x₁ - x₂ for both in -1..1, plus normal noise of deviation `noise`."""
    X = points.uniform(-1, 1, size=(n, 2))
    y = X @ np.array([[2.0], [-1.0]]) + noise * jitter.normal(size=(n, 1))  # (n, 2) @ (2, 1) -> (n, 1)
    return _regression(X, y, ("x₁", "x₂"))


def xor(points: np.random.Generator, jitter: np.random.Generator, n: int, noise: float) -> Table:
    """Four quarters of a square: class A where x₁ and x₂ have the same sign. Noise moves the points afterwards."""
    X = points.uniform(-1, 1, size=(n, 2))
    return _two_classes(X, X[:, 0] * X[:, 1] < 0, noise, jitter)


def circles(points: np.random.Generator, jitter: np.random.Generator, n: int, noise: float) -> Table:
    """A ring of radius 1 around one of radius 0.5."""
    angle = points.uniform(0, 2 * np.pi, size=n)
    inner = np.arange(n) % 2 == 1
    radius = np.where(inner, 0.5, 1.0)
    return _two_classes(_polar(radius, angle), inner, noise, jitter)


def moons(points: np.random.Generator, jitter: np.random.Generator, n: int, noise: float) -> Table:
    """Two half circles of radius 1, the second turned over and moved by (1, -0.5) into the first."""
    angle = points.uniform(0, np.pi, size=n)
    lower = np.arange(n) % 2 == 1
    upper_moon = _polar(np.ones(n), angle)
    X = np.where(lower[:, None], np.array([1.0, 0.5]) - upper_moon, upper_moon)
    return _two_classes(X, lower, noise, jitter)


def spiral(points: np.random.Generator, jitter: np.random.Generator, n: int, noise: float) -> Table:
    """Two arms of one and a half turns, the second the first turned by half a turn."""
    along = np.sqrt(points.uniform(0.01, 1, size=n))  # the root spreads the points evenly over the arm
    second = np.arange(n) % 2 == 1
    return _two_classes(_polar(along, 3 * np.pi * along + np.pi * second), second, noise, jitter)


class Made(NamedTuple):
    """A made-up set: its maker, its line in the list, and the noise it has unless told otherwise."""

    maker: Maker
    description: str
    noise: float


MADE = {
    "sine": Made(sine, "one noisy wave over one input (regression)", 0.2),
    "plane": Made(plane, "a tilted plane over two inputs (regression)", 0.2),
    "xor": Made(xor, "four quarters of a square, opposite ones alike (2 classes)", 0.05),
    "circles": Made(circles, "a ring inside a ring (2 classes)", 0.08),
    "moons": Made(moons, "two half moons that reach into each other (2 classes)", 0.15),
    "spiral": Made(spiral, "two spiral arms (2 classes)", 0.03),
}
MADE_SOURCE = "Made up by this app from its seed."
MADE_LICENCE = "MIT, as the app."


def _regression(X: Array, y: Array, names: tuple[str, ...]) -> Table:
    return Table(X, y, "mse", names, ("",) * len(names), ("y",), "", MADE_SOURCE, MADE_LICENCE)


def _two_classes(X: Array, second: NDArray[np.bool_], noise: float, jitter: np.random.Generator) -> Table:
    X = X + noise * jitter.normal(size=X.shape)
    Y = one_hot(second.astype(np.intp), 2)
    return Table(X, Y, "cross_entropy", ("x₁", "x₂"), ("", ""), ("A", "B"), "", MADE_SOURCE, MADE_LICENCE)


def _polar(radius: Array, angle: Array) -> Array:
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])  # (n, 2)
