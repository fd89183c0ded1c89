"""The update that the page walks through, and its bytes and operations: predicted from the sizes, and counted."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.data.dataset import Dataset
from mbgd.engine.activations import ACTIVATIONS
from mbgd.engine.batches import minibatches, plan_epoch
from mbgd.engine.network import Layer
from mbgd.engine.settings import Settings
from mbgd.engine.trace import Traced, TraceStep, axis_sizes, operation_count, trace
from mbgd.experiments.plain import start

BATCHES = ("first", "last", "one", "all")
KINDS = ("inputs", "activations", "gradients", "parameters", "loss")


class Walk(NamedTuple):
    """An update to walk through: the weights before it, its training rows (B,), and all its steps."""

    layers: list[Layer]
    rows: NDArray[np.intp]
    steps: list[TraceStep]


def batch_rows(n_train: int, settings: Settings, which: str) -> NDArray[np.intp]:
    """The rows of one batch of the seed's first epoch: the first, the last, or the first with B = 1 or B = N."""
    batches = minibatches(
        settings.order(),
        n_train,
        {"one": 1, "all": n_train}.get(which, settings.batch_size),
        shuffle=settings.shuffle,
        last_batch=settings.last_batch,
    )
    return list(batches)[-1] if which == "last" else next(batches)


def offered(n_train: int, settings: Settings) -> tuple[str, ...]:
    """The BATCHES to choose from. A batch with two names is offered under the first one only."""
    plan = plan_epoch(n_train, settings.batch_size, settings.last_batch)
    same = {
        "last": plan.updates == 1,
        "one": plan.batch_size == 1,
        "all": plan.batch_size == n_train,
    }
    return tuple(which for which in BATCHES if not same.get(which))


def walk(dataset: Dataset, settings: Settings, which: str, layers: list[Layer] | None = None) -> Walk:
    """The update on one of BATCHES: from `layers`, or from the first weights of the seed."""
    layers = layers or start(dataset, settings)
    rows = batch_rows(len(dataset.X_train), settings, which)
    return Walk(layers, rows, traced(dataset, settings, layers, rows))


def traced(dataset: Dataset, settings: Settings, layers: list[Layer], rows: NDArray[np.intp]) -> list[TraceStep]:
    """The steps of the update on these training rows."""
    return trace(layers, dataset.X_train[rows], dataset.Y_train[rows], dataset.loss, settings.learning_rate)


# --- the arrays of an update ---


def named_arrays(steps: Sequence[TraceStep]) -> dict[str, Traced]:
    """The arrays of an update by name, in the order in which they are computed, without transposes."""
    arrays = [array for step in steps for array in (*step.operands, step.result)]
    return {array.name: array for array in arrays if not array.name.endswith(".T")}


def counted_bytes(steps: Sequence[TraceStep]) -> tuple[int, int]:
    """Bytes of an update's arrays, as counted: of those with one row per sample, and of all others.

    Memory that two names share counts once.
    """
    places = {array.array.__array_interface__["data"][0]: array for array in named_arrays(steps).values()}
    sizes = [("B" in array.axes, array.array.nbytes) for array in places.values()]
    return sum(size for rows, size in sizes if rows), sum(size for rows, size in sizes if not rows)


def expected_bytes(B: int, n: int, hidden: Sequence[int], k: int, activation: str, loss: str) -> tuple[int, int]:
    """The same two numbers, predicted from the sizes alone: 8 bytes for each float64.

    One row per sample: X and dX; Z, A, dA, f′(Z) and dZ of each hidden layer; Y, Ŷ, dL/dŶ, f′ and dZ of the output,
    and for classes their probabilities. The identity returns its argument, so it needs no A of its own. The others:
    W and b, their gradients and their new values, and the loss.
    """
    units, sizes = sum(hidden), [n, *hidden, k]
    a_row = 2 * n + units * (4 if ACTIVATIONS[activation].returns_Z else 5) + k * (6 if loss == "cross_entropy" else 5)
    n_parameters = sum((before + 1) * after for before, after in pairwise(sizes))
    return 8 * B * a_row, 8 * (3 * n_parameters + 1)


def kind_of(name: str) -> str:
    """The kind of an array, one of KINDS. Arrays with one row per sample are "activations", except X and Y."""
    if name in ("X", "Y"):
        return "inputs"
    if name.startswith(("dW", "db")):
        return "gradients"
    if name.startswith(("W", "b", "new ")):
        return "parameters"
    return "loss" if name == "L" else "activations"


def layers_operations(steps: Sequence[TraceStep], B: int) -> int:
    """Operations of the forward and backward pass through the layers, predicted for a batch of B rows."""
    sizes = axis_sizes(steps) | {"B": B}
    return sum(operation_count(step, sizes) for step in steps if step.part in ("forward", "backward") and step.trained)
