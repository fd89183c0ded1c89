"""The same update in six variants: each adds one of the tricks that make the engine's core fast.

Each class changes one thing in the class before it, and its docstring says what. All end with the same weights.
`train` makes one update with each batch of the given rows. `update` makes one update with X (B, n) and Y (B, k), and
returns the loss before it.
"""

import copyreg
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import ACTIVATIONS, Array
from mbgd.engine.core import Chunk, Core, WeightVector
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, copies
from mbgd.engine.prepared import Call
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.engine.updates import CHUNK_UPDATES
from mbgd.experiments.plain import start


class Task(NamedTuple):
    """What to train and how: first layers, all rows X (N, n) and Y (N, k), the loss's name, B and the learning rate."""

    layers: Sequence[Layer]
    X: Array
    Y: Array
    loss: str
    batch_size: int
    rate: float

    @property
    def batch_sizes(self) -> list[int]:
        """The number of rows of each batch of an epoch; the last batch may be short."""
        whole, rest = divmod(len(self.X), self.batch_size)
        return [self.batch_size] * whole + [rest] * (rest > 0)


def task_of(dataset: TrainingData, settings: Settings, rate: float) -> Task:
    """The task of training the network of these settings from its first weights, at this learning rate."""
    X, Y = dataset.X_train, dataset.Y_train
    return Task(start(dataset, settings), X, Y, dataset.loss, min(settings.batch_size, len(X)), rate)


class Plain:
    """The formulas of a textbook. The rows of each batch are copied.

    Written out, and not a call of engine.plain, so that the next variants can be compared with it line by line.
    """

    def __init__(self, task: Task) -> None:
        self.task, self.rate = task, task.rate
        self.X, self.Y = task.X, task.Y
        self.layers = copies(task.layers)

    def train(self, order: NDArray[np.intp]) -> None:
        B = self.task.batch_size
        for first in range(0, len(order), B):
            rows = order[first : first + B]
            self.update(self.X[rows], self.Y[rows])

    def update(self, X: Array, Y: Array) -> float:
        A, Z = [X], []
        for W, b, name in self.layers:
            Z.append(A[-1] @ W.T + b)  # (B, n) @ (n, k) -> (B, k)
            A.append(ACTIVATIONS[name].function(Z[-1]))
        loss, dA = LOSSES[self.task.loss].with_derivative(Y, A[-1])
        for i in reversed(range(len(self.layers))):
            W, b, name = self.layers[i]
            dZ = dA * ACTIVATIONS[name].derivative(Z[i])  # (B, k)
            if i > 0:
                dA = dZ @ W  # (B, k) @ (k, n) -> (B, n)
            W -= self.rate * (dZ.T @ A[i])  # -> (k, n)
            b -= self.rate * dZ.sum(axis=0)  # (k,)
        return loss

    def weights(self) -> list[tuple[Array, Array]]:
        """(W, b) of each layer."""
        return [(W, b) for W, b, _ in self.layers]


class OneCopy(Plain):
    """The rows are shuffled once per epoch, in one copy. A batch is a slice of that copy, and copies nothing."""

    def train(self, order: NDArray[np.intp]) -> None:
        X, Y, B = self.X[order], self.Y[order], self.task.batch_size
        for first in range(0, len(order), B):
            self.update(X[first : first + B], Y[first : first + B])


class AllocatedOnce(OneCopy):
    """The array for every result is allocated once: products write into it, and other steps change it in place.

    f' is computed from the activation, because the pre-activation is overwritten.
    """

    multiply: Callable[..., object] = staticmethod(np.matmul)

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.memory = {B: self.allocate(B) for B in task.batch_sizes}
        self.steps = copies(task.layers)  # of their shapes

    def allocate(self, B: int) -> "Memory":
        shapes = [(B, len(b)) for _, b, _ in self.layers]
        A, D, slope = ([np.empty(shape) for shape in shapes] for _ in range(3))
        return Memory(A, D, slope)

    def share_with(self, others: Iterable["Plain | Prepared"]) -> None:
        """Use the arrays of another variant if the shapes are the same. Only one variant computes at a time."""
        for other in others:
            if isinstance(other, AllocatedOnce) and type(other).allocate is type(self).allocate:
                self.memory = other.memory

    def update(self, X: Array, Y: Array) -> float:
        A, D, slope = self.memory[len(X)]
        seen = [X, *A]
        for i, (W, b, name) in enumerate(self.layers):
            self.multiply(seen[i], W.T, A[i])  # -> (B, k)
            A[i] += b
            activate(name, A[i], slope[i])
        dZ = A[-1]
        loss = error_in_place(self.task.loss, dZ, Y, classes=1)
        for i in reversed(range(len(self.layers))):
            (W, b, _), (dW, db, _) = self.layers[i], self.steps[i]
            self.multiply(dZ.T, seen[i], dW)  # -> (k, n)
            dZ.sum(axis=0, out=db)  # (k,)
            if i > 0:
                self.multiply(dZ, W, D[i - 1])  # -> (B, n)
                dZ = D[i - 1]
                name = self.layers[i - 1].activation
                times_slope(name, dZ, A[i - 1], slope[i - 1])
            for weight, step in ((W, dW), (b, db)):
                step *= self.rate
                weight -= step
        return loss


