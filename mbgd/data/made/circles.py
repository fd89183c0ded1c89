"""A ring inside a ring."""

import numpy as np

from mbgd.data.dataset import Table
from mbgd.data.making import Made, polar, two_classes


def circles(points: np.random.Generator, jitter: np.random.Generator, n: int, noise: float) -> Table:
    """A ring of radius 1 around a ring of radius 0.5."""
    angle = points.uniform(0, 2 * np.pi, size=n)
    inner = np.arange(n) % 2 == 1
    radius = np.where(inner, 0.5, 1.0)
    return two_classes(polar(radius, angle), inner, noise, jitter)


SET = Made(circles, "a ring inside a ring (2 classes)", noise=0.08, place=4)
