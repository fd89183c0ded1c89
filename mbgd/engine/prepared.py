"""What an activation does in the fast core: calls that are prepared once, for memory that is allocated once.

Each function takes arrays that lie in one piece in memory and returns the calls that work on them, in place.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Call = Callable[[], object]


class Prepared(NamedTuple):
    """The prepared calls of an activation f, for arrays A, slope and D of one shape.

    activate(A, slope) turns the pre-activations in A into their activations. slopes(A, slope) writes f'(Z), told from
    A = f(Z), for all hidden layers at once; an activation whose slope can't be told from A writes it in `activate`.
    times_slope(D, slope) multiplies D by it.
    """

    activate: Callable[[Array, Array], list[Call]]
    slopes: Callable[[Array, Array], list[Call]]
    times_slope: Callable[[Array, Array], list[Call]]


def nothing(array: Array, slope: Array) -> list[Call]:
    """No call at all."""
    return []


def multiplied(D: Array, slope: Array) -> list[Call]:
    """The call that multiplies D by the slope."""
    D = D.reshape(-1)  # one axis: the quickest way through a ufunc
    return [partial(np.multiply, D, slope.reshape(-1), D)]


def by_formulas(function: Callable[[Array], Array], derivative: Callable[[Array], Array]) -> Prepared:
    """The calls of any activation, made of its formulas: slower than calls of its own, as they allocate."""

    def activate(A: Array, slope: Array) -> list[Call]:
        def call() -> None:
            slope[...] = derivative(A)  # before A, which holds Z here, is overwritten
            A[...] = function(A)

        return [call]

    return Prepared(activate, nothing, multiplied)


# --- relu ---


def maximum(a: Array, b: Array, out: Array) -> Call:
    """The call of np.maximum, which wants its out by name: partial would take half as long again for that."""
    call, place = np.maximum, (out,)
    return lambda: call(a, b, out=place)


def _relu(A: Array, slope: Array) -> list[Call]:
    A = A.reshape(-1)
    return [maximum(A, np.zeros(A.shape), A)]  # as many zeros: one alone would take up to five times as long


def _relu_slopes(A: Array, slope: Array) -> list[Call]:
    """The integer 0 or 1: the bits of 0.0 are those of the integer 0, and those of a positive number are some positive
    integer. In large layers the sign of integers takes a third of the time of that of floats. Were A -0.0, it would
    count as positive; `maximum` makes it 0.0.
    """
    return [partial(np.sign, A.reshape(-1).view(np.uint64), slope.reshape(-1).view(np.uint64))]


def _times_relu_slope(D: Array, slope: Array) -> list[Call]:
    bits = D.reshape(-1).view(np.uint64)  # the bits of a number times 0 or 1 are those of 0.0 or its own
    return [partial(np.multiply, bits, slope.reshape(-1).view(np.uint64), bits)]


# --- tanh ---


def _tanh(A: Array, slope: Array) -> list[Call]:
    A = A.reshape(-1)
    return [partial(np.tanh, A, A)]


def _tanh_slopes(A: Array, slope: Array) -> list[Call]:
    A, slope = A.reshape(-1), slope.reshape(-1)
    one = np.ones(A.shape)
    return [partial(np.multiply, A, A, slope), partial(np.subtract, one, slope, slope)]  # 1 - a²


# --- sigmoid ---


def _sigmoid(A: Array, slope: Array) -> list[Call]:
    A, half = A.reshape(-1), np.array(0.5)
    return [  # (1 + tanh(z/2)) / 2
        partial(np.multiply, A, half, A),
        partial(np.tanh, A, A),
        partial(np.multiply, A, half, A),
        partial(np.add, A, half, A),
    ]


def _sigmoid_slopes(A: Array, slope: Array) -> list[Call]:
    A, slope = A.reshape(-1), slope.reshape(-1)
    return [partial(np.multiply, A, A, slope), partial(np.subtract, A, slope, slope)]  # a - a²


RELU = Prepared(_relu, _relu_slopes, _times_relu_slope)
TANH = Prepared(_tanh, _tanh_slopes, multiplied)
SIGMOID = Prepared(_sigmoid, _sigmoid_slopes, multiplied)
IDENTITY = Prepared(nothing, nothing, nothing)
