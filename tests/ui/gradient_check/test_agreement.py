"""Gradient check: the marking, the claims and what to keep follow from one decision, whatever was checked."""

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.experiments.gradient_check.check import STEP_SIZES, check_gradient, step_name
from mbgd.experiments.gradient_check.verdict import is_right, size_of_step, slope
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.plain import Parts, start
from mbgd.experiments.step import finish
from mbgd.ui.gradient_check.claims import bug_claims, bug_verdict, right_claims, step_verdict
from mbgd.ui.gradient_check.to_keep import to_keep

pytestmark = pytest.mark.thorough

DATA = ("sine", "diabetes", "moons", "penguins")
HERE = {True: "does not find", False: "check finds"}


def checked(seed, bug=None):
    """A check with data and settings drawn at random, of the right gradient or of one with a mistake."""
    rng = np.random.default_rng(seed)
    name = DATA[seed % len(DATA)]
    dataset = load(name, seed=seed, **({} if name in ("diabetes", "penguins") else {"n": 50}))
    activation = str(rng.choice(["relu", "tanh", "sigmoid", "identity"]))
    hidden = ((), (3,), (4, 3))[int(rng.integers(3))]
    settings = Settings(int(rng.choice([1, 4, 16])), 1, 0.1, hidden, activation, seed=seed)
    data = bug.data(dataset) if bug else dataset
    parts = bug.parts(data, settings) if bug else Parts()
    return finish(check_gradient(data, settings, start(data, settings), rng, parts)), data.loss, activation


@pytest.mark.parametrize("seed", range(20))
def test_the_best_step_is_that_of_the_curve_everywhere(seed):
    check, *_ = checked(seed)
    found, curve = step_verdict(check), check.curve()
    best = STEP_SIZES[int(np.argmin(curve))]
    assert found.right == size_of_step(best)
    assert f"{curve.min():.1e}, at h = {step_name(best)}" in found.measured
    if found.near:
        alike = {size_of_step(h) for h, error in zip(STEP_SIZES, curve, strict=True) if error <= 1.5 * curve.min()}
        assert found.near in alike
    right, step, *_ = right_claims(check)
    assert step.measured == step_name(best)
    assert right.agrees == is_right(check)
    said = to_keep(check)
    assert ("the gradient is right" in said[0]) == right.agrees
    assert right.measured in said[0]
    assert f"{curve.min():.1e}, at h = {step_name(best)}" in said[1]


@pytest.mark.parametrize("times", [1.0, 1 + 1e-5, 1.01, 3.0])
@pytest.mark.parametrize("seed", range(4))
def test_a_gradient_that_is_too_large_is_called_wrong_everywhere(seed, times):
    check, *_ = checked(seed)
    check = check._replace(analytic=times * check.analytic)
    right = is_right(check)
    assert right == (times == 1.0)
    assert right_claims(check)[0].agrees == right
    assert ("the gradient is right" in to_keep(check)[0]) == right
    assert bug_verdict(check).right == ("diagonal" if right else "steeper")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", list(BUGS))
def test_on_a_mistake_the_answer_the_claims_and_what_to_keep_agree(name, seed):
    check, loss, activation = checked(seed, BUGS[name])
    found, claims, (s, _) = bug_verdict(check), bug_claims(name, check, loss, activation), slope(check)
    right = is_right(check)
    assert (found.right == "diagonal") == right
    assert [seen for seen, words in HERE.items() if words in to_keep(check, name)[1]] == [right]
    if found.right == "steeper":
        assert s > 1
    elif found.right == "flatter":
        assert s < 1
    if found.right != "apart":
        assert right or f"{s:.4g}." in to_keep(check, name)[1]
        assert f"{s:.7g}" in found.measured
    assert all(claim.agrees for claim in claims)
    if right:
        assert all(claim.predicted == "1" for claim in claims)
    elif found.right in ("steeper", "flatter"):
        (claim,) = claims
        assert (float(claim.predicted) > 1) == (found.right == "steeper")
