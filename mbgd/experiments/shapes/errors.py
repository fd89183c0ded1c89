"""Wrong expressions, really evaluated: NumPy's messages about their shapes, and the cases that raise no error."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from mbgd.data.dataset import Dataset
from mbgd.engine.activations import Array
from mbgd.engine.guards import quiet
from mbgd.engine.losses import LOSSES
from mbgd.engine.settings import Settings
from mbgd.engine.trace import Traced
from mbgd.experiments.plain import start
from mbgd.experiments.shapes.walk import batch_rows, named_arrays, traced

MOST_ROWS = 64  # of the batches on which mistakes are silent; a layer gets as many units

Names = dict[str, Any]


class Attempt(NamedTuple):
    """What NumPy made of an expression `left operator right`: its result, or its message and the axes that clash.

    clash: the axis of left and the axis of right that do not fit, counted from the first; None without an error.
    """

    left: str
    operator: str
    right: str
    left_shape: tuple[int, ...]
    right_shape: tuple[int, ...]
    result: Any  # an array, or None after an error
    message: str
    clash: tuple[int, int] | None

    @property
    def expression(self) -> str:
        """The expression as it was evaluated."""
        return f"{self.left} {self.operator} {self.right}"


class Silent(NamedTuple):
    """A case in which the mistake raises no error: when, the right and the wrong attempt, and one number of each."""

    when: str
    right: Attempt
    wrong: Attempt
    measure: str
    right_value: float
    wrong_value: float


class Mistake(NamedTuple):
    """A mistake: the right expression, the parts of the wrong one, why it fails, and its silent case."""

    title: str
    right: str
    wrong: tuple[str, str, str]
    why: str
    silent: Callable[[Dataset, Settings], Silent]


def attempt(left: str, operator: str, right: str, names: Names) -> Attempt:
    """Evaluate `left operator right` with these names, and keep the message of a ValueError."""
    one, other = _evaluate(left, names), _evaluate(right, names)
    shapes = np.shape(one), np.shape(other)
    try:
        result = _evaluate(f"{left} {operator} {right}", names)
    except ValueError as error:
        return Attempt(left, operator, right, *shapes, None, str(error), clashing_axes(operator, *shapes))
    return Attempt(left, operator, right, *shapes, result, "", None)


def clashing_axes(operator: str, left: tuple[int, ...], right: tuple[int, ...]) -> tuple[int, int] | None:
    """The axis of each of two shapes at which they do not fit; None if they fit.

    A matrix product needs equal inner sizes. All other operators compare the shapes from the last axis on, and a 1 fits
    any size.
    """
    if operator == "@":
        inner = max(len(right) - 2, 0)
        return None if left[-1] == right[inner] else (len(left) - 1, inner)
    for back in range(1, min(len(left), len(right)) + 1):
        if left[-back] != right[-back] and 1 not in (left[-back], right[-back]):
            return len(left) - back, len(right) - back
    return None


def names_of(dataset: Dataset, arrays: dict[str, Traced]) -> Names:
    """The names in expressions: the traced arrays, y (the targets on one axis), and b (one number too long)."""
    names: Names = {name: array.array for name, array in arrays.items() if name.isidentifier()}
    Y = arrays["Y"].array
    # (B,): the target itself, or the number of the class
    names["y"] = Y.argmax(axis=1) if dataset.classes else Y[:, 0]
    names["b"] = np.zeros(len(names["b1"]) + 1)
    return names


class Elsewhere(NamedTuple):
    """An attempt on a batch of B rows through a network with these hidden layers."""

    attempt: Attempt
    B: int
    hidden: tuple[int, ...]


def nearby(n_train: int, hidden: tuple[int, ...], B: int) -> list[tuple[int, tuple[int, ...]]]:
    """Nearby batch sizes and hidden layers: a row more or less, or a unit more in the first layer, or both."""
    more = (hidden[0] + 1, *hidden[1:]) if hidden else ()
    sizes = [(B + 1, hidden), (B - 1, hidden), (B, more), (B + 1, more), (B + 2, more)]
    return [
        (rows, units) for rows, units in dict.fromkeys(sizes) if 1 <= rows <= n_train and (rows, units) != (B, hidden)
    ]


def nearest_error(wrong: tuple[str, str, str], dataset: Dataset, hidden: tuple[int, ...], B: int) -> Elsewhere | None:
    """The first of the `nearby` sizes at which a mistake raises an error, or None if it is silent at all of them."""
    for rows, units in nearby(len(dataset.X_train), hidden, B):
        found = attempt(*wrong, _zeros(dataset, rows, units))
        if found.message:
            return Elsewhere(found, rows, units)
    return None


def _zeros(dataset: Dataset, B: int, hidden: tuple[int, ...]) -> Names:
    """Arrays of the right shapes, all zero: enough to see whether shapes fit."""
    n, k = dataset.X_train.shape[1], dataset.Y_train.shape[1]
    h = hidden[0] if hidden else k
    shapes = {"X": (B, n), "W1": (h, n), "b1": (h,), "b": (h + 1,), "dZ1": (B, h), "Ŷ": (B, k), "Y": (B, k), "y": (B,)}
    return {name: np.zeros(shape) for name, shape in shapes.items()}


def refusal(dataset: Dataset, names: Names) -> str:
    """The message with which the engine's own loss refuses targets of shape (B,)."""
    try:
        LOSSES[dataset.loss].function(names["y"], names["Ŷ"])
    except ValueError as error:
        return str(error)
    return ""


