"""The diagnosis of curves of each kind: made by formulas, and of real runs over several seeds."""

from dataclasses import replace

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.experiments.constant import constant_loss
from mbgd.experiments.diagnose.diagnosis import (
    CONSTANT,
    DIVERGED,
    FALLING,
    FINE,
    OVERFITS,
    RISING,
    UNDERFITS,
    diagnose,
    final,
)
from mbgd.experiments.diagnose.problem import lesson_problem
from mbgd.experiments.diagnose.watch import watch
from mbgd.experiments.step import finish

E = 200
EPOCH = np.arange(E + 1)
FALLS = np.exp(-EPOCH / 20)  # from 1 to 0, flat at its end


def noisy(losses, seed, size=0.01):
    return losses + size * np.random.default_rng(seed).normal(size=len(losses))


TURNS = np.maximum(50 - EPOCH, 0) / 50 + np.maximum(EPOCH - 50, 0) / 500  # 1 to 0 to 0.3
CURVES = {  # training loss, validation loss, constant, kind, reason
    "it turns": (0.1 + FALLS, 0.4 + 0.6 * FALLS + np.maximum(EPOCH - 60, 0) / 200, 1.0, OVERFITS, ""),
    "both flat": (0.1 + FALLS, 0.15 + FALLS, 1.0, FINE, ""),
    "flat with a gap": (0.1 + FALLS, 0.6 + FALLS, 1.0, FINE, ""),
    "a small rise": (0.1 + FALLS, 0.5 + 0.5 * FALLS + np.maximum(EPOCH - 100, 0) / 4_000, 1.0, FINE, ""),
    "near the constant": (0.95 + 0.05 * FALLS, 0.97 + 0.05 * FALLS, 1.0, UNDERFITS, CONSTANT),
    "still falling": (1 - EPOCH / 300, 1.1 - EPOCH / 300, 1.0, UNDERFITS, FALLING),
    "both turn": (0.3 + TURNS, 0.4 + TURNS, 2.0, UNDERFITS, RISING),
    "above its start": (0.5 + EPOCH / 100, 0.5 + EPOCH / 100, 1.0, DIVERGED, ""),
}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", CURVES)
def test_curves_of_each_kind(name, seed):
    train, val, constant, kind, reason = CURVES[name]
    found = diagnose(EPOCH, noisy(train, seed), noisy(val, seed + 100), constant)
    assert (found.kind, found.reason) == (kind, reason)
    assert found.gap == found.val - found.train


def test_its_numbers_are_those_of_the_curves():
    train, val, constant, *_ = CURVES["it turns"]
    found = diagnose(EPOCH, train, val, constant)
    assert (found.since, found.epochs) == (val.argmin(), E - val.argmin())
    assert (found.lowest, found.train_then) == (val.min(), train[val.argmin()])
    assert (found.then, found.val_then) == ((found.since, found.since), found.lowest)
    assert found.val == np.median(val[-20:]) == final(val)
    assert found.train == np.median(train[-20:])


def test_epochs_that_were_left_out_keep_their_numbers():
    train, val, constant, *_ = CURVES["it turns"]
    kept = EPOCH % 2 == 0
    assert diagnose(EPOCH[kept], train[kept], val[kept], constant).since == EPOCH[kept][val[kept].argmin()]


@pytest.mark.parametrize("losses", [np.array([1.0]), np.array([1.0, 0.5]), np.array([1.0, 2.0])])
def test_very_short_runs_have_a_diagnosis(losses):
    found = diagnose(np.arange(len(losses)), losses, losses, 1.0)
    assert found.kind == (DIVERGED if losses[-1] > 1 else UNDERFITS)
    gone = diagnose(np.arange(len(losses)), losses, losses, 1.0, diverged=True)
    assert gone.kind == DIVERGED
    assert np.isinf(gone.val)
    assert np.isnan(gone.gap)


def test_jumps_from_epoch_to_epoch_are_no_rise():
    rng = np.random.default_rng(0)
    val = 0.5 + 0.2 * rng.random(E + 1)
    assert val[-20:].mean() > 1.1 * val.min()
    assert diagnose(EPOCH, 0.3 + FALLS, val, 1.0).kind == FINE


