"""Frameworks: what to keep, the marking and the claims follow from one comparison, whatever was compared."""

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.experiments.frameworks.comparison import RENUMBERED, SLIGHTLY_FASTER, compare, size_of
from mbgd.experiments.frameworks.peers import FRAMEWORKS, Framework, mbgd_engine, renumbered, slightly_faster
from mbgd.experiments.step import finish
from mbgd.ui.frameworks import claims, to_keep, verdict
from tests.experiments.frameworks.test_comparison import in_single_precision


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


PEERS = {  # what stands in for frameworks
    "none": {},
    "the same": {"PyTorch": mbgd_engine},
    "reordered": {"PyTorch": renumbered},
    "single precision": {"PyTorch": mbgd_engine, "scikit-learn": in_single_precision},
    "another rate": {"PyTorch": renumbered, "scikit-learn": slightly_faster},
}
DATA = ("sine", "diabetes", "moons", "penguins")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("peers", PEERS)
def test_answer_claims_and_what_to_keep_follow_from_one_comparison(monkeypatch, peers, seed):
    for framework in PEERS[peers]:  # its import loads a module that exists
        monkeypatch.setitem(FRAMEWORKS, framework, Framework("json", "json", PEERS[peers][framework]))
    rng = np.random.default_rng(seed)
    name = DATA[seed % len(DATA)]
    dataset = load(name, seed=seed, **({} if name in ("diabetes", "penguins") else {"n": 50}))
    rate = float(10 ** rng.uniform(-2.5, 1))  # some of the runs are unstable, and some diverge
    settings = Settings(int(rng.choice([4, 16, 50])), 3, rate, ((), (4,))[seed % 2], seed=seed)
    found = finish(compare(dataset, settings, PEERS[peers], rounds=1))
    decided, said, (*of_programs, other) = verdict(found), to_keep(found), claims(found)
    farthest, difference = found.farthest
    assert decided.right == size_of(found)
    assert (decided.right == "none") == (difference == 0)
    for text in (decided.measured, said[0]):
        assert f"{found.relative()[farthest]:.1e} times the largest weight" in text
        assert (f"update {found.updates + 1:,}" in text) == found.diverged
    assert ("unstable" in decided.measured) == ("unstable" in said[1]) == (not found.steady)
    assert len(of_programs) == max(1, len(PEERS[peers]))
    if not found.steady:
        return
    within = all(claim.agrees for claim in of_programs)
    assert ("no more than rounding" in said[1]) == within
    assert (f"{farthest} did not compute" in said[1]) == (not within)
    if peers in ("single precision", "another rate"):
        assert not within
        assert decided.right in ("visible", "other")
    else:
        assert within
        assert decided.right in ("none", "rounding")
    if other.agrees:  # the change of the learning rate is seen
        assert found.relative()[SLIGHTLY_FASTER] > 0
