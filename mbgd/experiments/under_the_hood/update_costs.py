"""What an update costs with each trick, and what its matrix products cost alone: by the clock, all in turns."""

from dataclasses import dataclass, replace
from math import ceil
from time import perf_counter
from typing import NamedTuple

import numpy as np

from mbgd.engine.activations import Array
from mbgd.experiments.loop.timing import RATE, TURN, WHOLE_EPOCH, quantile, try_out, turns
from mbgd.experiments.loop.ways import largest_difference
from mbgd.experiments.step import Step, Steps
from mbgd.experiments.under_the_hood.tricks import (
    TRICKS,
    Plain,
    Prepared,
    ProductsAlone,
    Rows,
    Task,
    predicted_calls,
    predicted_products,
    products_of,
)

ROUNDS = 60
FEWEST_ROUNDS = 5
MOST_SECONDS = 4.0  # of all rounds, where FEWEST_ROUNDS allow it
COMPARED = 0.030  # seconds that each variant trains to compare the weights, if the epoch is not over before
STILL = 1e-9  # learning rate of what is timed: the weights stay, and nothing can overflow


class Turn(NamedTuple):
    """What is timed at a stretch: whole batches of these rows, so many times over."""

    variant: Plain | Prepared
    order: Rows
    times: int

    @property
    def rows(self) -> int:
        """Rows of all batches together."""
        return len(self.order) * self.times

    def seconds(self) -> float:
        """Take the turn; return the seconds it took."""
        started = perf_counter()
        for _ in range(self.times):
            self.variant.train(self.order)
        return perf_counter() - started


@dataclass(frozen=True, eq=False)
class Costs:
    """Seconds (rounds, 7) of an update of B rows: each of the TRICKS and, last, the products alone; NaN where not
    measured yet.

    updates: that one turn times. compared: updates after which the variants' weights, the largest of which is
    `largest`, differ by `difference`. calls, products: counted in the prepared list, and as predicted.
    """

    batch_size: int
    seconds: Array
    updates: int = 0
    compared: int = 0
    difference: float = 0.0
    largest: float = 0.0
    calls: tuple[int, int] = (0, 0)
    products: tuple[int, int] = (0, 0)

    @property
    def microseconds(self) -> Array:
        """Median microseconds of an update (6,), one a trick."""
        return 1e6 * quantile(self.seconds)[:-1]

    @property
    def floor(self) -> float:
        """Median microseconds of the products alone."""
        return float(1e6 * quantile(self.seconds)[-1])

    @property
    def times_faster(self) -> float:
        """How many times faster the last variant is than the plain formulas."""
        return float(self.microseconds[0] / self.microseconds[-1])


def plan(task: Task, order: Rows) -> tuple[int, int]:
    """Batches of a turn and how often they are repeated, so that the plain formulas take TURN seconds at least:
    an epoch's whole batches, or only the first if they take long.
    """
    B = task.batch_size
    one = try_out(Turn(Plain(task), order[:B], 1))
    batches = len(order) // B
    if one * batches > WHOLE_EPOCH:
        return min(batches, ceil(TURN / one)), 1
    return batches, ceil(TURN / (one * batches))


def measure_costs(task: Task, order: Rows, rounds: int = ROUNDS) -> Steps[Costs]:
    """Weights, calls and seconds of each of the TRICKS, on the rows in this order."""
    B, names = task.batch_size, [*TRICKS, "the products alone"]
    still = task._replace(rate=STILL)
    costs = Costs(B, np.full((rounds, len(names)), np.nan))
    one = try_out(Turn(Plain(still), order[:B], 1))

    ends = []
    compared = max(1, min(len(task.batch_sizes), int(COMPARED / one)))
    for i, (name, make) in enumerate(TRICKS.items()):
        ends.append(trained(make(task._replace(rate=RATE)), order[: compared * B]))
        yield Step(0.1 * (i + 1) / len(TRICKS), f"comparing the weights: {name}", costs)
    costs = replace(costs, compared=compared, difference=largest_difference(ends), largest=float(np.abs(ends[0]).max()))

    batches, times = plan(still, order)
    group, a_round = [], 0.0
    for i, make in enumerate([*TRICKS.values(), ProductsAlone]):
        group.append(Turn(make(still), order[: batches * B], times))
        a_round += group[-1].seconds()
        yield Step(0.1 + 0.01 * (i + 1), f"trying how long an update takes: {names[i]}", costs)
    rounds = min(rounds, max(FEWEST_ROUNDS, int(MOST_SECONDS / a_round)))
    costs = replace(costs, seconds=costs.seconds[:rounds], updates=batches * times, **counted(task))
    done = 0
    for number, _, member, seconds_a_row in turns([group], rounds):
        seconds = costs.seconds.copy()
        seconds[number, member] = B * seconds_a_row
        costs, done = replace(costs, seconds=seconds), done + 1
        left = 1 - done / costs.seconds.size
        doing = f"round {number + 1} of {rounds}: {names[member]}" if left else f"done: {rounds} rounds"
        yield Step(1 - 0.8 * left, doing, costs)


def trained(variant: Plain | Prepared, order: Rows) -> Array:
    """All parameters (P,) after an update with each batch of these rows."""
    variant.train(order)
    return np.concatenate([part.reshape(-1) for pair in variant.weights() for part in pair])


def counted(task: Task) -> dict[str, tuple[int, int]]:
    """The calls and products of a prepared update: counted in its list, and predicted."""
    prepared = Prepared(task)
    update = prepared.cores[prepared.chunks[0]].updates[0]
    layers = len(task.layers)
    calls = predicted_calls(layers, task.layers[0].activation, task.loss)
    return {
        "calls": (len(update), calls),
        "products": (len(products_of(update, prepared.vector, prepared.step)), predicted_products(layers)),
    }


def how_much_faster(ratio: float) -> str:
    """The name of the answer that a measured ratio of seconds makes right."""
    return "hardly" if ratio < 1.5 else "two" if ratio < 3 else "four" if ratio < 6 else "more"


def nearly_how_much_faster(ratio: float, off: float = 1.15) -> str | None:
    """The other answer that a ratio `off` times larger or smaller would make right, None where there is none."""
    others = {how_much_faster(ratio * off), how_much_faster(ratio / off)} - {how_much_faster(ratio)}
    return next(iter(others), None)