class DotMethod(AllocatedOnce):
    """The same with the method a.dot(b, out), which has less to check before it multiplies."""

    multiply: Callable[..., object] = staticmethod(np.ndarray.dot)


class Columns(DotMethod):
    """Samples are columns under a row of ones, so a bias is one more weight.

    All weights are one vector, and the error is scaled by rate ÷ B. So the backward pass gives the step itself, and one
    subtraction updates all layers.
    """

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.X = np.hstack([np.ones((len(task.X), 1)), task.X])  # (N, n+1)
        self.vector, self.step = (WeightVector(sizes_of(task), 1) for _ in range(2))
        self.vector.write(0, task.layers)
        self.W = [view[:, 0] for view in self.vector.layers]  # (n+1, k) each
        self.dW = [view[:, 0] for view in self.step.layers]  # (n+1, k) each

    def allocate(self, B: int) -> "Memory":
        widths = [len(b) for _, b, _ in self.layers]
        D, slope = ([np.empty((k, B)) for k in widths] for _ in range(2))
        return Memory([np.ones((k + 1, B)) for k in widths], D, slope)

    def update(self, X: Array, Y: Array) -> float:
        A, D, slope = self.memory[len(X)]
        seen = [X.T, *A]  # with the row of ones, (n+1, B)
        units = [a[1:] for a in A]  # without it, (n, B)
        for i, W in enumerate(self.W):
            W.T.dot(seen[i], units[i])  # -> (k, B)
            activate(self.layers[i].activation, units[i], slope[i])
        dZ = units[-1]
        loss = error_in_place(self.task.loss, dZ, Y.T, classes=0, rate=self.rate)
        for i in reversed(range(len(self.W))):
            seen[i].dot(dZ.T, self.dW[i])  # -> (n+1, k)
            if i > 0:
                self.W[i][1:].dot(dZ, D[i - 1])  # -> (n, B)
                dZ = D[i - 1]
                name = self.layers[i - 1].activation
                times_slope(name, dZ, units[i - 1], slope[i - 1])
        self.vector.vector -= self.step.vector
        return loss

    def weights(self) -> list[tuple[Array, Array]]:
        return self.vector.read(0)


