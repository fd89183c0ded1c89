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

from collections.abc import Sequence
from copy import deepcopy
from functools import partial
from itertools import chain, pairwise
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import ACTIVATIONS, Array
from mbgd.engine.checks import one_of
from mbgd.engine.network import Layer
from mbgd.engine.prepared import Call, Prepared


class Copyable:
    """Something whose shallow copy would write to the original's memory: copy.copy is as deep as copy.deepcopy, but
    for the data set.
    """

    def __copy__(self) -> Self:
        dataset = getattr(self, "dataset", None)  # which nobody changes
        return deepcopy(self, {id(dataset): dataset})


class WeightVector(Copyable):
    """The weights of R networks of one shape as one vector, and as a view W (n+1, R, k) a layer, b its first row.

    A layer's rows are its inputs: that way neither W.T nor W without b, as the products want them, is ever copied.
    In memory the first layer is (n+1, k, R), for the one product that serves all runs, and the others (n+1, R, k).
    """

    def __init__(self, sizes: Sequence[int], runs: int) -> None:
        self._about = tuple(sizes), runs
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

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._about, self.vector

    def __setstate__(self, vector: Array) -> None:
        self.vector[...] = vector

    def write(self, run: int, layers: Sequence[Layer]) -> None:
        """Take over the weights of one network."""
        for view, (W, b, _) in zip(self.layers, layers, strict=True):
            view[0, run], view[1:, run] = b, W.T

    def read(self, run: int) -> list[tuple[Array, Array]]:
        """(W, b) of each layer of one network, as views."""
        return [(view[1:, run].T, view[0, run]) for view in self.layers]


class Chunk(Copyable):
    """Batches of the given sizes side by side in memory: inputs (b, n+1) behind a one, targets (k, R, b) for R runs.

    The calls prepared for it stay good, because the rows that come next are copied into the same place.
    """

    def __init__(self, sizes: Sequence[int], n: int, k: int, runs: int) -> None:
        self._about = tuple(sizes), n, k, runs
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

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._about, (self._X, self.targets)

    def __setstate__(self, rows: tuple[Array, Array]) -> None:
        self._X[...], self.targets[...] = rows

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


class SquaredError:
    """What the core does for the mean squared error. Kept of each batch is Ŷ - Y."""

    keeps_sums = False

    @staticmethod
    def scale(k: int, B: int) -> float:
        """The factor of the error in dL/dŶ."""
        return 2.0 / (k * B)

    @staticmethod
    def error(output: Array, Y: Array, dZ: Array, scale: Array, kept: Array, sums: Array) -> list[Call]:
        """The calls that write scale · error into dZ, and into `kept` what the loss is made of; all are (k, R, B)."""
        Z, Y, dZ, scale, error = (array.reshape(-1) for array in (output, Y, dZ, scale, kept))
        # not in place: for a single number that takes three times as long
        return [partial(np.subtract, Z, Y, error), partial(np.multiply, error, scale, dZ)]

    @staticmethod
    def losses(core: "Core", start: int, stop: int) -> Array:
        """The losses (stop - start, R) of these batches."""
        sizes = core.chunk.sizes[start:stop, None]
        return core.sum(core.kept[core.chunk.numbers(start, stop)] ** 2, start, stop) / (core.outputs * sizes)


class CrossEntropy:
    """What the core does for the cross-entropy. Kept are the logits less the largest of their row, and Σ e^z of each
    row over the classes.
    """

    keeps_sums = True

    @staticmethod
    def scale(k: int, B: int) -> float:
        """The factor of the error in dL/dŶ."""
        return 1.0 / B

    @staticmethod
    def error(output: Array, Y: Array, dZ: Array, scale: Array, kept: Array, sums: Array) -> list[Call]:
        """The calls that write scale · error into dZ, and into `kept` and `sums` what the loss is made of; all are
        (k, R, B).
        """
        k, columns = len(kept), (len(kept), -1)
        Z, logits, P, sums = (array.reshape(columns) for array in (output, kept, dZ, sums))  # (k, R·B)
        Y, dZ, scale = (array.reshape(-1) for array in (Y, dZ, scale))
        largest = np.empty(logits.shape[1])  # of each row
        largest_of_each = cast(Call, partial(np.maximum.reduce, Z, 0, None, largest))
        return [
            largest_of_each,
            partial(np.subtract, Z, largest, logits),
            partial(np.exp, logits.reshape(-1), dZ),
            partial(np.ones((k, k)).dot, P, sums),  # each sum k times, because to divide by it there is quicker
            partial(np.divide, dZ, sums.reshape(-1), dZ),
            partial(np.subtract, dZ, Y, dZ),
            partial(np.multiply, dZ, scale, dZ),
        ]

    @staticmethod
    def losses(core: "Core", start: int, stop: int) -> Array:
        """The losses (stop - start, R) of these batches."""
        chunk, numbers = core.chunk, core.chunk.numbers(start, stop)
        taken = core.sum(chunk.targets[numbers] * core.kept[numbers], start, stop)  # Σ y·z
        rows = core.first_output[chunk.starts[start] * core.runs : chunk.ends[stop - 1] * core.runs]
        logs = core.sum(np.log(core.sums.take(rows)), start, stop, outputs=1)  # Σ log Σ e^z
        return (logs - taken) / chunk.sizes[start:stop, None]


