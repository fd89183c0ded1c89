"""What a race will cost: measured by real updates, and not changed by a busy moment."""

from contextlib import contextmanager
from dataclasses import astuple, replace

import pytest

from mbgd import Training
from mbgd.engine.batches import plan_epoch
from mbgd.engine.stack import Stack
from mbgd.experiments.modes import cost
from mbgd.experiments.modes.cost import expected_seconds, lane_costs
from mbgd.experiments.modes.race import race
from mbgd.experiments.modes.rules import Rules
from mbgd.experiments.step import finish
from tests.experiments.modes.conftest import SETTINGS


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
    monkeypatch.setattr(cost, "LONGEST_PIECE", 1e-4)
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
