"""What to keep of Under the hood: its numbers are the measured ones."""

import numpy as np

from mbgd.experiments.under_the_hood.tricks import TRICKS
from mbgd.experiments.under_the_hood.update_costs import Costs
from mbgd.ui.under_the_hood import to_keep
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
