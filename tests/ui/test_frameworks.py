"""What to keep of Frameworks: its numbers are those of the comparison."""

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.experiments.frameworks.comparison import RENUMBERED, SLIGHTLY_FASTER, compare
from mbgd.experiments.step import finish
from mbgd.ui.frameworks import to_keep


@pytest.fixture(scope="module")
def comparison():
    return finish(compare(load("moons"), Settings(16, 3, 0.1, (4,)), {}, rounds=1))


def test_the_numbers_are_those_of_the_comparison(comparison):
    differ, why, other = to_keep(comparison)
    assert f"{comparison.relative()[RENUMBERED]:.1e}" in differ
    assert f"{comparison.updates:,} updates" in differ
    assert "no more than rounding" in why
    assert "reordered copy" in why  # no other program was compared
    assert f"{comparison.relative()[SLIGHTLY_FASTER]:.1e}" in other


def test_another_result_gets_another_sentence(comparison):
    far = comparison.differences | {"PyTorch": np.full(len(comparison.checkpoints), 1e-6)}
    apart = comparison._replace(differences=far, seconds=comparison.seconds | {"PyTorch": np.ones(1)})
    assert "more than rounding:" in to_keep(apart)[1]
    assert "no more" not in to_keep(apart)[1]
    assert "PyTorch did not" in to_keep(apart)[1]
    assert len(to_keep(comparison._replace(diverged=True))) == 2
