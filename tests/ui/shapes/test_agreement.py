"""Shapes: the marking, the claims and what to keep follow from the two updates that were compared."""

from dataclasses import replace

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.experiments.shapes.doubling import doubling, what_changed
from mbgd.experiments.step import finish
from mbgd.ui.shapes.doubling import QUESTION, claims, verdict
from mbgd.ui.shapes.to_keep import to_keep
from tests.pages.app import numbers

pytestmark = pytest.mark.thorough

DATA = ("sine", "diabetes", "moons", "penguins")


def drawn(seed):
    """The doubling of a batch, with data and settings drawn at random."""
    rng = np.random.default_rng(seed)
    name = DATA[seed % len(DATA)]
    dataset = load(name, seed=seed, **({} if name in ("diabetes", "penguins") else {"n": 50}))
    hidden = ((), (4,), (3, 5), (2, 2, 2))[int(rng.integers(4))]
    settings = Settings(int(rng.choice([1, 2, 7, 16, 1_000])), 1, 0.1, hidden, seed=seed)
    return finish(doubling(dataset, settings, str(rng.choice(["first", "one", "all"]))))


def assert_one_decision(result):
    """The answer, the first claim and the first sentence to keep say the same of the arrays that changed."""
    found, grew, keep = verdict(result), claims(result)[0], to_keep(result)[0]
    one, two = result.single.B, result.double.B
    total = len(result.changed) + len(result.kept)
    assert numbers(found.measured)[:4] == [one, two, len(result.changed), total]
    assert numbers(keep)[:4] == [one, two, len(result.changed), total]
    assert grew.measured.startswith(f"{len(result.changed)}: ")
    assert grew.agrees == (found.right == "rows")
    assert ("those with one row for each row of the batch" in keep) == (found.right == "rows")


@pytest.mark.parametrize("seed", range(24))
def test_of_a_real_update_the_arrays_with_one_row_per_sample_are_those_that_change(seed):
    result = drawn(seed)
    assert verdict(result).right == "rows"
    assert_one_decision(result)
    assert all(claim.agrees for claim in claims(result))
    pairs = zip(result.single.counted, result.double.counted, strict=True)
    for claim, counted in zip(claims(result)[1:3], pairs, strict=True):
        assert numbers(claim.measured) == list(counted)
        assert all(f"{value:,}" in to_keep(result)[1] for value in counted)


@pytest.mark.parametrize("right", [name for name in QUESTION.answers if name != "rows"])
def test_if_other_arrays_had_changed_nothing_would_say_that_only_rows_did(right):
    result = drawn(1)
    every = (*result.changed, *result.kept)
    changed = {
        "inputs": ("X", "Y"),
        "gradients": tuple(name for name in every if name[0] != "W" and name[0] != "b" and not name.startswith("new")),
        "all": every,
    }[right]
    other = replace(result, changed=changed, kept=tuple(name for name in every if name not in changed))
    assert what_changed(other) == right
    assert_one_decision(other)
