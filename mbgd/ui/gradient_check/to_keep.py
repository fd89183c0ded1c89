"""What to keep of the page Gradient check, by the check that was made."""

from math import isnan

from mbgd.experiments.gradient_check.check import STEP_SIZES, GradientCheck, step_name
from mbgd.experiments.gradient_check.verdict import is_right, reference, shape_of, slope


def to_keep(check: GradientCheck, mistake: str = "") -> list[str]:
    """Whether the two gradients agree, and with which step this was best seen. `mistake`: the title of one, if any."""
    curve, best, at = check.curve(), check.best, reference(check)
    error, right = f"{check.curve(smooth=True)[at]:.1e}", is_right(check)
    if isnan(check.curve(smooth=True)[at]):
        return ["At the h that judges, every parameter switched a ReLU unit, so this check can't tell."]
    judged = f"At h = {step_name(STEP_SIZES[at])}, the relative error between the two gradients is {error}"
    if mistake:
        s, _ = slope(check)
        if right:
            return [f"{judged}.", f"The check does not find the mistake “{mistake}”."]
        lie = (
            f"lie on no single line; the best one has slope {s:.4g}"
            if shape_of(check) == "apart"
            else f"lie on a line of slope {s:.4g}"
        )
        return [f"{judged}.", f"The check finds the mistake “{mistake}”: the points {lie}."]
    says = "the gradient is right, as far as this check can tell" if right else "that is too much for a right gradient"
    return [
        f"{judged}: {says}.",
        f"The smallest relative error was {curve[best]:.1e}, at h = {step_name(STEP_SIZES[best])}. With h = 1e-1 it "
        f"was {curve[0]:.1e}, and with h = 1e-12 it was {curve[-1]:.1e}.",
    ]
