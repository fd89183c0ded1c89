"""One update in slow motion: every array that it makes, with the letters of its axes.

Forward pass, loss, backward pass and step are made by the functions of the plain loop, and each array is kept.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from mbgd.engine.activations import ACTIVATIONS, Array
from mbgd.engine.dense import dense_backward_batch, pre_activation_gradient
from mbgd.engine.guards import quiet
from mbgd.engine.losses import LOSSES, softmax
from mbgd.engine.network import Layer, copies, descend, forward

PARTS = ("batch", "forward", "loss", "backward", "update")
# How a step makes its result, which is also how it is drawn.
GIVEN, PRODUCT, ELEMENTS, LOSS, SUM, DESCENT = "given", "product", "elements", "loss", "sum", "descent"

Axes = tuple[str, ...]


class Traced(NamedTuple):
    """An array that was computed, and the letter of each of its axes: B rows, n inputs, h1, h2 ... units, k outputs."""

    name: str
    axes: Axes
    array: Array


class Term(NamedTuple):
    """A count of operations, `times` the product of the sizes of `axes`."""

    times: int
    axes: Axes


class TraceStep(NamedTuple):
    """One line of an update, as it ran.

    `part` is one of PARTS, `kind` how the result is made. `layer` counts from 1, 0 where none is meant.
    `expression` is in the names of this network, `code` the engine's own line. `operations` counts each +, -, *, /
    and comparison of two numbers as one, and so each value of f, f', exp and log. `trained` is whether training
    computes the step too.
    """

    part: str
    kind: str
    layer: int
    expression: str
    code: str
    operands: tuple[Traced, ...]
    result: Traced
    operations: tuple[Term, ...] = ()
    trained: bool = True


def layer_axes(n_layers: int) -> Axes:
    """The letters of the layers' sizes, inputs first: n, h1, ..., k."""
    return ("n", *(f"h{i}" for i in range(1, n_layers)), "k")


def axis_sizes(steps: Sequence[TraceStep]) -> dict[str, int]:
    """How long each axis is, by its letter."""
    arrays = [array for step in steps for array in (*step.operands, step.result)]
    return {letter: size for _, axes, array in arrays for letter, size in zip(axes, array.shape, strict=True)}


def operation_count(step: TraceStep, sizes: dict[str, int]) -> int:
    """The step's operations, for axes of these sizes."""
    return sum(times * math.prod(sizes[letter] for letter in axes) for times, axes in step.operations)


def trace(layers: Sequence[Layer], X: Array, Y: Array, loss: str, learning_rate: float) -> list[TraceStep]:
    """One update on a batch X (B, n), Y (B, k), step by step; `layers` stay as they are.

    The first layer's dX is computed too, and marked: training leaves it out, because nothing needs it. Where a number
    overflows the trace goes on with inf and nan, while training would stop at the loss.
    """
    letters = layer_axes(len(layers))
    with quiet():
        activations, pre_activations = forward(layers, X)
        value, dL_dY = LOSSES[loss].with_derivative(Y, activations[-1])  # dL_dY (B, k)
        names = ["X", *(f"A{i}" for i in range(1, len(layers))), "Ŷ"]
        inputs = [Traced(*of_layer) for of_layer in zip(names, [("B", h) for h in letters], activations, strict=True)]
        sums = [Traced(f"Z{i}", inputs[i].axes, Z) for i, Z in enumerate(pre_activations, 1)]
        targets, gradient = Traced("Y", ("B", "k"), Y), Traced("dL/dŶ", ("B", "k"), dL_dY)
        steps = [_given(inputs[0]), _given(targets)]
        for i, layer in enumerate(layers, 1):
            steps += _forward(i, layer, inputs[i - 1], sums[i - 1], inputs[i])
        steps += _loss(loss, targets, inputs[-1], Traced("L", (), np.array(value)), gradient)
        updates: list[TraceStep] = []
        for i in range(len(layers), 0, -1):
            back = _backward(i, layers[i - 1], inputs[i - 1], sums[i - 1], gradient)
            _, dW, db, dX = (step.result for step in back)
            gradient = dX  # of the layer's inputs, which are the activations of the layer below
            steps += back
            updates = [*_update(i, layers[i - 1], dW, db, learning_rate), *updates]
    return steps + updates


def _given(batch: Traced) -> TraceStep:
    return TraceStep("batch", GIVEN, 0, f"{batch.name}_train[rows]", f"{batch.name}[rows]", (), batch)


def _forward(i: int, layer: Layer, X: Traced, Z: Traced, A: Traced) -> list[TraceStep]:
    (B, n), k = X.axes, Z.axes[1]
    weights, bias = Traced(f"W{i}.T", (n, k), layer.W.T), Traced(f"b{i}", (k,), layer.b)
    product = f"{X.name} @ W{i}.T + b{i}"
    f = f"{layer.activation}({Z.name})"
    # A sum of n products takes n - 1 additions, and the bias makes it n.
    multiplied = TraceStep("forward", PRODUCT, i, product, "X @ W.T + b", (X, weights, bias), Z, (Term(2, (B, n, k)),))
    return [multiplied, TraceStep("forward", ELEMENTS, i, f, "activation(Z)", (Z,), A, (Term(1, (B, k)),))]


