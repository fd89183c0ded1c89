"""The gradient is the sum over the batch, not the mean: dL/dŶ is not divided by B (with squared error, by B·k)."""

from mbgd.engine.activations import Array
from mbgd.engine.losses import cross_entropy, mse, softmax
from mbgd.experiments.mistakes.bug import Bug
from mbgd.experiments.mistakes.checks import DUPLICATED, GRADIENT
from mbgd.experiments.mistakes.proofs import hidden_where_it_is_one, prove_by_rate, rows_of_paths
from mbgd.experiments.plain import Parts


def mse_summed(y_true: Array, y_pred: Array) -> tuple[float, Array]:
    """The mean squared error, with the derivative of the sum: B·k times too large."""
    error = y_pred - y_true  # (B, k)
    return mse(y_true, y_pred), 2.0 * error


def cross_entropy_summed(y_true: Array, logits: Array) -> tuple[float, Array]:
    """The mean cross-entropy, with the derivative of the sum over the rows: B times too large."""
    return cross_entropy(y_true, logits), softmax(logits) - y_true


SUMMED = {"mse": mse_summed, "cross_entropy": cross_entropy_summed}


def factor(loss: str, B: int, k: int) -> float:
    """B·k for squared error, B for cross-entropy."""
    return float({"mse": B * k, "cross_entropy": B}[loss])


BUG = Bug(
    lambda dataset, settings: Parts(loss=SUMMED[dataset.loss]),
    (GRADIENT, DUPLICATED),
    place=1,
    factor=factor,
    hidden_by=lambda case: hidden_where_it_is_one(factor, case),
    prove=prove_by_rate,
    proof_rows=rows_of_paths,
)
