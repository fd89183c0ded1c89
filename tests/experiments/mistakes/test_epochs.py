"""Epochs are not updates: the arithmetic."""

import pytest

from mbgd import Settings, load
from mbgd.engine.batches import plan_epoch
from mbgd.experiments.mistakes.epochs import TIMES, batch_pair, budget_plans, budgets
from mbgd.experiments.mistakes.side_by_side import outcome_of_losses, side_by_side
from mbgd.experiments.step import finish
from mbgd.share.choices import DEFAULT


def test_sixteen_times_the_batch_is_sixteen_times_fewer_updates():
    first, *_, last, full = budgets(4_096, 16, 10)
    assert (first.in_all, last.in_all) == (2_560, 160)
    assert first.in_all == 16 * last.in_all
    assert last.epochs_for_as_many == 160
    assert full == (4_096, 1, 10, 2_560)


@pytest.mark.parametrize(("n_samples", "batch_size", "epochs"), [(353, 16, 100), (1, 1, 1), (10, 500, 3), (97, 96, 2)])
def test_budgets_count_what_the_engine_would_do(n_samples, batch_size, epochs):
    rows = budgets(n_samples, batch_size, epochs)
    assert rows[0].batch_size == min(batch_size, n_samples)
    assert rows[-1].batch_size == n_samples
    for row in rows:
        assert row.in_all == plan_epoch(n_samples, row.batch_size).updates * epochs
        assert row.an_epoch * row.epochs_for_as_many >= rows[0].in_all


@pytest.mark.parametrize(
    ("n_samples", "batch_size", "expected"),
    [
        (353, 16, (16, 256)),
        (353, 1, (1, 16)),
        (353, 64, (64, 353)),
        (353, 353, (22, 352)),
        (15, 4, (1, 15)),
        (16, 3, (3, 16)),
        (240, 16, (16, 240)),
        (240, 64, (4, 64)),
        (1, 1, (1, 1)),
    ],
)
def test_the_pair_of_batch_sizes_fits_into_the_rows(n_samples, batch_size, expected):
    assert batch_pair(n_samples, batch_size) == expected


def test_as_many_epochs_do_less_than_as_many_updates():
    plans = budget_plans(load("diabetes"), Settings(2, 2, 0.01, ()))
    small, as_many_epochs, as_many_updates = (plan.settings for plan in plans)
    assert as_many_epochs.batch_size == as_many_updates.batch_size == small.batch_size * TIMES
    result = finish(side_by_side(*plans))
    assert result.right.done == 2 * 177
    assert result.broken.done == 2 * 12
    assert result.right.done <= result.third.done < result.right.done + 12
    assert result.third.end < result.broken.end


def test_with_the_default_settings_the_larger_batch_size_ends_higher():
    dataset = load(**DEFAULT.data_options())
    result = finish(side_by_side(*budget_plans(dataset, DEFAULT.settings(len(dataset.X_train)))))
    assert (result.right.done, result.broken.done, result.third.done) == (1_500, 100, 1_500)
    assert outcome_of_losses(result) == "higher"
