"""What the files of made/ share: the record of a made-up set, and its rows as a table."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.data.dataset import Table, one_hot
from mbgd.engine.activations import Array

# A maker takes a generator for the points, one for the noise, the number of rows and the noise level. The generators
# are two, so that turning up the noise moves the same points.
Maker = Callable[[np.random.Generator, np.random.Generator, int, float], Table]
LAST = 100
SOURCE = "Made up by this app from its seed."
LICENCE = "MIT, as the app."


class Made(NamedTuple):
    """A made-up set: its maker, its line in the list, and the noise it has unless told otherwise.

    The line ends with the kind of task, such as "(2 classes)". `place` orders the list: sets of one place by name.
    """

    maker: Maker
    description: str
    noise: float
    place: int = LAST


def regression(X: Array, y: Array, names: tuple[str, ...]) -> Table:
    """Inputs X (n, features) with these names and one target y (n, 1), all without units."""
    return Table(X, y, "mse", names, ("",) * len(names), ("y",), "", SOURCE, LICENCE)


def two_classes(X: Array, second: NDArray[np.bool_], noise: float, jitter: np.random.Generator) -> Table:
    """Points X (n, 2), each moved by the noise, of class B where `second` (n,) says so, else of class A."""
    X = X + noise * jitter.normal(size=X.shape)
    Y = one_hot(second.astype(np.intp), 2)
    return Table(X, Y, "cross_entropy", ("x₁", "x₂"), ("", ""), ("A", "B"), "", SOURCE, LICENCE)


def polar(radius: Array, angle: Array) -> Array:
    """Points (n, 2) at these radii and angles (n,)."""
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
