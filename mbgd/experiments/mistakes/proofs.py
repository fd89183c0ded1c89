"""What each mistake is, in numbers that can be predicted: factors, paths, counts and biases."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.batches import minibatches, plan_epoch
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, predict
from mbgd.engine.randomness import streams
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.experiments.gradients import batch_gradient, parameters
from mbgd.experiments.mistakes.bugs import BUGS, CarriedOver
from mbgd.experiments.mistakes.side_by_side import Plan
from mbgd.experiments.plain import Parts, PlainUpdate, first_batch, plain_training, start
from mbgd.experiments.step import Step, Steps

SCALING = ("summed", "averaged_twice", "divided_by_b_alone")  # bugs that multiply the gradient by a number
COMPARED_UPDATES = 20
ROUNDING = 1e-14  # by how much rounding alone may part two paths while they are compared
QUICK_WORK = 200_000_000  # rows times parameters, of all gradients: about 0.15 s


class Pair(NamedTuple):
    """A number predicted, and the same measured."""

    predicted: float
    measured: float


class Gap(NamedTuple):
    """How far apart two trainings got, as a share of the largest parameter, and the number of updates compared."""

    largest: float
    updates: int


class Proof(NamedTuple):
    """What of a mistake is measured without a run of its own: numbers predicted, and the gap of two paths."""

    pairs: tuple[Pair, ...] = ()
    gap: Gap | None = None


def proof(name: str, dataset: TrainingData, settings: Settings) -> Steps[Proof]:
    """Measure what identities predict of a mistake, on its own data: nothing for a mistake that has none."""
    data, N = BUGS[name].data(dataset), len(dataset.X_train)
    if name in SCALING or name == "no_shuffle_sorted":
        pairs = (gradient_ratio(name, data, settings),) if name in SCALING else ()
        for step in same_path(name, data, settings) if pairs else order_gap(dataset, settings):
            yield Step(step.share, step.doing, Proof(pairs, step.result))
        return
    pairs = ()
    if name == "last_dropped":
        pairs = (short_batch_weight(data, settings), batch_loss_bias(data, settings))
    elif name == "carried_over":
        pairs = (carried_sizes(250, 30), carried_sizes(N, plan_epoch(N, settings.batch_size).batch_size))
    yield Step(1.0, "measured", Proof(pairs))


def quick_proof(name: str, dataset: TrainingData, settings: Settings) -> bool:
    """Whether a mistake's proof takes a moment, as it does for all but large networks."""
    if name not in (*SCALING, "no_shuffle_sorted", "last_dropped"):
        return True
    data, N = BUGS[name].data(dataset), len(dataset.X_train)
    B = plan_epoch(N, settings.batch_size).batch_size if name in SCALING else N
    gradients = 2 if name == "last_dropped" else 3 * COMPARED_UPDATES
    return gradients * B * parameters(start(data, settings)).size <= QUICK_WORK


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


def path_gap(one: Plan, other: Plan) -> Steps[Gap]:
    """The largest difference of any parameter of two trainings, update for update, as a share of the largest one.

    For 20 updates, or for as long as `other` agrees to 1e-14 with a training that differs from it by rounding alone:
    some runs let rounding grow tenfold in an update, and beyond that a difference says nothing. Infinite where only
    `one` leaves the finite numbers.
    """
    plans = (one, other, _rounded_otherwise(other))
    sides = [start(plan.dataset, plan.settings) for plan in plans]
    trainings = [plain_training(layers, *plan) for layers, plan in zip(sides, plans, strict=True)]
    gap = Gap(0.0, 0)
    while gap.updates < COMPARED_UPDATES and _advance(trainings):
        first, second, control = (parameters(layers) for layers in sides)
        if not _distance(control, second) <= ROUNDING:
            break
        gap = Gap(max(gap.largest, _distance(first, second)), gap.updates + 1)
        yield Step(gap.updates / (COMPARED_UPDATES + 1), _compared(gap), gap)
    yield Step(1.0, _compared(gap), gap)


def _rounded_otherwise(plan: Plan) -> Plan:
    """The same training but for rounding: the rows of each batch in reverse, the rate the next floating-point number.

    A sum over rows rounds otherwise in another order; with one row a batch, the rate still does something.
    """
    dataset, settings, _ = plan

    def reversed_batches(rng: np.random.Generator, n_samples: int, batch_size: int) -> Iterator[NDArray[np.intp]]:
        batches = minibatches(rng, n_samples, batch_size, shuffle=settings.shuffle, last_batch=settings.last_batch)
        return (rows[::-1] for rows in batches)

    rate = float(np.nextafter(settings.learning_rate, np.inf))
    return Plan(dataset, replace(settings, learning_rate=rate), Parts(batches=reversed_batches))


def _advance(trainings: list[Iterator[PlainUpdate]]) -> bool:
    """Make an update in each; False once one of them has ended."""
    with np.errstate(over="ignore", invalid="ignore"):  # a run that explodes is compared as far as it goes
        return all([next(training, None) for training in trainings])


def _distance(one: Array, other: Array) -> float:
    """The largest difference of two vectors as a share of the largest number in `other`; infinite for a NaN."""
    with np.errstate(over="ignore", invalid="ignore"):
        distance = float(np.abs(one - other).max()) / max(float(np.abs(other).max()), 1e-300)
    return distance if np.isfinite(distance) else np.inf


def _compared(gap: Gap) -> str:
    return f"{gap.updates} updates compared"


def same_path(name: str, dataset: TrainingData, settings: Settings) -> Steps[Gap]:
    """The gap between a bug of SCALING and the right training with a rate multiplied by its factor.

    On whole batches only: a short last batch has a factor of its own.
    """
    whole = replace(settings, last_batch="drop", epochs=COMPARED_UPDATES)
    size = plan_epoch(len(dataset.X_train), settings.batch_size).batch_size
    scaled = replace(whole, learning_rate=settings.learning_rate * factor(name, dataset, size))
    return path_gap(Plan(dataset, whole, BUGS[name].parts(dataset, whole)), Plan(dataset, scaled))


def order_gap(dataset: TrainingData, settings: Settings) -> Steps[Gap]:
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
