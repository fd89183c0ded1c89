"""Four quarters of a square."""

import numpy as np

from mbgd.data.dataset import Table
from mbgd.data.making import Made, two_classes


def xor(points: np.random.Generator, jitter: np.random.Generator, n: int, noise: float) -> Table:
    """x₁ and x₂ in -1..1; class A if both have the same sign. The noise moves the points afterwards."""
    X = points.uniform(-1, 1, size=(n, 2))
    return two_classes(X, X[:, 0] * X[:, 1] < 0, noise, jitter)


SET = Made(
    xor, "four quarters of a square, opposite quarters belong to the same class (2 classes)", noise=0.05, place=3
)
