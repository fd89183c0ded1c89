"""What to keep of Remove the last loop: its numbers are the measured ones."""

import numpy as np

from mbgd.charts.words import short
from mbgd.experiments.loop.timing import Agreement, WayTimes
from mbgd.ui.loop.to_keep import to_keep
from tests.pages.app import numbers

SECONDS = np.array([[[3e-6, 4e-6, 2e-6], [3e-6, 2e-6, 1e-7], [5e-6, 2e-6, 1e-7]]])  # (rounds, sizes, ways) per row


def test_the_numbers_are_those_of_the_run():
    agreements = (Agreement(1, 1, 0.0, 1.0), Agreement(64, 64, 3e-16, 1.0), Agreement(100, 100, 1e-16, 1.0))
    speed = WayTimes(100, (1, 64, 100), 64, SECONDS, np.ones((3, 3)), agreements)
    asked, ends, gradients = to_keep(speed)
    assert numbers(asked) == [64, 0.3, 0.01, 30]
    assert numbers(ends) == [1, float(short(1.5)), 100, 50]
    assert "3.0e-16" in gradients
