"""What to keep of Gradient check: its numbers are those of the check, with a mistake and without."""

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.experiments.gradient_check.check import STEP_SIZES, check_gradient, step_name
from mbgd.experiments.gradient_check.verdict import reference, shape_of, slope
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.plain import Parts, start
from mbgd.experiments.step import finish
from mbgd.ui.gradient_check.to_keep import to_keep

SETTINGS = Settings(8, 1, 0.1, (3,), activation="tanh")


def checked(parts):
    dataset = load("diabetes")
    return finish(check_gradient(dataset, SETTINGS, start(dataset, SETTINGS), np.random.default_rng(0), parts))


@pytest.fixture(scope="module")
def right():
    return checked(Parts())


def test_the_numbers_are_those_of_the_check(right):
    judged, best = to_keep(right)
    at, curve = reference(right), right.curve()
    assert f"{right.curve(smooth=True)[at]:.1e}" in judged
    assert "is right" in judged
    assert f"{curve[right.best]:.1e}, at h = {step_name(STEP_SIZES[right.best])}" in best
    assert f"{curve[0]:.1e}" in best
    assert f"{curve[-1]:.1e}" in best


def test_a_wrong_gradient_is_never_called_right(right):
    assert "is right" not in to_keep(right._replace(analytic=2 * right.analytic))[0]


def test_a_mistake_is_seen_or_not_as_the_check_shows(right):
    wrong = checked(BUGS["summed"].parts(load("diabetes"), SETTINGS))
    assert f"{slope(wrong)[0]:.4g}" in to_keep(wrong, "Summed")[1]
    assert "does not find" in to_keep(right, "Summed")[1]
    mixed = right._replace(analytic=np.where(right.bias, 2.0, 1.0) * right.analytic)
    assert shape_of(mixed) == "apart"
    assert "no single line" in to_keep(mixed, "Mixed")[1]
