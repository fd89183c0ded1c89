"""What doubles when the batch doubles: two updates, traced, counted and compared with training."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mbgd.data.dataset import Dataset
from mbgd.engine.activations import Array
from mbgd.engine.guards import quiet
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, copies
from mbgd.engine.plain import plain_update
from mbgd.engine.settings import Settings
from mbgd.engine.trace import TraceStep
from mbgd.engine.training import Training
from mbgd.experiments.compare import largest_difference
from mbgd.experiments.gradients import flatten, parameters, sample_gradients
from mbgd.experiments.plain import start
from mbgd.experiments.shapes.counting import counted_operations
from mbgd.experiments.shapes.walk import (
    batch_rows,
    counted_bytes,
    expected_bytes,
    kind_of,
    layers_operations,
    named_arrays,
    traced,
)
from mbgd.experiments.step import Step, Steps

SAMPLES_AT_ONCE = 1_000_000  # numbers in the gradients of single samples: 8 MB
COUNTED_AT_MOST = 200_000  # operations on counting numbers: about 50 ns each
TRAINING, LOOP = "the page Train", "the plain training loop"


@dataclass(frozen=True)
class Size:
    """A traced update: its B, and the bytes of the arrays with one row per sample and of all others."""

    B: int
    counted: tuple[int, int]
    expected: tuple[int, int]
    operations: int


@dataclass(frozen=True)
class Doubling:
    """Updates of B and 2B rows compared, and the update of the page compared with training.

    expected_changed: the arrays with a B among their axes. changed, kept: the arrays whose shape differs between the
    two updates, and the others. counted: the operations counted one by one for counted_rows rows; expected_count is
    their predicted number. gradient_error: the largest difference between the trace's gradient and the mean of its
    rows' own gradients, divided by the largest number of the gradient. update_error: the largest difference between
    the traced new weights and those of `judge`, divided by the largest of these. Both are NaN if the update overflows.
    """

    single: Size
    double: Size
    expected_changed: tuple[str, ...]
    changed: tuple[str, ...]
    kept: tuple[str, ...]
    counted_rows: int
    counted: int
    expected_count: int
    rows: int
    gradient_error: float
    update_error: float
    judge: str


def doubling(
    dataset: Dataset, settings: Settings, which: str, layers: list[Layer] | None = None
) -> Steps[Doubling | None]:
    """Trace the update of `walk` at B and at 2B rows. If 2B is more than N, trace B // 2 and twice that.

    Then count its operations, average the gradients of its samples, and make the same update with training.
    """
    # A trace of a large network has 100 MB of arrays: each is dropped as soon as its numbers are known.
    first = layers or start(dataset, settings)
    n_train = len(dataset.X_train)
    rows = batch_rows(n_train, settings, which)
    B = len(rows) if 2 * len(rows) <= n_train else len(rows) // 2
    small = _at_size(dataset, settings, first, B)
    yield Step(0.03, "tracing the update", None)
    large = _at_size(dataset, settings, first, 2 * B)
    yield Step(0.06, "tracing it with twice the rows", None)
    (changed, kept), axes = compared(small, large), {name: array.axes for name, array in named_arrays(small).items()}
    single, double = _size(dataset, settings, small, B), _size(dataset, settings, large, 2 * B)
    counted_rows = int(np.clip(COUNTED_AT_MOST // layers_operations(small, 1), 1, len(rows)))
    expected_count = layers_operations(small, counted_rows)
    del small, large

    counted = 0
    for so_far in counted_operations(_sizes(first), counted_rows):
        counted = so_far
        yield Step(0.2, "counting operations", None)

    total = np.zeros(sum(W.size + b.size for W, b, _ in first))  # (P,)
    at_once = max(1, SAMPLES_AT_ONCE // total.size)
    for begin in range(0, len(rows), at_once):
        some = rows[begin : begin + at_once]
        total += _sample_gradients(dataset, first, some).sum(axis=0)
        yield Step(0.2 + 0.7 * (begin + len(some)) / len(rows), "computing the gradient of each row", None)

    steps = traced(dataset, settings, first, rows)
    gradient, updated = traced_gradient(steps), traced_parameters(steps)
    del steps
    yield Step(0.95, "making the same update by training", None)
    judge, expected = trained_parameters(dataset, settings, which, first if layers else None, rows)
    yield Step(
        1.0,
        "done: shapes traced, operations counted, gradient and update compared",
        Doubling(
            single=single,
            double=double,
            expected_changed=tuple(name for name, of_array in axes.items() if "B" in of_array),
            changed=changed,
            kept=kept,
            counted_rows=counted_rows,
            counted=counted,
            expected_count=expected_count,
            rows=len(rows),
            gradient_error=largest_difference(gradient, total / len(rows)) / (np.abs(gradient).max() or 1.0),
            update_error=largest_difference(updated, expected) / (np.abs(expected).max() or 1.0),
            judge=judge,
        ),
    )


def compared(small: Sequence[TraceStep], large: Sequence[TraceStep]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the arrays whose shape differs between two traces of one network, and the other names."""
    before, after = named_arrays(small), named_arrays(large)
    changed = tuple(name for name in before if before[name].array.shape != after[name].array.shape)
    return changed, tuple(name for name in before if name not in changed)