LOSS_CALLS: dict[str, type[SquaredError] | type[CrossEntropy]] = {"mse": SquaredError, "cross_entropy": CrossEntropy}


class Core(Copyable):
    """Prepared updates of R networks for the batches of a chunk. weights and step have the same layout.

    weight_decay: as in Settings. If it is 0, no call is made for it.

    Prepared calls can't be copied, because they hold on to their memory: a copy of a core prepares its own.
    """

    def __init__(
        self,
        weights: WeightVector,
        step: WeightVector,
        activation: str,
        loss: str,
        chunk: Chunk,
        weight_decay: float = 0.0,
    ) -> None:
        self._about = weights, step, activation, loss, chunk, weight_decay
        _, self.runs, self.outputs = weights.layers[-1].shape
        self.chunk = chunk
        self._loss = LOSS_CALLS[one_of("loss", loss, LOSS_CALLS)]
        self._rates: Array | None = None
        of_activation = ACTIVATIONS[one_of("activation", activation, ACTIVATIONS)].calls
        sizes = map(int, np.unique(chunk.sizes))
        self._decay = Decay(weights, weight_decay) if weight_decay else None
        decay = self._decay.calls if self._decay else []
        self.passes = {B: Pass(weights, step, of_activation, self._loss, B, decay) for B in sizes}
        # What the losses are made of is kept for every batch, and looked at once a chunk.
        self.kept = np.empty(chunk.targets.shape)
        self.sums = np.empty(chunk.targets.shape if self._loss.keeps_sums else 0)
        self.first_output = chunk.first_output()
        self._places = {outputs: self._parts(outputs * self.runs) for outputs in (self.outputs, 1)}
        parts = zip(chunk.sizes, chunk.X, chunk.Y, chunk.parts(self.kept), chunk.parts(self.sums), strict=True)
        self.updates = [self.passes[int(B)].calls(X, Y, kept, sums) for B, X, Y, kept, sums in parts]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._about, (self._rates, self.kept, self.sums)

    def __setstate__(self, state: tuple[Array | None, Array, Array]) -> None:
        rates, self.kept[...], self.sums[...] = state
        if rates is not None:
            self.set_rates(rates)

    def set_rates(self, rates: Array) -> None:
        """Learning rates (R,) of the networks, in an array that nobody changes."""
        if rates is not self._rates:
            self._rates = None  # until all have them
            for of_size in self.passes.values():
                of_size.set_rates(rates)
            if self._decay:
                self._decay.set_rates(rates)
            self._rates = rates

    def run(self, start: int, stop: int) -> None:
        """Make the updates of the batches start..stop of the chunk."""
        for call in chain.from_iterable(self.updates[start:stop]):
            call()

    def losses(self, start: int, stop: int) -> Array:
        """The losses (stop - start, R) of those batches, each before its update."""
        return self._loss.losses(self, start, stop)

    def sum(self, numbers: Array, start: int, stop: int, outputs: int | None = None) -> Array:
        """Sums (stop - start, R) of these batches' numbers, which lie like so many outputs: all, if none are named."""
        places = self._places[outputs or self.outputs][start:stop]
        sums = np.add.reduceat(numbers, (places - places[0, 0]).reshape(-1))
        return sums[:, None] if self.runs == 1 else sums.reshape(len(places), -1, self.runs).sum(axis=1)

    def _parts(self, width: int) -> NDArray[np.intp]:
        """Where the numbers of each run and output begin in each batch, of so many numbers a row; with one run alone,
        where those of each batch do.
        """
        starts, sizes = self.chunk.starts[:, None], self.chunk.sizes[:, None]
        return starts * width + np.arange(width if self.runs > 1 else 1, dtype=np.intp) * sizes


