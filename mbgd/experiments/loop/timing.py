"""The measured cost of the loop over samples, and the engine's rows per second at each batch size.

All figures are medians of rounds. In each round everything that is compared takes its turn, so a noisy moment of the
machine hits all alike. Each turn starts from the same weights.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from math import ceil, inf
from time import perf_counter
from typing import NamedTuple, Protocol

import numpy as np

from mbgd.engine.activations import Array
from mbgd.experiments.compare import largest_difference
from mbgd.experiments.loop.memory import widest_moment
from mbgd.experiments.loop.ways import MATRICES, WAYS, Batch, Way, gradients, train, weights_after
from mbgd.experiments.step import Step, Steps

ROUNDS = 15
THROUGHPUT_ROUNDS = 25
TURN = 0.002  # seconds of a turn, at least: short, so that another program disturbs only few turns
WHOLE_EPOCH = 0.010  # seconds: an epoch up to this long is timed whole
NOISY = 0.25  # middle half of the rounds ÷ their median: above this the machine was busy with something else
LONGEST = 0.080  # seconds that the loops may take for one batch: if longer, they are timed on its first rows
LARGEST_BATCH = 16_384  # in the throughput, with the rows repeated
LONGEST_UPDATE = 0.040  # seconds: if an update takes longer, the throughput tries no larger batch, except N
WEIGHTS_COMPARED = 0.25  # seconds that the ways train before the weights are compared; at most one epoch
OFF = 1.25  # a measured ratio may be this many times too large or too small
RATE = 1e-3  # learning rate of all updates here: small, so that no network diverges; the cost does not depend on it


def powers_of_two(largest: int) -> list[int]:
    """1, 2, 4, ... up to the largest, and the largest itself."""
    return sorted({2**i for i in range(largest.bit_length())} | {largest})


def quantile(seconds: Array, share: float = 0.5) -> Array:
    """The median, or another quantile, over the rounds (rounds, ...) done so far; NaN where none is done."""
    measured = np.isfinite(seconds).any(axis=0)
    result = np.full(measured.shape, np.nan)
    if measured.any():
        result[measured] = np.nanquantile(seconds[:, measured], share, axis=0)
    return result


class Timed(Protocol):
    """Something that can be timed: `seconds` trains on its rows once and returns the seconds."""

    @property
    def rows(self) -> int: ...
    def seconds(self) -> float: ...


class TimedWay(NamedTuple):
    """The updates that are timed together: one with each of these batches of an epoch, from its first weights."""

    way: Way
    epoch: Batch
    batches: Sequence[slice]

    @property
    def rows(self) -> int:
        """The rows of all batches together."""
        return sum(rows.stop - rows.start for rows in self.batches)

    def seconds(self) -> float:
        """Take the turn; return the seconds it took."""
        layers = self.epoch.fresh_layers()
        started = perf_counter()
        train(self.way, layers, self.epoch, self.batches, RATE)
        return perf_counter() - started


def batches_of(n_samples: int, batch_size: int, most_rows: float = inf) -> list[slice]:
    """The rows of each batch of an epoch: all of them, or the first `most_rows`."""
    take = int(min(batch_size, most_rows))
    return [slice(first, min(first + take, n_samples)) for first in range(0, n_samples, batch_size)]


def try_out(turn: Timed) -> float:
    """The seconds of a turn: the shortest of up to three tries, because delays only ever add time."""
    tries = [turn.seconds()]
    while len(tries) < 3 and sum(tries) < 10 * TURN:
        tries.append(turn.seconds())
    return min(tries)


def plan_turn(way: Way, epoch: Batch, batches: Sequence[slice]) -> TimedWay:
    """A turn of at least TURN seconds: the whole epoch, repeated if needed, or only its first batches if it is long."""
    one = try_out(TimedWay(way, epoch, batches[:1]))
    whole = one * len(batches)
    count = len(batches) * ceil(TURN / whole) if whole <= WHOLE_EPOCH else ceil(TURN / one)
    return TimedWay(way, epoch, list(islice(cycle(batches), count)))


def spread(seconds: Array) -> float:
    """The relative spread of the rounds (rounds, ...): the width of their middle half ÷ their median."""
    return float(np.median((quantile(seconds, 0.75) - quantile(seconds, 0.25)) / quantile(seconds)))


def turns(plans: Sequence[Sequence[Timed]], rounds: int) -> Iterator[tuple[int, int, int, float]]:
    """Take all turns in each round, and yield round, group, member and its seconds per row.

    Within a group, a different member begins in each round.
    """
    for number in range(rounds):
        for group, members in enumerate(plans):
            for place in range(len(members)):
                member = (place + number) % len(members)
                yield number, group, member, members[member].seconds() / members[member].rows


# --- three ways ---


class Agreement(NamedTuple):
    """How well the gradients of the three ways agree for a batch of B rows, computed on its first `rows` rows.

    difference: the largest difference between two ways in any number. largest: the largest number of the gradient.
    """

    batch_size: int
    rows: int
    difference: float
    largest: float


@dataclass(frozen=True, eq=False)
class WayTimes:
    """Three ways to the same weights: how well they agree, and how long they take.

    sizes: the batch sizes, 1 to N. agreements: those of the gradients, one per size. weights: the largest difference
    of the final weights after `updates` updates of `compared_size` rows, None before. seconds (rounds, sizes, ways):
    per row, NaN where not measured yet. rows (sizes, ways): the rows of one turn, 0 before it is planned.
    """

    n_samples: int
    sizes: tuple[int, ...]
    compared_size: int
    seconds: Array
    rows: Array
    agreements: tuple[Agreement, ...] = ()
    updates: int = 0
    weights: float | None = None

    def nearest(self, batch_size: int) -> int:
        """The index in `sizes` of the nearest size: this size itself, unless the data set has changed."""
        return int(np.abs(np.log(np.array(self.sizes) / batch_size)).argmin())

    @property
    def epoch_seconds(self) -> Array:
        """The median seconds of an epoch of N rows, (sizes, ways)."""
        return quantile(self.seconds) * self.n_samples

    @property
    def times_as_long(self) -> Array:
        """The time of each way ÷ the time of the matrices, (sizes, ways)."""
        seconds = self.epoch_seconds
        return seconds / seconds[:, [list(WAYS).index(MATRICES)]]


def compare_ways(epoch: Batch, compared_size: int, rounds: int = ROUNDS) -> Steps[WayTimes]:
    """Compare the three ways at each batch size from 1 to N: gradients, weights after an epoch, seconds."""
    N, sizes = len(epoch.X), powers_of_two(len(epoch.X))
    shape = (len(sizes), len(WAYS))
    speed = WayTimes(N, tuple(sizes), compared_size, np.full((rounds, *shape), np.nan), np.zeros(shape))
    total = 2 * len(sizes) + len(WAYS) + rounds * speed.rows.size
    done = 0

    def step(doing: str) -> Step[WayTimes]:
        nonlocal done
        done += 1
        return Step(done / total, doing, speed)

    first = epoch.first(1)
    a_row = min(_gradients_in_time(first)[1] for _ in range(3))  # seconds of the three ways together for one row
    for B in sizes:
        rows = min(B, max(1, int(LONGEST / a_row)))
        of_ways, seconds = _gradients_in_time(epoch.first(rows))
        a_row = min(a_row, seconds / rows)
        agreement = Agreement(B, rows, largest_difference(*of_ways), float(np.abs(of_ways[-1]).max()))
        speed = replace(speed, agreements=(*speed.agreements, agreement))
        yield step(f"comparing the gradients at B = {B:,}")

    batches = batches_of(N, compared_size)[: max(1, int(WEIGHTS_COMPARED / (a_row * compared_size)))]
    ends = []
    for name, way in WAYS.items():
        ends.append(weights_after(way, epoch, batches, RATE))
        yield step(f"comparing the weights after an epoch: {name}")
    speed = replace(speed, updates=len(batches), weights=largest_difference(*ends))

    plans = []
    for B, agreement in zip(sizes, speed.agreements, strict=True):
        most = {name: inf if name == MATRICES else agreement.rows for name in WAYS}
        plans.append([plan_turn(way, epoch, batches_of(N, B, most[name])) for name, way in WAYS.items()])
        yield step(f"trying how long an update takes at B = {B:,}")
    speed = replace(speed, rows=np.array([[turn.rows for turn in group] for group in plans]))

    for number, group, member, seconds_a_row in turns(plans, rounds):
        seconds_of_rows = speed.seconds.copy()
        seconds_of_rows[number, group, member] = seconds_a_row
        speed = replace(speed, seconds=seconds_of_rows)
        last = done + 1 == total
        yield step(f"done: timed {rounds} times" if last else f"timing {number + 1} of {rounds}: B = {sizes[group]:,}")


def _gradients_in_time(batch: Batch) -> tuple[list[Array], float]:
    """The gradient (P,) of each of the WAYS, and the seconds of all together."""
    started = perf_counter()
    return gradients(batch), perf_counter() - started


def how_many_times(ratio: float) -> str:
    """The right answer, by name, for a measured ratio of seconds."""
    return "same" if ratio < 2 else "few" if ratio < 10 else "tens" if ratio < 50 else "more"


# --- rows per second ---


@dataclass(frozen=True, eq=False)
class Throughput:
    """The rows per second of the engine's updates at each batch size.

    seconds (rounds, sizes): per row, NaN where not measured yet. bytes (sizes,): the bytes of an update's arrays.
    """

    n_samples: int
    sizes: tuple[int, ...]
    bytes: tuple[int, ...]
    seconds: Array

    @property
    def quartiles(self) -> Array:
        """Rows per second: lower quartile, median and upper quartile of the rounds, (3, sizes)."""
        return 1 / np.stack([quantile(self.seconds, share) for share in (0.75, 0.5, 0.25)])

    @property
    def peak(self) -> int:
        """The index in `sizes` of the highest median. At least one size must be measured."""
        return int(np.nanargmax(self.quartiles[1]))


def measure_throughput(epoch: Batch, rounds: int = THROUGHPUT_ROUNDS) -> Steps[Throughput]:
    """Measure the rows per second of whole updates at batch sizes from 1 to LARGEST_BATCH.

    If N is smaller, its rows are repeated. If an update takes longer than LONGEST_UPDATE, no larger batch is tried,
    except N.
    """
    way, N = WAYS[MATRICES], len(epoch.X)
    repeated = epoch.repeated(max(LARGEST_BATCH, N))
    trials = sorted({*powers_of_two(len(repeated.X)), N})
    result = Throughput(N, (), (), np.empty((rounds, 0)))
    plans: list[list[TimedWay]] = []
    took = 0.0  # seconds of the last update that was tried
    for B in trials:
        if B > N and took > LONGEST_UPDATE:
            break
        batches = batches_of(len(repeated.X), B)
        plans.append([plan_turn(way, repeated, batches)])
        took = try_out(TimedWay(way, repeated, batches[:1]))
        sizes = (*result.sizes, B)
        memory = (*result.bytes, widest_moment(epoch.layers, B).bytes(B))
        result = Throughput(N, sizes, memory, np.full((rounds, len(sizes)), np.nan))
        yield Step(0.1 * len(sizes) / len(trials), f"trying how long an update takes at B = {B:,}", result)
    for number, group, _, seconds_a_row in turns(plans, rounds):
        seconds = result.seconds.copy()
        seconds[number, group] = seconds_a_row
        result = replace(result, seconds=seconds)
        share = 1 - 0.9 * (1 - (number * len(plans) + group + 1) / (rounds * len(plans)))
        doing = (
            f"timing {number + 1} of {rounds}: B = {result.sizes[group]:,}"
            if share < 1
            else f"done: timed {rounds} times"
        )
        yield Step(share, doing, result)


def what_happens(throughput: Throughput) -> str:
    """The right answer, by name, for the measured rows per second from the smallest batch to the largest."""
    rows_a_second = throughput.quartiles[1]
    peak, first, last = rows_a_second.max(), rows_a_second[0], rows_a_second[-1]
    if peak < 1.5 * rows_a_second.min():
        return "same"
    if last >= 0.85 * peak:  # a plateau, within the noise of the clock
        return "rise"
    return "fall" if first >= 0.85 * peak else "peak"
