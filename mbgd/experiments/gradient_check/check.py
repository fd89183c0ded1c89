"""The gradient check: each parameter's derivative by backpropagation, compared with a difference quotient of the loss.

Central differences: n(h) = (f(θ+h) - f(θ-h)) / 2h. Their error has two parts: h²/6·f‴ because f is no parabola, and
about ε·f/h from rounding. So smaller steps are not always better.
"""

import math
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import ACTIVATIONS, Array
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, forward
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.experiments.compare import relative_distance
from mbgd.experiments.gradients import batch_gradient, off_the_kinks, parameters, unflatten
from mbgd.experiments.plain import Parts, first_batch
from mbgd.experiments.step import Step, Steps

# h from large to small: 1e-1, 3e-2, 1e-2, ..., 1e-12
STEP_SIZES = (0.1, *(digit * 10.0**-power for power in range(2, 13) for digit in (3, 1)))
MOST_PARAMETERS, FEWEST_PARAMETERS = 600, 60
MOST_ROWS, FEWEST_ROWS = 256, 8
MOST_WORK = 2e10  # multiplications: a few seconds
BETWEEN_STEPS = 0.015  # seconds of work
NEGLIGIBLE = 1e-3  # of the largest derivative: smaller ones count as that large, because their errors are all rounding
ROUNDING = float(np.finfo(np.float64).eps)
RIGHT = 1e-6  # relative error up to which a gradient is called right, if rounding allows it


class GradientCheck(NamedTuple):
    """The derivatives of M of the P parameters: by backpropagation, and by differences with the first H STEP_SIZES.

    names (M,) like W1[3,2], numbered as in NumPy; layer (M,) from 1; bias (M,) is true for a bias. analytic (M,);
    numerical (H, M); switched (H, M): how often a ReLU unit of some row was on the other side of its kink at +h or at
    -h. loss is f at the weights themselves, for `rows` rows and `outputs` outputs; noise is its standard deviation
    from rounding. moved is true if the weights had to be moved off the kinks of ReLU units.
    """

    names: tuple[str, ...]
    layer: NDArray[np.intp]
    bias: NDArray[np.bool_]
    of: int
    rows: int
    outputs: int
    loss: float
    noise: float
    moved: bool
    analytic: Array
    numerical: Array
    switched: NDArray[np.intp]

    @property
    def step_sizes(self) -> Array:
        """The steps h done so far, (H,)."""
        return np.array(STEP_SIZES[: len(self.numerical)])

    @property
    def layers(self) -> int:
        """The number of layers of the network."""
        return int(self.layer.max())

    def errors(self, at: int) -> Array:
        """Each parameter's relative error |a - n| / max(|a| + |n|, least) at one step, (M,)."""
        a, n = self.analytic, self.numerical[at]
        size = np.abs(a) + np.abs(n)
        least = max(NEGLIGIBLE * size.max(), np.finfo(np.float64).tiny)
        return np.abs(a - n) / np.maximum(size, least)

    def curve(self, smooth: bool = False) -> Array:
        """The relative error ‖a - n‖ / (‖a‖ + ‖n‖) of all parameters together at each step, (H,).

        smooth: only of parameters that switch no unit at that step; NaN if all of them do.
        """
        return np.array(
            [
                relative_distance(self.analytic[kept], self.numerical[at][kept])
                for at in range(len(self.numerical))
                for kept in [self.switched[at] == 0 if smooth else np.ones(len(self.analytic), dtype=bool)]
            ]
        )

    @property
    def best(self) -> int:
        """The index of the h with the smallest error over all parameters."""
        return int(np.argmin(self.curve()))


# --- running it ---


def check_gradient(
    dataset: TrainingData, settings: Settings, layers: Sequence[Layer], rng: np.random.Generator, parts: Parts
) -> Steps[GradientCheck]:
    """Check the gradient at these weights on the first batch that training with these settings takes.

    If a ReLU unit is on its kink there, the weights are moved a little, because at a kink there is no gradient. `parts`
    may hold a mistake in the loss's derivative, in the backward pass, or in the choice of rows. If there are too many
    parameters to check all, rng draws some.
    """
    rows, target_rows = first_batch(dataset, settings, parts)
    sizes = [array.size for W, b, _ in layers for array in (W, b)]
    most_rows, most_parameters = affordable(len(rows), sum(sizes))
    X, Y = dataset.X_train[rows[:most_rows]], dataset.Y_train[target_rows[:most_rows]]  # (B, n), (B, k)
    picked = pick(rng, sizes, most_parameters)
    layers, are_moved = off_the_kinks(layers, X, rng)
    loss = Landscape(layers, X, Y, parts.loss or LOSSES[dataset.loss].with_derivative)
    names, numbers, bias = zip(*(_label(layers, i) for i in picked), strict=True)
    nothing = np.empty((0, len(picked)))
    check = GradientCheck(
        names=names,
        layer=np.array(numbers),
        bias=np.array(bias),
        of=sum(sizes),
        rows=len(X),
        outputs=Y.shape[1],
        loss=loss.here,
        noise=_noise(layers, X, Y, dataset.loss),
        moved=are_moved,
        analytic=batch_gradient(layers, X, Y, dataset.loss, parts)[picked],
        numerical=nothing,
        switched=nothing.astype(np.intp),
    )
    last_step = perf_counter()
    for at, h in enumerate(STEP_SIZES):
        quotients = []
        for j, i in enumerate(picked):
            quotients.append(loss.quotient(i, h))
            if perf_counter() - last_step >= BETWEEN_STEPS:
                share = (at * len(picked) + j) / (len(STEP_SIZES) * len(picked))
                yield Step(share, f"{len(picked):,} parameters with h = {step_name(h)}", check)
                last_step = perf_counter()
        n, switches = zip(*quotients, strict=True)
        check = check._replace(
            numerical=np.vstack([check.numerical, n]), switched=np.vstack([check.switched, switches])
        )
    yield Step(1.0, f"done: {len(picked):,} parameters, {len(STEP_SIZES)} values of h", check)


