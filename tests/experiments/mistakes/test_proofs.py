"""The numbers that a mistake is predicted to give, held to 1e-12."""

from dataclasses import replace

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.experiments.gradients import batch_gradient
from mbgd.experiments.mistakes import proofs
from mbgd.experiments.mistakes.bug import Case
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.bugs.carried_over import carried_sizes
from mbgd.experiments.mistakes.bugs.last_dropped import batch_loss_bias, short_batch_weight
from mbgd.experiments.mistakes.bugs.no_shuffle_sorted import order_gap
from mbgd.experiments.mistakes.proofs import factor_of, gradient_ratio, path_gap, quick_proof, same_path
from mbgd.experiments.mistakes.side_by_side import RunPlan
from mbgd.experiments.plain import Parts
from mbgd.experiments.step import finish

SIZES = [1, 12, 32, 10_000]
SCALING = [name for name, bug in BUGS.items() if bug.factor]


def case_of(name, dataset, settings):
    """The data that a bug is seen on, with settings just as they are."""
    return Case(BUGS[name].data(dataset), settings)


def holds(gap, updates):
    return gap.largest <= 1e-12 and gap.updates == updates


@pytest.mark.parametrize("batch_size", SIZES)
@pytest.mark.parametrize("data", ["diabetes", "penguins"])
@pytest.mark.parametrize("name", SCALING)
def test_claims_4_to_6_a_factor_in_the_gradient_is_a_factor_in_the_rate(name, data, batch_size):
    case = case_of(name, load(data), Settings(batch_size, 3, 1e-3, (6,), "tanh"))
    ratio = gradient_ratio(BUGS[name], case)
    assert ratio.measured == pytest.approx(ratio.predicted, rel=1e-12)
    assert holds(finish(same_path(BUGS[name], case)), 20)


def test_the_factors():
    assert SCALING == ["summed", "averaged_twice", "divided_by_b_alone"]
    regression, classes, settings = load("plane"), load("penguins"), Settings(8, 1, 0.1)
    three = BUGS["divided_by_b_alone"].data(regression)
    assert factor_of(BUGS["summed"], Case(three, settings), 8) == 24
    assert factor_of(BUGS["summed"], Case(classes, settings), 8) == 8
    assert factor_of(BUGS["averaged_twice"], Case(classes, settings), 8) == 1 / 8
    assert factor_of(BUGS["divided_by_b_alone"], case_of("divided_by_b_alone", classes, settings), 8) == 3


def test_a_bug_without_a_factor_is_not_taken_for_one_that_has_it():
    case = Case(load("plane"), Settings(8, 1, 0.1))
    for wanted in (lambda bug: factor_of(bug, case, 8), lambda bug: gradient_ratio(bug, case)):
        with pytest.raises(ValueError, match="give its record a factor"):
            wanted(BUGS["shuffled_apart"])


def test_a_loss_that_a_factor_does_not_know_is_refused():
    with pytest.raises(KeyError, match="hinge"):
        BUGS["summed"].factor("hinge", 8, 3)


def test_paths_of_other_rates_are_far_apart():
    dataset = load("plane")
    one, other = (RunPlan(dataset, Settings(16, 2, rate, ())) for rate in (0.1, 0.11))
    assert finish(path_gap(one, other)).largest > 1e-3


@pytest.mark.parametrize("data", ["diabetes", "moons"])
def test_claim_23_order_is_nothing_at_full_batch(data):
    assert holds(finish(order_gap(case_of("no_shuffle_sorted", load(data), Settings(10, 3, 0.05, (6,), "tanh")))), 20)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("rate", [1.0, 10.0])
@pytest.mark.parametrize("data", ["diabetes", "moons"])
def test_paths_of_runs_that_let_rounding_grow_are_compared_as_far_as_it_allows(data, rate, seed):
    dataset, settings = load(data), Settings(10_000, 1, rate, (16, 16), "tanh", seed=seed)
    by_rate = same_path(BUGS["divided_by_b_alone"], case_of("divided_by_b_alone", dataset, settings))
    for steps in (order_gap(case_of("no_shuffle_sorted", dataset, settings)), by_rate):
        gap = finish(steps)
        assert holds(gap, gap.updates)
        assert 1 <= gap.updates <= (19 if rate == 10 else 20)


def test_paths_of_one_row_a_batch_have_a_control_too():
    case = case_of("divided_by_b_alone", load("diabetes"), Settings(1, 1, 10.0, (16,), "tanh"))
    gap = finish(same_path(BUGS["divided_by_b_alone"], case))
    assert holds(gap, gap.updates)