class Decay:
    """The weight decay of R networks: each W shrinks by the factor 1 - rate · weight_decay, and no bias does."""

    def __init__(self, weights: WeightVector, weight_decay: float) -> None:
        runs = weights.layers[0].shape[1]
        sizes = [weights.layers[0].shape[0] - 1, *(layer.shape[2] for layer in weights.layers)]
        self._weight_decay, self._factors = weight_decay, WeightVector(sizes, runs)
        self._factors.vector[...] = 1.0
        # Before the step is subtracted: W - rate · (dW + weight_decay · W) = W · factor - step.
        self.calls: list[Call] = [partial(np.multiply, weights.vector, self._factors.vector, weights.vector)]

    def set_rates(self, rates: Array) -> None:
        """Learning rates (R,) of the networks."""
        for layer in self._factors.layers:  # (n+1, R, k), b the first row
            layer[1:] = (1.0 - rates * self._weight_decay)[:, None]


class Pass:
    """The forward and backward pass of R networks for batches of B rows, on memory of its own."""

    def __init__(
        self,
        weights: WeightVector,
        step: WeightVector,
        activation: Prepared,
        loss: type[SquaredError] | type[CrossEntropy],
        B: int,
        decay: list[Call],
    ) -> None:
        _, runs, k = weights.layers[-1].shape
        self.weights, self.step, self.loss, self.decay = weights, step, loss, decay
        self.output, self.dZ, self.scale = (np.empty((k, runs, B)) for _ in range(3))
        hidden = [layer.shape[2] for layer in weights.layers[:-1]]
        # All hidden layers stand in one block, each below its row of ones, so that one call serves them all.
        block = (sum(hidden) + len(hidden), runs, B)
        A, slope, D = np.ones(block), np.empty(block), np.empty(block)
        ends = np.cumsum([units + 1 for units in hidden])
        units = [slice(end - count, end) for end, count in zip(ends, hidden, strict=True)]
        self.read = [A[unit.start - 1 : unit.stop] for unit in units]  # by the layers above, (n+1, R, B)
        self.written = [*(A[unit] for unit in units), self.output]  # (k, R, B)
        slopes = [slope[unit] for unit in units]
        self.forward = self._forward(activation, slopes)
        self.backward = activation.slopes(A, slope) if hidden else []
        self.backward += self._backward(activation, [D[unit] for unit in units], slopes)
        self.last = D[units[0]] if hidden else self.dZ  # the first layer's dZ, (k, R, B)

    def set_rates(self, rates: Array) -> None:
        """Learning rates (R,): the error is scaled by rate ÷ batch, so that what comes back is the step."""
        k, _, B = self.scale.shape
        self.scale[...] = (rates * self.loss.scale(k, B))[:, None]

    def calls(self, X: Array, Y: Array, kept: Array, sums: Array) -> list[Call]:
        """The calls of an update on X (B, n+1) and Y (k, R, B), which leave in kept and sums, shaped like Y, what the
        loss is made of.
        """
        W, G = self.weights, self.step
        Z, dZ = (array.reshape(-1, len(X)) for array in (self.written[0], self.last))  # (k·R, B): all runs at once
        return [
            partial(W.shared.T.dot, X.T, Z),  # (k·R, n+1) @ (n+1, B) -> (k·R, B)
            *self.forward,
            *self.loss.error(self.output, Y, self.dZ, self.scale, kept, sums),
            *self.backward,
            partial(X.T.dot, dZ.T, G.shared),  # (n+1, B) @ (B, k·R) -> (n+1, k·R)
            *self.decay,
            partial(np.subtract, W.vector, G.vector, W.vector),
        ]

    def _forward(self, activation: Prepared, slopes: list[Array]) -> list[Call]:
        """The calls from the pre-activations of the first hidden layer to the output."""
        calls: list[Call] = []
        for i, read in enumerate(self.read):
            calls += activation.activate(self.written[i], slopes[i])
            W = self.weights.layers[i + 1]
            calls.append(product(W.T, read, self.written[i + 1]))  # (k, n+1) @ (n+1, B) -> (k, B)
        return calls

    def _backward(self, activation: Prepared, D: list[Array], slopes: list[Array]) -> list[Call]:
        """The calls from the last layer's dZ to the first layer's, with the steps of all layers but the first."""
        calls: list[Call] = []
        dZ = self.dZ
        for i in reversed(range(len(D))):
            W, G = self.weights.layers[i + 1], self.step.layers[i + 1]
            calls.append(product(self.read[i], dZ.T, G))  # (n+1, B) @ (B, k) -> (n+1, k)
            calls.append(product(W[1:], dZ, D[i]))  # (n, k) @ (k, B) -> (n, B)
            calls += activation.times_slope(D[i], slopes[i])
            dZ = D[i]
        return calls
