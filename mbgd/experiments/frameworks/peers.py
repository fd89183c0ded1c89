"""One network in different programs: how each makes one step of gradient descent on a batch.

The frameworks are imported inside the functions that use them. So this module works without them.
"""

from collections.abc import Callable, Collection, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import ACTIVATIONS, Array
from mbgd.engine.checks import one_of
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, copies
from mbgd.engine.plain import plain_update
from mbgd.engine.splits import TrainingData

LayerWeights = list[tuple[Array, Array]]


class Peer(NamedTuple):
    """A network inside one program.

    update(X, Y) makes one update with a batch X (B, n), Y (B, k) and returns the batch's loss before it.
    weights() returns (W (k, n), b (k,)) of each layer, first to last.
    """

    update: Callable[[Array, Array], float]
    weights: Callable[[], LayerWeights]


# Takes first weights, the name of a loss and a learning rate, and makes a peer with copies of the weights.
Maker = Callable[[Sequence[Layer], str, float], Peer]


def mbgd_engine(layers: Sequence[Layer], loss: str, rate: float) -> Peer:
    """The engine of this app, in NumPy."""
    layers = copies(layers)
    loss_and_derivative = LOSSES[loss].with_derivative

    def update(X: Array, Y: Array) -> float:
        return plain_update(layers, X, Y, loss_and_derivative, rate)

    return Peer(update, lambda: [(W, b) for W, b, _ in layers])


IN_PYTORCH = {"relu": "ReLU", "tanh": "Tanh", "sigmoid": "Sigmoid", "identity": "Identity"}
IN_SCIKIT_LEARN = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic", "identity": "identity"}


