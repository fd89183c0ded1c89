"""A race of batch sizes: each lane is a plain run, all start alike, and the time left is foreseen."""

import math
from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.experiments.modes.lanes import SPLITS, checkpoints
from mbgd.experiments.modes.prices import (
    start_loss,
)
from mbgd.experiments.modes.race import race
from mbgd.experiments.modes.rules import Rules
from mbgd.experiments.step import finish
from tests.experiments.modes.conftest import SETTINGS


def test_each_run_equals_training_alone_with_its_batch_size_and_seed(run, dataset):
    for lane in run.lanes:
        for seed in range(3):
            settings = Settings(lane.batch_size, 8, 0.02, seed=seed, order_seed=0)
            training = Training(dataset, settings, evaluate_share=math.inf)
            training.advance(epochs=8)
            ends = lane.update % lane.plan.updates == 0
            kept = lane.update[ends][1:] // lane.plan.updates - 1
            for split in SPLITS:
                expected = getattr(training.history, f"{split}_loss")[kept]
                np.testing.assert_allclose(lane.losses(split)[ends][1:, seed], expected, rtol=1e-9)


def test_all_lanes_start_from_the_same_weights_and_seeds_differ_in_them(run):
    starts = np.array([lane.train_loss[0] for lane in run.lanes])  # (lanes, S)
    np.testing.assert_array_equal(starts, np.broadcast_to(starts[0], starts.shape))
    assert len(set(starts[0])) == 3


def test_losses_within_an_epoch_are_those_of_all_rows(run, dataset):
    lane = run.lanes[0]
    training = Training(dataset, Settings(1, 8, 0.02, seed=1, order_seed=0))
    training.advance(updates=15)
    assert lane.train_loss[lane.update == 15, 1] == pytest.approx(training.evaluate("train").loss, rel=1e-9)


@pytest.mark.parametrize("data", ["diabetes", "digits"])
def test_the_loss_at_the_start_is_predicted_from_the_first_weights_of_the_seeds(data):
    run = finish(race(load(data), replace(SETTINGS, seed=7), Rules((256, 512), 2, "epochs", 1)))
    starts = [Training(load(data), Settings(1, 1, 0.02, seed=seed)).start["train"].loss for seed in (7, 8)]
    assert run.expected_start == pytest.approx(np.median(starts), rel=1e-12)
    assert run.expected_start == pytest.approx(start_loss(run), rel=1e-12)


def test_an_epoch_end_that_was_not_evaluated_is_evaluated_by_the_race(dataset, run, monkeypatch):
    whole = Training.history

    def every_third(training):
        history = whole.fget(training)
        columns = ("epoch", "epoch_update", "train_loss", "val_loss", "samples", "seconds")
        return history._replace(**{name: getattr(history, name)[::3] for name in columns})

    monkeypatch.setattr(Training, "history", property(every_third))
    sparse = finish(race(dataset, SETTINGS, Rules((1, 32, 353), seeds=3, limit="epochs", most=8)))
    for lane, other in zip(run.lanes, sparse.lanes, strict=True):
        np.testing.assert_array_equal(lane.train_loss, other.train_loss)
        np.testing.assert_array_equal(lane.val_loss, other.val_loss)


def test_the_last_layers_are_those_of_the_first_run(run, dataset):
    training = Training(dataset, Settings(32, 8, 0.02))
    training.advance(epochs=8)
    for (W, b, _), (other_W, other_b, _) in zip(run.lanes[1].layers, training.layers, strict=True):
        np.testing.assert_array_equal(W, other_W)
        np.testing.assert_array_equal(b, other_b)


def test_positions_follow_from_the_plan_of_an_epoch(run):
    for lane in run.lanes:
        assert lane.update[-1] == 8 * lane.plan.updates
        for axis, end in (("updates", lane.update[-1]), ("epochs", 8), ("samples", 8 * 353)):
            assert (lane.position(axis)[-1] == end).all()
        assert all((np.diff(lane.position(axis), axis=0) > 0).all() for axis in ("updates", "epochs", "samples"))
        assert (np.diff(lane.seconds, axis=0) >= 0).all()
    middle = run.lanes[1]
    assert (middle.position("samples")[middle.update == 13] == 353 + 32).all()  # an epoch of 12 updates, and a batch


