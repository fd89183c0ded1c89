"""The updates of networks that share their batches: which rows come next, and the core that makes steps of them."""

import math
from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.batches import EpochPlan, epoch_order
from mbgd.engine.core import Chunk, Core, WeightVector
from mbgd.engine.guards import immutable
from mbgd.engine.network import Layer

# Rows are copied in the order of the epoch a chunk at a time: small enough for the cache, and few calls to prepare.
CHUNK_BYTES = 1_000_000
CHUNK_UPDATES = 256


class Made(NamedTuple):
    """Updates just made: their losses (count, R), each before its update.

    `failed` holds the losses (R,) of the update after them if it could not be made for every network, as not all of
    these are finite; else None.
    """

    losses: Array
    failed: Array | None


class Updates:
    """R networks of one shape, trained on the same batches by the calls of a Core.

    first: the first weights of each network. clock: tells seconds. `done` counts the updates, `live` (R,) tells which
    networks' losses must be finite. Short epochs are ordered several at a time, so that a chunk holds as many updates
    as it can.
    """

    def __init__(
        self,
        X: Array,
        Y: Array,
        loss: str,
        plan: EpochPlan,
        order: np.random.Generator | None,
        first: list[list[Layer]],
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self.plan, self.done, self._clock = plan, 0, clock
        self._X, self._Y = np.hstack([np.ones((len(X), 1)), X]), np.array(Y, order="C")  # (N, n+1), (N, k)
        self._loss = loss
        self._order = order  # None: the rows keep theirs
        self._activation = first[0][0].activation
        sizes = [X.shape[1], *(len(b) for _, b, _ in first[0])]
        self._weights, self._step = WeightVector(sizes, len(first)), WeightVector(sizes, len(first))
        for run, layers in enumerate(first):
            self._weights.write(run, layers)
        self._before = self._weights.vector.copy()
        self.live = np.ones(len(first), dtype=bool)
        self._pace = math.inf  # seconds an update, as last measured
        row = 8 * (X.shape[1] + 1 + 5 * Y.shape[1] * len(first))  # bytes: inputs; targets, their places, what is kept
        self._in_chunk = min(CHUNK_UPDATES, max(1, CHUNK_BYTES // (row * plan.batch_size)))
        self._epochs = max(1, self._in_chunk // plan.updates)  # that are ordered together
        self._sizes = ([plan.batch_size] * (plan.updates - 1) + [plan.last_rows]) * self._epochs
        self._rows, self._ordered = np.empty(0, dtype=np.intp), 0  # rows of these epochs, and how often drawn
        self._cores: dict[tuple[int, int], Core] = {}  # by the number of batches and the size of the last
        self.networks = [self._views(run, layers) for run, layers in enumerate(first)]

    def make(self, most: int, rates: Array, seconds: float = math.inf) -> Made:
        """Make `most` updates with these learning rates (R,), one at least; fewer where fewer are at hand, or where
        the pace so far tells that they take longer than `seconds`.
        """
        started = self._clock()
        core, place, at_hand = self._next_batches()
        core.set_rates(rates)
        count = min(most, at_hand)
        if math.isfinite(seconds):
            count = max(1, min(count, int(seconds / self._pace)))
        self._before[...] = self._weights.vector
        core.run(place, place + count)
        losses = core.losses(place, place + count)
        failed = None
        if not math.isfinite(losses.sum()):
            finite = np.isfinite(losses[:, self.live]).all(axis=1)  # (count,)
            if not finite.all():
                count = int(finite.argmin())
                losses, failed = losses[:count], losses[count]
                self._weights.vector[...] = self._before  # and once more those before it
                core.run(place, place + count)
        self.done += count
        self._pace = (self._clock() - started) / max(count, 1)
        return Made(losses, failed)

    def rows_of(self, number: int) -> NDArray[np.intp]:
        """The rows of the `number`-th update, from 1: one just made, or the one after."""
        plan = self.plan
        epoch, place = divmod((number - 1) % len(self._sizes), plan.updates)
        first = epoch * plan.rows + place * plan.batch_size
        return self._rows[first : min(first + plan.batch_size, (epoch + 1) * plan.rows)]

    def _views(self, run: int, layers: list[Layer]) -> list[Layer]:
        """The layers of one network, which see each update at once."""
        parts = zip(self._weights.read(run), layers, strict=True)
        return [Layer(W, b, layer.activation) for (W, b), layer in parts]

    def _next_batches(self) -> tuple[Core, int, int]:
        """The core that holds the next batch, its place there, and how many batches from there on are at hand."""
        times, number = divmod(self.done, len(self._sizes))  # of the batch, from 0
        if times == self._ordered:
            self._order_rows()
        place = number % self._in_chunk
        core = self._core(number - place)
        if place == 0:
            first = number // self.plan.updates * self.plan.rows + number % self.plan.updates * self.plan.batch_size
            core.chunk.fill(self._X, self._Y, self._rows[first : first + int(core.chunk.sizes.sum())])
        return core, place, len(core.updates) - place

    def _order_rows(self) -> None:
        """Draw the order of the next epochs."""
        orders = [epoch_order(self._order, len(self._X))[: self.plan.rows] for _ in range(self._epochs)]
        self._rows = immutable(np.concatenate(orders))  # records hand out parts of it
        self._ordered += 1

    def _core(self, first: int) -> Core:
        """The core for the batches from the `first` on."""
        sizes = self._sizes[first : first + self._in_chunk]
        key = len(sizes), sizes[-1]
        if key not in self._cores:
            chunk = Chunk(sizes, self._X.shape[1] - 1, self._Y.shape[1], len(self.networks))
            self._cores[key] = Core(self._weights, self._step, self._activation, self._loss, chunk)
        return self._cores[key]
