"""The loss of the best constant output."""

import numpy as np
import pytest

from mbgd import load
from mbgd.experiments.constant import constant_loss


def test_the_best_constant_is_the_variance_or_the_entropy():
    assert constant_loss(load("diabetes")) == pytest.approx(1.0, rel=1e-12)
    moons = load("moons").Y_train.mean(axis=0)
    assert constant_loss(load("moons")) == pytest.approx(-(moons * np.log(moons)).sum(), rel=1e-12)
