"""The three training losses: each is what it says, and the running mean lies above while the loss falls."""

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.experiments.diagnose.meanings import (
    ABOVE,
    BELOW,
    MOST_EPOCHS,
    SAME,
    answer,
    epochs_to_look_at,
    measure_meanings,
)
from mbgd.experiments.diagnose.problem import lesson_problem
from mbgd.experiments.step import finish

SETTINGS = Settings(16, 8, 0.05, hidden=(8,))


@pytest.mark.parametrize("name", ["sine", "moons", "diabetes"])
@pytest.mark.parametrize("last_batch", ["keep", "drop"])
def test_each_is_what_it_says(name, last_batch):
    dataset = load(name)
    settings = Settings(16, 8, 0.05, hidden=(8,), last_batch=last_batch)
    found, training = finish(measure_meanings(dataset, settings)), Training(dataset, settings)
    updates = list(training)
    assert found.batch.tolist() == [update.loss for update in updates]
    np.testing.assert_array_equal(found.after[1:], training.history.train_loss)
    assert len(found.mean) == found.epochs == 8
    m = training.plan.updates
    for epoch in range(8):
        mine = updates[epoch * m : (epoch + 1) * m]
        rows = np.array([len(update.rows) for update in mine])
        losses = np.array([update.loss for update in mine])
        running = np.cumsum(losses * rows) / np.cumsum(rows)
        np.testing.assert_allclose(found.running[epoch * m : (epoch + 1) * m], running, rtol=1e-12)
        assert found.mean[epoch] == found.running[(epoch + 1) * m - 1]
    assert found.position[m] == 1
    assert found.fixed == pytest.approx(found.after[0], rel=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_the_running_mean_is_above_while_the_loss_falls(seed):
    """Of the seeds 0 to 19, it was 1.05 to 1.26 times the loss after the epoch."""
    problem = lesson_problem(seed)
    found = finish(measure_meanings(problem.dataset, problem.settings))
    assert found.falling == len(found.mean) == MOST_EPOCHS
    assert 1.04 < found.ratio < 1.27
    assert answer(found.ratio) == ABOVE


def test_with_full_batch_the_mean_is_the_loss_one_epoch_before():
    dataset = load("sine", n=50)
    found = finish(measure_meanings(dataset, Settings(1_000, 8, 0.05, hidden=(8,))))
    np.testing.assert_allclose(found.mean, found.after[:-1], rtol=1e-12)


@pytest.mark.parametrize(
    ("ratio", "right"), [(1.1, ABOVE), (1.004, SAME), (0.996, SAME), (0.9, BELOW), (np.nan, SAME), (np.inf, SAME)]
)
def test_the_answer_follows_from_the_ratio(ratio, right):
    assert answer(ratio) == right


@pytest.mark.parametrize(("epochs", "updates", "expected"), [(100, 3, 12), (5, 3, 5), (100, 2_000, 3), (2, 9_999, 2)])
def test_long_epochs_are_fewer(epochs, updates, expected):
    assert epochs_to_look_at(Settings(16, epochs, 0.1), updates) == expected


def test_a_divergence_leaves_the_epochs_before_it():
    found = finish(measure_meanings(load("diabetes"), Settings(16, 8, 3.0, hidden=(8, 8))))
    assert found.failed is not None
    assert len(found.mean) == len(found.after) - 1 < 8
    assert found.finished
