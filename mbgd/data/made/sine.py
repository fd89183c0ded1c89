"""One wave."""

import numpy as np

from mbgd.data.dataset import Table
from mbgd.data.making import Made, regression


def sine(points: np.random.Generator, jitter: np.random.Generator, n: int, noise: float) -> Table:
    """y = sin x with x in -π..π, plus normal noise with standard deviation `noise`."""
    x = points.uniform(-np.pi, np.pi, size=(n, 1))
    y = np.sin(x) + noise * jitter.normal(size=(n, 1))
    return regression(x, y, ("x",))


SET = Made(sine, "one noisy wave over one input (regression)", noise=0.2, place=1)
