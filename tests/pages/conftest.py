"""What all tests of pages share: whole steps, as in tests/ui, and a race's lanes are measured in a few updates."""

import pytest

from mbgd.experiments.modes import cost
from tests.ui.conftest import whole_steps

__all__ = ["short_trials", "whole_steps"]


@pytest.fixture(autouse=True)
def short_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "LONGEST_PIECE", 1e-4)