def _loss(loss: str, Y: Traced, output: Traced, value: Traced, gradient: Traced) -> list[TraceStep]:
    steps = _LOSS_STEPS[loss]
    compared = output if steps.compared is None else steps.compared(output)
    of_value, of_gradient = steps.codes
    return [
        TraceStep("loss", LOSS, 0, f"{loss}(Y, Ŷ)", of_value, (Y, output), value, steps.counts[0]),
        TraceStep("loss", ELEMENTS, 0, steps.expression, of_gradient, (compared, Y), gradient, steps.counts[1]),
    ]


class _LossSteps(NamedTuple):
    """How a loss and dL/dŶ are told: the gradient's expression, the engine's two lines, their operations, and what is
    compared with Y, if not the output itself.
    """

    expression: str
    codes: tuple[str, str]
    counts: tuple[tuple[Term, ...], tuple[Term, ...]]
    compared: Callable[[Traced], Traced] | None = None


_B_K = ("B", "k")
_LOSS_STEPS = {
    "mse": _LossSteps(  # one pass over the errors gives the loss and its derivative
        "2 * (Ŷ - Y) / (B·k)",
        ("float(np.vdot(error, error)) / error.size", "error * (2.0 / error.size)"),
        ((Term(3, _B_K),), (Term(1, _B_K), Term(1, ()))),
    ),
    "cross_entropy": _LossSteps(
        "(softmax(Ŷ) - Y) / B",
        (
            "(float(np.log(sums).sum()) - float(np.vdot(y_true, shifted))) / len(logits)",
            "(exponentials / sums - y_true) / len(logits)",
        ),
        ((Term(6, _B_K),), (Term(3, _B_K),)),
        lambda output: Traced("softmax(Ŷ)", output.axes, softmax(output.array)),
    ),
}


def _backward(i: int, layer: Layer, X: Traced, Z: Traced, dA: Traced) -> list[TraceStep]:
    """dZ, dW, db and dX of layer i, from the gradient dA (B, k) that reaches its output."""
    (B, n), k = X.axes, Z.axes[1]
    derivative = ACTIVATIONS[layer.activation].derivative
    dW, db, dX = dense_backward_batch(X.array, Z.array, dA.array, layer.W, derivative)
    slope = Traced(f"{layer.activation}′({Z.name})", (B, k), np.asarray(derivative(Z.array)))
    dZ = Traced(f"dZ{i}", (B, k), pre_activation_gradient(Z.array, dA.array, derivative))
    turned, weights = Traced(f"dZ{i}.T", (k, B), dZ.array.T), Traced(f"W{i}", (k, n), layer.W)

    def step(kind: str, expression: str, code: str, operands: tuple[Traced, ...], result: Traced, *terms: Term):
        return TraceStep("backward", kind, i, expression, code, operands, result, terms)

    into = f"d{X.name}"
    return [
        step(
            ELEMENTS, f"{dA.name} * {slope.name}", "dL_dA * activation_derivative(Z)", (dA, slope), dZ, Term(2, (B, k))
        ),
        step(
            PRODUCT,
            f"dZ{i}.T @ {X.name}",
            "dZ.T @ X",
            (turned, X),
            Traced(f"dW{i}", (k, n), dW),
            Term(2, (B, n, k)),
            Term(-1, (k, n)),
        ),
        step(
            SUM,
            f"dZ{i}.sum(axis=0)",
            "dZ.sum(axis=0)",
            (dZ,),
            Traced(f"db{i}", (k,), db),
            Term(1, (B, k)),
            Term(-1, (k,)),
        ),
        step(
            PRODUCT,
            f"dZ{i} @ W{i}",
            "dZ @ W",
            (dZ, weights),
            Traced(into, (B, n), dX),
            Term(2, (B, n, k)),
            Term(-1, (B, n)),
        )._replace(trained=i > 1),
    ]


def _update(i: int, layer: Layer, dW: Traced, db: Traced, learning_rate: float) -> list[TraceStep]:
    (updated,) = copies([layer])
    descend(updated, dW.array, db.array, learning_rate)
    steps = []
    for letter, value, new, gradient in (("W", layer.W, updated.W, dW), ("b", layer.b, updated.b, db)):
        before = Traced(f"{letter}{i}", gradient.axes, value)
        after = Traced(f"new {letter}{i}", gradient.axes, new)
        line = f"{letter} -= learning_rate * d{letter}"
        expression = f"{before.name} - η * {gradient.name}"
        steps.append(
            TraceStep("update", DESCENT, i, expression, line, (before, gradient), after, (Term(2, gradient.axes),))
        )
    return steps
