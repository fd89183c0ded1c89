"""mbgd: batch and mini-batch gradient descent, written from scratch in NumPy and shown in the browser.

Reading order: engine (the formulas: activations, losses, dense, network, batches, plain, trace; a run: settings,
splits, evaluation, history, training; the same arithmetic, fast: prepared, core, updates, stack), data, experiments,
charts, share, ui.
"""

import os

__version__ = "1.0.0"

# One BLAS thread: two gain nothing on networks of this size, and starve whoever shares the machine.
# It must be said before NumPy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from mbgd.data import Dataset, datasets, load
from mbgd.data.own import from_arrays, from_frame, predict, read_csv
from mbgd.engine.activations import (
    identity,
    identity_derivative,
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    tanh,
    tanh_derivative,
)
from mbgd.engine.batches import minibatches
from mbgd.engine.dense import dense_backward_batch, dense_forward
from mbgd.engine.history import Update
from mbgd.engine.losses import cross_entropy, cross_entropy_derivative, mse, mse_derivative, softmax
from mbgd.engine.network import Layer
from mbgd.engine.settings import Settings
from mbgd.engine.training import Training

__all__ = [
    "Dataset",
    "Layer",
    "Settings",
    "Training",
    "Update",
    "cross_entropy",
    "cross_entropy_derivative",
    "datasets",
    "dense_backward_batch",
    "dense_forward",
    "from_arrays",
    "from_frame",
    "identity",
    "identity_derivative",
    "load",
    "minibatches",
    "mse",
    "mse_derivative",
    "predict",
    "read_csv",
    "relu",
    "relu_derivative",
    "sigmoid",
    "sigmoid_derivative",
    "softmax",
    "tanh",
    "tanh_derivative",
]