def test_fewer_updates_than_twenty_are_compared_to_the_last():
    dataset, settings = load("plane"), Settings(100, 3, 0.1, ())
    steps = list(path_gap(RunPlan(dataset, settings), RunPlan(dataset, settings)))
    assert [step.result.updates for step in steps] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 9]
    assert steps[-1].share == 1 > steps[-2].share


def test_a_path_that_leaves_the_numbers_alone_is_not_called_the_same():
    def nan_loss(Y, output):
        return float("nan"), np.full_like(output, np.nan)

    dataset, settings = load("plane"), Settings(16, 2, 0.1, ())
    broken, right = RunPlan(dataset, settings, Parts(loss=nan_loss)), RunPlan(dataset, settings)
    assert finish(path_gap(broken, right)) == (np.inf, 20)
    assert finish(path_gap(right, broken)).updates == 0


def test_a_run_that_overflows_is_compared_until_it_does():
    dataset, settings = load("diabetes"), Settings(1, 1, 1e30, (8, 8))
    gap = finish(path_gap(RunPlan(dataset, settings), RunPlan(dataset, settings)))
    assert gap.largest == 0
    assert 1 <= gap.updates < 20


@pytest.mark.parametrize("name", BUGS)
def test_a_proof_has_what_its_mistake_predicts(name):
    bug = BUGS[name]
    steps = list(bug.prove(bug, case_of(name, load("diabetes"), Settings(16, 3, 0.01, (4,)))))
    assert steps[-1].share == 1
    found = steps[-1].result
    pairs = {**dict.fromkeys(SCALING, 1), "last_dropped": 2, "carried_over": 2}
    assert len(found.pairs) == pairs.get(name, 0)
    assert (found.gap is not None) is (name in (*SCALING, "no_shuffle_sorted"))
    for pair in found.pairs:
        assert pair.measured == pytest.approx(pair.predicted, abs=1e-12)


def test_only_large_networks_take_long_to_prove():
    digits, large = load("digits"), Settings(1_437, 30, 0.02, (256, 256, 256))
    assert [name for name in BUGS if not quick_proof(BUGS[name], case_of(name, digits, large))] == [
        "summed",
        "averaged_twice",
        "divided_by_b_alone",
        "no_shuffle_sorted",
        "last_dropped",
    ]
    small = replace(large, batch_size=32, hidden=(16,))
    assert all(quick_proof(BUGS[name], case_of(name, digits, small)) for name in BUGS)


@pytest.mark.parametrize(("batch_size", "rows", "weight"), [(32, 250, 32 / 26), (32, 257, 32.0), (25, 250, 1.0)])
def test_claim_7_a_row_of_the_short_last_batch_weighs_more(batch_size, rows, weight):
    pair = short_batch_weight(Case(load("plane", n=rows + 1, validation=0.5 / rows), Settings(batch_size, 1, 0.1)))
    assert pair.predicted == weight
    assert pair.measured == pytest.approx(weight, rel=1e-12)


@pytest.mark.parametrize("batch_size", SIZES)
@pytest.mark.parametrize("data", ["diabetes", "digits"])
def test_claim_8_the_mean_of_batch_losses_is_biased(data, batch_size):
    pair = batch_loss_bias(Case(load(data), Settings(batch_size, 1, 0.1)))
    assert pair.measured == pytest.approx(pair.predicted, abs=1e-12)
    assert (abs(pair.predicted) > 1e-6) == (batch_size in (12, 32))


def test_carried_over_the_first_batch_has_forty_rows():
    assert carried_sizes(250, 30) == (40, 40)
    assert carried_sizes(250, 25) == (25, 25)


def test_a_pair_that_differs_would_be_seen():
    dataset = load("plane")
    settings = Settings(16, 2, 0.1, ())
    wrong = RunPlan(dataset, settings, BUGS["summed"].parts(dataset, settings))
    assert finish(path_gap(wrong, RunPlan(dataset, settings))).largest > 0.1
    assert not np.isclose(gradient_ratio(BUGS["summed"], Case(dataset, settings)).measured, 1.0)


def test_the_ratio_is_that_of_the_batch_which_training_takes_first(monkeypatch):
    dataset, settings, seen = load("diabetes"), Settings(16, 1, 0.02, (4,), shuffle=False), []

    def watching(layers, X, Y, *others):
        seen.append(X)
        return batch_gradient(layers, X, Y, *others)

    monkeypatch.setattr(proofs, "batch_gradient", watching)
    gradient_ratio(BUGS["summed"], Case(dataset, settings))
    assert all(np.array_equal(X, dataset.X_train[:16]) for X in seen)
    assert len(seen) == 2