def _evaluate(expression: str, names: Names) -> Any:
    # The expressions are those written below. They are evaluated as text, so the page shows exactly what runs.
    return eval(expression, {"np": np}, names)


# --- where the mistakes are silent ---


def _names_with(dataset: Dataset, settings: Settings, B: int, hidden: tuple[int, ...]) -> Names:
    """The arrays of an update of B rows through a network with these hidden layers."""
    own = replace(settings, hidden=hidden, batch_size=B)
    rows = batch_rows(len(dataset.X_train), own, "first")
    return names_of(dataset, named_arrays(traced(dataset, own, start(dataset, own), rows)))


def _few_rows(dataset: Dataset, settings: Settings) -> int:
    return min(max(settings.batch_size, 4), len(dataset.X_train), MOST_ROWS)


def _units(settings: Settings) -> int:
    return max(settings.hidden[0] if settings.hidden else 16, 4)


def _missing_transpose(dataset: Dataset, settings: Settings) -> Silent:
    u = _units(settings)
    names = _names_with(dataset, settings, _few_rows(dataset, settings), (u, u))
    right, wrong = attempt("A1", "@", "W2.T", names), attempt("A1", "@", "W2", names)
    return Silent(
        f"In a network with two hidden layers of {u} units, W2 is square, ({u}, {u}). Its shape fits with and without "
        "transpose.",
        right,
        wrong,
        "Z2[0, 0]",
        *(float(way.result[0, 0]) for way in (right, wrong)),
    )


def _untransposed_gradient(dataset: Dataset, settings: Settings) -> Silent:
    when = (
        "With {0} rows and {0} units, dZ1 is square. Then the wrong product raises no error, but it sums over the "
        "units and not over the rows."
    )
    return _square_gradient(dataset, settings, ("dZ1.T", "@", "X"), ("dZ1", "@", "X"), when)


def _wrong_axis(dataset: Dataset, settings: Settings) -> Silent:
    when = (
        "With {0} rows and {0} units, both sums are as long as b. But the wrong sum has one number per row, and not "
        "one per unit."
    )
    right, wrong = ("b1", "-", "dZ1.sum(axis=0)"), ("b1", "-", "dZ1.sum(axis=1)")
    return _square_gradient(dataset, settings, right, wrong, when)


def _square_gradient(
    dataset: Dataset, settings: Settings, right: tuple[str, str, str], wrong: tuple[str, str, str], when: str
) -> Silent:
    """Both expressions on a batch with as many rows as the layer has units, and the angle between their results."""
    B = _few_rows(dataset, settings)
    names = _names_with(dataset, settings, B, (B,))
    ways = attempt(*right, names), attempt(*wrong, names)
    between = angle(ways[0].result, ways[1].result)
    return Silent(when.format(B), *ways, "angle to the right result, degrees", 0.0, between)


