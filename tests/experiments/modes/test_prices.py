"""The prices of a race: what each batch size pays to reach a loss, and who wins."""

from dataclasses import replace

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.experiments.modes.lanes import AXES
from mbgd.experiments.modes.prices import (
    Price,
    best_loss,
    decide,
    default_target,
    expected_winners,
    fate,
    lost_runs,
    price,
    prices,
    start_loss,
    update_costs,
    winners,
)
from mbgd.experiments.modes.race import race
from mbgd.experiments.modes.rules import Rules
from mbgd.experiments.step import finish
from tests.experiments.modes.conftest import SETTINGS


def fixed_race(run, losses, updates=None):
    """A race with the same lanes and other losses (C, S); `updates` are its checkpoints."""
    lanes = tuple(
        replace(
            lane,
            update=np.arange(len(loss)) if updates is None else np.array(updates),
            train_loss=np.array(loss, dtype=float),
            val_loss=np.array(loss, dtype=float),
            seconds=np.arange(len(loss))[:, None] * np.ones(len(loss[0])),
        )
        for lane, loss in zip(run.lanes, losses, strict=True)
    )
    return replace(run, lanes=lanes)


def test_a_price_is_the_median_of_first_crossings(run):
    lane = fixed_race(run, [[[3, 3, 3], [2, 3, 1], [3, 1, 0], [0, 0, 0]]] * 3).lanes[1]
    paid = price(lane, 2.0)
    assert (paid.reached, paid.runs) == (3, 3)
    assert paid.updates == 1  # 1, 2 and 1
    assert paid.epochs == pytest.approx(1 / lane.plan.updates)
    assert paid.samples == 32
    assert price(lane, 0.5).updates == 3  # 3, 3 and 2


def test_a_run_that_never_reaches_the_target_counts_as_infinity(run):
    lane = fixed_race(run, [[[3, 3, 3], [1, 2, 2], [3, 1, 2]]] * 3).lanes[0]
    assert price(lane, 1.0) == Price(1, 2, 3, 2, 2 / 353, 2, 2)
    few = fixed_race(run, [[[3, 3, 3], [1, 2, 2], [3, 2, 2]]] * 3).lanes[0]
    assert price(few, 1.0).reached == 1
    assert price(few, 1.0).updates == np.inf


def test_winners_are_those_within_a_checkpoint_of_the_least():
    paid = [Price(1, 1, 1, 100, 5, 9, 1), Price(8, 1, 1, 103, 2, 9, 3), Price(64, 0, 1, *[np.inf] * 4)]
    assert winners(paid) == {"updates": (1, 8), "epochs": (8,), "samples": (1, 8), "seconds": (1,)}
    assert winners(paid[2:]) == dict.fromkeys(AXES, ())
    close = [Price(size, 1, 1, 100, 5, 9, seconds) for size, seconds in ((1, 1.0), (8, 1.2), (64, 1.3))]
    assert winners(close)["seconds"] == (1, 8)


def test_seconds_are_updates_at_their_mean_cost(run):
    lane = fixed_race(run, [[[3, 3, 3], [3, 3, 3], [1, 1, 1], [1, 1, 1]]] * 3).lanes[0]
    hiccup = replace(lane, seconds=np.array([0.0, 2.9, 2.95, 3.0])[:, None] * np.ones(3))
    assert lane.seconds[-1, 0] == 3.0
    assert price(hiccup, 2.0).seconds == price(lane, 2.0).seconds == pytest.approx(2.0)


FALLS = {  # after how many updates the lanes B = 1, 32 and 353 come down; an epoch has 353, 12 and 1
    "ends": (30, 20, 10),
    "same": (10, 20, 30),
    "other": (3530, 20, 10),
    "reverse": (11_000, 13_000, 12_000),
}


@pytest.mark.parametrize("name", FALLS)
def test_the_outcome_of_a_race_by_name(run, name):
    updates = sorted({0, *FALLS[name]})
    losses = [[[1.0 if update < fall else 0.1] for update in updates] for fall in FALLS[name]]
    made = fixed_race(run, losses, updates)
    if name == "reverse":  # longer epochs give the largest batch the fewest of them
        slow = replace(made.lanes[2], plan=made.lanes[2].plan._replace(updates=12_000))
        made = replace(made, lanes=(made.lanes[0], made.lanes[1], slow))
    assert decide(made, 0.5).right == name


@pytest.mark.parametrize(
    ("falls", "name"),
    [
        ({1: 12, 32: 12, 353: 12}, "same"),  # the smallest wins in epochs and ties in updates
        ({1: 12 * 353, 32: 12 * 12, 353: 12}, "same"),  # the largest wins in updates and ties in epochs
        ({1: 353, 32: 10, 353: 10}, "same"),  # one in between wins in epochs and ties in updates
        ({1: 200, 32: 10, 353: 10}, "ends"),  # one in between ties in updates, but the smallest wins in epochs
        ({1: 353, 32: 12, 353: 10}, "ends"),  # one in between ties in epochs, but the largest wins in updates
        ({1: 353 * 50, 32: 12, 353: 1}, "same"),
    ],
)
def test_in_a_tie_all_answers_that_hold_are_right(run, falls, name):
    updates = sorted({0, *falls.values()})
    losses = [[[1.0 if update < fall else 0.1] for update in updates] for fall in falls.values()]
    made = fixed_race(run, losses, updates)
    assert max(map(len, winners(prices(made, 0.5)).values())) > 1
    decision = decide(made, 0.5)
    epochs, updates = decision.winners["epochs"], decision.winners["updates"]
    assert decision.right == name
    assert ("ends" in (decision.right, *decision.also)) == (1 in epochs and 353 in updates)
    assert ("other" in decision.also) == ((32 in epochs) != (32 in updates))


