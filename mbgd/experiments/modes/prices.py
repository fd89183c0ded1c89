"""The price of each batch size for reaching a loss: in updates, in epochs, in samples and in seconds."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.experiments.constant import constant_loss
from mbgd.experiments.modes.lanes import AN_OCTAVE, AXES, Lane
from mbgd.experiments.modes.race import Race

AWAY = 10.0  # times the loss at the start: noise alone does not raise a lane's loss so much
ALIKE_SECONDS = 1.25  # times the fewest seconds still count as a tie
FEWEST_TIMED = 3  # lanes: a line goes through two, and the third is compared with it
THIRD = 1 / 3  # the default target ÷ the loss of a constant guess
ABOVE = 1.2  # the default target ÷ the lowest loss of the slowest lane, if that lane does not come down so far


class Price(NamedTuple):
    """The price of a lane until its loss was first at or below a target: on each axis, the median over its runs.

    `reached` of `runs` runs reached it and were not `lost` later; the others count as infinity. Runs that began at or
    below the target are left out, because they had nothing to reach. Losses are known at checkpoints, 3.5 % apart, so
    a price may be 3.5 % too high.
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
    first, reached = there.argmax(axis=0), there.any(axis=0) & ~lost_runs(lane)[runs]  # (R,)
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


class Decision(NamedTuple):
    """The result of a race at one target, from which its verdict, table, stars and claims follow.

    prices, and the winners on each axis: none on any axis if no lane reached the target without getting lost. right:
    the answer, by name, to the question which batch size wins in epochs and which in updates. also: other answers that
    hold as well, because of a tie.
    """

    target: float
    split: str
    prices: tuple[Price, ...]
    winners: dict[str, tuple[int, ...]]
    right: str
    also: tuple[str, ...]


def decide(race: Race, target: float, split: str = "train") -> Decision:
    """The decision of a race at this target. All in a tie win, so several answers may hold.

    "same": one batch size wins in both epochs and updates. "ends": the smallest wins in epochs and the largest in
    updates. "reverse": the other way round. "other": a size in between wins in one of the two, or no lane reaches the
    target.
    """
    paid = prices(race, target, split)
    best = winners(paid)
    epochs, updates = set(best["epochs"]), set(best["updates"])
    smallest, largest = min(race.rules.batch_sizes), max(race.rules.batch_sizes)
    holds = {
        "same": bool(epochs & updates),
        "ends": smallest in epochs and largest in updates,
        "reverse": largest in epochs and smallest in updates,
        "other": not epochs or bool((epochs ^ updates) - {smallest, largest}),
    }
    right, *also = [name for name, true in holds.items() if true]
    return Decision(target, split, tuple(paid), best, right, tuple(also))


def expected_winners(race: Race) -> dict[str, int]:
    """The expected winners if noise does no harm: the smallest batch in epochs, the largest in updates.

    The smallest batch makes the most updates per epoch. The updates of the largest batch have the least noise. If the
    learning rates are proportional to B, nothing is expected in epochs: the rule makes them alike.
    """
    expected = {"epochs": min(race.rules.batch_sizes), "updates": max(race.rules.batch_sizes)}
    return expected if race.rules.rate_for is None else {"updates": expected["updates"]}


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


def lost_runs(lane: Lane) -> NDArray[np.bool_]:
    """Which runs (S,) of a lane are lost so far: diverged, or lately above the training loss they started with.

    "Lately" is the median over the last tenth of the checkpoints. Such a run wins nothing, whatever it reached before.
    """
    losses = lane.train_loss  # (C, S)
    lately = np.median(losses[-max(1, len(losses) // 10) :], axis=0)
    return ~((lately <= losses[0]) & np.isfinite(losses[-1]))


def fate(lane: Lane) -> str:
    """What became of a lane so far: "" if less than half of its runs are lost, else "diverged", "diverges" or "rose".

    It "diverged" if at least half of its runs did. It "diverges" if its median loss is AWAY times that at the start,
    and otherwise it "rose" above its start.
    """
    if 2 * lost_runs(lane).sum() < lane.train_loss.shape[1]:
        return ""
    last = np.median(lane.train_loss[-1])
    if not np.isfinite(last):
        return "diverged"
    return "diverges" if last > AWAY * np.median(lane.train_loss[0]) else "rose"


def best_loss(lane: Lane, split: str = "train") -> float:
    """The lowest loss that more than half of a lane's runs have reached."""
    lowest = np.sort(lane.losses(split).min(axis=0))  # (S,)
    return float(lowest[len(lowest) // 2])


def start_loss(race: Race, split: str = "train") -> float:
    """The loss before any update, the same for all lanes: the median over the seeds."""
    return float(np.median(race.lanes[0].losses(split)[0]))


def default_target(race: Race, split: str = "train") -> float:
    """A loss that most lanes reach well before their end: a THIRD of the loss of the best constant guess.

    If a lane does not come down so far, it is a fifth above the best loss of the lane that came down least. Only lanes
    count that are not lost and came at least halfway down from the start to the best loss of all.
    """
    start = start_loss(race, split)
    bests = [best_loss(lane, split) for lane in race.lanes if not fate(lane)]
    if min(bests, default=start) >= start:
        return start
    halfway = (start + min(bests)) / 2
    reached = ABOVE * max(best for best in bests if best <= halfway)
    return min(max(THIRD * constant_loss(race.dataset), reached), halfway)
