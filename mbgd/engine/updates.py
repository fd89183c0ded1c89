"""The updates of networks that share their batches: which rows come next, and the core that makes steps of them."""

import math
from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.batches import EpochPlan, epoch_order
from mbgd.engine.core import Chunk, Copyable, Core, WeightVector
from mbgd.engine.guards import immutable
from mbgd.engine.network import Layer

# Rows are copied in the order of the epoch a chunk at a time: small enough for the cache, and few calls to prepare.
CHUNK_BYTES = 1_000_000
CHUNK_UPDATES = 256


class Made(NamedTuple):
    """Updates just made: their losses (count, R), each before its update.

    `failed` holds the losses (R,) of the update after them if it could not be made for every network, because not all
    of these are finite; else None.
    """

    losses: Array
    failed: Array | None


class Orders(NamedTuple):
    """The rows of the epochs that are ordered together: how often such orders were drawn, the rows of the last of them,
    one epoch after another, and the state of the generator after it; None where the rows keep their order.
    """

    times: int
    rows: NDArray[np.intp]
    state: Any


class Updates(Copyable):
    """R networks of one shape, trained on the same batches by the calls of a Core.

    first: the first weights of each network. clock: tells seconds. Short epochs are ordered several at a time, so that
    a chunk holds as many updates as it can.

    The caller counts the updates, and says with each call how many were made. It counts those of `make` when it has
    noted all that they brought. If an exception comes before (Ctrl-C may raise one between any two steps), the next
    call begins with the weights before them, and makes the same updates.
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
        weight_decay: float = 0.0,
    ) -> None:
        self.plan, self._clock = plan, clock
        self._X, self._Y = np.hstack([np.ones((len(X), 1)), X]), np.array(Y, order="C")  # (N, n+1), (N, k)
        self._loss, self._weight_decay = loss, weight_decay
        self._order = order  # None: the rows keep theirs
        self._activations = [layer.activation for layer in first[0]]
        sizes = [X.shape[1], *(len(b) for _, b, _ in first[0])]
        self._weights, self._step = WeightVector(sizes, len(first)), WeightVector(sizes, len(first))
        for run, layers in enumerate(first):
            self._weights.write(run, layers)
        # The weights are those after `_at` updates, None while they change; `_before` are those after `_saved`.
        self._at: int | None = 0
        self._before, self._saved = self._weights.vector.copy(), 0
        self._pace = math.inf  # seconds an update, as last measured
        row = 8 * (X.shape[1] + 1 + 5 * Y.shape[1] * len(first))  # bytes: inputs; targets, their places, what is kept
        self._in_chunk = min(CHUNK_UPDATES, max(1, CHUNK_BYTES // (row * plan.batch_size)))
        self._epochs = max(1, self._in_chunk // plan.updates)  # that are ordered together
        self._sizes = ([plan.batch_size] * (plan.updates - 1) + [plan.last_rows]) * self._epochs
        self._orders = Orders(0, np.empty(0, dtype=np.intp), order.bit_generator.state if order else None)
        self._prepare()

    def _prepare(self) -> None:
        """All that holds on to memory: the networks, and the cores."""
        self._networks = [self._views(run) for run in range(self._weights.layers[0].shape[1])]
        self._cores: dict[tuple[int, int], Core] = {}  # by the number of batches and the size of the last
        self._filled: int | None = None  # after how many updates the batches begin that a core holds

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_networks", "_cores", "_filled")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._orders = self._orders._replace(rows=immutable(self._orders.rows))
        self._prepare()

    def networks(self, done: int) -> list[list[Layer]]:
        """The layers of each network after so many updates: views, which see each update at once."""
        if self._at != done:  # what followed was interrupted
            self._weights.vector[...] = self._before
            self._at = self._saved
        return self._networks

    def make(self, done: int, most: int, rates: Array, live: NDArray[np.bool_], seconds: float = math.inf) -> Made:
        """Make `most` updates after those `done`, with these learning rates (R,), one at least; fewer where fewer are
        at hand, or where the pace so far tells that they take longer than `seconds`. `live` (R,) says which networks'
        losses must be finite.
        """
        started = self._clock()
        self.networks(done)
        core, place, at_hand = self._batches_after(done)
        core.set_rates(rates)
        count = min(most, at_hand)
        if math.isfinite(seconds):
            count = max(1, min(count, int(seconds / self._pace)))
        self._before[...] = self._weights.vector
        self._saved = done
        self._at = None
        core.run(place, place + count)
        losses = core.losses(place, place + count)
        failed = None
        if not math.isfinite(losses.sum()):
            finite = np.isfinite(losses[:, live]).all(axis=1)  # (count,)
            if not finite.all():
                count = int(finite.argmin())
                losses, failed = losses[:count], losses[count]
                self._weights.vector[...] = self._before  # and once more those before it
                core.run(place, place + count)
        self._at = done + count
        self._pace = (self._clock() - started) / max(count, 1)
        return Made(losses, failed)

    def rows_of(self, number: int) -> NDArray[np.intp]:
        """The rows of the `number`-th update, from 1: one just made, or the one after. Nobody can change them."""
        plan = self.plan
        epoch, place = divmod((number - 1) % len(self._sizes), plan.updates)
        first = epoch * plan.rows + place * plan.batch_size
        return self._orders.rows[first : min(first + plan.batch_size, (epoch + 1) * plan.rows)]

    def _views(self, run: int) -> list[Layer]:
        parts = zip(self._weights.read(run), self._activations, strict=True)
        return [Layer(W, b, activation) for (W, b), activation in parts]

    def _batches_after(self, done: int) -> tuple[Core, int, int]:
        """The core that holds the next batch, its place there, and how many batches from there on are at hand."""
        times, number = divmod(done, len(self._sizes))  # of the batch, from 0
        if times == self._orders.times:
            self._draw_orders()
        place = number % self._in_chunk
        core = self._core(number - place)
        if self._filled != done - place:
            self._filled = None  # until all rows are there
            first = number - place
            first = first // self.plan.updates * self.plan.rows + first % self.plan.updates * self.plan.batch_size
            core.chunk.fill(self._X, self._Y, self._orders.rows[first : first + int(core.chunk.sizes.sum())])
            self._filled = done - place
        return core, place, len(core.updates) - place

    def _draw_orders(self) -> None:
        """Draw the order of the next epochs."""
        if self._order is not None:
            self._order.bit_generator.state = self._orders.state  # whatever an interrupted draw has left
        orders = [epoch_order(self._order, len(self._X))[: self.plan.rows] for _ in range(self._epochs)]
        state = None if self._order is None else self._order.bit_generator.state
        self._orders = Orders(self._orders.times + 1, immutable(np.concatenate(orders)), state)

    def _core(self, first: int) -> Core:
        """The core for the batches from the `first` on."""
        sizes = self._sizes[first : first + self._in_chunk]
        key = len(sizes), sizes[-1]
        if key not in self._cores:
            chunk = Chunk(sizes, self._X.shape[1] - 1, self._Y.shape[1], len(self._networks))
            about = self._activations[0], self._loss, chunk, self._weight_decay
            self._cores[key] = Core(self._weights, self._step, *about)
        return self._cores[key]