def _short_bias(dataset: Dataset, settings: Settings) -> Silent:
    u = _units(settings)
    names = _names_with(dataset, settings, _few_rows(dataset, settings), (u,))
    names["b1"] = names["b"] = np.arange(1.0, u + 1)  # first biases are zero, which would hide the difference
    names["b"] = names["b1"][:1]
    right, wrong = attempt("X @ W1.T", "+", "b1", names), attempt("X @ W1.T", "+", "b", names)
    return Silent(
        f"A b of shape (1,) is stretched over all {u} units: every unit gets the bias of the first unit. (Here the "
        f"right biases are 1, 2, … {u}, so that you can see the difference. A b of shape (B, 1) would be stretched, "
        "too: then each row would have a bias, and not each unit.)",
        right,
        wrong,
        f"Z1[0, {u - 1}]",
        *(float(way.result[0, -1]) for way in (right, wrong)),
    )


def _flat_targets(dataset: Dataset, settings: Settings) -> Silent:
    k = dataset.Y_train.shape[1]
    B = min(k, len(dataset.X_train)) if k > 1 else _few_rows(dataset, settings)
    names = _names_with(dataset, settings, B, (_units(settings),))
    right, wrong = attempt("Ŷ", "-", "Y", names), attempt("Ŷ", "-", "y", names)
    what = (
        f"With one output, (B, 1) - (B,) is ({B}, {B}): every prediction is compared with every row's target. The mean "
        "of the squares looks like any other loss."
        if k == 1
        else f"With as many rows as classes, {B} of each, y fits the axis of the classes: every row is compared "
        "with the class numbers of the whole batch."
    )
    return Silent(what, right, wrong, "mean of the squares", *(float(np.mean(way.result**2)) for way in (right, wrong)))


def angle(right: Array, wrong: Array) -> float:
    """The angle in degrees between two arrays of one shape, taken as vectors; NaN if one is zero."""
    with quiet():
        cosine = np.vdot(right, wrong) / (np.linalg.norm(right) * np.linalg.norm(wrong))
    return math.degrees(math.acos(np.clip(cosine, -1.0, 1.0))) if np.isfinite(cosine) else math.nan


MISTAKES = {
    "transpose": Mistake(
        "a missing transpose: X @ W",
        "X @ W1.T",
        ("X", "@", "W1"),
        "Each row of X has n numbers, and so has each row of W. A matrix product multiplies rows by columns. So W must "
        "be transposed: the columns of W.T are the rows of W.",
        _missing_transpose,
    ),
    "gradient": Mistake(
        "dZ @ X for dW",
        "dZ1.T @ X",
        ("dZ1", "@", "X"),
        "dW is a sum over the rows of the batch, so both arrays must have the axis B on the inside: dZ.T is (units × "
        "B), and X is (B × n). Without the transpose, the units of dZ stand there instead, next to the rows of X.",
        _untransposed_gradient,
    ),
    "bias": Mistake(
        "b of the wrong length",
        "X @ W1.T + b1",
        ("X @ W1.T", "+", "b"),
        "For a sum, NumPy compares the shapes from the last axis on. The last axis of the product has one number per "
        "unit. So b must have one number per unit, too, or a single number, which is then used for all units.",
        _short_bias,
    ),
    "axis": Mistake(
        "db summed over the wrong axis",
        "b1 - dZ1.sum(axis=0)",
        ("b1", "-", "dZ1.sum(axis=1)"),
        "axis=0 sums over the rows and leaves one number per unit, as b needs it. axis=1 sums over the units and "
        "leaves one number per row.",
        _wrong_axis,
    ),
    "targets": Mistake(
        "Y of shape (N,)",
        "Ŷ - Y",
        ("Ŷ", "-", "y"),
        "NumPy compares shapes from the last axis on. The only axis of y is its rows, and the last axis of Ŷ is its "
        "outputs. Always give Y two axes, (N, 1) for one target. Then rows are compared with rows.",
        _flat_targets,
    ),
}
