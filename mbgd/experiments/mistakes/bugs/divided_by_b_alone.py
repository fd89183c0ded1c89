"""The loss is the mean of all B·k squared elements of Ŷ − Y, but dL/dŶ is divided by B only."""

import numpy as np

from mbgd.engine.activations import Array
from mbgd.engine.losses import mse
from mbgd.engine.splits import TrainingData
from mbgd.experiments.mistakes.bug import Bug, Rows
from mbgd.experiments.mistakes.checks import GRADIENT
from mbgd.experiments.mistakes.proofs import prove_by_rate, rows_of_paths
from mbgd.experiments.plain import Parts


def mse_divided_by_b(y_true: Array, y_pred: Array) -> tuple[float, Array]:
    """The mean over all B·k elements, with a derivative that divides by B only: k times too large."""
    error = y_pred - y_true  # (B, k)
    return mse(y_true, y_pred), 2.0 * error / len(error)


def squares_of_several_outputs(dataset: TrainingData) -> Rows:
    """The same rows with k > 1 targets and the squared error.

    Classes keep their one-hot targets (N, k). A single target y becomes the three targets y, y² and y³, each
    standardised over the training rows.
    """
    Y_train, Y_val = dataset.Y_train, dataset.Y_val
    if Y_train.shape[1] == 1:
        Y_train, Y_val = (np.hstack([Y, Y**2, Y**3]) for Y in (Y_train, Y_val))  # (N, 3)
        mean, deviation = Y_train.mean(axis=0), Y_train.std(axis=0)
        scale = np.where(deviation > 0, deviation, 1.0)
        Y_train, Y_val = (Y_train - mean) / scale, (Y_val - mean) / scale
    return Rows(dataset.X_train, Y_train, dataset.X_val, Y_val, "mse")


def factor(loss: str, B: int, k: int) -> float:
    """k."""
    return float(k)


BUG = Bug(
    lambda dataset, settings: Parts(loss=mse_divided_by_b),
    (GRADIENT,),
    place=3,
    data=squares_of_several_outputs,
    factor=factor,
    prove=prove_by_rate,
    proof_rows=rows_of_paths,
)
