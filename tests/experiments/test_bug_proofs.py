"""The numbers that a mistake is predicted to give, held to 1e-12."""

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.experiments import bug_proofs
from mbgd.experiments.bug_proofs import (
    SCALING,
    batch_loss_bias,
    carried_sizes,
    factor,
    gradient_ratio,
    order_gap,
    path_gap,
    same_path,
    short_batch_weight,
)
from mbgd.experiments.bugs import BUGS
from mbgd.experiments.gradients import batch_gradient
from mbgd.experiments.side_by_side import Plan

SIZES = [1, 12, 32, 10_000]


@pytest.mark.parametrize("batch_size", SIZES)
@pytest.mark.parametrize("data", ["diabetes", "penguins"])
@pytest.mark.parametrize("name", SCALING)
def test_claims_4_to_6_a_factor_in_the_gradient_is_a_factor_in_the_rate(name, data, batch_size):
    dataset, settings = BUGS[name].data(load(data)), Settings(batch_size, 3, 1e-3, (6,), "tanh")
    ratio = gradient_ratio(name, dataset, settings)
    assert ratio.measured == pytest.approx(ratio.predicted, rel=1e-12)
    assert same_path(name, dataset, settings) <= 1e-12


def test_the_factors():
    regression, classes = load("plane"), load("penguins")
    assert factor("summed", BUGS["divided_by_b_alone"].data(regression), 8) == 24
    assert factor("summed", classes, 8) == 8
    assert factor("averaged_twice", classes, 8) == 1 / 8
    assert factor("divided_by_b_alone", BUGS["divided_by_b_alone"].data(classes), 8) == 3


def test_paths_of_other_rates_are_far_apart():
    dataset = load("plane")
    one, other = (Plan(dataset, Settings(16, 2, rate, ())) for rate in (0.1, 0.11))
    assert path_gap(one, other) > 1e-3


@pytest.mark.parametrize("data", ["diabetes", "moons"])
def test_claim_23_order_is_nothing_at_full_batch(data):
    assert order_gap(load(data), Settings(10, 3, 0.05, (6,), "tanh")) <= 1e-12


@pytest.mark.parametrize(("batch_size", "rows", "weight"), [(32, 250, 32 / 26), (32, 257, 32.0), (25, 250, 1.0)])
def test_claim_7_a_row_of_the_short_last_batch_weighs_more(batch_size, rows, weight):
    pair = short_batch_weight(load("plane", n=rows + 1, validation=0.5 / rows), Settings(batch_size, 1, 0.1))
    assert pair.predicted == weight
    assert pair.measured == pytest.approx(weight, rel=1e-12)


@pytest.mark.parametrize("batch_size", SIZES)
@pytest.mark.parametrize("data", ["diabetes", "digits"])
def test_claim_8_the_mean_of_batch_losses_is_biased(data, batch_size):
    pair = batch_loss_bias(load(data), Settings(batch_size, 1, 0.1))
    assert pair.measured == pytest.approx(pair.predicted, abs=1e-12)
    assert (abs(pair.predicted) > 1e-6) == (batch_size in (12, 32))


def test_carried_over_the_first_batch_has_forty_rows():
    assert carried_sizes(250, 30) == (40, 40)
    assert carried_sizes(250, 25) == (25, 25)


def test_a_pair_that_differs_would_be_seen():
    dataset = load("plane")
    settings = Settings(16, 2, 0.1, ())
    wrong = Plan(dataset, settings, BUGS["summed"].parts(dataset, settings))
    assert path_gap(wrong, Plan(dataset, settings)) > 0.1
    assert not np.isclose(gradient_ratio("summed", dataset, settings).measured, 1.0)


def test_the_ratio_is_that_of_the_batch_which_training_takes_first(monkeypatch):
    dataset, settings, seen = load("diabetes"), Settings(16, 1, 0.02, (4,), shuffle=False), []

    def watching(layers, X, Y, *others):
        seen.append(X)
        return batch_gradient(layers, X, Y, *others)

    monkeypatch.setattr(bug_proofs, "batch_gradient", watching)
    gradient_ratio("summed", dataset, settings)
    assert all(np.array_equal(X, dataset.X_train[:16]) for X in seen)
    assert len(seen) == 2
