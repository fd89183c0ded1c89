"""What a gradient check decides: its questions, the marking of their answers, and its claims."""

import math

import numpy as np
from numpy.typing import NDArray

from mbgd.experiments.gradient_check import STEP_SIZES, GradientCheck, step_name
from mbgd.experiments.gradient_verdict import (
    Expected,
    factors,
    is_right,
    reference,
    shape_of,
    size_of_best,
    slope,
    tolerance,
)
from mbgd.ui.predict import Answer, Question, Verdict
from mbgd.ui.proof import Claim

STEP_QUESTION = Question(
    "gradient_check_step",
    "The difference quotient (f(θ+h) − f(θ−h)) ÷ 2h is exact only for h → 0. Which step h comes nearest to this "
    "network's gradient, on this computer?",
    {
        "tiny": Answer(
            "1e-12: the smaller the step, the better.",
            "The smaller the step, the more of the 16 digits cancel in f(θ+h) − f(θ−h): at 1e-12 three or four remain.",
        ),
        "hundred-thousandth": Answer(
            "About 1e-5.",
            "There the error of the bend, h², meets that of rounding, 1e-16/h: their sum is least near the cube root "
            "of 1e-16. That takes a loss that bends, as with tanh, sigmoid or cross-entropy.",
        ),
        "thousandth": Answer(
            "About 1e-3.",
            "With ReLU and squared error the loss is a parabola in each single weight, and of a parabola central "
            "differences are exact at any h. So large steps win, until one is long enough to switch a unit on or off.",
        ),
        "large": Answer(
            "1e-1: a large step drowns the rounding.",
            "It does, but the loss bends within so long a step, or a ReLU unit switches. Only where neither happens, "
            "as in a linear model with squared error, does the largest step win.",
        ),
    },
)
BUG_QUESTION = Question(
    "gradient_check_bug",
    "Each point is a parameter: its analytic derivative over its numerical one. Where do the points lie with this "
    "mistake?",
    {
        "diagonal": Answer(
            "On the diagonal: the check finds nothing.",
            "A gradient check compares the loss of a batch with the gradient of the same batch. It sees no mistake in "
            "which rows are in the batch, and none in a factor that happens to be 1.",
        ),
        "steeper": Answer(
            "On one line, steeper than the diagonal.",
            "That is the sign of one factor above 1 in every derivative, as when a sum stands in place of a mean.",
        ),
        "flatter": Answer(
            "On one line, flatter than the diagonal.",
            "That is the sign of one factor below 1 in every derivative, as when an average is taken a second time.",
        ),
        "apart": Answer(
            "On no single line.",
            "That is the sign of a mistake inside the way back: it reaches some derivatives and leaves others right.",
        ),
    },
)


def step_verdict(check: GradientCheck) -> Verdict:
    """Which step was the best."""
    curve, best = check.curve(), check.best
    return Verdict(
        size_of_best(check),
        f"The smallest error is {curve[best]:.1e}, at h = {step_name(STEP_SIZES[best])}; it is {curve[0]:.1e} at 1e-1 "
        f"and {curve[-1]:.1e} at 1e-12.",
    )


def bug_verdict(check: GradientCheck) -> Verdict:
    """Where the points lie."""
    s, off = slope(check)
    shape = shape_of(check)
    if shape == "apart":
        seen = f"The best line through the points has slope {s:.4g}, and they lie {off:.0%} of their size off it."
    else:
        seen = f"All points lie on the line analytic = {s:.7g} × numerical."
    return Verdict(shape, seen)


def right_claims(check: GradientCheck) -> list[Claim]:
    """The claims for a gradient without a mistake."""
    at, expected, smooth, best = reference(check), Expected(check), check.curve(smooth=True), STEP_SIZES[check.best]
    claims = [
        Claim(
            f"the gradient is that of the loss: relative error at h = {step_name(STEP_SIZES[at])}",
            f"at most {step_name(tolerance(check))}",
            f"{smooth[at]:.1e}",
            is_right(check),
        ),
        Claim(
            "the best step: where the errors of bend and rounding balance, if no unit switches before",
            step_name(expected.best_step),
            step_name(best),
            abs(math.log10(best / expected.best_step)) < 1.01,
        ),
        _near("rounding: the error at h = 1e-8", expected.rounding / 1e-8, smooth[STEP_SIZES.index(1e-8)], 5),
    ]
    if expected.curvature:
        bent = expected.measured_bend(STEP_SIZES.index(1e-3))
        says = "the bend: the error at h = 1e-3, of parameters that switch no unit even at 1e-2"
        claims.append(_near(says, expected.error(1e-3), bent, 2))
    return claims


def _near(says: str, predicted: float, measured: float, factor: float) -> Claim:
    """A claim that two errors are of the same size, up to a factor."""
    agrees = predicted / factor <= measured <= predicted * factor
    return Claim(says, f"{predicted:.1e}", f"{measured:.1e}", bool(agrees))


def bug_claims(name: str, check: GradientCheck, loss: str, activation: str) -> list[Claim]:
    """By which factor each group of derivatives is wrong, expected and measured; groups of zeros are left out."""
    wanted, allowed = factors(name, check, loss, activation), tolerance(check)
    noise = Expected(check).rounding * np.linalg.norm(check.analytic) / STEP_SIZES[reference(check)]
    claims = []
    for factor in np.unique(wanted):  # one factor that is no number comes last
        among = np.isnan(wanted) if np.isnan(factor) else wanted == factor
        s, off = slope(check, among)
        if np.linalg.norm(check.analytic[among]) <= 1e3 * noise:
            continue
        says = f"analytic ÷ numerical, of {_which(check, among)}"
        if np.isnan(factor):
            wrong = bool(abs(s - 1) > allowed or off > allowed)
            claims.append(Claim(says, "anything but 1", f"{s:.4g}, and {off:.0%} off one line", wrong))
        else:
            right = bool(abs(s / factor - 1) <= allowed and off <= allowed)
            claims.append(Claim(says, f"{factor:.7g}", f"{s:.7g}", right))
    return claims


def _which(check: GradientCheck, among: NDArray[np.bool_]) -> str:
    """A group of parameters in words."""
    if among.all():
        return f"all {len(among):,} parameters"
    kinds = {bool(bias) for bias in check.bias[among]}
    count = f"{int(among.sum()):,}"
    if len(kinds) == 1 and bool((check.bias == check.bias[among][0]).sum() == among.sum()):
        return f"the {count} {'biases' if kinds == {True} else 'weights'}"
    numbers = sorted({int(number) for number in check.layer[among]})
    return f"the {count} parameters of layer{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"
