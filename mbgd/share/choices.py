"""The choices of the sidebar, as plain values."""

import math
import re
from dataclasses import dataclass, replace
from typing import Any

from mbgd.charts.words import count
from mbgd.data.made import MADE
from mbgd.engine.checks import shown
from mbgd.engine.settings import Settings
from mbgd.share.allowed import CAPS

LAST_NAMES = {"keep": "kept", "drop": "dropped"}
MODES = ("sgd", "mini", "full")
OWN = "own"  # the name of the session's own data set, which no other session has
FINGERPRINT = 16  # hex digits of its fingerprint that stand in an address
SIZES = (20, 50, 100, 200, 300, 500, 1_000, CAPS.rows)
SHARES = (5, 10, 20, 30, 40, 50)  # per cent of the rows held out
RATES = (*(float(f"{digit}e{power}") for power in range(-5, 1) for digit in (1, 1.5, 2, 3, 5, 7)), 10.0)
MOST_EPOCHS, MOST_UNITS, MOST_SEED, MOST_NOISE = CAPS.epochs, CAPS.units, CAPS.seed, CAPS.noise


@dataclass(frozen=True)
class Choices:
    """A data set, a network and how to train it, as chosen in the sidebar. noise None: the data set's own noise.

    own: the fingerprint of the session's own data, if that is the data set.

    With the defaults, only the mini-batch learns the spiral: 240 training rows are 15 whole batches of 16. Single rows
    never settle at this learning rate, and full batch has hardly moved after 100 updates.
    """

    data: str = "spiral"
    own: str = ""
    size: int = 300
    noise: float | None = None
    validation: int = 20
    hidden: tuple[int, ...] = (16, 16)
    activation: str = "relu"
    mode: str = "mini"
    batch: int = 16
    epochs: int = 100
    rate: float = 0.2
    shuffle: bool = True
    last: str = "keep"
    seed: int = 0

    @property
    def noise_level(self) -> float | None:
        """The noise of a made-up set: the chosen noise, or its own if none is chosen. None for real data."""
        if self.data not in MADE:
            return None
        return MADE[self.data].noise if self.noise is None else self.noise

    def data_options(self) -> dict[str, Any]:
        """The arguments of `load` for this data set. It does not know the session's own data."""
        options: dict[str, Any] = {"name": self.data, "seed": self.seed, "validation": self.validation / 100}
        return options | ({"n": self.size, "noise": self.noise} if self.data in MADE else {})

    @property
    def data_key(self) -> tuple:
        """What tells this data from other data, in the key of a cache or of a run: equal keys, equal rows."""
        own = {"own": self.own} if self.data == OWN else {}
        return tuple((self.data_options() | ({"noise": self.noise_level} if self.data in MADE else {}) | own).items())

    @property
    def data_title(self) -> str:
        """What a caption calls the data set."""
        return "your own data" if self.data == OWN else self.data

    def batch_size(self, n_train: int) -> int:
        """The rows of one update: 1, the chosen number, or all."""
        return {"sgd": 1, "mini": min(self.batch, n_train), "full": n_train}[self.mode]

    def with_batch(self, size: int, n_train: int) -> "Choices":
        """These choices with batches of this size, of n_train training rows."""
        mode = {1: "sgd", n_train: "full"}.get(size, "mini")
        return replace(self, mode=mode, batch=size if mode == "mini" else self.batch)

    def settings(self, n_train: int) -> Settings:
        """The engine's settings for n_train training rows."""
        return Settings(
            batch_size=self.batch_size(n_train),
            epochs=self.epochs,
            learning_rate=self.rate,
            hidden=self.hidden,
            activation=self.activation,
            shuffle=self.shuffle,
            last_batch=self.last,
            seed=self.seed,
        )

    def needs_fresh_network(self, other: "Choices", n_train: int) -> bool:
        """Whether the other choices need a fresh network. Other learning rate or epochs need none."""
        return replace(self, epochs=1, rate=1.0)._as_trained(n_train) != replace(other, epochs=1, rate=1.0)._as_trained(
            n_train
        )

    def _as_trained(self, n_train: int) -> "Choices":
        """These choices, with everything that does not affect the run set to one fixed value."""
        size = self.size if self.data in MADE else 0
        return replace(self, mode="mini", batch=self.batch_size(n_train), size=size, noise=self.noise_level)


def parse_hidden(text: str) -> tuple[int, ...]:
    """The units of the hidden layers from "16, 8". An empty text or "none" means no hidden layers."""
    parts = [part.strip() for part in text.replace("-", ",").split(",")]
    if parts in ([""], ["none"]):
        return ()
    if len(parts) > CAPS.layers:
        raise ValueError(f"Hidden layers: {shown(text)} names {len(parts)} layers; give at most {CAPS.layers}.")
    for part in parts:
        if not (re.fullmatch(r"\d{1,4}", part, re.ASCII) and 1 <= int(part) <= MOST_UNITS):
            raise ValueError(
                f"Hidden layers: {shown(part)} is not a number of units from 1 to {MOST_UNITS}; write them like 16, 8."
            )
    return tuple(map(int, parts))


def most_units(n_train: int) -> int:
    """The most units that all hidden layers together may have, so that an update of all rows stays within the caps."""
    return max(CAPS.rows * CAPS.units * CAPS.layers // max(n_train, 1), 1)


def show_hidden(hidden: tuple[int, ...]) -> str:
    """The hidden layers as text, as in the sidebar."""
    return ", ".join(map(str, hidden))


DEFAULT = Choices()


def batch_sizes(n_train: int, chosen: int) -> list[int]:
    """The stops of the batch-size slider: powers of two, the numbers halfway between, N, and the chosen size."""
    powers = [2**i for i in range(math.ceil(math.log2(n_train)) + 1)]
    stops = {*powers, *(3 * power for power in powers), n_train, min(chosen, n_train)}
    return sorted(stop for stop in stops if stop <= n_train)


def arithmetic(n_train: int, settings: Settings, updates: int, last_rows: int) -> str:
    """A sentence: rows ÷ batch size = updates per epoch, and the updates of the whole run."""
    batch = min(settings.batch_size, n_train)
    rest = n_train % batch
    odd = ""
    if rest:
        kept = settings.last_batch == "keep"
        odd = f", the last one with {count(last_rows, 'row')}" if kept else f", {count(rest, 'row')} left out"
    return (
        f"{n_train:,} training rows ÷ {batch:,} = {count(updates, 'update')} per epoch{odd}; "
        f"{count(settings.epochs, 'epoch')} = {count(updates * settings.epochs, 'update')}."
    )


def short_batch(batch: int, last_rows: int) -> str:
    """A sentence about a last batch that is shorter than the others: how much its rows count; else empty."""
    if last_rows == batch:
        return ""
    rows, them = ("that row counts", "the others") if last_rows == 1 else ("each of them counts", "the other rows")
    factor = f"{batch / last_rows:.3g}"
    return f"The last batch has {count(last_rows, 'row')}, so {rows} {factor} times as much as {them}."