class Landscape:
    """The loss f of a batch as a function of all its parameters: a vector θ (P,), which is changed in place."""

    def __init__(self, layers: Sequence[Layer], X: Array, Y: Array, loss: Callable[[Array, Array], tuple]) -> None:
        self.theta = parameters(layers)
        self.layers = unflatten(layers, self.theta)  # views of theta: they change with it
        self.X, self.Y, self.loss = X, Y, loss
        self.here, self.on = self.look()

    def look(self) -> tuple[float, list[NDArray[np.bool_]]]:
        """f(θ), and for each layer with a kink, such as ReLU, the units that are on for each row, (B, k)."""
        activations, pre_activations = forward(self.layers, self.X)
        pairs = zip(self.layers, pre_activations, strict=True)
        on = [Z > 0 for layer, Z in pairs if ACTIVATIONS[layer.activation].has_kink]
        return self.loss(self.Y, activations[-1])[0], on

    def quotient(self, i: int, h: float) -> tuple[float, int]:
        """(f(θ+h) - f(θ-h)) / 2h for the i-th parameter, and how many units switched at the two ends."""
        value, ends, switches = self.theta[i], [], 0
        for end in (value + h, value - h):
            self.theta[i] = end
            f, on = self.look()
            ends.append(f)
            switches += sum(int((now != before).sum()) for now, before in zip(on, self.on, strict=True))
        self.theta[i] = value
        return (ends[0] - ends[1]) / (2 * h), switches


def _noise(layers: Sequence[Layer], X: Array, Y: Array, loss: str) -> float:
    """The standard deviation of the loss from rounding: ε/√12 times each number that the last operations round.

    These numbers are the loss itself; the terms that add up to an output, times dL/dŶ; and, for cross-entropy, the sum
    of exponentials of each row, at least 1, before its logarithm.
    """
    activations, _ = forward(layers, X)
    f, dL_dY = LOSSES[loss].with_derivative(Y, activations[-1])  # dL_dY (B, k)
    W, b, _ = layers[-1]
    terms = np.abs(activations[-2]) @ np.abs(W).T + np.abs(b)  # (B, n) @ (n, k) + (k,) -> (B, k)
    logarithm = 1 / math.sqrt(len(X)) if loss == "cross_entropy" else 0.0
    return ROUNDING / math.sqrt(12) * math.hypot(f, float(np.linalg.norm(dL_dY * terms)), logarithm)


def affordable(rows: int, parameter_count: int) -> tuple[int, int]:
    """The numbers of rows and of parameters to check: smaller if the network is so large that it would take long.

    A parameter costs two forward passes per h, each of about rows x P multiplications.
    """
    rows, checked = min(rows, MOST_ROWS), min(parameter_count, MOST_PARAMETERS)
    work = 2 * len(STEP_SIZES) * parameter_count
    checked = min(checked, max(FEWEST_PARAMETERS, int(MOST_WORK / (work * rows))))
    return min(rows, max(FEWEST_ROWS, int(MOST_WORK / (work * checked)))), checked


def pick(rng: np.random.Generator, sizes: Sequence[int], most: int) -> list[int]:
    """Indices of at most `most` parameters, drawn in equal shares from arrays of these sizes; small arrays give all."""
    starts = np.cumsum([0, *sizes[:-1]])
    picked: list[int] = []
    for already, array in enumerate(np.argsort(sizes, kind="stable")):
        share = (most - len(picked)) // (len(sizes) - already)
        take = min(sizes[array], share)
        picked += (starts[array] + rng.permutation(sizes[array])[:take]).tolist()
    return sorted(picked)


def _label(layers: Sequence[Layer], i: int) -> tuple[str, int, bool]:
    """The name and the layer of the i-th parameter, in the order of `parameters`, and whether it is a bias."""
    for number, (W, b, _) in enumerate(layers, 1):
        if i < W.size:
            return f"W{number}[{i // W.shape[1]},{i % W.shape[1]}]", number, False
        i -= W.size
        if i < b.size:
            return f"b{number}[{i}]", number, True
        i -= b.size
    raise IndexError(i)


def step_name(h: float) -> str:
    """A difference h as text: 1e-5."""
    return f"{h:.0e}".replace("e-0", "e-")
