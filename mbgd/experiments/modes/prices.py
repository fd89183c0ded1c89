"""The price of each batch size for reaching a loss: in updates, in epochs, in samples and in seconds."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mbgd.experiments.modes.race import AN_OCTAVE, AXES, Lane, Race

AWAY = 10.0  # times the loss at the start: noise alone does not raise a lane's loss so much
ALIKE_SECONDS = 1.25  # times the fewest seconds still count as a tie
FEWEST_TIMED = 3  # lanes: a line goes through two, and the third is compared with it
ABOVE = 1.2  # the default target ÷ the lowest loss of the slowest lane


class Price(NamedTuple):
    """The price of a lane until its loss was first at or below a target: on each axis, the median over its runs.

    `reached` of `runs` runs reached it; the others count as infinity. Runs that began at or below the target are left
    out, because they had nothing to reach. Losses are known at checkpoints, 3.5 % apart, so a price may be 3.5 % too
    high.
    """

    batch_size: int
    reached: int
    runs: int
    updates: float
    epochs: float
    samples: float
    seconds: float


def price(lane: Lane, target: float, split: str = "train") -> Price:
    """The price that this lane paid for the target loss."""
    losses = lane.losses(split)  # (C, S)
    runs = np.flatnonzero(losses[0] > target)  # (R,), the runs that have something to reach
    there = losses[:, runs] <= target  # (C, R)
    first, reached = there.argmax(axis=0), there.any(axis=0)  # (R,)
    paid = {
        axis: float(np.median(np.where(reached, lane.position(axis)[first, runs], np.inf))) if len(runs) else np.inf
        for axis in AXES
    }
    return Price(lane.batch_size, int(reached.sum()), len(runs), **paid)


def prices(race: Race, target: float, split: str = "train") -> list[Price]:
    """The prices of all lanes, in their order."""
    return [price(lane, target, split) for lane in race.lanes]


def winners(paid: Sequence[Price]) -> dict[str, tuple[int, ...]]:
    """The batch sizes that paid least on each axis; none if no lane reached the target.

    Prices at most one checkpoint apart are a tie, because nothing finer was measured, and all in the tie win. Clocks
    are less exact, so seconds are a tie up to a factor of ALIKE_SECONDS.
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
    """The winners of a race on each axis: none if no lane learned, even if some lane was below the target once."""
    return winners(prices(race, target, split)) if learned(race, split) else dict.fromkeys(AXES, ())


def expected_winners(race: Race) -> dict[str, int]:
    """The expected winners if noise does no harm: the smallest batch in epochs, the largest in updates.

    The smallest batch makes the most updates per epoch. The updates of the largest batch have the least noise.
    """
    return {"epochs": min(race.rules.batch_sizes), "updates": max(race.rules.batch_sizes)}


def update_costs(race: Race) -> tuple[int, float, float] | None:
    """A batch size in the middle, the predicted seconds of its update, and the measured ones.

    The prediction is a + c·B: a for the calls of an update, c for each row. The line goes through the measured seconds
    of the smallest and of the largest batch. None without three lanes that made updates and never diverged.
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
    """The right answer, by name, to the question which batch size wins in epochs and which in updates.

    All in a tie win. "same": one batch size wins both. Otherwise "ends": the smallest wins in epochs and the largest in
    updates. "reverse": the other way round. "other": all else: for example, only sizes in between win on one of the
    axes, or no lane reaches the target.
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
    """Whether some lane was below the loss at the start, and does not diverge."""
    start = start_loss(race, split)
    return any(best_loss(lane, split) < start and not runs_away(lane) for lane in race.lanes)


def runs_away(lane: Lane) -> bool:
    """Whether more than half of a lane's runs have diverged, or have AWAY times the loss at the start."""
    return bool(np.median(lane.train_loss[-1]) > AWAY * np.median(lane.train_loss[0]))


def best_loss(lane: Lane, split: str = "train") -> float:
    """The lowest loss that more than half of a lane's runs have reached."""
    lowest = np.sort(lane.losses(split).min(axis=0))  # (S,)
    return float(lowest[len(lowest) // 2])


def start_loss(race: Race, split: str = "train") -> float:
    """The loss before any update, the same for all lanes: the median over the seeds."""
    return float(np.median(race.lanes[0].losses(split)[0]))


def default_target(race: Race, split: str = "train") -> float:
    """A loss that most lanes reach well before their end: a fifth above the best loss of the lane that came down least.

    Only lanes count that came at least halfway down from the start to the best loss of all.
    """
    start = start_loss(race, split)
    bests = [best_loss(lane, split) for lane in race.lanes]
    halfway = (start + min(bests)) / 2
    return min(ABOVE * max(best for best in bests if best <= halfway), halfway) if min(bests) < start else start
