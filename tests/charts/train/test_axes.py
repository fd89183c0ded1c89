"""The x-axes of the loss chart: where batch losses stand, and where an axis ends."""

import math
from itertools import pairwise

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.charts.train.axes import axis_end, batch_position
from mbgd.charts.train.loss import curve
from tests.charts.train.runs import ordinary, short_last_batch


@pytest.mark.parametrize("last_batch", ["keep", "drop"])
def test_samples_count_the_rows_that_updates_saw(last_batch):
    training, rows = short_last_batch(last_batch)
    seen = np.cumsum([0, *rows])
    assert batch_position(training, "samples", training.history.update - 1).tolist() == seen[:-1].tolist()
    assert curve(training, "").position["samples"].tolist() == seen[:: training.plan.updates].tolist()


def test_seconds_increase_and_epoch_ends_lie_between_their_batches():
    training = short_last_batch()[0]
    batches, ends = (
        batch_position(training, "seconds", training.history.update - 1),
        curve(training, "").position["seconds"],
    )
    assert batches[0] == ends[0] == 0
    assert (np.diff(batches) > 0).all()
    assert batches[[3, 6, 9]].tolist() == ends[1:].tolist()
    assert batches[-1] < training.seconds


def test_the_whole_axis_ends_with_the_run():
    training, _ = short_last_batch()
    ends = [axis_end(training, axis, whole=True) for axis in ("updates", "epochs", "samples")]
    assert ends == [15, 5, 80]


@pytest.mark.parametrize("axis", ["updates", "epochs", "samples"])
def test_a_part_of_the_axis_doubles_only(axis):
    training = Training(load("sine", n=100), Settings(4, 40, 0.01, hidden=(2,)), evaluate_share=math.inf)
    ends = [axis_end(training, axis, whole=False)]
    for _ in training:
        ends.append(axis_end(training, axis, whole=False))
        position = {
            "updates": training.updates_done,
            "epochs": training.updates_done / training.plan.updates,
            "samples": training.samples_seen,
        }
        assert position[axis] <= ends[-1] <= axis_end(training, axis, whole=True)
    steps = [after / before for before, after in pairwise(ends) if after != before]
    assert steps == [2.0] * 5  # 25, 50, ... 800 updates
    assert ends[-1] == axis_end(training, axis, whole=True)


def test_the_first_updates_are_seen_in_slow_motion():
    training = Training(load("sine", n=100), Settings(4, 40, 0.01), evaluate_share=math.inf)
    assert axis_end(training, "updates", whole=False) == 25
    assert axis_end(training, "updates", whole=True) == 800


def test_the_seconds_axis_ends_at_the_prediction_rounded_up_to_a_quarter_power_of_two():
    training = ordinary()
    end = axis_end(training, "seconds", whole=True)
    expected = training.seconds * training.total_updates / training.updates_done
    assert expected <= end < expected * 2**0.25
    assert np.log2(end) * 4 == pytest.approx(round(np.log2(end) * 4))
