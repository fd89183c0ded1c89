"""Fewer points for the same line."""

import numpy as np
from numpy.typing import NDArray

MOST_POINTS = 300


def thin(y: NDArray[np.float64], most: int = MOST_POINTS) -> NDArray[np.intp]:
    """Indices of at most `most` (4 or more) points that draw the same line as all of y (N,).

    It keeps the first and the last point, and the minimum and maximum of each bucket, so spikes stay. A bucket's
    width is a power of two. While a run grows, the buckets already drawn do not change until the width doubles, so
    the line doesn't shimmer.
    """
    n = len(y)
    if n <= most:
        return np.arange(n)
    width = 2
    while 2 * (n // width) + (n % width > 0) * 2 + 2 > most:
        width *= 2
    whole = n // width
    starts = np.arange(whole) * width  # (buckets,)
    buckets = y[: whole * width].reshape(whole, width)
    picked = [[0, n - 1], starts + buckets.argmin(axis=1), starts + buckets.argmax(axis=1)]
    if n % width:
        rest = y[whole * width :]
        picked.append([whole * width + rest.argmin(), whole * width + rest.argmax()])
    return np.unique(np.concatenate(picked))
