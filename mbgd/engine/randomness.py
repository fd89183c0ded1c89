"""One seed, three independent streams: changing what one of them feeds changes nothing in the others."""

from typing import NamedTuple

import numpy as np

from mbgd.engine.checks import whole_number


class Streams(NamedTuple):
    """Generators for the data, the first weights and the order of the batches."""

    data: np.random.Generator
    weights: np.random.Generator
    order: np.random.Generator


def streams(seed: int) -> Streams:
    """The three streams of a seed, a whole number of at least 0."""
    children = np.random.SeedSequence(whole_number("seed", seed, 0)).spawn(3)
    return Streams(*map(np.random.default_rng, children))
