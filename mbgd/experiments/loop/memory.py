"""The memory of an update: predicted from the shapes, and counted from the arrays alive in the engine.

The count includes the arrays that have a name at the same moment of the backward pass: activations, weights, and the
gradients of both. It leaves out the data set, and the memory that NumPy needs within one expression.
"""

import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from mbgd.engine.activations import ACTIVATIONS, Array
from mbgd.engine.network import backward, forward
from mbgd.experiments.loop.ways import Batch, Layers

BYTES = np.dtype(np.float64).itemsize


class Moment(NamedTuple):
    """The numbers in memory at the end of a layer's backward pass: per row of the batch, by array, and all others."""

    a_row: dict[str, int]
    constant: int

    def bytes(self, batch_size: int) -> int:
        """The bytes of all arrays for a batch of B rows, in float64."""
        return BYTES * (batch_size * sum(self.a_row.values()) + self.constant)


def widest_moment(layers: Layers, batch_size: int) -> Moment:
    """The moment of the backward pass that needs the most memory, from the shapes alone.

    With one hidden layer of h units, h at least k, a row has n + 4h + 2k numbers: X, Z1, A1, dA1, dZ1, Ŷ and dŶ.
    With several layers, only one layer at a time has its dA and dZ in memory.
    """
    return max((_moment(layers, i) for i in range(len(layers))), key=lambda moment: moment.bytes(batch_size))


def _moment(layers: Layers, i: int) -> Moment:
    """The moment at the end of the backward pass through layer i, counted from 0."""
    last = len(layers) - 1
    a_row = {"X": layers[0].W.shape[1]}
    for j, (_, b, name) in enumerate(layers[:-1], start=1):
        a_row |= {f"A{j}": len(b)} if ACTIVATIONS[name].returns_Z else {f"Z{j}": len(b), f"A{j}": len(b)}
    k, n = layers[i].W.shape
    a_row |= {"Ŷ": len(layers[-1].b), "dŶ": len(layers[-1].b), f"dZ{i + 1}": k}
    if i < last:
        a_row[f"dA{i + 1}"] = k
    if i > 0:
        a_row[f"dA{i}"] = n
    sizes = [W.size + b.size for W, b, _ in layers]
    return Moment(a_row, sum(sizes) + sum(sizes[i:]))  # all weights, and the gradients made so far


def live_bytes(batch: Batch) -> int:
    """The largest number of bytes alive at once during the engine's backward pass through a batch.

    Looks at each return from a function: every array with a name in a function that has not finished is alive.
    """
    layers, X, Y, loss = batch
    activations, pre_activations = forward(layers, X)
    _, dL_dY = loss.with_derivative(Y, activations[-1])
    here = sys._getframe()
    most = 0

    def look(frame: FrameType | None, event: str, argument: Any) -> None:
        nonlocal most
        alive: dict[int, int] = {}
        while event == "return" and frame and frame is not here:
            alive |= {array.ctypes.data: array.nbytes for array in _arrays(frame.f_locals.values())}
            frame = frame.f_back
        most = max(most, sum(alive.values()))

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        backward(layers, activations, pre_activations, dL_dY)
    finally:
        sys.setprofile(before)
    return most


def _arrays(things: Any) -> Iterator[Array]:
    """The arrays among these things, and in their lists and tuples."""
    for thing in things:
        if isinstance(thing, np.ndarray):
            yield thing
        elif isinstance(thing, list | tuple):
            yield from _arrays(thing)
