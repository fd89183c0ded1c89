"""What a gradient check decides: its questions, the marking of their answers, and its claims."""

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

ENOUGH = 30  # parameters whose rounding errors make a mean
STEP_QUESTION = Question(
    "gradient_check_step",
    "f is the loss, θ one of the weights or biases. The difference quotient (f(θ+h) − f(θ−h)) ÷ 2h is exact only for "
    "h → 0. Which step h comes nearest to this network's gradient, on this computer?",
    {
        "tiny": Answer(
            "1e-12 to 1e-7: the smaller the step, the better.",
            "The smaller the step, the more of the 16 digits cancel in f(θ+h) − f(θ−h): at 1e-12 only a few remain.",
        ),
        "hundred-thousandth": Answer(
            "3e-7 to 1e-4.",
            "Near 1e-5 the error of the bend, h², meets that of rounding, 1e-16/h, if the loss bends, as with tanh, "
            "sigmoid or cross-entropy: their sum is least near the cube root of 1e-16. With ReLU the first kink can "
            "be as near: the more rows and units there are, the sooner a step turns one on or off.",
        ),
        "thousandth": Answer(
            "3e-4 to 1e-2.",
            "Such a step takes a loss that hardly bends and kinks that are far. With ReLU and squared error it is a "
            "parabola in each single weight, of which central differences are exact, until a step is long enough to "
            "switch a unit on or off for some row: with few rows and units about there, with many much sooner.",
        ),
        "large": Answer(
            "3e-2 or 1e-1: a large step drowns the rounding.",
            "It does, and large steps win as long as the loss does not bend within them and no ReLU unit switches, as "
            "in a linear model with squared error. Elsewhere bends and kinks make larger errors than rounding.",
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
            "That is the sign of one factor above 1 in every derivative that is not 0, as when a sum stands in place "
            "of a mean.",
        ),
        "flatter": Answer(
            "On one line, flatter than the diagonal.",
            "That is the sign of one factor below 1 in every derivative that is not 0, as when an average is taken a "
            "second time.",
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
        f"and {curve[-1]:.1e} at 1e-12. {_limit(Expected(check))}",
        near=size_of_second(check),
    )


def _limit(expected: Expected) -> str:
    """What decides on the best step of this network."""
    if expected.limit == "kink":
        return f"Here kinks decide: from h = {step_name(expected.first_kink)} on a step switches a ReLU unit."
    if expected.limit == "bend":
        at = step_name(expected.balance)
        return f"Here the bend decides: with rounding it is expected to make the least error near h = {at}."
    return "Here nothing is in the way of large steps: no bend, and no kink."


def bug_verdict(check: GradientCheck) -> Verdict:
    """Where the points lie."""
    s, off = slope(check)
    shape = shape_of(check)
    if shape == "apart":
        seen = f"The best line through the points has slope {s:.4g}, and they lie {off:.0%} of their size off it."
    else:
        zeros = int(np.count_nonzero(check.analytic == 0))
        nothing = f" {zeros:,} of the {len(check.analytic):,} derivatives are 0." if zeros else ""
        seen = f"All points lie on the line analytic = {s:.7g} × numerical.{nothing}"
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
        _rounding(expected, float(smooth[SMALL])),
    ]
    if expected.curvature:
        bent = expected.measured_bend(STEP_SIZES.index(1e-3))
        says = "the bend: the error at h = 1e-3, of parameters that switch no unit even at 1e-2"
        claims.append(_near(says, expected.error(1e-3), bent, 2))
    return claims


def _rounding(expected: Expected, measured: float) -> Claim:
    """The claim about the branch of rounding: of few parameters the errors may well happen to be smaller."""
    says, predicted = "rounding: the error at h = 1e-8", expected.rounding / STEP_SIZES[SMALL]
    if expected.live >= ENOUGH:
        return _near(says, predicted, measured, 5)
    return Claim(says, f"at most {5 * predicted:.1e}", f"{measured:.1e}", measured <= 5 * predicted)


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
    return f"the {count} parameters of {plural(len(numbers), 'layer')} {', '.join(map(str, numbers))}"
