"""The fast core: an update is a list of NumPy calls on memory that is allocated once.

In a small network an update costs calls, not arithmetic: most of a microsecond goes into finding memory, matching
shapes and making Python objects, whatever the product inside. So here
- all weights are one vector and all steps another: an update of every layer is one subtraction;
- samples are columns under a row of ones: a bias is one more weight, added and differentiated by the same products;
- the error is scaled by rate and batch before it goes back: what the layers return is the step itself;
- the calls of an update are prepared once, and an epoch makes them: `for call in calls: call()`.

What it computes is what `forward` and `backward` compute, which stay the text to read, and tests hold it to them.
R networks of one shape that see the same batches are trained in one pass; a Training has R = 1.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, pairwise
from typing import cast

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.network import Layer

Call = Callable[[], object]


class WeightVector:
    """The weights of R networks of one shape as one vector, and as a view W (n+1, R, k) a layer, b its first row.

    A layer's rows are its inputs: that way neither W.T nor W without b, as the products want them, is ever copied.
    In memory the first layer is (n+1, k, R), for the one product that serves all runs, and the others (n+1, R, k).
    """

    def __init__(self, sizes: Sequence[int], runs: int) -> None:
        shapes = [(n + 1, runs, k) for n, k in pairwise(sizes)]
        ends = np.cumsum([n * r * k for n, r, k in shapes])
        self.vector = np.zeros(ends[-1])
        first, *others = zip(np.split(self.vector, ends), shapes, strict=False)
        n, r, k = first[1]
        self.shared = first[0].reshape(n, k * r)  # the first layer, all runs side by side
        self.layers = [
            self.shared.reshape(n, k, r).transpose(0, 2, 1),
            *(part.reshape(shape) for part, shape in others),
        ]

    def write(self, run: int, layers: Sequence[Layer]) -> None:
        """Take over the weights of one network."""
        for view, (W, b, _) in zip(self.layers, layers, strict=True):
            view[0, run], view[1:, run] = b, W.T

    def read(self, run: int) -> list[tuple[Array, Array]]:
        """(W, b) of each layer of one network, as views."""
        return [(view[1:, run].T, view[0, run]) for view in self.layers]


class Chunk:
    """Batches of the given sizes side by side in memory: inputs (b, n+1) behind a one, targets (k, R, b) for R runs.

    The calls prepared for it stay good, as whatever rows come next are copied into the same place.
    """

    def __init__(self, sizes: Sequence[int], n: int, k: int, runs: int) -> None:
        self.sizes = np.array(sizes, dtype=np.intp)
        self.ends: NDArray[np.intp] = np.cumsum(self.sizes)
        self.starts: NDArray[np.intp] = self.ends - self.sizes
        self._outputs, self._runs, self._width = k, runs, k * runs
        self._X, self.targets = np.ones((self.ends[-1], n + 1)), np.empty(self.ends[-1] * k * runs)
        places = list(zip(self.starts, self.ends, strict=True))
        self.X = [self._X[start:end] for start, end in places]
        self.Y = self.parts(self.targets)
        if self._width > 1:
            # A batch's targets lie output by output: of which of the chunk's rows, and which output, is each number?
            self._row = np.concatenate([np.tile(np.arange(start, end), self._width) for start, end in places])
            self._output = np.concatenate([np.repeat(np.arange(k), runs * (end - start)) for start, end in places])

    def parts(self, memory: Array) -> list[Array]:
        """The part (k, R, b) that each batch has of memory like that of the targets; empty if that is empty."""
        if not len(memory):
            return [memory] * len(self.sizes)
        return [part.reshape(self._outputs, self._runs, -1) for part in np.split(memory, self._width * self.ends[:-1])]

    def numbers(self, start: int, stop: int) -> slice:
        """Where in that memory the batches start..stop are."""
        return slice(self.starts[start] * self._width, self.ends[stop - 1] * self._width)

    def first_output(self) -> NDArray[np.intp]:
        """Which numbers of that memory belong to the first output of their batch, (R·b,) a batch."""
        places = zip(self._width * self.starts, self._runs * self.sizes, strict=True)
        return np.concatenate([np.arange(start, start + count, dtype=np.intp) for start, count in places])

    def fill(self, X: Array, Y: Array, rows: NDArray[np.intp]) -> None:
        """Copy these rows of X (N, n+1), which begin with a one, and of Y (N, k): whole batches, one after another."""
        numbers = slice(0, len(rows) * self._width)
        X.take(rows, axis=0, out=self._X[: len(rows)], mode="clip")
        where = rows if self._width == 1 else (rows * Y.shape[1]).take(self._row[numbers]) + self._output[numbers]
        Y.reshape(-1).take(where, out=self.targets[numbers], mode="clip")


def product(a: Array, b: Array, out: Array) -> Call:
    """The call that writes a @ b into out for each of R runs: a (i, R, j), b (j, R, l), out (i, R, l)."""
    a, b, out = (array.transpose(1, 0, 2) for array in (a, b, out))
    if len(a) == 1:  # the method takes a third of the time that matmul takes for small arrays
        return partial(a[0].dot, b[0], out[0])
    return partial(np.matmul, a, b, out)


def maximum(a: Array, b: Array, out: Array) -> Call:
    """The call of np.maximum, which wants its out by name: partial would take half as long again for that."""
    call, place = np.maximum, (out,)
    return lambda: call(a, b, out=place)


def activate(activation: str, A: Array) -> list[Call]:
    """The calls that turn pre-activations into activations, in place."""
    A = A.reshape(-1)  # one axis: the quickest way through a ufunc
    if activation == "relu":
        return [maximum(A, np.zeros(A.shape), A)]  # as many zeros: one alone would take up to five times as long
    if activation == "tanh":
        return [partial(np.tanh, A, A)]
    if activation == "sigmoid":  # (1 + tanh(z/2)) / 2
        half = np.array(0.5)
        return [
            partial(np.multiply, A, half, A),
            partial(np.tanh, A, A),
            partial(np.multiply, A, half, A),
            partial(np.add, A, half, A),
        ]
    return []


def slopes(activation: str, A: Array, slope: Array) -> list[Call]:
    """The calls that write f'(Z), told from A = f(Z), for all hidden layers at once: what `times_slope` multiplies by.

    That of relu is the integer 0 or 1: the bits of 0.0 are those of the integer 0, and those of a positive number are
    some positive integer. In large layers the sign of integers takes a third of the time of that of floats. Were A
    -0.0, it would count as positive; `maximum` makes it 0.0.
    """
    A, slope = A.reshape(-1), slope.reshape(-1)
    if activation == "relu":
        return [partial(np.sign, A.view(np.uint64), slope.view(np.uint64))]
    if activation == "tanh":  # 1 - a²
        one = np.ones(A.shape)
        return [partial(np.multiply, A, A, slope), partial(np.subtract, one, slope, slope)]
    if activation == "sigmoid":  # a - a²
        return [partial(np.multiply, A, A, slope), partial(np.subtract, A, slope, slope)]
    return []


def times_slope(activation: str, D: Array, slope: Array) -> list[Call]:
    """The call that multiplies D by f'(Z), in place."""
    D, slope = D.reshape(-1), slope.reshape(-1)
    if activation == "identity":
        return []
    if activation == "relu":  # the bits of a number times 0 or 1 are those of 0.0 or its own
        bits = D.view(np.uint64)
        return [partial(np.multiply, bits, slope.view(np.uint64), bits)]
    return [partial(np.multiply, D, slope, D)]


