"""A run of a file against its data, and against the run made again: what does not agree is one sentence."""

import math

from mbgd.engine.batches import plan_epoch
from mbgd.engine.splits import TrainingData
from mbgd.engine.training import Training
from mbgd.share.runs.reading import CHANGED
from mbgd.share.runs.record import Record, difference, fingerprint, shapes_of

SAME = 1e-9  # the largest difference of weights that rounding may leave, as a share of the largest weight


def check_data(run: Record, dataset: TrainingData) -> None:
    """Whether a run of a file fits this data; ValueError, with one sentence, if it does not."""
    if fingerprint(dataset) != run.fingerprint:
        raise ValueError(
            f"The rows of the data set {run.choices.data} that its choices give here are not those of the file (their "
            "fingerprints differ): the file was changed, or it comes from another version of the data."
        )
    if (len(dataset.X_train), dataset.loss) != (run.rows_train, run.loss):
        raise ValueError(f"The file's training rows or loss are not those of its data, so {CHANGED}.")
    plan = plan_epoch(run.rows_train, run.batch_size, run.choices.last)
    if max(run.updates, run.failed or 0) > run.choices.epochs * plan.updates:
        raise ValueError(
            f"The file has {run.updates:,} updates, and its {run.choices.epochs:,} epochs have only "
            f"{run.choices.epochs * plan.updates:,}, so {CHANGED}."
        )
    n, k = dataset.X_train.shape[1], dataset.Y_train.shape[1]
    if run.layers and (run.layers[0].W.shape[1], len(run.layers[-1].b)) != (n, k):
        raise ValueError(
            f"The file's network has {run.layers[0].W.shape[1]} inputs and {len(run.layers[-1].b)} outputs, and its "
            f"data has {n} and {k}, so {CHANGED}."
        )


def check_weights(run: Record, training: Training) -> float:
    """How much the weights of a run of a file differ from those of the run made again, as a share of the largest.

    0 means bit for bit. ValueError, with one sentence, if they differ by more than rounding, or diverged elsewhere.
    """
    ours = training.updates_done, training.failure.update if training.failure else None
    if ours != (run.updates, run.failed):
        here = f"diverges at update {ours[1]:,}" if ours[1] else f"makes {ours[0]:,} updates without diverging"
        raise ValueError(f"Made again with the file's settings, the run {here}, so {CHANGED}.")
    if run.layers is None:
        return 0.0
    layers = training.layers
    differs = difference(layers, run.layers) if shapes_of(layers) == shapes_of(run.layers) else math.inf
    if not differs <= SAME:
        raise ValueError(
            f"The weights that the file's settings give here differ from its own by {differs:.2g} of the largest: "
            f"{CHANGED}, or it comes from a processor or a version of NumPy that rounds otherwise."
        )
    return differs
