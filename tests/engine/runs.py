"""Small runs for the tests of training, and the ways through one."""

from itertools import islice
from typing import NamedTuple

import numpy as np

from mbgd.engine.activations import Array
from mbgd.engine.settings import Settings
from mbgd.engine.training import Training

N = 23


class Data(NamedTuple):
    X_train: Array
    Y_train: Array
    X_val: Array
    Y_val: Array
    loss: str


def data(n_train=N, k=1, loss="mse", n_val=6):
    rng = np.random.default_rng((n_train, k))
    X = rng.normal(size=(n_train + n_val, 3))
    if loss == "mse":
        Y = np.tanh(X @ rng.normal(size=(3, k))) + 0.1 * rng.normal(size=(len(X), k))
    else:
        Y = np.eye(k)[rng.integers(k, size=len(X))]
    return Data(X[:n_train], Y[:n_train], X[n_train:], Y[n_train:], loss)


def run(dataset=None, **settings):
    chosen = {"batch_size": 7, "epochs": 4, "learning_rate": 0.05, "hidden": (5,), "activation": "tanh"} | settings
    return Training(dataset or data(), Settings(**chosen))


def parameters(training):
    """All weights and biases in one vector."""
    return np.concatenate([part.ravel() for W, b, _ in training.layers for part in (W, b)])


def same(one, other):
    """Whether two runs have done the same to the last digit."""
    return (
        np.array_equal(parameters(one), parameters(other), equal_nan=True)
        and np.array_equal(one.history.batch_loss, other.history.batch_loss)
        and np.array_equal(one.history.val_loss, other.history.val_loss)
    )


# --- plain formulas ---

PLAIN = {  # f(z), and f'(z) from a = f(z)
    "relu": (lambda z: z * (z > 0), lambda a: 1.0 * (a > 0)),
    "tanh": (lambda z: 2 / (1 + np.exp(-2 * z)) - 1, lambda a: 1 - a * a),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda a: a * (1 - a)),
    "identity": (lambda z: z, lambda a: 1 + 0 * a),
}


def plain_mse(Y, out):
    return ((out - Y) ** 2).mean(), 2 * (out - Y) / out.size


def plain_cross_entropy(Y, out):
    P = np.exp(out) / np.exp(out).sum(axis=1)[:, None]
    return -np.log(P[Y == 1]).mean(), (P - Y) / len(Y)


def recompute(dataset, layers, batches, rates):
    """Parameters in one vector, and the loss of each batch before its update, by formulas written out here."""
    loss_of = {"mse": plain_mse, "cross_entropy": plain_cross_entropy}[dataset.loss]
    layers, losses = [[W.copy(), b.copy(), *PLAIN[name]] for W, b, name in layers], []
    for rows, rate in zip(batches, rates, strict=True):
        A = [dataset.X_train[rows]]
        for W, b, f, _ in layers:
            A.append(f(np.einsum("bn,kn->bk", A[-1], W) + b))
        loss, slope = loss_of(dataset.Y_train[rows], A[-1])
        losses.append(loss)
        for layer, below, above in zip(layers[::-1], A[-2::-1], A[:0:-1], strict=True):
            W, b, _, derivative = layer
            dZ = slope * derivative(above)
            slope = np.einsum("bk,kn->bn", dZ, W)
            layer[0] = W - rate * np.einsum("bk,bn->kn", dZ, below)
            layer[1] = b - rate * np.einsum("bk->k", dZ)
    return np.concatenate([part.ravel() for W, b, _, _ in layers for part in (W, b)]), losses


# --- ways through a run ---


def iterate(training):
    for _ in training:
        pass


def by_seven(training):
    while training.advance(updates=7):
        pass


def by_epochs(training):
    while training.advance(epochs=1):
        pass


def by_moments(training):
    while training.advance(seconds=0):
        pass


def by_turns(training):
    next(training)
    training.advance(updates=2)
    training.advance(epochs=1)
    training.advance(seconds=0)
    list(islice(training, 3))
    training.advance(epochs=1, updates=1)
    training.advance()
