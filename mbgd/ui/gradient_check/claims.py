"""The questions of the page Gradient check, the marking of their answers, and its claims."""

import math

import numpy as np
from numpy.typing import NDArray

from mbgd.charts.words import plural
from mbgd.experiments.gradient_check.check import STEP_SIZES, GradientCheck, step_name
from mbgd.experiments.gradient_check.verdict import (
    SMALL,
    Expected,
    factors,
    is_right,
    reference,
    shape_of,
    size_of_best,
    size_of_second,
    slope,
    tolerance,
)
from mbgd.ui.kit.claims import Claim
from mbgd.ui.kit.predict import Answer, Question, Verdict

ENOUGH = 30  # parameters: enough for a mean of their rounding errors
STEP_QUESTION = Question(
    "gradient_check_step",
    "f is the loss, and θ is one of the weights or biases. The difference quotient (f(θ+h) − f(θ−h)) ÷ 2h is exact "
    "only for h\u00a0→\u00a00. The check tries h = 1e-12, 3e-12, 1e-11, …, 1e-1. Which h makes the difference "
    "quotients closest to the gradient from backpropagation, on this computer?",
    {
        "tiny": Answer(
            "1e-12 to 1e-7: the smaller h, the better.",
            "The computer keeps about 16 digits of a number. If h is small, f(θ+h) and f(θ−h) have nearly the same "
            "digits, so few are left in their difference: at 1e-12 only a few.",
        ),
        "hundred-thousandth": Answer(
            "3e-7 to 1e-4.",
            "The quotient has two errors. The truncation error grows like h², unless the loss is exactly quadratic. "
            "The rounding error grows like 1e-16/h. Their sum is smallest near the cube root of 1e-16, "
            "about 1e-5. This holds with smooth activations, such as tanh and sigmoid. With ReLU, h can also "
            "move a unit across its kink at 0. With more rows or more units, this happens at a smaller h.",
        ),
        "thousandth": Answer(
            "3e-4 to 1e-2.",
            "Such an h is best if the truncation error is small and no kink is near. With ReLU and squared error, the "
            "loss is quadratic in each single weight, as long as no unit switches. For a quadratic function, this "
            "difference quotient is exact. With few rows and units, an h of about this size is the first to switch a "
            "unit. With many, a much smaller h does.",
        ),
        "large": Answer(
            "3e-2 or 1e-1: the larger h, the smaller the rounding error.",
            "The rounding error does get smaller. A large h is best if the difference quotient is exact for this loss "
            "and no ReLU unit switches, as in a linear model with squared error. In other networks, truncation and "
            "kinks make larger errors than rounding.",
        ),
    },
)
BUG_QUESTION = Question(
    "gradient_check_bug",
    "Each parameter is a point. x is its difference quotient, y is its derivative from backpropagation. Where do the "
    "points lie with this mistake?",
    {
        "diagonal": Answer(
            "On the diagonal: the check finds nothing.",
            "A gradient check compares the loss of a batch with the gradient of the same batch. So it can't see a "
            "mistake in the choice of the rows. And it can't see a wrong factor that happens to be 1 here.",
        ),
        "steeper": Answer(
            "On one line, steeper than the diagonal.",
            "This happens if every derivative is too large by the same factor: for example, if the code sums over the "
            "rows instead of averaging.",
        ),
        "flatter": Answer(
            "On one line, flatter than the diagonal.",
            "This happens if every derivative is too small by the same factor: for example, if the code averages "
            "twice.",
        ),
        "apart": Answer(
            "On no single line.",
            "This happens if the mistake is inside the backward pass: some derivatives are wrong, others are right.",
        ),
    },
)


def bug_question(name: str) -> Question:
    """The question about the mistake with this name: each mistake is asked about anew."""
    return BUG_QUESTION._replace(key=f"{BUG_QUESTION.key}_{name}")


def step_verdict(check: GradientCheck) -> Verdict:
    """The size of the best h, and the sentence with its numbers."""
    curve, best = check.curve(), check.best
    return Verdict(
        size_of_best(check),
        f"The smallest relative error is {curve[best]:.1e}, at h = {step_name(STEP_SIZES[best])}. At h = 1e-1 the "
        f"error is {curve[0]:.1e}, and at h = 1e-12 it is {curve[-1]:.1e}. {_limit(Expected(check))}",
        near=size_of_second(check),
    )


