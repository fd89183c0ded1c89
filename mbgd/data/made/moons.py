"""Two half circles."""

import numpy as np

from mbgd.data.dataset import Table
from mbgd.data.making import Made, polar, two_classes


def moons(points: np.random.Generator, jitter: np.random.Generator, n: int, noise: float) -> Table:
    """Two half circles of radius 1, the second turned by half a turn about 0, then moved by (1, 0.5)."""
    angle = points.uniform(0, np.pi, size=n)
    lower = np.arange(n) % 2 == 1
    upper_moon = polar(np.ones(n), angle)
    X = np.where(lower[:, None], np.array([1.0, 0.5]) - upper_moon, upper_moon)
    return two_classes(X, lower, noise, jitter)


SET = Made(moons, "two half moons that reach into each other (2 classes)", noise=0.15, place=5)
