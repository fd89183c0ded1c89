"""Two spiral arms."""

import numpy as np

from mbgd.data.dataset import Table
from mbgd.data.making import Made, polar, two_classes


def spiral(points: np.random.Generator, jitter: np.random.Generator, n: int, noise: float) -> Table:
    """Two arms of one and a half turns. The second arm is the first, rotated by half a turn."""
    along = np.sqrt(points.uniform(0.01, 1, size=n))  # the square root spreads the points evenly over the arm
    second = np.arange(n) % 2 == 1
    return two_classes(polar(along, 3 * np.pi * along + np.pi * second), second, noise, jitter)


SET = Made(spiral, "two spiral arms (2 classes)", noise=0.03, place=6)
