"""What all tests of the interface share: a step ends in its click, however slow the machine is."""

import pytest

from mbgd.ui.train import run


@pytest.fixture(autouse=True)
def whole_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "STEP_SLICE", 60.0)