def _limit(expected: Expected) -> str:
    """A sentence on what limits the best h of this network."""
    if expected.limit == "kink":
        return f"Here the error rises where h begins to switch ReLU units: at h = {step_name(expected.first_kink)}."
    if expected.limit == "bend":
        at = step_name(expected.balance)
        return (
            "At a small h the error comes from rounding, at a large h from the quotient itself (truncation error). In "
            f"theory, the error is smallest near h = {at}.{_kinks(expected)}"
        )
    return (
        "Here the error comes from rounding alone, so a larger h is better: the truncation error is 0, and no unit "
        "switches."
    )


def _kinks(expected: Expected) -> str:
    """What a large h does besides, with a space before it; empty if no h that is tried switches a unit."""
    if math.isinf(expected.first_kink):
        return ""
    return (
        f" From h = {step_name(expected.first_kink)} on, some ReLU units switch on or off between the two losses, "
        "which makes the error even larger."
    )


def bug_verdict(check: GradientCheck) -> Verdict:
    """Where the points lie, and the sentence with the numbers."""
    s, off = slope(check)
    shape, at = shape_of(check), f"At h = {step_name(STEP_SIZES[reference(check)])}, "
    if shape == "apart":
        seen = (
            f"{at}the best line through the points has slope {s:.4g}. The points do not lie on it: their distance from "
            f"it is {off:.0%} of the size of the gradient."
        )
    else:
        zeros = int(np.count_nonzero(check.analytic == 0))
        nothing = f" ({zeros:,} of the {len(check.analytic):,} points lie at 0.)" if zeros else ""
        seen = (
            f"{at}all points lie on the line: derivative from backpropagation = {s:.7g} × difference quotient.{nothing}"
        )
    return Verdict(shape, seen)


def right_claims(check: GradientCheck) -> list[Claim]:
    """The claims on a gradient without a mistake."""
    at, expected, smooth, best = reference(check), Expected(check), check.curve(smooth=True), STEP_SIZES[check.best]
    claims = [
        Claim(
            f"Backpropagation gives the gradient of the loss: relative error at h = {step_name(STEP_SIZES[at])}",
            f"at most {step_name(tolerance(check))}",
            f"{smooth[at]:.1e}",
            is_right(check),
        ),
        Claim(
            "The best h: the one with the smallest expected error, among those that switch no unit",
            step_name(expected.best_step),
            step_name(best),
            abs(math.log10(best / expected.best_step)) < 1.01,
        ),
        _rounding(expected, float(smooth[SMALL])),
    ]
    if expected.curvature:
        bent = expected.measured_bend(STEP_SIZES.index(1e-3))
        says = "Truncation: the error at h = 1e-3, of the parameters that switch no unit, not even at h = 1e-2"
        claims.append(_near(says, expected.error(1e-3), bent, 2))
    return claims


def _rounding(expected: Expected, measured: float) -> Claim:
    """The claim on the error of rounding. With few parameters it may happen to be much smaller than expected."""
    says, predicted = "Rounding: the error at h = 1e-8", expected.rounding / STEP_SIZES[SMALL]
    if expected.live >= ENOUGH:
        return _near(says, predicted, measured, 5)
    return Claim(says, f"at most {5 * predicted:.1e}", f"{measured:.1e}", measured <= 5 * predicted)


def _near(says: str, predicted: float, measured: float, factor: float) -> Claim:
    """A claim that two errors are equal up to a factor."""
    agrees = predicted / factor <= measured <= predicted * factor
    return Claim(says, f"{predicted:.1e}", f"{measured:.1e}", bool(agrees))


def bug_claims(name: str, check: GradientCheck, loss: str, activation: str) -> list[Claim]:
    """The expected and the measured wrong factor of each group of derivatives. Groups of zeros are left out."""
    wanted, allowed = factors(name, check, loss, activation), tolerance(check)
    noise = Expected(check).rounding * np.linalg.norm(check.analytic) / STEP_SIZES[reference(check)]
    claims = []
    for factor in np.unique(wanted):  # NaN comes last
        among = np.isnan(wanted) if np.isnan(factor) else wanted == factor
        s, off = slope(check, among)
        if np.linalg.norm(check.analytic[among]) <= 1e3 * noise:
            continue
        says = f"Derivative from backpropagation ÷ difference quotient, for {_which(check, among)}"
        if np.isnan(factor):
            wrong = bool(abs(s - 1) > allowed or off > allowed)
            claims.append(Claim(says, "not 1", f"{s:.4g}, and {off:.0%} away from one line", wrong))
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
    return f"the {count} parameters of {plural(len(numbers), 'layer')} {', '.join(map(str, numbers))}"
