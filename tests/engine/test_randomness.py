"""One seed, three streams: reproducible, and none of them touched by what another has drawn."""

import numpy as np
import pytest

from mbgd.engine.randomness import Streams, streams

NAMES = Streams._fields


def draws(generator):
    return generator.random(20)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [0, 7, np.int64(7), 10**400])
def test_the_same_seed_gives_the_same_streams(seed, name):
    np.testing.assert_array_equal(draws(getattr(streams(seed), name)), draws(getattr(streams(seed), name)))


@pytest.mark.parametrize("name", NAMES)
def test_another_seed_gives_other_streams(name):
    first = {tuple(draws(getattr(streams(seed), name))) for seed in range(10)}
    assert len(first) == 10


def test_the_streams_of_a_seed_differ():
    assert len({tuple(draws(stream)) for stream in streams(0)}) == 3


@pytest.mark.parametrize("drawn_from", NAMES)
def test_drawing_from_one_stream_leaves_the_others(drawn_from):
    fresh, used = streams(0), streams(0)
    getattr(used, drawn_from).normal(size=1000)
    for name in set(NAMES) - {drawn_from}:
        np.testing.assert_array_equal(draws(getattr(used, name)), draws(getattr(fresh, name)))


@pytest.mark.parametrize("bad", [-1, 0.5, True, "0", None, float("nan")])
def test_a_bad_seed_raises(bad):
    with pytest.raises(ValueError, match=f"^seed must be a whole number of at least 0, not {bad!r}"):
        streams(bad)
