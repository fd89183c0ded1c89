"""The cost of an update with each trick, and of its matrix products alone: measured, all taking turns."""

from dataclasses import dataclass, replace
from math import ceil
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.experiments.compare import largest_difference
from mbgd.experiments.loop.timing import RATE, TURN, WHOLE_EPOCH, quantile, try_out, turns
from mbgd.experiments.step import Step, Steps
from mbgd.experiments.under_the_hood.tricks import (
    TRICKS,
    AllocatedOnce,
    Plain,
    Prepared,
    ProductsAlone,
    Task,
    predicted_calls,
    predicted_products,
    products_of,
)

ROUNDS = 60
FEWEST_ROUNDS = 5
MOST_SECONDS = 4.0  # of all rounds, but never fewer than FEWEST_ROUNDS
COMPARED = 0.030  # seconds that each variant trains before the weights are compared; at most one epoch
OFF = 1.15  # a measured ratio may be this many times too large or too small
STILL = 1e-9  # learning rate of the timed updates: the weights hardly change, and nothing can overflow


class TimedVariant(NamedTuple):
    """The updates that are timed together: whole batches of these rows, repeated `times` times."""

    variant: Plain | Prepared
    order: NDArray[np.intp]
    times: int

    @property
    def rows(self) -> int:
        """The rows of all batches together."""
        return len(self.order) * self.times

    def seconds(self) -> float:
        """Take the turn; return the seconds it took."""
        started = perf_counter()
        for _ in range(self.times):
            self.variant.train(self.order)
        return perf_counter() - started


@dataclass(frozen=True, eq=False)
class Costs:
    """The cost of one update of B rows, in seconds.

    seconds (rounds, 7): each of the TRICKS and, last, the products alone; NaN where not measured yet. updates: the
    number of updates in one turn. compared: the number of updates after which the weights are compared; they differ by
    `difference`, and the largest is `largest`. calls, products: as counted in the prepared list, and as predicted.
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
        """Median microseconds of an update, one per trick, (6,)."""
        return 1e6 * quantile(self.seconds)[:-1]

    @property
    def floor(self) -> float:
        """Median microseconds of the products alone."""
        return float(1e6 * quantile(self.seconds)[-1])

    @property
    def times_faster(self) -> float:
        """How many times faster the last variant is than the plain formulas."""
        return float(self.microseconds[0] / self.microseconds[-1])


def batches_and_times(task: Task, order: NDArray[np.intp]) -> tuple[int, int]:
    """The number of batches of a turn, and how often they are repeated.

    The plain formulas then take at least TURN seconds. The batches are the whole batches of an epoch, or only its first
    ones if the epoch takes long.
    """
    B = task.batch_size
    one = try_out(TimedVariant(Plain(task), order[:B], 1))
    batches = len(order) // B
    if one * batches > WHOLE_EPOCH:
        return min(batches, ceil(TURN / one)), 1
    return batches, ceil(TURN / (one * batches))


def measure_costs(task: Task, order: NDArray[np.intp], rounds: int = ROUNDS) -> Steps[Costs]:
    """Measure weights, calls and seconds of each of the TRICKS, on the rows in this order."""
    B, names = task.batch_size, [*TRICKS, "the products alone"]
    still = task._replace(rate=STILL)
    costs = Costs(B, np.full((rounds, len(names)), np.nan))
    one = try_out(TimedVariant(Plain(still), order[:B], 1))

    ends = []
    compared = max(1, min(len(task.batch_sizes), int(COMPARED / one)))
    for i, (name, make) in enumerate(TRICKS.items()):
        ends.append(trained(make(task._replace(rate=RATE)), order[: compared * B]))
        yield Step(0.1 * (i + 1) / len(TRICKS), f"comparing the weights: {name}", costs)
    apart, largest = largest_difference(*ends), float(np.abs(ends[0]).max())
    del ends  # 17 MB of a large network
    costs = replace(costs, compared=compared, difference=apart, largest=largest)

    batches, times = batches_and_times(still, order)
    group: list[TimedVariant] = []
    a_round = 0.0
    for i, make in enumerate([*TRICKS.values(), ProductsAlone]):
        variant = make(still)
        if isinstance(variant, AllocatedOnce):  # large networks need 50 MB
            variant.share_with(member.variant for member in group)
        group.append(TimedVariant(variant, order[: batches * B], times))
        a_round += group[-1].seconds()
        yield Step(0.1 + 0.01 * (i + 1), f"trying how long an update takes: {names[i]}", costs)
    prepared = group[-1].variant
    assert isinstance(prepared, Prepared)
    rounds = min(rounds, max(FEWEST_ROUNDS, int(MOST_SECONDS / a_round)))
    costs = replace(costs, seconds=costs.seconds[:rounds], updates=batches * times, **counted(prepared))
    done = 0
    for number, _, member, seconds_a_row in turns([group], rounds):
        seconds = costs.seconds.copy()
        seconds[number, member] = B * seconds_a_row
        costs, done = replace(costs, seconds=seconds), done + 1
        left = 1 - done / costs.seconds.size
        doing = f"timing {number + 1} of {rounds}: {names[member]}" if left else f"done: timed {rounds} times"
        yield Step(1 - 0.8 * left, doing, costs)


def trained(variant: Plain | Prepared, order: NDArray[np.intp]) -> Array:
    """All parameters (P,) after one update with each batch of these rows."""
    variant.train(order)
    return np.concatenate([part.reshape(-1) for pair in variant.weights() for part in pair])


def counted(prepared: Prepared) -> dict[str, tuple[int, int]]:
    """The number of calls and of products of a prepared update: as counted in its list, and as predicted."""
    task = prepared.task
    update = prepared.cores[prepared.chunks[0]].updates[0]
    layers = len(task.layers)
    calls = predicted_calls(layers, task.layers[0].activation, task.loss)
    return {
        "calls": (len(update), calls),
        "products": (len(products_of(update, prepared.vector, prepared.step)), predicted_products(layers)),
    }


def how_much_faster(ratio: float) -> str:
    """The right answer, by name, for a measured ratio of seconds."""
    return "hardly" if ratio < 1.5 else "two" if ratio < 3 else "four" if ratio < 6 else "more"
