"""What all tests of pages share: a step ends in its click, and a race's lanes are measured in a few updates."""

import pytest

from mbgd.experiments.modes import race
from mbgd.ui.train import run


@pytest.fixture(autouse=True)
def quick_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race, "LONGEST_TRIAL", 1e-3)
    monkeypatch.setattr(run, "STEP_SLICE", 60.0)
