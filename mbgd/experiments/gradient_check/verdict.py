"""The meaning of a gradient check: the errors to expect, and the effect of a mistake."""

import math

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.experiments.gradient_check.check import RIGHT, STEP_SIZES, GradientCheck
from mbgd.experiments.mistakes.bug import Derivatives
from mbgd.experiments.mistakes.bugs import BUGS

# The third derivative comes from these steps: from the difference of two difference quotients, nothing analytic.
COARSE, FINE = STEP_SIZES.index(0.01), STEP_SIZES.index(3e-3)
REFERENCE, SMALL = STEP_SIZES.index(1e-5), STEP_SIZES.index(1e-8)
ALIKE = 1.5  # times the smallest error: between such steps chance decides
ON_ONE_LINE = 1e-3  # of the gradients: points nearer to a line than that are on it


class Expected:
    """The two branches of the error curve of a complete check, predicted without the analytic gradient.

    curvature·h²: from the third derivative, with Σ f‴² from two coarse steps (Richardson); 0 if it is below rounding.
    rounding/h: the rounding of two losses, divided by 2h.
    """

    def __init__(self, check: GradientCheck) -> None:
        self.check = check
        self.size = 2 * float(np.linalg.norm(check.numerical[REFERENCE]))
        # noise of the quotients, times h; if the loss does not depend on a parameter, its quotients are exactly 0
        self.live = int(np.count_nonzero(check.numerical[[REFERENCE, SMALL]].any(axis=0)))
        noise = check.noise * math.sqrt(self.live / 2)
        self.rounding = noise / self.size if self.size else 0.0
        self.smooth = check.switched[COARSE] == 0  # (M,)
        bend = float(np.linalg.norm((check.numerical[COARSE] - check.numerical[FINE])[self.smooth]))
        h, finer = STEP_SIZES[COARSE], STEP_SIZES[FINE]
        seen = bend > 30 * noise / finer and self.size > 0
        self.curvature = bend / (h**2 - finer**2) / self.size if seen else 0.0
        kinked = [h for at, h in enumerate(STEP_SIZES[:-1]) if self._kinked(at)]
        self.first_kink = min(kinked, default=math.inf)

    def _kinked(self, at: int) -> bool:
        """Whether a step switches units that matter to the loss: the quotients jump from the next smaller step."""
        check, across = self.check, self.check.switched[at] > 0
        jump = np.linalg.norm((check.numerical[at] - check.numerical[at + 1])[across])
        return bool(jump > 30 * check.noise * math.sqrt(across.sum() / 2) / STEP_SIZES[at + 1])

    def measured_bend(self, at: int) -> float:
        """The error at one step, of the parameters that the curvature comes from."""
        check = self.check
        apart = np.linalg.norm((check.analytic - check.numerical[at])[self.smooth])
        return float(apart / self.size) if self.size else 0.0

    @property
    def best_step(self) -> float:
        """The step with the smallest expected error: the smaller of `balance` and `before_kink`."""
        return min(self.before_kink, self.balance)

    @property
    def before_kink(self) -> float:
        """The largest step that switches no unit on which the loss depends."""
        return max((h for h in STEP_SIZES if h < self.first_kink), default=STEP_SIZES[-1])

    @property
    def balance(self) -> float:
        """The step where the two branches are equally steep, (rounding / (2·curvature))^⅓."""
        return (self.rounding / (2 * self.curvature)) ** (1 / 3) if self.curvature else math.inf

    @property
    def limit(self) -> str:
        """What limits the best step: "kink", "bend", or "nothing" except the largest step tried."""
        if self.balance <= self.before_kink:
            return "bend"
        return "nothing" if math.isinf(self.first_kink) else "kink"

    def error(self, h: float) -> float:
        """The expected error at a step that switches no unit."""
        return self.curvature * h**2 + self.rounding / h


def reference(check: GradientCheck) -> int:
    """The index of the h nearest to the expected best one. A gradient is judged at this h."""
    wanted = Expected(check).best_step
    return int(np.argmin(np.abs(np.log(np.array(STEP_SIZES) / wanted))))


def tolerance(check: GradientCheck) -> float:
    """The relative error up to which the gradient counts as right: a millionth, or more if rounding is coarser."""
    return max(RIGHT, 100 * Expected(check).error(STEP_SIZES[reference(check)]))


def is_right(check: GradientCheck) -> bool:
    """Whether the analytic gradient is the gradient of the loss, as far as differences can tell."""
    return bool(check.curve(smooth=True)[reference(check)] <= tolerance(check))


def slope(check: GradientCheck, among: NDArray[np.bool_] | None = None, at: int | None = None) -> tuple[float, float]:
    """The slope s of the line analytic = s · numerical, and the relative distance of these parameters from it.

    at: the index of the step; None: the one at which a gradient is judged.
    """
    at = reference(check) if at is None else at
    kept = check.switched[at] == 0  # (M,)
    kept = kept if among is None else kept & among
    a, n = check.analytic[kept], check.numerical[at][kept]
    across = float(n @ n)
    if not across:
        return math.nan, math.inf if a.any() else 0.0
    s = float(a @ n) / across
    size = float(np.linalg.norm(a))
    return s, float(np.linalg.norm(a - s * n)) / size if size else 0.0


def shape_of(check: GradientCheck) -> str:
    """Where the points lie: on the "diagonal", on a "steeper" or "flatter" line, or "apart" (on no line)."""
    if is_right(check):
        return "diagonal"
    s, off = slope(check)
    if off > ON_ONE_LINE:
        return "apart"
    return "steeper" if s > 1 else "flatter"


def size_of_best(check: GradientCheck) -> str:
    """The size of the h with the smallest error: "large", "thousandth", "hundred-thousandth" or "tiny"."""
    return size_of_step(STEP_SIZES[check.best])


def size_of_second(check: GradientCheck) -> str | None:
    """The size of the h with the second smallest error; None if that error is clearly larger."""
    curve = check.curve()
    first, second = np.argsort(curve, kind="stable")[:2]
    return size_of_step(STEP_SIZES[second]) if curve[second] <= ALIKE * curve[first] else None


def size_of_step(h: float) -> str:
    """The size of a step: "large" from 3e-2 on, "thousandth" from 3e-4, "hundred-thousandth" from 3e-7, or "tiny"."""
    if h >= 0.02:
        return "large"
    if h >= 2e-4:
        return "thousandth"
    return "hundred-thousandth" if h >= 2e-7 else "tiny"


def factors(bug: str, check: GradientCheck, loss: str, activation: str) -> Array:
    """The factor by which a mistake multiplies each checked derivative, (M,); NaN where there is no single factor."""
    last = check.layer == check.layers
    return BUGS[bug].factors(Derivatives(loss, activation, check.rows, check.outputs, check.bias, last))
