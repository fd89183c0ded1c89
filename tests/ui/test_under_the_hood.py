"""Under the hood: what to keep, the marking, the chart and the claims follow from the same times."""

import numpy as np
import pytest

from mbgd.charts.under_the_hood import costs_table
from mbgd.charts.words import in_microseconds
from mbgd.experiments.under_the_hood.tricks import TRICKS
from mbgd.experiments.under_the_hood.update_costs import OFF, Costs, how_much_faster
from mbgd.ui.kit.predict import mark
from mbgd.ui.under_the_hood import claims, question, to_keep, verdict
from tests.charts.encoded import column
from tests.pages.app import numbers


def costs(*microseconds):
    return Costs(16, 1e-6 * np.array([microseconds], float), difference=2e-16)


def test_the_numbers_are_those_of_the_run():
    took, trick, floor = to_keep(costs(40, 38, 20, 18, 12, 10, 5))
    assert numbers(took)[:4] == [16, 40, 10, 4]
    assert f"“{list(TRICKS)[2]}”: 18" in trick
    assert numbers(floor) == [5, 2]


def test_tricks_that_save_nothing_are_not_praised():
    assert "“" not in to_keep(costs(10, 10, 11, 12, 13, 14, 5))[1]


def drawn(seed):
    """Times drawn at random: the first variant takes 0.8 to 9 times as long as the last."""
    rng = np.random.default_rng(seed)
    us = np.linspace(rng.uniform(0.8, 9), 1, 6) * rng.uniform(5, 500) * rng.uniform(0.9, 1.1, 6)
    counted = [int(rng.integers(3, 30)) for _ in range(2)]
    seconds = 1e-6 * np.tile([*us, us.min() / 2], (5, 1))
    pairs = [(count, count + int(rng.integers(2))) for count in counted]
    return Costs(16, seconds, 1, 10, 10.0 ** -rng.integers(8, 17), 2.0, *pairs)


@pytest.mark.parametrize("seed", range(40))
def test_one_ratio_decides_and_is_the_one_that_everything_shows(seed):
    costs = drawn(seed)
    found, us = verdict(costs), costs.microseconds
    ratio = us[0] / us[-1]
    assert found.right == how_much_faster(ratio)
    low, high = how_much_faster(ratio / OFF), how_much_faster(ratio * OFF)
    assert found.near in {low, high, None}
    assert (found.near is None) == (low == high)
    good = {name for name in question(16).answers if mark(question(16), name, found)[0] == "good"}
    assert good == {found.right, found.near} - {None}
    for value in (us[0], us[-1]):
        assert in_microseconds(value) in found.measured
        assert in_microseconds(value) in to_keep(costs)[0]
        assert any(in_microseconds(value) in str(label) for label in column(costs_table(costs, 2), "label"))
    assert f"{ratio:.2f} times as fast" in to_keep(costs)[0]
    assert in_microseconds(costs.floor) in to_keep(costs)[2]


@pytest.mark.parametrize("seed", range(40))
def test_each_claim_agrees_when_its_two_numbers_do(seed):
    costs = drawn(seed)
    same, products, calls = claims(costs)
    assert same.agrees == (costs.difference <= 1e-12 * costs.largest)
    assert f"{costs.difference:.1e}" in same.measured
    assert f"{costs.difference:.1e}" in to_keep(costs)[0]
    for claim in (products, calls):
        assert claim.agrees == (claim.measured.split()[0] == claim.predicted)