JUMPY_E = 100
JUMPY_FALLS = np.exp(-np.arange(JUMPY_E + 1) / 5)
LATER = np.arange(JUMPY_E + 1) / JUMPY_E  # 0 to 1
# training loss, validation loss, and how many of 40 runs at least have one of these diagnoses
JUMPY = {
    "it turns": (0.11 - 0.05 * LATER, 0.1 + 0.11 * np.maximum(LATER - 0.15, 0) / 0.85, 38, {(OVERFITS, "")}),
    "flat": (0.08 + 0 * LATER, 0.2 + 0 * LATER, 34, {(FINE, "")}),
    "slow fall": (
        0.06 + 0.3 * np.exp(-2 * LATER),
        0.12 + 0.3 * np.exp(-2 * LATER),
        39,
        {(FINE, ""), (UNDERFITS, FALLING)},
    ),
}


def jumpy(name, seed, size):
    """Losses that jump by a share `size` of themselves from epoch to epoch, as with small batches and a large rate."""
    rng = np.random.default_rng(seed)
    curves = (losses + 0.9 * JUMPY_FALLS for losses in JUMPY[name][:2])
    return [losses * np.exp(size * rng.normal(size=len(losses))) for losses in curves]


@pytest.mark.parametrize("size", [0.1, 0.15, 0.2])
@pytest.mark.parametrize("name", JUMPY)
def test_losses_that_jump_from_epoch_to_epoch(name, size):
    _, _, least, kinds = JUMPY[name]
    found = [diagnose(np.arange(JUMPY_E + 1), *jumpy(name, seed, size), 1.0) for seed in range(40)]
    assert sum((one.kind, one.reason) in kinds for one in found) >= least


def test_a_rise_of_jumpy_losses_is_measured_between_medians():
    for seed in range(40):
        train, val = jumpy("it turns", seed, 0.15)
        found = diagnose(np.arange(JUMPY_E + 1), train, val, 1.0)
        if found.kind != OVERFITS:
            continue
        first, last = found.then
        assert last < JUMPY_E - 9  # before the final losses
        assert found.val_then == np.median(val[first : last + 1]) >= found.lowest
        assert found.train_then == np.median(train[first : last + 1]) > found.train
        assert found.val > 1.1 * found.val_then


def test_a_validation_loss_that_was_lowest_long_ago_is_not_still_falling():
    losses = 1 - EPOCH / 300
    val = losses.copy()
    assert diagnose(EPOCH, losses, val, 1.0).reason == FALLING
    val[28] = 0.9 * losses[-1]  # lower than all that come
    assert diagnose(EPOCH, losses, val, 1.0).reason != FALLING


# --- real runs ---


def kind_of(dataset, settings):
    run = finish(watch(dataset, settings))
    return run.diagnosis


@pytest.mark.parametrize("seed", range(5))
def test_the_lessons_problem_overfits(seed):
    """The numbers of the comment in problem.py, which are those of the seeds 0 to 19."""
    problem = lesson_problem(seed)
    found = kind_of(problem.dataset, problem.settings)
    assert found.kind == OVERFITS
    assert 2 <= found.since <= 57
    assert 1.6 < found.val / found.lowest < 5.6
    assert found.train < 0.36 * found.train_then


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(5, 20))
def test_the_lessons_problem_overfits_with_more_seeds(seed):
    test_the_lessons_problem_overfits(seed)


@pytest.mark.parametrize("seed", range(4))
def test_a_linear_network_underfits_xor(seed):
    dataset = load("xor", seed, n=200)
    found = kind_of(dataset, Settings(16, 60, 0.05, hidden=(), seed=seed))
    assert (found.kind, found.reason) == (UNDERFITS, CONSTANT)
    assert found.train > 0.8 * constant_loss(dataset)


@pytest.mark.parametrize("seed", range(4))
def test_a_run_that_is_cut_short_underfits(seed):
    found = kind_of(load("circles", seed), Settings(16, 10, 0.05, hidden=(16,), seed=seed))
    assert (found.kind, found.reason) == (UNDERFITS, FALLING)


@pytest.mark.parametrize("seed", range(4))
def test_many_rows_and_a_linear_network_are_fine_on_a_plane(seed):
    found = kind_of(load("plane", seed, n=500), Settings(16, 60, 0.05, hidden=(), seed=seed))
    assert found.kind == FINE
    assert abs(found.gap) < 0.05


@pytest.mark.parametrize("seed", range(4))
def test_a_large_learning_rate_diverges(seed):
    found = kind_of(load("diabetes", seed), Settings(16, 20, 10.0, hidden=(16,), seed=seed))
    assert found.kind == DIVERGED


@pytest.mark.parametrize("seed", range(4))
def test_weight_decay_takes_most_of_the_rise_away(seed):
    problem = lesson_problem(seed)
    without, decayed = (
        kind_of(problem.dataset, replace(problem.settings, weight_decay=decay)) for decay in (0.0, 0.03)
    )
    assert decayed.val - decayed.lowest < 0.25 * (without.val - without.lowest)
