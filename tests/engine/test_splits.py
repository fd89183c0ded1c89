"""The rows of a run at the door."""

import numpy as np
import pytest

from mbgd import Settings, Training, load


def test_the_splits_need_the_same_columns():
    dataset = load("moons")

    class Odd:
        X_train, Y_train, Y_val, loss = dataset.X_train, dataset.Y_train, dataset.Y_val, dataset.loss
        X_val = np.ones((len(dataset.X_val), 3))

    with pytest.raises(ValueError, match="X_train has 2 columns and X_val 3"):
        Training(Odd(), Settings(16, 1, 0.1))


@pytest.mark.parametrize(("n", "share", "held_out"), [(100, 0.07, 7), (300, 0.07, 21), (100, 0.55, 55), (101, 0.2, 21)])
def test_the_share_held_out_is_rounded_up_from_its_true_value(n, share, held_out):
    assert len(load("sine", n=n, validation=share).X_val) == held_out