class Prepared:
    """The engine's own core: the calls of every update are prepared once, and an epoch only makes them.

    The outputs are kept, and the losses are computed from them once per chunk. f' of relu comes from the bits of A.
    """

    def __init__(self, task: Task) -> None:
        self.task, self.Y, sizes = task, task.Y, task.batch_sizes
        self.X = np.hstack([np.ones((len(task.X), 1)), task.X])  # (N, n+1)
        self.vector, self.step = (WeightVector(sizes_of(task), 1) for _ in range(2))
        self.vector.write(0, task.layers)
        self.chunks = [tuple(sizes[i : i + CHUNK_UPDATES]) for i in range(0, len(sizes), CHUNK_UPDATES)]
        self.cores = {chunk: self.core(chunk) for chunk in self.chunks}
        self.losses = np.empty(0)  # of the last chunk's batches

    def core(self, sizes: Sequence[int]) -> Core:
        chunk = Chunk(sizes, self.X.shape[1] - 1, self.Y.shape[1], 1)
        core = Core(self.vector, self.step, self.task.layers[0].activation, self.task.loss, chunk)
        core.set_rates(np.array([self.task.rate]))
        return core

    def train(self, order: NDArray[np.intp]) -> None:
        for sizes in self.chunks:
            rows, order = order[: sum(sizes)], order[sum(sizes) :]
            if not len(rows):
                break
            core = self.cores[sizes]
            core.chunk.fill(self.X, self.Y, rows)
            count = -(-len(rows) // self.task.batch_size)
            core.run(0, count)
            self.losses = core.losses(0, count)[:, 0]

    def weights(self) -> list[tuple[Array, Array]]:
        return self.vector.read(0)


class ProductsAlone(Prepared):
    """Only the matrix products among the prepared calls of a batch of B rows.

    They are the cost of an update if all other calls cost nothing. Changes no weights.
    """

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        super().train(np.arange(task.batch_size))  # fills every array with ordinary numbers
        self.products = products_of(self.cores[self.chunks[0]].updates[0], self.vector, self.step)

    def train(self, order: NDArray[np.intp]) -> None:
        for _ in range(-(-len(order) // self.task.batch_size)):
            for product in self.products:
                product()


TRICKS = {
    "plain formulas": Plain,
    "one copy per epoch": OneCopy,
    "allocated once": AllocatedOnce,
    "a.dot(b, out)": DotMethod,
    "columns, one vector": Columns,
    "prepared calls": Prepared,
}


def made_again(variant: Plain | Prepared) -> tuple[type[Plain | Prepared], tuple[Task]]:
    """How a variant is copied and pickled: made for its weights as they are now, with memory of its own."""
    pairs = zip(variant.weights(), variant.task.layers, strict=True)
    layers = [Layer(W.copy(), b.copy(), layer.activation) for (W, b), layer in pairs]
    return type(variant), (variant.task._replace(layers=layers),)


for _make in (*TRICKS.values(), ProductsAlone):
    copyreg.pickle(_make, made_again)


# --- what the variants share ---


class Memory(NamedTuple):
    """The arrays of an update with B rows, one per layer: activations A, gradients D at them, and slopes f'(Z)."""

    A: list[Array]
    D: list[Array]
    slope: list[Array]


def sizes_of(task: Task) -> list[int]:
    """The sizes n, h1, ..., k: the inputs, and the units of each layer."""
    return [task.X.shape[1], *(len(b) for _, b, _ in task.layers)]


def activate(name: str, A: Array, slope: Array) -> None:
    """Turn pre-activations into activations, in place."""
    if name in IN_PLACE:
        IN_PLACE[name].activate(A)
    else:  # by its formulas: f' while the pre-activations are still there
        f = ACTIVATIONS[name]
        slope[...], A[...] = f.derivative(A), f.function(A)


def times_slope(name: str, D: Array, A: Array, slope: Array) -> None:
    """Multiply D in place by f'(Z), computed from A = f(Z); `slope` is the memory for f'(Z)."""
    if name in IN_PLACE:
        IN_PLACE[name].tell_slope(A, slope)
    D *= slope


class InPlace(NamedTuple):
    """An activation in place: activate(A) turns pre-activations into activations, tell_slope(A, slope) writes f'."""

    activate: Callable[[Array], object]
    tell_slope: Callable[[Array, Array], object]


def sigmoid_in_place(A: Array) -> None:
    """(1 + tanh(z/2)) / 2."""
    A *= 0.5
    np.tanh(A, out=A)
    A *= 0.5
    A += 0.5


IN_PLACE = {
    "relu": InPlace(lambda A: np.maximum(A, 0.0, out=A), lambda A, slope: np.sign(A, out=slope)),
    "tanh": InPlace(
        lambda A: np.tanh(A, out=A),
        lambda A, slope: np.subtract(1.0, np.multiply(A, A, out=slope), out=slope),  # 1 - a²
    ),
    "sigmoid": InPlace(
        sigmoid_in_place,
        lambda A, slope: np.subtract(A, np.multiply(A, A, out=slope), out=slope),  # a - a²
    ),
    "identity": InPlace(lambda A: None, lambda A, slope: slope.fill(1.0)),
}


def error_in_place(loss: str, Z: Array, Y: Array, classes: int, rate: float = 1.0) -> float:
    """Turn the output Z into rate · dL/dŶ, in place, and return the loss; `classes` is the axis of the k outputs."""
    return {"mse": squared_error_in_place, "cross_entropy": cross_entropy_in_place}[loss](Z, Y, classes, rate)


def squared_error_in_place(Z: Array, Y: Array, classes: int, rate: float) -> float:
    """The mean squared error."""
    Z -= Y
    value = float(np.vdot(Z, Z)) / Z.size
    Z *= rate * 2.0 / Z.size
    return value


def cross_entropy_in_place(Z: Array, Y: Array, classes: int, rate: float) -> float:
    """The cross-entropy of logits Z."""
    B = Z.shape[1 - classes]
    Z -= Z.max(axis=classes, keepdims=True)
    taken = float(np.vdot(Y, Z))
    np.exp(Z, out=Z)
    sums = Z.sum(axis=classes, keepdims=True)
    Z /= sums
    Z -= Y
    Z *= rate / B
    return (float(np.log(sums).sum()) - taken) / B


# --- counting calls ---


def products_of(update: Sequence[Call], weights: WeightVector, step: WeightVector) -> list[Call]:
    """The matrix products of the layers among the calls of an update: those that read the weights or write the step."""
    return [call for call in update if _is_product(call, weights.vector, step.vector)]


def _is_product(call: Call, *vectors: Array) -> bool:
    a = getattr(getattr(call, "func", None), "__self__", None)  # of a.dot(b, out)
    operands = (a, *cast(partial, call).args) if isinstance(a, np.ndarray) else ()
    return any(np.may_share_memory(operand, vector) for operand in operands for vector in vectors)


def predicted_products(layers: int) -> int:
    """The number of matrix products of an update: forward and dW for each layer, dX for all but the first."""
    return 3 * layers - 1


def predicted_calls(layers: int, activation: str, loss: str) -> int:
    """The number of NumPy calls of a prepared update.

    They are the products; the activation and f' times the error, per hidden layer; f' once for all hidden layers; the
    error; and the subtraction. The losses are computed once per chunk.
    """
    hidden, calls, any_array = layers - 1, ACTIVATIONS[activation].calls, np.ones(1)
    activations, slopes, times = (len(prepare(any_array, any_array)) for prepare in calls)
    error = {"mse": 2, "cross_entropy": 7}[loss]
    return predicted_products(layers) + hidden * (activations + times) + (slopes if hidden else 0) + error + 1
