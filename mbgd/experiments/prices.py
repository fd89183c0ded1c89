"""What each batch size pays to reach a loss: in updates, in epochs, in samples and in seconds."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mbgd.experiments.race import AN_OCTAVE, AXES, Lane, Race

ABOVE = 1.2  # the default target, over the loss that the slowest of the lanes came down to


class Price(NamedTuple):
    """What a lane paid until its loss was first no larger than a target: the median over its runs, of each axis.

    `reached` of `runs` runs got there; those that did not count as infinitely long. A run is looked at at its
    checkpoints, which come 3.5 % apart: so much a price may be too high.
    """

    batch_size: int
    reached: int
    runs: int
    updates: float
    epochs: float
    samples: float
    seconds: float


def price(lane: Lane, target: float, split: str = "train") -> Price:
    """What this lane paid."""
    there = lane.losses(split) <= target  # (C, S)
    first, reached = there.argmax(axis=0), there.any(axis=0)  # (S,)
    runs = np.arange(len(first))
    paid = {axis: float(np.median(np.where(reached, lane.position(axis)[first, runs], np.inf))) for axis in AXES}
    return Price(lane.batch_size, int(reached.sum()), len(runs), **paid)


def prices(race: Race, target: float, split: str = "train") -> list[Price]:
    """What each lane paid, in the order of the lanes."""
    return [price(lane, target, split) for lane in race.lanes]


def winners(paid: Sequence[Price]) -> dict[str, tuple[int, ...]]:
    """The batch sizes that paid least on each axis: none where no lane got there.

    Several where they paid alike: no further apart than one checkpoint from the next, as nothing closer was measured.
    """
    least = {axis: min(getattr(price, axis) for price in paid) for axis in AXES}
    return {
        axis: tuple(
            price.batch_size
            for price in paid
            if np.isfinite(least[axis]) and getattr(price, axis) <= least[axis] * 2 ** (1 / AN_OCTAVE)
        )
        for axis in AXES
    }


def outcome(race: Race, target: float, split: str = "train") -> str:
    """Who wins on the axes of epochs and of updates, as the name of an answer.

    All in a tie win. "same": one of them wins both; otherwise "ends": the smallest batch size takes the fewest epochs
    and the largest the fewest updates; "reverse": the other way round; "other": anything else, so that only ones in
    between win on one of the axes, or nobody gets there.
    """
    if not learned(race, split):
        return "other"
    best = winners(prices(race, target, split))
    epochs, updates = set(best["epochs"]), set(best["updates"])
    if epochs & updates:
        return "same"
    smallest, largest = min(race.rules.batch_sizes), max(race.rules.batch_sizes)
    if smallest in epochs and largest in updates:
        return "ends"
    return "reverse" if largest in epochs and smallest in updates else "other"


def learned(race: Race, split: str = "train") -> bool:
    """Whether any lane came below the loss at the start."""
    return min(best_loss(lane, split) for lane in race.lanes) < start_loss(race, split)


def best_loss(lane: Lane, split: str = "train") -> float:
    """The lowest loss that more than half of a lane's runs have reached."""
    lowest = np.sort(lane.losses(split).min(axis=0))  # (S,)
    return float(lowest[len(lowest) // 2])


def start_loss(race: Race, split: str = "train") -> float:
    """The loss before any update, the same for all lanes: the median over the seeds."""
    return float(np.median(race.lanes[0].losses(split)[0]))


def default_target(race: Race, split: str = "train") -> float:
    """A loss that most lanes reach well before their end: a fifth above the best of the worst of them.

    A lane counts that came at least halfway down from the start to the best loss of all.
    """
    start = start_loss(race, split)
    bests = [best_loss(lane, split) for lane in race.lanes]
    halfway = (start + min(bests)) / 2
    return min(ABOVE * max(best for best in bests if best <= halfway), halfway) if min(bests) < start else start
