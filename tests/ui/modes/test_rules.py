"""The rules of the race: its length is tried out once for each data set."""

import pytest

from mbgd import load
from mbgd.experiments.modes.race import Rules
from mbgd.share.choices import Choices
from mbgd.ui.modes import rules


@pytest.mark.parametrize(
    "change", [{"data": "sine"}, {"data": "plane", "size": 2_000}, {"data": "plane", "noise": 1.0}]
)
def test_another_data_set_is_tried_out_again(monkeypatch, change):
    tried = []
    monkeypatch.setattr(rules, "expected_seconds", lambda dataset, settings, rules: tried.append(dataset) or 1.0)
    rules._expected.clear()
    lanes = Rules((1, 16), 1, "epochs", 2)
    for choices in (Choices(data="plane"), Choices(data="plane"), Choices(**{"data": "plane"} | change)):
        dataset = load(**choices.data_options())
        settings = Choices().settings(100)  # the same for both, as two data sets of one size would have
        rules._expected(choices.data_key, dataset, settings, lanes)
    assert len(tried) == 2
    rules._expected.clear()
