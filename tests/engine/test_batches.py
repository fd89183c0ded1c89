"""Batches: every row exactly once, whatever N and B, and the arithmetic of an epoch."""

import numpy as np
import pytest

from mbgd.engine.batches import EpochPlan, minibatches, plan_epoch
from mbgd.engine.losses import mse_derivative

SIZES = [(N, B) for N in (1, 2, 5, 23, 64, 250, 257) for B in (1, 2, 7, 32, N - 1, N, N + 1, 10 * N) if B]


def batches(N, B, seed=0, **options):
    return list(minibatches(np.random.default_rng(seed), N, B, **options))


# --- who is in which batch ---


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize(("N", "B"), SIZES)
def test_every_row_comes_exactly_once(N, B, shuffle):
    epoch = batches(N, B, shuffle=shuffle)
    np.testing.assert_array_equal(np.sort(np.concatenate(epoch)), np.arange(N))
    assert all(len(rows) == min(B, N) for rows in epoch[:-1])
    assert len(epoch[-1]) == (N % min(B, N) or min(B, N))


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize(("N", "B"), SIZES)
def test_drop_gives_whole_batches_only(N, B, shuffle):
    epoch = batches(N, B, shuffle=shuffle, last_batch="drop")
    assert [len(rows) for rows in epoch] == [min(B, N)] * (N // min(B, N))
    rows = np.concatenate(epoch)
    assert len(np.unique(rows)) == len(rows)
    assert set(rows) <= set(range(N))


@pytest.mark.parametrize("last_batch", ["keep", "drop"])
@pytest.mark.parametrize("B", [23, 24, 1000, 10**400])
def test_a_batch_size_above_N_is_one_batch_of_N(B, last_batch):
    (rows,) = batches(23, B, last_batch=last_batch)
    np.testing.assert_array_equal(np.sort(rows), np.arange(23))


@pytest.mark.parametrize(("N", "B"), SIZES)
def test_without_a_shuffle_the_rows_come_in_order(N, B):
    np.testing.assert_array_equal(np.concatenate(batches(N, B, shuffle=False)), np.arange(N))


def test_a_shuffle_is_reproduced_by_its_seed_alone():
    first, again, other = (np.concatenate(batches(250, 32, seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert (first != np.arange(250)).any()


def test_each_epoch_of_a_generator_has_an_order_of_its_own():
    rng = np.random.default_rng(0)
    first, second = (np.concatenate(list(minibatches(rng, 250, 32))) for _ in range(2))
    assert (first != second).any()


@pytest.mark.parametrize("B", [1, 7, 64, 249, 250, 1000])
def test_the_batch_size_cuts_one_and_the_same_order(B):
    np.testing.assert_array_equal(np.concatenate(batches(250, B)), np.concatenate(batches(250, 32)))


def test_every_row_is_as_likely_in_the_first_batch_as_any_other():
    rng = np.random.default_rng(0)
    epochs = 4000
    times = np.zeros(10)
    for _ in range(epochs):
        times[next(minibatches(rng, 10, 3))] += 1
    standard_error = np.sqrt(epochs * 0.3 * 0.7)
    assert np.abs(times - 0.3 * epochs).max() < 4 * standard_error


def test_without_a_shuffle_nothing_is_drawn():
    rng, twin = np.random.default_rng(0), np.random.default_rng(0)
    list(minibatches(rng, 10, 3, shuffle=False))
    assert rng.random() == twin.random()


# --- a row's weight ---


@pytest.mark.parametrize(("N", "B", "ratio"), [(250, 32, 32 / 26), (257, 32, 32.0), (256, 32, 1.0)])
def test_a_row_of_the_short_last_batch_weighs_B_by_r_of_the_others(N, B, ratio):
    weight = np.zeros((N, 1))
    for rows in minibatches(np.random.default_rng(0), N, B):
        weight[rows] += mse_derivative(np.zeros((len(rows), 1)), np.ones((len(rows), 1)))
    assert weight.max() / weight.min() == pytest.approx(ratio, rel=1e-12)


# --- the plan of an epoch ---


@pytest.mark.parametrize("last_batch", ["keep", "drop"])
@pytest.mark.parametrize(("N", "B"), SIZES)
def test_the_plan_is_what_the_batches_do(N, B, last_batch):
    plan = plan_epoch(N, B, last_batch)
    epoch = batches(N, B, last_batch=last_batch)
    assert plan.updates == len(epoch)
    assert plan.batch_size == len(epoch[0])
    assert plan.last_rows == len(epoch[-1])
    assert plan.rows == sum(map(len, epoch))


@pytest.mark.parametrize(
    ("N", "B", "last_batch", "plan"),
    [
        (250, 32, "keep", EpochPlan(32, 8, 26)),
        (250, 32, "drop", EpochPlan(32, 7, 32)),
        (256, 32, "keep", EpochPlan(32, 8, 32)),
        (256, 32, "drop", EpochPlan(32, 8, 32)),
        (250, 30, "keep", EpochPlan(30, 9, 10)),
        (257, 1, "keep", EpochPlan(1, 257, 1)),
        (257, 300, "drop", EpochPlan(257, 1, 257)),
    ],
)
def test_known_plans(N, B, last_batch, plan):
    assert plan_epoch(N, B, last_batch) == plan


# --- at the door ---


@pytest.mark.parametrize("bad", [0, -1, 2.5, 2.0, float("nan"), True, "16", None])
@pytest.mark.parametrize("name", ["n_samples", "batch_size"])
def test_a_bad_size_raises_before_any_batch(name, bad):
    sizes = {"n_samples": 10, "batch_size": 3} | {name: bad}
    with pytest.raises(ValueError, match=rf"{name} must be a whole number of at least 1, not {bad!r}\."):
        minibatches(np.random.default_rng(0), **sizes)
    with pytest.raises(ValueError, match=name):
        plan_epoch(**sizes)


@pytest.mark.parametrize("bad", ["Keep", "", None, True, ["keep"]])
def test_an_unknown_last_batch_raises_before_any_batch(bad):
    with pytest.raises(ValueError, match="last_batch must be one of 'keep', 'drop'"):
        minibatches(np.random.default_rng(0), 10, 3, last_batch=bad)


def test_numpy_integers_are_sizes_too():
    np.testing.assert_array_equal(np.concatenate(batches(np.int64(10), np.int32(3))), np.concatenate(batches(10, 3)))