def test_lanes_go_together(dataset):
    steps = list(race(dataset, SETTINGS, Rules((8, 353), seeds=2, limit="epochs", most=80)))
    half = next(step for step in steps if step.share >= 0.5).result
    done = [lane.update[-1] / lane.plan.updates for lane in half.lanes]
    assert max(done) - min(done) < 16  # of 80 epochs: within two checkpoints of each other
    assert steps[-1].share == 1
    assert steps[-1].result.finished
    assert not steps[0].result.finished
    assert all(a.share <= b.share for a, b in pairwise(steps))


def test_a_result_does_not_change_later(dataset):
    steps = race(dataset, SETTINGS, Rules((8, 353), seeds=2, limit="epochs", most=80))
    early = next(steps).result
    losses = [lane.train_loss.copy() for lane in early.lanes]
    finish(steps)
    for lane, loss in zip(early.lanes, losses, strict=True):
        np.testing.assert_array_equal(lane.train_loss, loss)


def test_a_race_by_computing_time_gives_each_run_that_time(dataset):
    run = finish(race(dataset, SETTINGS, Rules((4, 353), seeds=2, limit="seconds", most=0.05)))
    for lane in run.lanes:
        assert (lane.seconds[-1] >= 0.05).all()
        assert (lane.seconds[-2] < 0.05).all()  # and it made no further checkpoint


def test_the_rate_grows_with_the_batch_where_asked():
    rules = Rules((4, 16, 64), rate_for=16)
    assert [rules.settings(SETTINGS, size, 0).learning_rate for size in rules.batch_sizes] == [0.005, 0.02, 0.08]
    assert Rules((4, 16)).settings(SETTINGS, 4, 3) == replace(
        SETTINGS, batch_size=4, epochs=10**9, seed=3, order_seed=SETTINGS.seed
    )


def test_a_lane_that_diverges_stops_and_the_others_go_on(dataset):
    run = finish(race(dataset, replace(SETTINGS, learning_rate=0.1), Rules((1, 353), 2, "epochs", 20)))
    wild, calm = run.lanes
    assert wild.diverged
    assert len(wild.failures) == 2
    assert np.isinf(wild.train_loss[-1]).all()
    assert not calm.failures
    assert calm.update[-1] == 20
    training = Training(dataset, Settings(1, 20, 0.1))
    training.advance(epochs=20)
    assert training.failure
    assert (wild.failures[0].update, wild.failures[0].epoch) == (training.failure.update, training.failure.epoch)


@pytest.mark.parametrize("m", [1, 7, 353])
def test_checkpoints_come_twenty_an_octave_and_at_epoch_ends_once_these_are_closer(m):
    points = list(islice(checkpoints(m), 250))
    assert points[:21] == list(range(21)) if m > 1 else points[:3] == [0, 1, 2]
    assert all(b > a for a, b in pairwise(points))
    far = [(a, b) for a, b in pairwise(points) if b - a > m]
    assert far
    assert all(b % m == 0 for _, b in far)
    assert all(b <= a * 1.036 + m for a, b in pairwise(points[1:]))
    assert list(checkpoints(m, 100))[-1] == 100
    assert list(checkpoints(m, 1)) == [0, 1]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"batch_sizes": (1,)}, "2 to 6"),
        ({"batch_sizes": (1, 1)}, "2 to 6"),
        ({"batch_sizes": (0, 1)}, "batch_sizes"),
        ({"batch_sizes": (1, 2), "seeds": 11}, "seeds"),
        ({"batch_sizes": (1, 2), "limit": "rows"}, "limit"),
        ({"batch_sizes": (1, 2), "limit": "epochs", "most": 0.5}, "most"),
    ],
)
def test_bad_rules_are_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        Rules(**wrong)
