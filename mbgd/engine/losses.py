"""Losses and their derivatives. Each derivative is that of exactly the loss beside it.

The average over the batch is taken here, once: the layers below never divide again.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mbgd.engine.activations import Array


def mse(y_true: Array, y_pred: Array) -> float:
    """Mean squared error over all B·k elements of two (B, k) arrays.

    Raises ValueError when the shapes differ: (B,) against (B, 1) would broadcast to (B, B) without a word.
    """
    _check_shapes(y_true, y_pred)
    return mse_and_derivative(y_true, y_pred)[0]


def mse_derivative(y_true: Array, y_pred: Array) -> Array:
    """dL/dŶ = 2 (Ŷ - Y) / (B·k), shape (B, k): the derivative of the mean over all B·k elements."""
    _check_shapes(y_true, y_pred)
    return mse_and_derivative(y_true, y_pred)[1]


def mse_and_derivative(y_true: Array, y_pred: Array) -> tuple[float, Array]:
    """The loss and dL/dŶ (B, k) from one pass over the errors, as training needs both; shapes are the caller's care."""
    error = np.subtract(y_pred, y_true)  # (B, k)
    return float(np.vdot(error, error)) / error.size, error * (2.0 / error.size)


def softmax(logits: Array) -> Array:
    """Each row of (B, k) logits as k probabilities that add up to 1.

    The row's maximum is taken off first: it cancels in the ratio and keeps e^z from overflowing.
    """
    exponentials = np.exp(logits - np.max(logits, axis=-1, keepdims=True))  # (B, k)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def cross_entropy(y_true: Array, logits: Array) -> float:
    """Cross-entropy of softmax(logits) with y_true, summed over the k classes, averaged over the B rows.

    y_true (B, k) holds rows of probabilities, a one for the true class as a rule. Works on logits by
    log-sum-exp, so that a certain and wrong answer gives a large number and never log(0).
    """
    _check_shapes(y_true, logits)
    _check_rows(logits)
    return cross_entropy_and_derivative(y_true, logits)[0]


def cross_entropy_derivative(y_true: Array, logits: Array) -> Array:
    """dL/dlogits = (softmax(logits) - y_true) / B, shape (B, k), for rows of y_true that add up to 1."""
    _check_shapes(y_true, logits)
    _check_rows(logits)
    return cross_entropy_and_derivative(y_true, logits)[1]


def cross_entropy_and_derivative(y_true: Array, logits: Array) -> tuple[float, Array]:
    """The loss and dL/dlogits (B, k) from one pass over the exponentials, as training needs both.

    -Σ y log p = Σ log Σe^z - Σ y z for rows of y that add up to 1, with each row's maximum taken off z. Shapes
    are the caller's care.
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)  # (B, k)
    exponentials = np.exp(shifted)  # (B, k)
    sums = exponentials.sum(axis=-1, keepdims=True)  # (B, 1)
    loss = (float(np.log(sums).sum()) - float(np.vdot(y_true, shifted))) / len(logits)
    return loss, (exponentials / sums - y_true) / len(logits)


class Loss(NamedTuple):
    """A loss (y_true, output) -> number, and the same with its derivative with respect to the output.

    of_classes: whether a row's targets are the probabilities of classes, and its outputs their logits.
    """

    function: Callable[[Array, Array], float]
    with_derivative: Callable[[Array, Array], tuple[float, Array]]
    of_classes: bool = False


LOSSES = {
    "mse": Loss(mse, mse_and_derivative),
    "cross_entropy": Loss(cross_entropy, cross_entropy_and_derivative, of_classes=True),
}


def _check_shapes(y_true: Array, y_pred: Array) -> None:
    if np.shape(y_true) != np.shape(y_pred):
        raise ValueError(
            f"y_true has shape {np.shape(y_true)} and the prediction {np.shape(y_pred)}: "
            "both must have the same shape (B, k), one row per sample."
        )


def _check_rows(logits: Array) -> None:
    if np.ndim(logits) != 2:
        raise ValueError(f"logits must have two axes (B, k), one row per sample, not shape {np.shape(logits)}.")
