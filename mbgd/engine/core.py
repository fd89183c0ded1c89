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
from itertools import pairwise
from typing import cast

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.network import Layer

Call = Callable[[], object]


class Weights:
    """The weights of R networks of one shape as one vector, and as a view W (k, R, n+1) a layer, b its first column."""

    def __init__(self, sizes: Sequence[int], runs: int) -> None:
        shapes = [(k, runs, n + 1) for n, k in pairwise(sizes)]
        ends = np.cumsum([k * r * n for k, r, n in shapes])
        self.vector = np.zeros(ends[-1])
        self.layers = [part.reshape(shape) for part, shape in zip(np.split(self.vector, ends), shapes, strict=False)]

    def write(self, run: int, layers: Sequence[Layer]) -> None:
        """Take over the weights of one network."""
        for view, (W, b, _) in zip(self.layers, layers, strict=True):
            view[:, run, 0], view[:, run, 1:] = b, W

    def read(self, run: int) -> list[tuple[Array, Array]]:
        """(W, b) of each layer of one network, as views."""
        return [(view[:, run, 1:], view[:, run, 0]) for view in self.layers]


class Chunk:
    """Batches of the given sizes side by side in memory: inputs (b, n+1) behind a one, targets (k, 1, b).

    The calls prepared for it stay good, as whatever rows come next are copied into the same place.
    """

    def __init__(self, sizes: Sequence[int], n: int, k: int) -> None:
        ends = np.cumsum(sizes)
        self.sizes, self.starts = np.array(sizes), ends - sizes
        self._X, self._Y = np.ones((ends[-1], n + 1)), np.empty(ends[-1] * k)
        places = list(zip(self.starts, ends, strict=True))
        self.X = [self._X[start:end] for start, end in places]
        self.Y = [self._Y[start * k : end * k].reshape(k, 1, end - start) for start, end in places]
        # A batch's targets lie output by output: of which of the chunk's rows, and which output, is each number?
        self._row = np.concatenate([np.tile(np.arange(start, end), k) for start, end in places])
        self._output = np.concatenate([np.repeat(np.arange(k), end - start) for start, end in places])

    def fill(self, X: Array, Y: Array, rows: NDArray[np.intp]) -> None:
        """Copy these rows of X (N, n+1), which begin with a one, and of Y (N, k): whole batches, one after another."""
        k = Y.shape[1]
        X.take(rows, axis=0, out=self._X[: len(rows)], mode="clip")
        numbers = slice(0, len(rows) * k)
        where = rows if k == 1 else rows[self._row[numbers]] * k + self._output[numbers]
        Y.reshape(-1).take(where, out=self._Y[numbers], mode="clip")


def product(a: Array, b: Array, out: Array) -> Call:
    """The call that writes a @ b into out for each of R runs: a (i, R, j), b (j, R, l), out (i, R, l)."""
    a, b, out = (array.transpose(1, 0, 2) for array in (a, b, out))
    if len(a) == 1:  # the method takes a third of the time that matmul takes for small arrays
        return partial(a[0].dot, b[0], out[0])
    return partial(np.matmul, a, b, out)


def shared_product(a: Array, b: Array, out: Array) -> Call:
    """The same where all runs share b (j, l): one product for all of them. a (i, R, j), out (i, R, l)."""
    return partial(a.reshape(-1, a.shape[2]).dot, b, out.reshape(-1, out.shape[2]))


def activate(activation: str, A: Array, zeros: Array) -> list[Call]:
    """The calls that turn pre-activations into activations, in place: A and zeros (k, R, B)."""
    if activation == "relu":
        return [partial(np.maximum, A, zeros, out=A)]
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
    """The calls that write f'(Z), told from A = f(Z), for all hidden layers at once."""
    if activation == "relu":
        return [partial(np.sign, A, slope)]
    if activation == "tanh":  # 1 - a²
        one = np.ones(A.shape)
        return [partial(np.multiply, A, A, slope), partial(np.subtract, one, slope, slope)]
    if activation == "sigmoid":  # a - a²
        return [partial(np.multiply, A, A, slope), partial(np.subtract, A, slope, slope)]
    return []


class Core:
    """Prepared updates of R networks for the batches of a chunk. weights and step have the same layout."""

    def __init__(self, weights: Weights, step: Weights, activation: str, loss: str, chunk: Chunk) -> None:
        self.loss, self.chunk = loss, chunk
        self.outputs, self.runs, _ = weights.layers[-1].shape
        rows = int(chunk.sizes.sum())
        self.products = np.empty((len(chunk.sizes), self.runs))  # mse: Σ error²; cross-entropy: Σ y·z
        self.sums = np.empty(rows * self.runs if loss == "cross_entropy" else 0)  # Σ e^z over the classes
        self.passes = {B: Pass(weights, step, activation, loss, B) for B in map(int, np.unique(chunk.sizes))}
        self.updates = [self._update(j) for j in range(len(chunk.sizes))]

    def set_rates(self, rates: Array) -> None:
        """Learning rates (R,) of the networks."""
        for of_size in self.passes.values():
            of_size.set_rates(rates)

    def run(self, start: int, stop: int) -> None:
        """Make the updates of the batches start..stop of the chunk."""
        for update in self.updates[start:stop]:
            for call in update:
                call()

    def losses(self, start: int, stop: int) -> Array:
        """The losses (stop - start, R) of those batches, each before its update."""
        sizes, products = self.chunk.sizes[start:stop, None], self.products[start:stop]
        if self.loss == "mse":
            return products / (self.outputs * sizes)
        first, end = self.chunk.starts[start] * self.runs, (self.chunk.starts[stop - 1] + sizes[-1, 0]) * self.runs
        ends = self.runs * (self.chunk.starts[start:stop] - self.chunk.starts[start])
        each = ends[:, None] + np.arange(self.runs) * sizes  # where the sums of each batch and run begin
        logs = np.add.reduceat(np.log(self.sums[first:end]), each.reshape(-1))
        return (logs.reshape(products.shape) - products) / sizes

    def _update(self, j: int) -> list[Call]:
        """The calls of the update on batch j."""
        X, Y, B = self.chunk.X[j], self.chunk.Y[j], int(self.chunk.sizes[j])
        first = self.chunk.starts[j] * self.runs
        return self.passes[B].calls(X, Y, self.products[j], self.sums[first : first + B * self.runs])


