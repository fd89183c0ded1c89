"""Shared by the files in made/: the record of a made-up set, and its rows as a table."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.data.dataset import Table, one_hot
from mbgd.engine.activations import Array

# A maker takes a generator for the points, one for the noise, the number of rows and the noise level. With two
# generators, more noise moves the same points further.
Maker = Callable[[np.random.Generator, np.random.Generator, int, float], Table]
LAST = 100
SOURCE = "Made by this app, with random numbers from the seed."
LICENCE = "MIT, like the app."


class Made(NamedTuple):
    """A made-up set: its maker, its line in the list, and its default noise.

    The line ends with the kind of task, such as "(2 classes)". `place` orders the list; equal places go by name.
    """

    maker: Maker
    description: str
    noise: float
    place: int = LAST


def regression(X: Array, y: Array, names: tuple[str, ...]) -> Table:
    """A table of inputs X (n, features) with these names and one target y (n, 1), all without units."""
    return Table(X, y, "mse", names, ("",) * len(names), ("y",), "", SOURCE, LICENCE)


def two_classes(X: Array, second: NDArray[np.bool_], noise: float, jitter: np.random.Generator) -> Table:
    """A table of points X (n, 2), moved by the noise: class B where `second` (n,) is True, else class A."""
    X = X + noise * jitter.normal(size=X.shape)
    Y = one_hot(second.astype(np.intp), 2)
    return Table(X, Y, "cross_entropy", ("x₁", "x₂"), ("", ""), ("A", "B"), "", SOURCE, LICENCE)


def polar(radius: Array, angle: Array) -> Array:
    """The points (n, 2) at these radii and angles, both (n,)."""
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
