"""What to keep of the page Gradient check, by the check that was made."""

from math import isnan

from mbgd.experiments.gradient_check.check import STEP_SIZES, GradientCheck, step_name
from mbgd.experiments.gradient_check.verdict import is_right, reference, slope


def to_keep(check: GradientCheck, mistake: str = "") -> list[str]:
    """Whether the two gradients agree, and with which step this was best seen. `mistake`: the title of one, if any."""
    curve, best, at = check.curve(), check.best, reference(check)
    error, right = f"{check.curve(smooth=True)[at]:.1e}", is_right(check)
    if isnan(check.curve(smooth=True)[at]):
        return ["Every parameter switched a ReLU unit at the step that judges, so this check can't tell."]
    judged = f"At h = {step_name(STEP_SIZES[at])}, backpropagation and difference quotients differ by {error}"
    if mistake:
        s, _ = slope(check)
        found = "the check does not see it" if right else f"the check sees it: the slope of the points is {s:.4g}"
        return [f"{judged}.", f"With the mistake “{mistake}”, {found}."]
    says = "the gradient is right, as far as this check can tell" if right else "that is too much for a right gradient"
    return [
        f"{judged}: {says}.",
        f"The smallest error was {curve[best]:.1e}, at h = {step_name(STEP_SIZES[best])}. With h = 1e-1 it was "
        f"{curve[0]:.1e}, and with h = 1e-12 it was {curve[-1]:.1e}.",
    ]