class Core:
    """Prepared updates of R networks for the batches of a chunk. weights and step have the same layout."""

    def __init__(self, weights: WeightVector, step: WeightVector, activation: str, loss: str, chunk: Chunk) -> None:
        _, self.runs, self.outputs = weights.layers[-1].shape
        self.chunk = chunk
        self._rates: Array | None = None
        self.passes = {B: Pass(weights, step, activation, loss, B) for B in map(int, np.unique(chunk.sizes))}
        # What the losses are made of is kept for every batch, and looked at once a chunk.
        self._kept = np.empty(chunk.targets.shape)  # mse: Ŷ - Y; cross-entropy: z less the largest of its row
        self._sums = np.empty(chunk.targets.shape if loss == "cross_entropy" else 0)  # Σ e^z over the classes, for each
        self._first = chunk.first_output() if loss == "cross_entropy" else None
        self._places, self._first_places = self._parts(self.outputs * self.runs), self._parts(self.runs)
        parts = zip(chunk.sizes, chunk.X, chunk.Y, chunk.parts(self._kept), chunk.parts(self._sums), strict=True)
        self.updates = [self.passes[int(B)].calls(X, Y, kept, sums) for B, X, Y, kept, sums in parts]

    def set_rates(self, rates: Array) -> None:
        """Learning rates (R,) of the networks, in an array that nobody changes."""
        if rates is not self._rates:
            self._rates = rates
            for of_size in self.passes.values():
                of_size.set_rates(rates)

    def run(self, start: int, stop: int) -> None:
        """Make the updates of the batches start..stop of the chunk."""
        for call in chain.from_iterable(self.updates[start:stop]):
            call()

    def losses(self, start: int, stop: int) -> Array:
        """The losses (stop - start, R) of those batches, each before its update."""
        sizes, numbers = self.chunk.sizes[start:stop, None], self.chunk.numbers(start, stop)
        if self._first is None:  # mse
            return self._sum(self._kept[numbers] ** 2, self._places[start:stop]) / (self.outputs * sizes)
        taken = self._sum(self.chunk.targets[numbers] * self._kept[numbers], self._places[start:stop])  # Σ y·z
        rows = self._first[self.chunk.starts[start] * self.runs : self.chunk.ends[stop - 1] * self.runs]
        logs = self._sum(np.log(self._sums.take(rows)), self._first_places[start:stop])  # Σ log Σ e^z
        return (logs - taken) / sizes

    def _parts(self, width: int) -> NDArray[np.intp]:
        """Where the numbers of each run and output begin in each batch, of so many numbers a row; with one run alone,
        where those of each batch do.
        """
        starts, sizes = self.chunk.starts[:, None], self.chunk.sizes[:, None]
        return starts * width + np.arange(width if self.runs > 1 else 1, dtype=np.intp) * sizes

    def _sum(self, numbers: Array, places: NDArray[np.intp]) -> Array:
        """Sums (batches, R) of the numbers that begin in these places, counted from the first."""
        sums = np.add.reduceat(numbers, (places - places[0, 0]).reshape(-1))
        return sums.reshape(len(places), -1, self.runs).sum(axis=1)


