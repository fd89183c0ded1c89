"""The cost of an update: all variants take turns, train the rows that are counted, and give the right answer."""

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.experiments.compare import nearly
from mbgd.experiments.under_the_hood import update_costs
from mbgd.experiments.under_the_hood.tricks import TRICKS, Plain, task_of
from mbgd.experiments.under_the_hood.update_costs import (
    OFF,
    Costs,
    TimedVariant,
    batches_and_times,
    how_much_faster,
    measure_costs,
)


def measured(name="moons", batch_size=7, hidden=(5, 3), activation="tanh", rate=10.0, rounds=3):
    dataset, settings = load(name), Settings(batch_size, 1, rate, hidden, activation)
    task = task_of(dataset, settings, rate)
    return list(measure_costs(task, settings.order().permutation(len(task.X)), rounds))


def test_all_is_measured_and_the_variants_agree_at_any_rate():
    costs = measured()[-1].result
    assert costs.seconds.shape == (3, len(TRICKS) + 1)
    assert (costs.seconds > 0).all()
    # whole epochs of whole batches, or on a very busy machine the first batches of an epoch
    assert costs.updates % (240 // 7) == 0 or 1 <= costs.updates < 240 // 7
    assert costs.compared >= 1
    assert costs.difference <= 1e-12
    assert costs.largest > 0.1
    assert costs.calls == (22, 22)
    assert costs.products == (8, 8)
    assert costs.times_faster == pytest.approx(costs.microseconds[0] / costs.microseconds[-1])


def test_progress_grows_to_exactly_one_and_results_are_not_changed_afterwards():
    steps, copies = [], []
    dataset, settings = load("sine"), Settings(16, 1, 0.1)
    for step in measure_costs(task_of(dataset, settings, 0.1), np.arange(len(dataset.X_train)), 3):
        steps.append(step)
        copies.append(step.result.seconds.copy())
    shares = [step.share for step in steps]
    assert shares == sorted(set(shares))
    assert shares[0] > 0
    assert shares[-1] == 1
    for step, copy in zip(steps, copies, strict=True):
        np.testing.assert_array_equal(step.result.seconds, copy)


@pytest.mark.parametrize(
    ("name", "batch_size", "hidden", "activation"),
    [("sine", 1, (), "relu"), ("digits", 1_437, (16,), "sigmoid"), ("penguins", 5_000, (3,), "identity")],
)
def test_every_network_and_batch_size_is_measured(name, batch_size, hidden, activation):
    costs = measured(name, batch_size, hidden, activation, rounds=1)[-1].result
    assert np.isfinite(costs.seconds).all()
    assert costs.difference <= 1e-12
    assert costs.calls[0] == costs.calls[1]
    assert costs.batch_size <= batch_size


def test_a_turn_is_whole_epochs_or_the_first_batches(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(update_costs, "perf_counter", lambda: now[0])

    def timed(seconds):
        def update(self, X, Y):
            now[0] += seconds

        monkeypatch.setattr(Plain, "update", update)
        return batches_and_times(task_of(load("moons"), Settings(16, 1, 0.1), 0.1), np.arange(240))

    assert timed(1e-5) == (15, 14)  # 15 batches take 150 µs: 14 epochs are 2 ms
    assert timed(1e-3) == (2, 1)
    assert timed(1.0) == (1, 1)


def test_a_long_update_gets_fewer_rounds(monkeypatch):
    monkeypatch.setattr(update_costs, "MOST_SECONDS", 0.0)
    assert len(measured(rounds=60)[-1].result.seconds) == update_costs.FEWEST_ROUNDS


def test_a_turn_trains_the_rows_it_counts():
    seen = []

    class Counting:
        def train(self, order):
            seen.append(len(order))

    turn = TimedVariant(Counting(), np.arange(12), 3)  # pyright: ignore[reportArgumentType]
    assert turn.seconds() >= 0
    assert sum(seen) == turn.rows == 36


def test_medians_and_the_floor_are_of_the_rounds_done():
    seconds = np.array([[8.0, 7, 6, 5, 3, 2, 1], [10.0, 9, 8, 7, 5, 4, 3], [np.nan] * 7]) * 1e-6
    costs = Costs(16, seconds)
    np.testing.assert_allclose(costs.microseconds, [9, 8, 7, 6, 4, 3])
    assert costs.floor == pytest.approx(2)
    assert costs.times_faster == pytest.approx(3)


@pytest.mark.parametrize(
    ("ratio", "right", "near"),
    [
        (1.0, "hardly", None),
        (1.4, "hardly", "two"),
        (1.6, "two", "hardly"),
        (2.2, "two", None),
        (2.9, "two", "four"),
        (4.4, "four", None),
        (6.1, "more", "four"),
        (9.0, "more", None),
    ],
)
def test_the_right_answer_follows_from_the_ratio(ratio, right, near):
    assert how_much_faster(ratio) == right
    assert nearly(how_much_faster, ratio, OFF) == near