def pytorch(layers: Sequence[Layer], loss: str, rate: float) -> Peer:
    """PyTorch: its layers, its loss, its automatic differentiation and its optimiser, in float64 on one thread."""
    import torch  # pyright: ignore[reportMissingImports]
    from torch import nn  # pyright: ignore[reportMissingImports]

    torch.set_num_threads(1)
    network = nn.Sequential()
    for W, b, name in layers:
        linear = nn.Linear(*W.T.shape, dtype=torch.float64)
        linear.load_state_dict({"weight": torch.from_numpy(W), "bias": torch.from_numpy(b)})  # a copy
        network.extend([linear, getattr(nn, IN_PYTORCH[one_of("activation", name, IN_PYTORCH)])()])
    losses = {"mse": nn.MSELoss(), "cross_entropy": nn.CrossEntropyLoss()}
    loss_of = losses[one_of("loss", loss, losses)]
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

    Its squared error and its gradient are half of ours. So it gets twice the learning rate, to take the same step.
    """
    from sklearn.neural_network import MLPRegressor  # pyright: ignore[reportMissingImports]

    hidden = layers[:-1]
    model = MLPRegressor(
        hidden_layer_sizes=[len(layer.b) for layer in hidden],
        activation=IN_SCIKIT_LEARN[one_of("activation", layers[0].activation, IN_SCIKIT_LEARN)],
        solver="sgd",
        learning_rate_init=2 * rate,
        alpha=0.0,
        momentum=0.0,
        nesterovs_momentum=False,
        shuffle=False,
    )
    model.partial_fit(np.zeros((1, layers[0].W.shape[1])), np.zeros(1))  # this makes weights, which are replaced below
    model.coefs_ = [layer.W.T.copy() for layer in layers]  # (n, k): scikit-learn stores them transposed
    model.intercepts_ = [layer.b.copy() for layer in layers]

    def update(X: Array, Y: Array) -> float:
        model.batch_size = len(X)
        model.partial_fit(X, Y[:, 0])  # one pass over these rows: one update
        return 2 * model.loss_

    return Peer(update, lambda: [(W.T, b) for W, b in zip(model.coefs_, model.intercepts_, strict=True)])


# --- the engine compared with itself: the controls ---


Order = Callable[[int], NDArray[np.intp]]  # takes a size n, returns the numbers 0 ... n-1 in another order


def renumbered(layers: Sequence[Layer], loss: str, rate: float) -> Peer:
    """The engine with rows, inputs and hidden units in reverse order.

    The mathematics is the same. But every sum is added up in another order, so it is rounded differently.
    """
    return _in_order(lambda n: np.arange(n)[::-1], layers, loss, rate)


def interleaved(layers: Sequence[Layer], loss: str, rate: float) -> Peer:
    """The engine with even-numbered rows, inputs and hidden units first, then the odd ones: a third order."""
    return _in_order(lambda n: np.r_[0:n:2, 1:n:2], layers, loss, rate)


def _in_order(order: Order, layers: Sequence[Layer], loss: str, rate: float) -> Peer:
    """The engine with rows, inputs and hidden units in another order; outputs stay where they are."""
    inputs = layers[0].W.shape[1]
    orders = [*map(order, (inputs, *(len(layer.b) for layer in layers[:-1]))), np.arange(len(layers[-1].b))]
    ways = list(pairwise(orders))  # for each layer: the order of its inputs, the order of its units
    back = [(np.argsort(of_inputs), np.argsort(of_units)) for of_inputs, of_units in ways]
    turned = [
        Layer(W[np.ix_(of_units, of_inputs)], b[of_units], name)
        for (W, b, name), (of_inputs, of_units) in zip(layers, ways, strict=True)
    ]
    peer = mbgd_engine(turned, loss, rate)

    def update(X: Array, Y: Array) -> float:
        rows = order(len(X))
        return peer.update(np.ascontiguousarray(X[np.ix_(rows, orders[0])]), Y[rows])

    def weights() -> LayerWeights:
        pairs = zip(peer.weights(), back, strict=True)
        return [(W[np.ix_(of_units, of_inputs)], b[of_units]) for (W, b), (of_inputs, of_units) in pairs]

    return Peer(update, weights)


SLIGHT = 1e-6
MOST_SAID = 200  # characters of an error message


def slightly_faster(layers: Sequence[Layer], loss: str, rate: float) -> Peer:
    """The engine with a learning rate larger by a millionth: a very small change of the mathematics."""
    return mbgd_engine(layers, loss, rate * (1 + SLIGHT))


# --- the frameworks ---


class Framework(NamedTuple):
    """A framework: its module, the submodule that its peer imports, the function that makes the peer, and the names of
    the activations that the peer knows.
    """

    module: str
    used: str
    make: Maker
    activations: Collection[str] = ACTIVATIONS


FRAMEWORKS = {
    "PyTorch": Framework("torch", "torch", pytorch, IN_PYTORCH),
    "scikit-learn": Framework("sklearn", "sklearn.neural_network", scikit_learn, IN_SCIKIT_LEARN),
}


def installed() -> list[str]:
    """The names of the frameworks that are installed here. Does not import them."""
    return [name for name, framework in FRAMEWORKS.items() if find_spec(framework.module)]


def version(name: str) -> str:
    """The version of an installed framework. Imports it."""
    return str(import_module(FRAMEWORKS[name].module).__version__)


@cache
def import_seconds(name: str) -> float:
    """The seconds that importing a framework took, the first time in this process."""
    started = perf_counter()
    import_module(FRAMEWORKS[name].used)
    return perf_counter() - started


def import_failure(name: str) -> str:
    """The interpreter's message if an installed framework cannot be imported, else an empty string."""
    try:
        import_seconds(name)
    except Exception as error:
        return " ".join(f"{type(error).__name__}: {error}".split())[:MOST_SAID]
    return ""


def objection(name: str, data: TrainingData, activation: str) -> str:
    """The reason why a framework cannot train the same network on these data; an empty string if it can.

    scikit-learn: MLPClassifier uses one logistic output for two classes. With k outputs, the gradient of MLPRegressor
    is k times the gradient of its loss (its issue 8349).
    """
    k = data.Y_train.shape[1]
    known = FRAMEWORKS[name].activations if name in FRAMEWORKS else ACTIVATIONS
    if activation not in known:
        return f"{name} is left out here: the comparison with it knows {', '.join(known)}, but not {activation}."
    if name != "scikit-learn" or (data.loss == "mse" and k == 1):
        return ""
    has = "these targets are classes" if data.loss == "cross_entropy" else f"this data set has {k}"
    return (
        f"scikit-learn is left out here. It computes the same loss and gradient only for a regression with one output, "
        f"but {has}. Choose a regression such as diabetes or sine to include it."
    )