def test_no_lane_wins_if_none_learns(run):
    flat = fixed_race(run, [[[1.0], [2.0]]] * 3)
    assert decide(flat, 1.0).right == "other"
    assert decide(flat, 1.0).winners == dict.fromkeys(AXES, ())
    assert any(decide(run, default_target(run)).winners.values())


def test_a_run_that_reaches_the_target_and_rises_above_its_start_later_wins_nothing(run):
    """Whatever it reached before: not only if it has diverged."""
    noisy = fixed_race(run, [[[1.0] * 3, [0.1] * 3, [1.5] * 3], *[[[1.0] * 3, [0.9] * 3, [0.4] * 3]] * 2])
    assert lost_runs(noisy.lanes[0]).tolist() == [True] * 3
    assert [fate(lane) for lane in noisy.lanes] == ["rose", "", ""]
    assert price(noisy.lanes[0], 0.5).reached == 0
    assert decide(noisy, 0.5).winners["epochs"] == (32,)
    one = fixed_race(run, [[[1.0, 1.0, 1.0], [0.1, 0.1, 0.1], [1.5, 0.1, 0.1]]] * 3).lanes[0]
    assert (fate(one), price(one, 0.5).reached, price(one, 0.5).updates) == ("", 2, 1)


def test_runs_that_begin_below_the_target_are_left_out(run):
    lane = fixed_race(run, [[[3, 1, 3], [2, 0, 3], [1, 0, 2], [0, 0, 0]]] * 3).lanes[0]
    paid = price(lane, 1.0)
    assert (paid.reached, paid.runs, paid.updates) == (2, 2, 2.5)  # 2 and 3
    assert price(lane, 4.0) == Price(1, 0, 0, *[np.inf] * 4)


def test_no_lane_wins_if_all_diverge_even_if_they_fell_at_first(run):
    wild = fixed_race(run, [[[1.0], [0.1], [1e9]], [[1.0], [0.1], [np.inf]], [[1.0], [0.5], [11.0]]])
    assert [fate(lane) for lane in wild.lanes] == ["diverges", "diverged", "diverges"]
    assert decide(wild, 0.6).winners == dict.fromkeys(AXES, ())
    assert decide(wild, 0.6).right == "other"
    tame = fixed_race(run, [[[1.0], [0.1], [1e9]], [[1.0], [0.1], [np.inf]], [[1.0], [0.5], [0.5]]])
    assert [fate(lane) for lane in tame.lanes] == ["diverges", "diverged", ""]
    assert decide(tame, 0.6).winners["updates"] == (353,)


def test_a_learning_rate_at_which_all_diverge_has_no_winner():
    dataset = load("sine")
    found = finish(race(dataset, Settings(1, 1, 10.0, (16,)), Rules((1, 16, 240), 5, "epochs", 10)))
    assert all(fate(lane) for lane in found.lanes)
    target = 0.99 * start_loss(found)
    below = sum(found.lanes[0].train_loss[0] <= target)
    assert below == 2
    assert all((paid.reached, paid.runs) == (0, 3) for paid in prices(found, target))
    assert not any(decide(found, target).winners.values())


def test_the_winners_are_predicted_from_the_batch_sizes(run):
    assert expected_winners(run) == {"epochs": 1, "updates": 353}
    scaled = replace(run, rules=replace(run.rules, rate_for=16))
    assert expected_winners(scaled) == {"updates": 353}
    seconds = {1: 1.0, 32: 1.5, 353: 353.0}  # seconds per update
    lanes = tuple(
        replace(lane, seconds=lane.update[:, None] * np.full((1, 3), seconds[lane.batch_size])) for lane in run.lanes
    )
    B, predicted, took = update_costs(replace(run, lanes=lanes))
    assert (B, predicted, took) == (32, pytest.approx(32.0), pytest.approx(1.5))
    assert update_costs(replace(run, lanes=lanes[1:])) is None


def test_the_default_target_is_reached_by_most(run):
    target = default_target(run)
    assert best_loss(run.lanes[0]) < target < start_loss(run)
    assert sum(np.isfinite(paid.updates) for paid in prices(run, target)) >= 2
    flat = fixed_race(run, [[[1.0], [1.5]]] * 3)
    assert default_target(flat) == start_loss(flat) == 1.0


def test_the_winner_changes_with_the_axis():
    """Claim 25: the smallest batch takes the fewest epochs and samples, the largest the fewest updates."""
    dataset = load("diabetes")
    run = finish(race(dataset, SETTINGS, Rules((4, 32, 353), 3, "epochs", 100)))
    paid = prices(run, 0.5)
    best = winners(paid)
    assert best["epochs"] == best["samples"] == (4,)
    assert best["updates"] == (353,)
    assert decide(run, 0.5).right == "ends"
    small, mini, full = paid
    assert small.updates > 1.05 * full.updates
    assert full.epochs > 5 * mini.epochs > 25 * small.epochs
