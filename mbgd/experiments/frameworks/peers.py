"""One network, trained by different programs: what each needs for a step of gradient descent on a batch.

The frameworks are imported inside the functions that use them: nothing here needs them until such a function is called.
"""

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, copies
from mbgd.engine.plain import plain_update
from mbgd.engine.splits import TrainingData

Weights = list[tuple[Array, Array]]


class Peer(NamedTuple):
    """A network in the hands of a program.

    update(X, Y) makes one update with a batch X (B, n), Y (B, k) and returns the batch's loss before it.
    weights() returns (W (k, n), b (k,)) of each layer, first to last.
    """

    update: Callable[[Array, Array], float]
    weights: Callable[[], Weights]


# From first weights, the name of a loss and a learning rate to a peer, which copies the weights.
Maker = Callable[[Sequence[Layer], str, float], Peer]


def mbgd_engine(layers: Sequence[Layer], loss: str, rate: float) -> Peer:
    """The engine of this app, in NumPy."""
    layers = copies(layers)
    loss_and_derivative = LOSSES[loss].with_derivative

    def update(X: Array, Y: Array) -> float:
        return plain_update(layers, X, Y, loss_and_derivative, rate)

    return Peer(update, lambda: [(W, b) for W, b, _ in layers])


def pytorch(layers: Sequence[Layer], loss: str, rate: float) -> Peer:
    """PyTorch: its layers, its loss, its automatic derivatives and its optimiser, in float64 on one thread."""
    import torch  # pyright: ignore[reportMissingImports]
    from torch import nn  # pyright: ignore[reportMissingImports]

    torch.set_num_threads(1)
    activation = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "identity": nn.Identity}
    network = nn.Sequential()
    for W, b, name in layers:
        linear = nn.Linear(*W.T.shape, dtype=torch.float64)
        linear.load_state_dict({"weight": torch.from_numpy(W), "bias": torch.from_numpy(b)})  # a copy
        network.extend([linear, activation[name]()])
    loss_of = {"mse": nn.MSELoss(), "cross_entropy": nn.CrossEntropyLoss()}[loss]
    optimiser = torch.optim.SGD(network.parameters(), lr=rate)

    def update(X: Array, Y: Array) -> float:
        optimiser.zero_grad()
        batch_loss = loss_of(network(torch.from_numpy(X)), torch.from_numpy(Y))
        batch_loss.backward()
        optimiser.step()
        return batch_loss.item()

    return Peer(update, lambda: [(part.weight.detach().numpy(), part.bias.detach().numpy()) for part in network[::2]])


def scikit_learn(layers: Sequence[Layer], loss: str, rate: float) -> Peer:
    """scikit-learn: MLPRegressor with everything but plain gradient descent switched off.

    Its squared error is half of ours, and so is its gradient: to take the same step it gets twice the rate.
    """
    from sklearn.neural_network import MLPRegressor  # pyright: ignore[reportMissingImports]

    hidden = layers[:-1]
    names = {"sigmoid": "logistic"}
    model = MLPRegressor(
        hidden_layer_sizes=[len(layer.b) for layer in hidden],
        activation=names.get(layers[0].activation, layers[0].activation),
        solver="sgd",
        learning_rate_init=2 * rate,
        alpha=0.0,
        momentum=0.0,
        nesterovs_momentum=False,
        shuffle=False,
    )
    model.partial_fit(np.zeros((1, layers[0].W.shape[1])), np.zeros(1))  # so that it has weights to replace
    model.coefs_ = [layer.W.T.copy() for layer in layers]  # (n, k): it keeps them the other way round
    model.intercepts_ = [layer.b.copy() for layer in layers]

    def update(X: Array, Y: Array) -> float:
        model.batch_size = len(X)
        model.partial_fit(X, Y[:, 0])  # one pass over these rows: one update
        return 2 * model.loss_

    return Peer(update, lambda: [(W.T, b) for W, b in zip(model.coefs_, model.intercepts_, strict=True)])


# --- the engine against itself, to know what the differences mean ---


Order = Callable[[int], NDArray[np.intp]]  # from a size n to the numbers 0 ... n-1 in another order


