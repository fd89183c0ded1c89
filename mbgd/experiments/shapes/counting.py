"""Operations counted one by one: the engine's own layers run on numbers that count."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from mbgd.engine.activations import Array
from mbgd.engine.dense import dense_backward_batch, dense_forward, parameter_gradients


class Counter:
    """Takes the place of every number in an array. Each addition or multiplication adds 1 to its count."""

    def __init__(self) -> None:
        self.count = 0

    def _operation(self, _other: object) -> "Counter":
        self.count += 1
        return self

    __add__ = __mul__ = _operation

    def array(self, *shape: int) -> Array:
        """An array of this shape, with the counter as every element."""
        return np.full(shape, self, dtype=object)

    def each(self, Z: Array) -> Array:
        """Count a function such as f or f' on every number of Z as one operation each, and return Z."""
        self.count += Z.size
        return Z


def counted_operations(sizes: Sequence[int], B: int) -> Iterator[int]:
    """Count the operations of a forward and backward pass of B rows through layers of these sizes, n first, k last.

    Yields the count so far after each layer of both passes. The loss is left out, and so is the first layer's dX,
    which training does not compute either.
    """
    counter = Counter()
    n_layers = len(sizes) - 1
    weights = [(counter.array(k, n), counter.array(k)) for n, k in pairwise(sizes)]
    X = counter.array(B, sizes[0])
    seen = []
    for W, b in weights:
        A, Z = dense_forward(X, W, b, counter.each)
        seen.append((X, Z))
        X = A
        yield counter.count
    dL_dA = counter.array(B, sizes[-1])
    for i in range(n_layers - 1, 0, -1):
        X, Z = seen[i]
        *_, dL_dA = dense_backward_batch(X, Z, dL_dA, weights[i][0], counter.each)
        yield counter.count
    X, Z = seen[0]
    parameter_gradients(X, dL_dA * counter.each(Z))
    yield counter.count
