"""The loss of a network that ignores its inputs: what training must get below."""

import numpy as np

from mbgd.engine.splits import TrainingData


def constant_loss(dataset: TrainingData) -> float:
    """The loss over the training rows of the best output that ignores X.

    With the squared error this output is the mean of Y, and its loss is the variance of Y (averaged over the k
    columns). With cross-entropy it is the shares of the classes, and its loss is their entropy.
    """
    mean = dataset.Y_train.mean(axis=0)  # (k,)
    if dataset.loss == "mse":
        return float(((dataset.Y_train - mean) ** 2).mean())
    return float(-(mean[mean > 0] * np.log(mean[mean > 0])).sum())
