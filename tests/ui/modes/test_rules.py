"""The rules of the race: the cost of a lane is measured once for each data set, network and number of seeds."""

import pytest

from mbgd import load
from mbgd.experiments.modes.race import LaneCost, Rules
from mbgd.share.choices import Choices
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
    monkeypatch.setattr(rules.st, "session_state", {})
    monkeypatch.setattr(
        rules, "lane_cost", lambda dataset, settings, rules, size: tried.append(size) or LaneCost(1e-5, 1e-5, 1e-4)
    )
    longer = Rules((1, 16), 1, "epochs", 50)  # costs as much per update
    for of in (longer, lanes, longer):
        choices = Choices(**{"data": "plane"} | (change if of is lanes else {}))
        settings = Choices().settings(100)  # the same for all, as data sets of one size would have
        rules._costs(choices.data_key, load(**choices.data_options()), settings, of)
    assert tried == [1, 16, 1, 16]
