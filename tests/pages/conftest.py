"""What all tests of pages share: a race's lanes are measured in a few updates, where a page's reader waits longer."""

import pytest

from mbgd.experiments.modes import race


@pytest.fixture(autouse=True)
def short_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race, "LONGEST_TRIAL", 1e-3)