class Pass:
    """The way forward and back of R networks for batches of B rows, on memory of its own."""

    def __init__(self, weights: Weights, step: Weights, activation: str, loss: str, B: int) -> None:
        k, runs, _ = weights.layers[-1].shape
        self.weights, self.step, self.loss = weights, step, loss
        self.output = np.empty((k, runs, B))
        self.scale = np.empty(self.output.shape)
        self.first, self.forward, self.backward, self.last = self._prepare(activation)

    def set_rates(self, rates: Array) -> None:
        """Learning rates (R,): the error is scaled by rate ÷ batch, so that what comes back is the step."""
        k, _, B = self.output.shape
        self.scale[...] = (rates * (2.0 / (k * B) if self.loss == "mse" else 1.0 / B))[:, None]

    def calls(self, X: Array, Y: Array, products: Array, sums: Array) -> list[Call]:
        """The calls of an update on X (B, n+1) and Y (k, 1, B), which write what the loss is made of into
        products (R,) and sums (R·B,).
        """
        weights, step = self.weights, self.step
        return [
            shared_product(weights.layers[0], X.T, self.first),  # (k, n+1) @ (n+1, B) -> (k, B)
            *self.forward,
            *self._error(Y, products, sums),
            *self.backward,
            shared_product(self.last, X, step.layers[0]),  # (k, B) @ (B, n+1) -> (k, n+1)
            partial(np.subtract, weights.vector, step.vector, weights.vector),
        ]

    def _prepare(self, activation: str) -> tuple[Array, list[Call], list[Call], Array]:
        """What the first layer writes, the calls from there to the output, those back, and the first layer's dZ."""
        W, G = self.weights.layers, self.step.layers  # (k, R, n+1) each
        _, runs, B = self.output.shape
        hidden = [len(layer) for layer in W[:-1]]
        # All hidden layers stand in one block, each below its row of ones, so that one call serves them all.
        block = (sum(hidden) + len(hidden), runs, B)
        A, slope, D, zeros = np.ones(block), np.empty(block), np.empty(block), np.zeros(block)
        ends = np.cumsum([units + 1 for units in hidden])
        units = [slice(end - count, end) for end, count in zip(ends, hidden, strict=True)]
        read = [A[unit.start - 1 : unit.stop] for unit in units]  # by the layers above, (n+1, R, B)
        written = [*(A[unit] for unit in units), self.output]  # (k, R, B)

        forward: list[Call] = []
        for i, unit in enumerate(units):
            forward += activate(activation, A[unit], zeros[unit])
            forward.append(product(W[i + 1], read[i], written[i + 1]))  # (k, n+1) @ (n+1, B) -> (k, B)

        backward = slopes(activation, A, slope) if hidden else []
        dZ = self.output
        for i in range(len(hidden), 0, -1):
            unit = units[i - 1]
            backward.append(product(dZ, read[i - 1].transpose(2, 1, 0), G[i]))  # (k, B) @ (B, n+1) -> (k, n+1)
            backward.append(product(W[i][:, :, 1:].transpose(2, 1, 0), dZ, D[unit]))  # (n, k) @ (k, B) -> (n, B)
            dZ = D[unit]
            if activation != "identity":
                backward.append(partial(np.multiply, dZ, slope[unit], dZ))
        return written[0], forward, backward, dZ

    def _error(self, Y: Array, products: Array, sums: Array) -> list[Call]:
        """The calls that turn the output into rate · dL/dŶ, in place, and note what the loss is made of."""
        Z, scale = self.output, self.scale
        k, runs, _ = Z.shape
        noted = note(Z, Z if self.loss == "mse" else Y, products)
        if runs == 1:  # one axis: the quickest way through a ufunc
            Z, Y, scale = Z.reshape(-1), Y.reshape(-1), scale.reshape(-1)
        less_target, scaled = partial(np.subtract, Z, Y, Z), partial(np.multiply, Z, scale, Z)
        if self.loss == "mse":
            return [less_target, *noted, scaled]
        columns, largest = self.output.reshape(k, -1), np.empty_like(sums)  # (k, R·B), (R·B,)
        largest_of_each = cast(Call, partial(np.maximum.reduce, columns, 0, None, largest))
        return [
            largest_of_each,
            partial(np.subtract, columns, largest, columns),
            *noted,
            partial(np.exp, Z, Z),
            partial(np.ones(k).dot, columns, sums),
            partial(np.divide, columns, sums, columns),
            less_target,
            scaled,
        ]


def note(a: Array, b: Array, out: Array) -> list[Call]:
    """The calls that write Σ a·b of each run: a (k, R, B), b (k, R or 1, B), out (R,)."""
    if len(out) == 1:
        return [partial(a.reshape(-1).dot, b.reshape(-1), out.reshape(()))]
    products = np.empty(a.shape)
    multiply: Call = partial(np.multiply, a, b, products)
    total = cast(Call, partial(np.add.reduce, products, (0, 2), None, out))
    return [multiply, total]