def what_changed(result: Doubling) -> str:
    """Which arrays grew, as one of the answers: "inputs" only, "rows", "gradients" too, "all", or "none"."""
    kinds = {kind_of(name) for name in result.changed}
    if kinds == {"inputs", "activations"}:
        return "rows"
    if kinds == {"inputs"}:
        return "inputs"
    return "all" if "parameters" in kinds else "gradients" if "gradients" in kinds else "none"


def traced_gradient(steps: Sequence[TraceStep]) -> Array:
    """dW and db of all layers, first to last, as one vector (P,)."""
    arrays = named_arrays(steps)
    return flatten([(arrays[f"dW{i}"].array, arrays[f"db{i}"].array) for i in _layer_numbers(steps)])


def traced_parameters(steps: Sequence[TraceStep]) -> Array:
    """The new W and b of all layers as one vector (P,)."""
    arrays = named_arrays(steps)
    return flatten([(arrays[f"new W{i}"].array, arrays[f"new b{i}"].array) for i in _layer_numbers(steps)])


def trained_parameters(
    dataset: Dataset, settings: Settings, which: str, layers: list[Layer] | None, rows: NDArray[np.intp]
) -> tuple[str, Array]:
    """The name of the training that makes the same update, and its weights (P,) after that update.

    It is Training itself if the update is the first of its run. From given weights or on a later batch it is the loop
    in the open, which a test compares with Training weight for weight.
    """
    if layers is None and which != "last":
        size = {"one": 1, "all": len(dataset.X_train)}.get(which, settings.batch_size)
        training = Training(dataset, replace(settings, batch_size=size))
        training.advance(updates=1)
        return TRAINING, parameters(training.layers)
    own = copies(layers or start(dataset, settings))
    X, Y, loss = dataset.X_train[rows], dataset.Y_train[rows], LOSSES[dataset.loss].with_derivative
    plain_update(own, X, Y, loss, settings.learning_rate)
    return LOOP, parameters(own)


def _at_size(dataset: Dataset, settings: Settings, layers: list[Layer], B: int) -> list[TraceStep]:
    rows = batch_rows(len(dataset.X_train), replace(settings, batch_size=B), "first")
    return traced(dataset, settings, layers, rows)


def _size(dataset: Dataset, settings: Settings, steps: Sequence[TraceStep], B: int) -> Size:
    n, k = dataset.X_train.shape[1], dataset.Y_train.shape[1]
    expected = expected_bytes(B, n, settings.hidden, k, settings.activation, dataset.loss)
    return Size(B, counted_bytes(steps), expected, layers_operations(steps, B))


def _sizes(layers: Sequence[Layer]) -> list[int]:
    return [layers[0].W.shape[1], *(len(b) for _, b, _ in layers)]


def _layer_numbers(steps: Sequence[TraceStep]) -> range:
    return range(1, max(step.layer for step in steps) + 1)


def _sample_gradients(dataset: Dataset, layers: list[Layer], rows: NDArray[np.intp]) -> Array:
    with quiet():
        return sample_gradients(layers, dataset.X_train[rows], dataset.Y_train[rows], dataset.loss)
