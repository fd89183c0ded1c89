"""The race: same data and first weights in every lane, fair turns, and each lane's price for reaching a loss."""

import math
from contextlib import contextmanager
from dataclasses import astuple, replace
from itertools import islice, pairwise

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.engine.batches import plan_epoch
from mbgd.engine.stack import Stack
from mbgd.experiments.modes import race as race_module
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
from mbgd.experiments.modes.race import (
    A_STOP,
    AXES,
    SPLITS,
    Clock,
    Rules,
    checkpoints,
    expected_seconds,
    lane_costs,
    race,
)
from mbgd.experiments.step import finish

SETTINGS = Settings(1, 1, 0.02)


@pytest.fixture(scope="module")
def dataset():
    return load("diabetes")


@pytest.fixture(scope="module")
def run(dataset):
    return finish(race(dataset, SETTINGS, Rules((1, 32, 353), seeds=3, limit="epochs", most=8)))


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


# --- what is trained ---


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


class Work:
    """A clock that counts work instead of time: each update and each evaluation takes its seconds.

    A run's first update takes `cold` seconds more, as on a server that has just started.
    """

    def __init__(self, monkeypatch, cold):
        self.now, self.speed = 0.0, 1.0  # speed: of the clock, larger if the machine is busy
        for kind in (Training, Stack):
            monkeypatch.setattr(kind, "advance", self._costly(kind.advance, cold))
            monkeypatch.setattr(kind, "evaluate", self._evaluated(kind.evaluate))

    def __call__(self):
        return self.now

    def _costly(self, advance, cold):
        def advancing(run, *, updates=None, seconds=None):
            before = run.updates_done
            done = advance(run, updates=updates, seconds=seconds)
            self.now += self.speed * done * (1e-4 + 1e-7 * run.plan.batch_size) + cold * (done > 0 and before == 0)
            return done

        return advancing

    def _evaluated(self, evaluate):
        def evaluating(run, split):
            self.now += self.speed * 3e-4
            return evaluate(run, split)

        return evaluating


@pytest.mark.parametrize("cold", [0.0, 0.3])
@pytest.mark.parametrize(
    ("rules", "rate"),
    [
        (Rules((1, 16, 353), 1, "epochs", 2), 0.02),
        (Rules((1, 353), 3, "epochs", 20), 0.02),
        (Rules((16, 64), 2, "epochs", 200), 0.02),
        (Rules((4, 353), 2, "epochs", 30), 10.0),  # all runs diverge at once
    ],
)
def test_the_predicted_seconds_are_those_of_the_work_that_is_then_done(dataset, monkeypatch, rules, rate, cold):
    clock, settings = Work(monkeypatch, cold), replace(SETTINGS, learning_rate=rate)
    costs = lane_costs(dataset, settings, rules, rules.batch_sizes, clock=clock)
    plans = [plan_epoch(len(dataset.X_train), size) for size in rules.batch_sizes]
    predicted, begun = expected_seconds(plans, costs, rules), clock()
    finish(race(dataset, settings, rules))
    took, of_start = clock() - begun, cold * len(rules.batch_sizes) * (1 + (rules.seeds > 1))
    assert (took - of_start) / 2 < predicted < 2 * (took if rate == 10.0 else took - of_start)


def test_the_trial_of_a_slow_lane_is_short(dataset, monkeypatch):
    clock = Work(monkeypatch, 0.0)
    monkeypatch.setattr(race_module, "LONGEST_PIECE", 1e-4)
    lane_costs(dataset, SETTINGS, Rules((1, 353), 2), (353,), clock=clock)
    assert clock() < 2 * 9 * 1.4e-4 + (9 * 4 + 2) * 3e-4  # a cold slice, four pieces with one more each, and the start


@pytest.mark.parametrize("busy", [{1}, {5, 6}, {2, 9, 10}])
def test_a_moment_in_which_the_machine_is_busy_changes_no_cost(dataset, monkeypatch, busy):
    clock, turns = Work(monkeypatch, 0.0), iter(range(1, 100))

    @contextmanager
    def turn():
        clock.speed = 20.0 if next(turns) in busy else 1.0
        yield
        clock.speed = 1.0

    rules = Rules((1, 16, 353), 3, "epochs", 20)
    calm = lane_costs(dataset, SETTINGS, rules, rules.batch_sizes, clock=clock)
    disturbed = lane_costs(dataset, SETTINGS, rules, rules.batch_sizes, turn, clock)
    for one, other in zip(calm, disturbed, strict=True):
        assert astuple(one)[:3] == pytest.approx(astuple(other)[:3])


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


# --- prices ---


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


def test_the_time_left_counts_drawing_but_no_stop():
    times = iter([0.0, 0.2, 1.0, 2.0, 1000.0])
    clock = Clock(lambda: next(times))
    assert clock.left(0.1) is None  # too soon to tell
    assert clock.left(0.25) == pytest.approx(4.0)  # 0.15 in the last 0.8 s
    assert clock.left(0.5) == pytest.approx(2.0)  # 0.25 in the last second
    assert clock.left(0.5) == pytest.approx(2.0 * (1 + A_STOP))  # and not 1,000 s for it


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


def test_the_slow_beginning_of_a_race_is_forgotten_in_the_time_left():
    """Half of the time for a fiftieth of the race, and then 20 times faster: 3.5 s are left, and not 150."""
    shares = [i / 1000 for i in range(21)] + [0.02 + i / 50 for i in range(1, 16)]
    times = iter([0.1 * i for i in range(len(shares) + 1)])
    clock = Clock(lambda: next(times))
    assert [clock.left(share) for share in shares][-1] == pytest.approx((1 - shares[-1]) / 0.2, rel=0.25)
