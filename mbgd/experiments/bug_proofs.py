"""What each mistake is, in numbers that can be predicted: factors, paths, counts and biases."""

from dataclasses import replace
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.batches import minibatches, plan_epoch
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, predict
from mbgd.engine.randomness import streams
from mbgd.engine.training import Settings, TrainingData
from mbgd.experiments.bugs import BUGS, CarriedOver
from mbgd.experiments.gradients import batch_gradient, parameters
from mbgd.experiments.plain import first_batch, plain_training, start
from mbgd.experiments.side_by_side import Plan

SCALING = ("summed", "averaged_twice", "divided_by_b_alone")  # bugs that multiply the gradient by a number
COMPARED_UPDATES = 20
FAR = 1e6  # times the first loss: past it paths are not compared, as rounding grows with them


class Pair(NamedTuple):
    """A number predicted, and the same measured."""

    predicted: float
    measured: float


def factor(name: str, dataset: TrainingData, batch_size: int) -> float:
    """By what a bug of SCALING multiplies the gradient of a batch of B rows: B·k (B for classes), 1/B, or k."""
    return factor_of(name, dataset.loss, batch_size, dataset.Y_train.shape[1])


def factor_of(name: str, loss: str, B: int, k: int) -> float:
    """The same, for B rows of k outputs and the name of a loss."""
    if name == "summed":
        return float(B * (k if loss == "mse" else 1))
    return 1 / B if name == "averaged_twice" else float(k)


def gradient_ratio(name: str, dataset: TrainingData, settings: Settings) -> Pair:
    """The wrong gradient of the first batch as a multiple of the right one, at the first weights."""
    layers, rows = start(dataset, settings), first_batch(dataset, settings)[0]
    X, Y = dataset.X_train[rows], dataset.Y_train[rows]
    right, wrong = (
        batch_gradient(layers, X, Y, dataset.loss, parts) for parts in (None, BUGS[name].parts(dataset, settings))
    )
    size = float(right @ right)
    return Pair(factor(name, dataset, len(rows)), float(wrong @ right) / size if size else np.nan)


def path_gap(one: Plan, other: Plan, updates: int = COMPARED_UPDATES) -> float:
    """The largest difference of any parameter of two trainings, update for update, as a share of the largest one.

    Compared for so many updates, or until a loss is a million times the first.
    """
    sides = [start(plan.dataset, plan.settings) for plan in (one, other)]
    trainings = [plain_training(layers, *plan) for layers, plan in zip(sides, (one, other), strict=True)]
    largest, first = 0.0, None
    for pair in islice(zip(*trainings, strict=False), updates):
        first = first or pair[0].loss
        if not max(update.loss for update in pair) <= FAR * first:
            break
        one_vector, other_vector = (parameters(layers) for layers in sides)
        size = max(float(np.abs(one_vector).max()), 1e-300)
        largest = max(largest, float(np.abs(one_vector - other_vector).max()) / size)
    return largest


def same_path(name: str, dataset: TrainingData, settings: Settings) -> float:
    """The gap between a bug of SCALING and the right training with a rate multiplied by its factor.

    On whole batches only: a short last batch has a factor of its own.
    """
    whole = replace(settings, last_batch="drop", epochs=COMPARED_UPDATES)
    size = plan_epoch(len(dataset.X_train), settings.batch_size).batch_size
    scaled = replace(whole, learning_rate=settings.learning_rate * factor(name, dataset, size))
    return path_gap(Plan(dataset, whole, BUGS[name].parts(dataset, whole)), Plan(dataset, scaled))


def order_gap(dataset: TrainingData, settings: Settings) -> float:
    """The gap between shuffled and sorted rows where B = N: none, as a sum has no order."""
    data = BUGS["no_shuffle_sorted"].data(dataset)
    full = replace(settings, batch_size=len(data.X_train), epochs=COMPARED_UPDATES, shuffle=True)
    return path_gap(Plan(data, full, BUGS["no_shuffle_sorted"].parts(data, full)), Plan(data, full))


def short_batch_weight(dataset: TrainingData, settings: Settings) -> Pair:
    """How much more a row of the short last batch weighs in its update than a row of a whole batch: B/r.

    Measured at the engine's loss: dL/dŶ of one row in a batch of r, over that of the same row in a batch of B.
    """
    plan, loss = plan_epoch(len(dataset.X_train), settings.batch_size), LOSSES[dataset.loss].with_derivative
    outputs = predict(start(dataset, settings), dataset.X_train)
    whole, short = (
        float(np.linalg.norm(loss(dataset.Y_train[:rows], outputs[:rows])[1][0]))
        for rows in (plan.batch_size, plan.last_rows)
    )
    return Pair(plan.batch_size / plan.last_rows, short / whole if whole else np.nan)


def batch_loss_bias(dataset: TrainingData, settings: Settings) -> Pair:
    """By how much the mean of an epoch's batch losses misses the loss of the data, at the first weights.

    Predicted: (1/m - r/N)·(L_last - L_rest) for m batches, the last of r rows.
    """
    n_samples, layers = len(dataset.X_train), start(dataset, settings)
    plan = plan_epoch(n_samples, settings.batch_size)
    batches = list(minibatches(streams(settings.seed).order, n_samples, settings.batch_size))
    last, rest = batches[-1], np.concatenate([np.arange(0), *batches[:-1]])
    of_batches = float(np.mean([_loss(layers, dataset, rows) for rows in batches]))
    if len(batches) == 1:
        return Pair(0.0, of_batches - _loss(layers, dataset, last))
    share = 1 / plan.updates - plan.last_rows / n_samples
    predicted = share * (_loss(layers, dataset, last) - _loss(layers, dataset, rest))
    return Pair(predicted, of_batches - _loss(layers, dataset, np.arange(n_samples)))


def carried_sizes(n_samples: int, batch_size: int) -> Pair:
    """Rows of the first batch of the second epoch where the rest of the first is carried over: B + N mod B."""
    bug = CarriedOver()
    epochs = [list(bug(np.random.default_rng(0), n_samples, batch_size)) for _ in range(2)]
    return Pair(batch_size + n_samples % batch_size, len(epochs[1][0]))


def _loss(layers: list[Layer], dataset: TrainingData, rows: NDArray[np.intp]) -> float:
    return LOSSES[dataset.loss].function(dataset.Y_train[rows], predict(layers, dataset.X_train[rows]))
