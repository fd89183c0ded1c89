"""What each batch size pays to reach a loss: in updates, in epochs, in samples and in seconds."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mbgd.experiments.modes.race import AN_OCTAVE, AXES, Lane, Race

AWAY = 10.0  # times the loss at the start: noise alone throws no lane so far up
ALIKE_SECONDS = 1.25  # times the fewest seconds
FEWEST_TIMED = 3  # lanes: two to draw a line through, and one to hold against it
ABOVE = 1.2  # the default target, over the loss that the slowest of the lanes came down to


class Price(NamedTuple):
    """What a lane paid until its loss was first no larger than a target: the median over its runs, of each axis.

    `reached` of `runs` runs got there; those that did not count as infinitely long. Runs that began at the target or
    below it had nothing to reach, and are no part of it. A run is looked at at its checkpoints, which come 3.5 %
    apart: so much a price may be too high.
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
    losses = lane.losses(split)  # (C, S)
    runs = np.flatnonzero(losses[0] > target)  # (R,), those with something to reach
    there = losses[:, runs] <= target  # (C, R)
    first, reached = there.argmax(axis=0), there.any(axis=0)  # (R,)
    paid = {
        axis: float(np.median(np.where(reached, lane.position(axis)[first, runs], np.inf))) if len(runs) else np.inf
        for axis in AXES
    }
    return Price(lane.batch_size, int(reached.sum()), len(runs), **paid)


def prices(race: Race, target: float, split: str = "train") -> list[Price]:
    """What each lane paid, in the order of the lanes."""
    return [price(lane, target, split) for lane in race.lanes]


def winners(paid: Sequence[Price]) -> dict[str, tuple[int, ...]]:
    """The batch sizes that paid least on each axis: none where no lane got there.

    Several where they paid alike: no further apart than one checkpoint from the next, as nothing closer was measured;
    in seconds, which no clock repeats so well, than ALIKE_SECONDS.
    """
    alike = dict.fromkeys(AXES, 2 ** (1 / AN_OCTAVE)) | {"seconds": ALIKE_SECONDS}
    least = {axis: min(getattr(price, axis) for price in paid) for axis in AXES}
    return {
        axis: tuple(
            price.batch_size
            for price in paid
            if np.isfinite(least[axis]) and getattr(price, axis) <= least[axis] * alike[axis]
        )
        for axis in AXES
    }


def race_winners(race: Race, target: float, split: str = "train") -> dict[str, tuple[int, ...]]:
    """The winners of a race on each axis: none where nobody learned, however deep a line they fell through."""
    return winners(prices(race, target, split)) if learned(race, split) else dict.fromkeys(AXES, ())


def expected_winners(race: Race) -> dict[str, int]:
    """Who should win where noise does no harm: the smallest batch in epochs, of which one has the most updates then,
    and the largest in updates, each of which is then the least noisy.
    """
    return {"epochs": min(race.rules.batch_sizes), "updates": max(race.rules.batch_sizes)}


def update_costs(race: Race) -> tuple[int, float, float] | None:
    """A batch size in the middle, the seconds that its update should take and those it took.

    An update should cost a + c·B: a for its calls, c for each row. The line goes through what an update of the
    smallest batch and one of the largest took. None without three lanes that made updates and never diverged.
    """
    timed = [lane for lane in race.lanes if lane.update[-1] > 0 and not lane.failures]
    if len(timed) < FEWEST_TIMED:
        return None
    B = np.array([lane.batch_size for lane in timed])
    took = np.array([lane.seconds_an_update for lane in timed])
    order = np.argsort(B)
    small, middle, large = order[0], order[len(order) // 2], order[-1]
    share = (B[middle] - B[small]) / (B[large] - B[small])
    return int(B[middle]), float(took[small] + share * (took[large] - took[small])), float(took[middle])


def outcome(race: Race, target: float, split: str = "train") -> str:
    """Who wins on the axes of epochs and of updates, as the name of an answer.

    All in a tie win. "same": one of them wins both; otherwise "ends": the smallest batch size takes the fewest epochs
    and the largest the fewest updates; "reverse": the other way round; "other": anything else, so that only ones in
    between win on one of the axes, or nobody gets there.
    """
    if not learned(race, split):
        return "other"
    best = race_winners(race, target, split)
    epochs, updates = set(best["epochs"]), set(best["updates"])
    if epochs & updates:
        return "same"
    smallest, largest = min(race.rules.batch_sizes), max(race.rules.batch_sizes)
    if smallest in epochs and largest in updates:
        return "ends"
    return "reverse" if largest in epochs and smallest in updates else "other"


def learned(race: Race, split: str = "train") -> bool:
    """Whether any lane came below the loss at the start, and has not run away since."""
    start = start_loss(race, split)
    return any(best_loss(lane, split) < start and not runs_away(lane) for lane in race.lanes)


def runs_away(lane: Lane) -> bool:
    """Whether more than half of a lane's runs have diverged, or are on the way there."""
    return bool(np.median(lane.train_loss[-1]) > AWAY * np.median(lane.train_loss[0]))


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
