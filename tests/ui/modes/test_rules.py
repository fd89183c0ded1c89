"""The rules of the race: the cost of a lane is measured once for each data set, network and number of seeds."""

from dataclasses import replace

import numpy as np
import pytest

from mbgd import load
from mbgd.experiments.modes.cost import LaneCost
from mbgd.experiments.modes.lanes import AXES
from mbgd.experiments.modes.prices import decide, default_target
from mbgd.experiments.modes.race import race
from mbgd.experiments.modes.rules import Rules
from mbgd.experiments.step import finish
from mbgd.share.choices import DEFAULT, Choices
from mbgd.ui.modes import rules


@pytest.mark.parametrize(
    ("change", "lanes"),
    [
        ({"data": "sine"}, Rules((1, 16), 1, "epochs", 2)),
        ({"data": "plane", "size": 2_000}, Rules((1, 16), 1, "epochs", 2)),
        ({"data": "plane", "noise": 1.0}, Rules((1, 16), 1, "epochs", 2)),
        ({}, Rules((1, 16), 2, "epochs", 2)),
        ({}, Rules((1, 16), 1, "epochs", 2, rate_for=4)),
    ],
)
def test_what_another_lane_costs_is_measured_again(monkeypatch, change, lanes):
    tried = []
    known = {}
    monkeypatch.setattr(rules, "_known_costs", lambda: known)
    monkeypatch.setattr(
        rules,
        "lane_costs",
        lambda dataset, settings, rules, sizes, turn: tried.extend(sizes) or [LaneCost(1e-5, 1e-5, 1e-4)] * len(sizes),
    )
    longer = Rules((1, 16), 1, "epochs", 50)  # costs as much per update
    for of in (longer, lanes, longer):
        choices = Choices(**{"data": "plane"} | (change if of is lanes else {}))
        settings = Choices().settings(100)  # the same for all, as data sets of one size would have
        rules._costs(choices.data_key, load(**choices.data_options()), settings, of)
    assert tried == [1, 16, 1, 16]


def test_what_a_lane_costs_is_measured_once_for_all_sessions_and_not_kept_for_ever(monkeypatch):
    rules._known_costs.clear()
    monkeypatch.setattr(rules, "MOST_COSTS", 3)
    dataset, settings, tried = load("plane"), Choices().settings(100), []
    monkeypatch.setattr(
        rules,
        "lane_costs",
        lambda dataset, settings, rules, sizes, turn: tried.extend(sizes) or [LaneCost(1e-5, 1e-5, 1e-4)] * len(sizes),
    )
    for sizes in ((1, 16), (1, 16), (8, 32), (1, 16)):
        rules._costs(("plane",), dataset, replace(settings, seed=len(tried)), Rules(sizes, 1, "epochs", 2))
    assert tried == [1, 16, 8, 32, 1]
    assert len(rules._known_costs()) == 3
    rules._known_costs.clear()


COSTS = {1: 6.9e-6, 8: 7.8e-6, 240: 35.8e-6}  # seconds of an update of the app's first network, measured


@pytest.fixture(scope="module")
def usual_race():
    """The race that the page suggests, with the measured cost of each update instead of this machine's clock."""
    dataset = load(**DEFAULT.data_options())
    settings = replace(DEFAULT.settings(240), batch_size=1, epochs=1, learning_rate=rules.RATE_FOR[dataset.loss])
    assert rules.LANES == (1, 8, rules.FULL)
    usual = Rules((1, 8, 240), 5, *next((limit, asked.usual) for limit, asked in rules.LIMITS.items()))
    run = finish(race(dataset, settings, usual))
    lanes = [
        replace(lane, seconds=np.full(lane.seconds.shape, lane.update[-1] * COSTS[lane.batch_size]))
        for lane in run.lanes
    ]
    return replace(run, lanes=tuple(lanes))


def test_each_lane_of_the_usual_race_wins_on_an_axis_and_by_far(usual_race):
    decision = decide(usual_race, default_target(usual_race))
    assert decision.winners == {"updates": (240,), "epochs": (1,), "samples": (1,), "seconds": (8,)}
    assert decision.right == "ends"
    for axis, margin in (("updates", 1.2), ("epochs", 2), ("samples", 2), ("seconds", 2)):
        least, second, _ = sorted(getattr(price, axis) for price in decision.prices)
        assert second > margin * least, axis
    assert all(price.reached == 5 for price in decision.prices)
    assert set(AXES) == decision.winners.keys()