class Pass:
    """The way forward and back of R networks for batches of B rows, on memory of its own."""

    def __init__(self, weights: WeightVector, step: WeightVector, activation: str, loss: str, B: int) -> None:
        _, runs, k = weights.layers[-1].shape
        self.weights, self.step, self.loss = weights, step, loss
        self.output, self.dZ, self.scale = (np.empty((k, runs, B)) for _ in range(3))
        hidden = [layer.shape[2] for layer in weights.layers[:-1]]
        # All hidden layers stand in one block, each below its row of ones, so that one call serves them all.
        block = (sum(hidden) + len(hidden), runs, B)
        A, slope, D = np.ones(block), np.empty(block), np.empty(block)
        ends = np.cumsum([units + 1 for units in hidden])
        units = [slice(end - count, end) for end, count in zip(ends, hidden, strict=True)]
        self.read = [A[unit.start - 1 : unit.stop] for unit in units]  # by the layers above, (n+1, R, B)
        self.written = [*(A[unit] for unit in units), self.output]  # (k, R, B)
        self.forward = self._forward(activation)
        self.backward = slopes(activation, A, slope) if hidden else []
        self.backward += self._backward([D[unit] for unit in units], [slope[unit] for unit in units], activation)
        self.last = D[units[0]] if hidden else self.dZ  # the first layer's dZ, (k, R, B)

    def set_rates(self, rates: Array) -> None:
        """Learning rates (R,): the error is scaled by rate ÷ batch, so that what comes back is the step."""
        k, _, B = self.scale.shape
        self.scale[...] = (rates * (2.0 / (k * B) if self.loss == "mse" else 1.0 / B))[:, None]

    def calls(self, X: Array, Y: Array, kept: Array, sums: Array) -> list[Call]:
        """The calls of an update on X (B, n+1) and Y (k, R, B), which leave in kept and sums, shaped like Y, what the
        loss is made of.
        """
        W, G = self.weights, self.step
        Z, dZ = (array.reshape(-1, len(X)) for array in (self.written[0], self.last))  # (k·R, B): all runs at once
        return [
            partial(W.shared.T.dot, X.T, Z),  # (k·R, n+1) @ (n+1, B) -> (k·R, B)
            *self.forward,
            *self._error(Y, kept, sums),
            *self.backward,
            partial(X.T.dot, dZ.T, G.shared),  # (n+1, B) @ (B, k·R) -> (n+1, k·R)
            partial(np.subtract, W.vector, G.vector, W.vector),
        ]

    def _forward(self, activation: str) -> list[Call]:
        """The calls from the pre-activations of the first hidden layer to the output."""
        calls: list[Call] = []
        for i, read in enumerate(self.read):
            calls += activate(activation, self.written[i])
            W = self.weights.layers[i + 1]
            calls.append(product(W.T, read, self.written[i + 1]))  # (k, n+1) @ (n+1, B) -> (k, B)
        return calls

    def _backward(self, D: list[Array], slope: list[Array], activation: str) -> list[Call]:
        """The calls from the last layer's dZ to the first layer's, with the steps of all layers but the first."""
        calls: list[Call] = []
        dZ = self.dZ
        for i in reversed(range(len(D))):
            W, G = self.weights.layers[i + 1], self.step.layers[i + 1]
            calls.append(product(self.read[i], dZ.T, G))  # (n+1, B) @ (B, k) -> (n+1, k)
            calls.append(product(W[1:], dZ, D[i]))  # (n, k) @ (k, B) -> (n, B)
            calls += times_slope(activation, D[i], slope[i])
            dZ = D[i]
        return calls

    def _error(self, Y: Array, kept: Array, sums: Array) -> list[Call]:
        """The calls that write rate · dL/dŶ, and leave what the loss is made of."""
        Z, Y, dZ, scale = (array.reshape(-1) for array in (self.output, Y, self.dZ, self.scale))
        if self.loss == "mse":  # not in place: for a single number that takes three times as long
            error = kept.reshape(-1)
            return [partial(np.subtract, Z, Y, error), partial(np.multiply, error, scale, dZ)]
        k, columns = len(kept), (len(kept), -1)
        logits, P, sums = kept.reshape(columns), self.dZ.reshape(columns), sums.reshape(columns)  # (k, R·B)
        largest = np.empty(logits.shape[1])
        largest_of_each = cast(Call, partial(np.maximum.reduce, self.output.reshape(columns), 0, None, largest))
        return [
            largest_of_each,
            partial(np.subtract, self.output.reshape(columns), largest, logits),
            partial(np.exp, logits.reshape(-1), dZ),
            partial(np.ones((k, k)).dot, P, sums),  # each sum k times, as to divide by it there is quicker
            partial(np.divide, dZ, sums.reshape(-1), dZ),
            partial(np.subtract, dZ, Y, dZ),
            partial(np.multiply, dZ, scale, dZ),
        ]
