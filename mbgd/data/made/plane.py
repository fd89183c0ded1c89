"""A tilted plane."""

import numpy as np

from mbgd.data.dataset import Table
from mbgd.data.making import Made, regression


def plane(points: np.random.Generator, jitter: np.random.Generator, n: int, noise: float) -> Table:
    """y = 2·x₁ - x₂ with both in -1..1, plus normal noise with standard deviation `noise`."""
    X = points.uniform(-1, 1, size=(n, 2))
    y = X @ np.array([[2.0], [-1.0]]) + noise * jitter.normal(size=(n, 1))  # (n, 2) @ (2, 1) -> (n, 1)
    return regression(X, y, ("x₁", "x₂"))


SET = Made(plane, "a tilted plane over two inputs (regression)", noise=0.2, place=2)
