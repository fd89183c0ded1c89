"""One dense layer, forward and backward, for a whole batch at once: the loop over rows is a matrix product."""

from collections.abc import Callable

from mbgd.engine.activations import Array


def dense_forward(X: Array, W: Array, b: Array, activation: Callable[[Array], Array]) -> tuple[Array, Array]:
    """What a dense layer makes of a batch.

    X (B, n) has one row per sample, W (k, n) one row per unit, b (k,). Returns the activation A = f(Z) and the
    pre-activation Z, both (B, k).
    """
    Z = X @ W.T + b  # (B, n) @ (n, k) + (k,) -> (B, k): b is added to each of the B rows
    A = activation(Z)  # (B, k)
    return A, Z


def dense_backward_batch(
    X: Array, Z: Array, dL_dA: Array, W: Array, activation_derivative: Callable[[Array], Array | float]
) -> tuple[Array, Array, Array]:
    """Gradients of one dense layer for a whole batch.

    X (B, n) is the layer's input, Z (B, k) its pre-activation, dL_dA (B, k) the gradient with respect to its output.
    Returns dW (k, n), db (k,) and dX (B, n). dL_dA already holds the average over the batch, so nothing divides here.
    """
    dZ = pre_activation_gradient(Z, dL_dA, activation_derivative)  # (B, k)
    dW, db = parameter_gradients(X, dZ)  # (k, n), (k,)
    dX = dZ @ W  # (B, k) @ (k, n) -> (B, n)
    return dW, db, dX


def pre_activation_gradient(Z: Array, dL_dA: Array, activation_derivative: Callable[[Array], Array | float]) -> Array:
    """dZ (B, k), the gradient with respect to the pre-activation Z (B, k), from that with respect to the output."""
    return dL_dA * activation_derivative(Z)  # the chain rule, element by element


def parameter_gradients(X: Array, dZ: Array) -> tuple[Array, Array]:
    """dW (k, n) and db (k,) from the layer's input X (B, n) and the gradient dZ (B, k) of its pre-activation."""
    dW = dZ.T @ X  # (k, B) @ (B, n) -> (k, n): the sum over the batch is the matrix product
    db = dZ.sum(axis=0)  # (k,)
    return dW, db