def renumbered(layers: Sequence[Layer], loss: str, rate: float) -> Peer:
    """The engine with rows, inputs and hidden units numbered from the other end.

    The mathematics is the same; every sum is added up in another order, and so is rounded differently.
    """
    return _in_order(lambda n: np.arange(n)[::-1], layers, loss, rate)


def interleaved(layers: Sequence[Layer], loss: str, rate: float) -> Peer:
    """The engine with those of even number first, then the odd ones: the same in a third order."""
    return _in_order(lambda n: np.r_[0:n:2, 1:n:2], layers, loss, rate)


def _in_order(order: Order, layers: Sequence[Layer], loss: str, rate: float) -> Peer:
    """The engine with rows, inputs and hidden units in another order; outputs stay where they are."""
    inputs = layers[0].W.shape[1]
    orders = [*map(order, (inputs, *(len(layer.b) for layer in layers[:-1]))), np.arange(len(layers[-1].b))]
    ways = list(pairwise(orders))  # of each layer: that of its inputs, that of its units
    back = [(np.argsort(of_inputs), np.argsort(of_units)) for of_inputs, of_units in ways]
    turned = [
        Layer(W[np.ix_(of_units, of_inputs)], b[of_units], name)
        for (W, b, name), (of_inputs, of_units) in zip(layers, ways, strict=True)
    ]
    peer = mbgd_engine(turned, loss, rate)

    def update(X: Array, Y: Array) -> float:
        rows = order(len(X))
        return peer.update(np.ascontiguousarray(X[np.ix_(rows, orders[0])]), Y[rows])

    def weights() -> Weights:
        pairs = zip(peer.weights(), back, strict=True)
        return [(W[np.ix_(of_units, of_inputs)], b[of_units]) for (W, b), (of_inputs, of_units) in pairs]

    return Peer(update, weights)


SLIGHT = 1e-6
MOST_SAID = 200  # characters of an error message


def slightly_faster(layers: Sequence[Layer], loss: str, rate: float) -> Peer:
    """The engine with a learning rate a millionth larger: a very small change of the mathematics."""
    return mbgd_engine(layers, loss, rate * (1 + SLIGHT))


# --- which frameworks there are ---


class Framework(NamedTuple):
    """A framework: the module it is imported by, the one of its modules that its peer uses, and the peer."""

    module: str
    used: str
    make: Maker


FRAMEWORKS = {
    "PyTorch": Framework("torch", "torch", pytorch),
    "scikit-learn": Framework("sklearn", "sklearn.neural_network", scikit_learn),
}


def installed() -> list[str]:
    """The frameworks that can be imported here, without importing them."""
    return [name for name, framework in FRAMEWORKS.items() if find_spec(framework.module)]


def version(name: str) -> str:
    """The version of an installed framework, which this imports."""
    return str(import_module(FRAMEWORKS[name].module).__version__)


@cache
def import_seconds(name: str) -> float:
    """How long importing a framework takes; asked again, how long it took the first time."""
    started = perf_counter()
    import_module(FRAMEWORKS[name].used)
    return perf_counter() - started


def import_failure(name: str) -> str:
    """What keeps an installed framework from being imported, as the interpreter says it; nothing if nothing does."""
    try:
        import_seconds(name)
    except Exception as error:
        return " ".join(f"{type(error).__name__}: {error}".split())[:MOST_SAID]
    return ""


def objection(name: str, data: TrainingData) -> str:
    """Why a framework can't be given these data on equal terms; nothing if it can.

    scikit-learn: MLPClassifier gives two classes one logistic output, and MLPRegressor's gradient is k times that of
    its loss for k outputs (its issue 8349).
    """
    k = data.Y_train.shape[1]
    if name != "scikit-learn" or (data.loss == "mse" and k == 1):
        return ""
    has = "these targets are classes" if data.loss == "cross_entropy" else f"this one has {k}"
    return (
        f"scikit-learn is left out here: it computes the same loss and gradient for a regression with one output, and "
        f"{has}. Choose a regression such as diabetes or sine to have it in."
    )
