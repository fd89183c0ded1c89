"""The peers of the benchmark: the same network, batches and learning rate in each, written as its users would.

Each peer is prepared once for a case. It is then a function: it trains a number of epochs from the first weights and
returns the seconds and the final weights, (W, b) per layer. The time counts all the work of an update: ordering and
picking rows, forward pass, loss, backward pass, step. It does not count the preparation, nor evaluation over all rows,
which only this engine does. All shuffle each epoch with the same generator and must end with the same weights. The
exception is scikit-learn: its fit draws its own first weights and orders, and checks its input within the time.
"""

import importlib.util
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

import mbgd
from mbgd.engine.activations import Array
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import first_weights
from mbgd.engine.randomness import streams

Weights = list[tuple[Array, Array]]
Run = Callable[[int], tuple[float, Weights]]


class Case(NamedTuple):
    """A network and how it is trained, on random rows: the time does not depend on their values."""

    sizes: tuple[int, ...]
    activation: str
    loss: str
    n_samples: int
    batch_size: int
    epochs: int  # per round
    rate: float = 0.01

    @property
    def name(self) -> str:
        """The column's heading."""
        return f"{'-'.join(map(str, self.sizes))}{' tanh' if self.activation == 'tanh' else ''} B={self.batch_size}"

    @property
    def updates(self) -> int:
        """Updates per round."""
        return self.epochs * -(-self.n_samples // self.batch_size)


class Rows(NamedTuple):
    """Random rows. One is also the validation set, because Training needs one."""

    X_train: Array
    Y_train: Array
    X_val: Array
    Y_val: Array
    loss: str


def rows_of(case: Case) -> Rows:
    """The rows of a case: the same in every process."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(case.n_samples, case.sizes[0]))
    k = case.sizes[-1]
    if case.loss == "mse":
        Y = np.tanh(X @ rng.normal(size=(case.sizes[0], k)))
    else:
        Y = np.eye(k)[rng.integers(k, size=case.n_samples)]
    return Rows(X, Y, X[:1], Y[:1], case.loss)


def weights_of(case: Case) -> Weights:
    """The first weights of a case."""
    return [(W, b) for W, b, _ in first_weights(streams(0).weights, case.sizes, case.activation)]


def ours(case: Case) -> Run:
    """This engine, which records the loss of every update as always."""
    return _ours(case, mbgd.Training.advance)


def ours_iterated(case: Case) -> Run:
    """This engine in a for loop: one record per update, and the caller may act between two updates."""
    return _ours(case, lambda training: deque(training, maxlen=0))


def _ours(case: Case, train: Callable[[mbgd.Training], object]) -> Run:
    rows = rows_of(case)
    settings = mbgd.Settings(case.batch_size, case.epochs, case.rate, case.sizes[1:-1], case.activation)

    def run(epochs: int) -> tuple[float, Weights]:
        training = mbgd.Training(rows, settings, evaluate_share=0)
        training.epochs = epochs
        started = perf_counter()
        train(training)
        seconds = perf_counter() - started - training.evaluation_seconds
        return seconds, [(W, b) for W, b, _ in training.layers]

    return run


def plain(case: Case) -> Run:
    """NumPy written like the formulas: each step makes a new array, and the loss of every update is recorded.

    This is written out and does not use engine.plain: a peer is what its users write themselves, without our functions.
    """
    X, Y, *_ = rows_of(case)
    loss_of, relu = LOSSES[case.loss].with_derivative, {"relu": True, "tanh": False}[case.activation]

    def run(epochs: int) -> tuple[float, Weights]:
        order, layers, losses = streams(0).order, [(W.copy(), b.copy()) for W, b in weights_of(case)], []
        started = perf_counter()
        for _ in range(epochs):
            permutation = order.permutation(len(X))
            for start in range(0, len(X), case.batch_size):
                rows = permutation[start : start + case.batch_size]
                A, y = [X[rows]], Y[rows]
                for W, b in layers:
                    Z = A[-1] @ W.T + b
                    A.append((np.maximum(Z, 0) if relu else np.tanh(Z)) if len(A) < len(layers) else Z)
                loss, dZ = loss_of(y, A[-1])
                losses.append(loss)
                for i in range(len(layers) - 1, -1, -1):
                    W, b = layers[i]
                    dW, db = dZ.T @ A[i], dZ.sum(axis=0)
                    if i:
                        dZ = (dZ @ W) * ((A[i] > 0) if relu else 1 - A[i] ** 2)
                    W -= case.rate * dW
                    b -= case.rate * db
        return perf_counter() - started, layers

    return run


def scikit_learn(case: Case) -> Run:
    """scikit-learn's own fit: plain SGD, no momentum, no penalty. Its loss is half of ours for one output."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    X, Y, *_ = rows_of(case)
    targets = Y[:, 0] if case.loss == "mse" else Y.argmax(axis=1)
    options: dict[str, Any] = {
        "hidden_layer_sizes": case.sizes[1:-1],
        "activation": case.activation,
        "solver": "sgd",
        "alpha": 0.0,
        "batch_size": case.batch_size,
        "momentum": 0.0,
        "nesterovs_momentum": False,
        "tol": 0.0,
        "n_iter_no_change": 10**9,
        "random_state": 0,
    }

    def run(epochs: int) -> tuple[float, Weights]:
        import warnings

        if case.loss == "mse":
            model = MLPRegressor(max_iter=epochs, learning_rate_init=2 * case.rate, **options)
        else:
            model = MLPClassifier(max_iter=epochs, learning_rate_init=case.rate, **options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the warning that it has not converged
            started = perf_counter()
            model.fit(X, targets)
            seconds = perf_counter() - started
        return seconds, [(W.T, b) for W, b in zip(model.coefs_, model.intercepts_, strict=True)]

    return run


def pytorch(case: Case) -> Run:
    """PyTorch, eager, with slices of a shuffled copy as batches: the barest loop that its users would still write."""

    def batches(X: Any, targets: Any, order: np.random.Generator) -> Iterator[tuple[Any, Any]]:
        permutation = order.permutation(len(X))
        X, targets = X[permutation], targets[permutation]
        starts = range(0, len(X), case.batch_size)
        return ((X[start : start + case.batch_size], targets[start : start + case.batch_size]) for start in starts)

    return _pytorch(case, lambda X, targets, order: Epochs(lambda: batches(X, targets, order)))


def pytorch_loader(case: Case) -> Run:
    """PyTorch, eager, with batches from a DataLoader that shuffles, as in its tutorials."""
    from torch.utils.data import DataLoader, TensorDataset

    def loader(X: Any, targets: Any, order: np.random.Generator) -> Any:
        sampler = Epochs(lambda: iter(order.permutation(len(X)).tolist()), len(X))
        return DataLoader(TensorDataset(X, targets), case.batch_size, sampler=sampler)

    return _pytorch(case, loader)


class Epochs:
    """An iterable that starts a new iteration in each epoch."""

    def __init__(self, epoch: Callable[[], Iterator[Any]], length: int = 0) -> None:
        self._epoch, self._length = epoch, length

    def __iter__(self) -> Iterator[Any]:
        return self._epoch()

    def __len__(self) -> int:
        return self._length


def _pytorch(case: Case, loader: Callable[[Any, Any, np.random.Generator], Iterable[tuple[Any, Any]]]) -> Run:
    """PyTorch, eager: a Sequential, its optimiser, and a loop over the batches of the loader."""
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    X, Y, *_ = (torch.from_numpy(array) for array in rows_of(case)[:4])
    targets = Y if case.loss == "mse" else Y.argmax(dim=1)
    loss_of = torch.nn.MSELoss() if case.loss == "mse" else torch.nn.CrossEntropyLoss()
    activation = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}[case.activation]

    def run(epochs: int) -> tuple[float, Weights]:
        batches, losses = loader(X, targets, streams(0).order), []
        linear = [torch.nn.Linear(n, k) for n, k in zip(case.sizes, case.sizes[1:], strict=False)]
        with torch.no_grad():
            for layer, (W, b) in zip(linear, weights_of(case), strict=True):
                layer.weight.copy_(torch.from_numpy(W))
                layer.bias.copy_(torch.from_numpy(b))
        parts = [part for layer in linear for part in (layer, activation())][:-1]
        model = torch.nn.Sequential(*parts)
        optimiser = torch.optim.SGD(model.parameters(), lr=case.rate)
        started = perf_counter()
        for _ in range(epochs):
            for x, y in batches:
                loss = loss_of(model(x), y)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                losses.append(loss.detach())
        seconds = perf_counter() - started
        return seconds, [(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in linear]

    return run


def jax_scan(case: Case) -> Run:
    """JAX on one core: an epoch compiled as one scan over its full batches, then one update on the rows left over."""
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    X, Y, *_ = rows_of(case)
    whole, rest = divmod(case.n_samples, case.batch_size)
    f = {"relu": jax.nn.relu, "tanh": jnp.tanh}[case.activation]

    def loss_of(layers: Any, x: Any, y: Any) -> Any:
        for i, (W, b) in enumerate(layers):
            x = x @ W.T + b
            x = f(x) if i < len(layers) - 1 else x
        if case.loss == "mse":
            return jnp.mean((x - y) ** 2)
        return -jnp.mean(jnp.sum(y * jax.nn.log_softmax(x), axis=1))

    def update(layers: Any, batch: Any) -> Any:
        loss, gradients = jax.value_and_grad(loss_of)(layers, *batch)
        return jax.tree.map(lambda value, slope: value - case.rate * slope, layers, gradients), loss

    @jax.jit
    def epoch(layers: Any, permutation: Any) -> Any:
        x, y = X_all[permutation], Y_all[permutation]
        cut = whole * case.batch_size
        batches = tuple(a[:cut].reshape(whole, case.batch_size, a.shape[1]) for a in (x, y))
        layers, losses = jax.lax.scan(update, layers, batches)
        return update(layers, (x[cut:], y[cut:])) if rest else (layers, losses)

    X_all, Y_all = jnp.asarray(X), jnp.asarray(Y)

    def run(epochs: int) -> tuple[float, Weights]:
        order, layers = streams(0).order, [(jnp.asarray(W), jnp.asarray(b)) for W, b in weights_of(case)]
        started = perf_counter()
        for _ in range(epochs):
            layers, losses = epoch(layers, order.permutation(case.n_samples))
        losses.block_until_ready()
        seconds = perf_counter() - started
        return seconds, [(np.asarray(W), np.asarray(b)) for W, b in layers]

    return run


class Peer(NamedTuple):
    """A peer: its name in the table, the module it needs, and the function that prepares it."""

    title: str
    needs: str
    prepare: Callable[[Case], Run]


PEERS = {
    "ours": Peer("mbgd", "numpy", ours),
    "ours_iterated": Peer("mbgd, `for update in training`", "numpy", ours_iterated),
    "plain": Peer("plain NumPy formulas", "numpy", plain),
    "scikit_learn": Peer("scikit-learn", "sklearn", scikit_learn),
    "pytorch": Peer("PyTorch eager", "torch", pytorch),
    "pytorch_loader": Peer("PyTorch eager, DataLoader", "torch", pytorch_loader),
    "jax": Peer("JAX jit + scan, one core", "jax", jax_scan),
}


def installed() -> list[str]:
    """The names of the peers that are installed here."""
    return [name for name, peer in PEERS.items() if importlib.util.find_spec(peer.needs)]
