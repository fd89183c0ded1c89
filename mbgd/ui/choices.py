"""What the sidebar chooses, as plain values: checked, and written into the page's address and read back."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from mbgd.data.catalogue import datasets
from mbgd.data.made import MADE
from mbgd.engine.activations import ACTIVATIONS
from mbgd.engine.batches import LAST_BATCH
from mbgd.engine.checks import one_of, real_number, shown, whole_number
from mbgd.engine.settings import MOST_LAYERS, Settings

LAST_NAMES = {"keep": "kept", "drop": "dropped"}
MODES = ("sgd", "mini", "full")
SIZES = (20, 50, 100, 200, 300, 500, 1_000, 2_000)
SHARES = (5, 10, 20, 30, 40, 50)  # per cent of the rows held out
RATES = (*(float(f"{digit}e{power}") for power in range(-5, 1) for digit in (1, 1.5, 2, 3, 5, 7)), 10.0)
MOST_EPOCHS = 10_000
MOST_UNITS = 256
MOST_SEED = 9_999
MOST_NOISE = 1.0


@dataclass(frozen=True)
class Choices:
    """A data set, a network and how to train it, as the sidebar shows them. None as noise: the set's own."""

    data: str = "diabetes"
    size: int = 300
    noise: float | None = None
    validation: int = 20
    hidden: tuple[int, ...] = (16,)
    activation: str = "relu"
    mode: str = "mini"
    batch: int = 16
    epochs: int = 100
    rate: float = 0.02
    shuffle: bool = True
    last: str = "keep"
    seed: int = 0

    @property
    def noise_level(self) -> float | None:
        """The noise of a made-up set, chosen or its own; None for real data."""
        if self.data not in MADE:
            return None
        return MADE[self.data].noise if self.noise is None else self.noise

    def data_options(self) -> dict[str, Any]:
        """The arguments of `load` that draw this data."""
        options: dict[str, Any] = {"name": self.data, "seed": self.seed, "validation": self.validation / 100}
        return options | ({"n": self.size, "noise": self.noise} if self.data in MADE else {})

    def batch_size(self, n_train: int) -> int:
        """Rows an update sees: 1, the chosen number, or all."""
        return {"sgd": 1, "mini": min(self.batch, n_train), "full": n_train}[self.mode]

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
        """Whether a run with these choices can't go on with the other ones. Rate and epochs alone can change."""
        return replace(self, epochs=1, rate=1.0)._as_trained(n_train) != replace(other, epochs=1, rate=1.0)._as_trained(
            n_train
        )

    def _as_trained(self, n_train: int) -> "Choices":
        """With what makes no difference to the run made equal."""
        size = self.size if self.data in MADE else 0
        return replace(self, mode="mini", batch=self.batch_size(n_train), size=size, noise=self.noise_level)


def parse_hidden(text: str) -> tuple[int, ...]:
    """Units of the hidden layers from "16, 8"; nothing, or "none", is a network without hidden layers."""
    parts = [part.strip() for part in text.replace("-", ",").split(",")]
    if parts in ([""], ["none"]):
        return ()
    if len(parts) > MOST_LAYERS:
        raise ValueError(f"Hidden layers: {shown(text)} names {len(parts)} layers; give at most {MOST_LAYERS}.")
    for part in parts:
        if not (re.fullmatch(r"\d{1,4}", part, re.ASCII) and 1 <= int(part) <= MOST_UNITS):
            raise ValueError(
                f"Hidden layers: {shown(part)} is not a number of units from 1 to {MOST_UNITS}; write them as 16, 8."
            )
    return tuple(map(int, parts))


def show_hidden(hidden: tuple[int, ...]) -> str:
    """The layers as the sidebar writes them."""
    return ", ".join(map(str, hidden))


class Parameter(NamedTuple):
    """One choice in the address: from text, checked, and to text."""

    parse: Callable[[str], Any]
    show: Callable[[Any], str]


def _whole(name: str, least: int, most: int) -> Parameter:
    def parse(text: str) -> int:
        return whole_number(name, int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else text, least, most)

    return Parameter(parse, str)


def _real(name: str, least: float, most: float) -> Parameter:
    def parse(text: str) -> float:
        looks_right = re.fullmatch(r"[-+]?[\d.]+(e[-+]?\d+)?", text, re.ASCII)
        try:
            return real_number(name, float(text) if looks_right else text, least, most)
        except ValueError:
            return real_number(name, text, least, most)  # which says what is allowed, and names the text

    return Parameter(parse, lambda value: repr(value).removesuffix(".0"))


def _name(name: str, known: Any) -> Parameter:
    return Parameter(lambda text: one_of(name, text, known), str)


PARAMETERS = {
    "data": _name("data", datasets()),
    "size": _whole("size", min(SIZES), max(SIZES)),
    "noise": _real("noise", 0.0, MOST_NOISE),
    "validation": _whole("validation", min(SHARES), max(SHARES)),
    "hidden": Parameter(parse_hidden, lambda hidden: "-".join(map(str, hidden)) or "none"),
    "activation": _name("activation", ACTIVATIONS),
    "mode": _name("mode", MODES),
    "batch": _whole("batch", 1, 100_000),
    "epochs": _whole("epochs", 1, MOST_EPOCHS),
    "rate": _real("rate", min(RATES), max(RATES)),
    "shuffle": Parameter(
        lambda text: one_of("shuffle", text, ("yes", "no")) == "yes", lambda on: "yes" if on else "no"
    ),
    "last": _name("last", LAST_BATCH),
    "seed": _whole("seed", 0, MOST_SEED),
}
DEFAULT = Choices()


def to_query(choices: Choices) -> dict[str, str]:
    """What an address must say to bring these choices back: only what differs from the default."""
    return {
        name: PARAMETERS[name].show(value)
        for name, value in asdict(choices).items()
        if value is not None and value != getattr(DEFAULT, name)
    }


def from_query(query: Mapping[str, str]) -> tuple[Choices, list[str]]:
    """Choices from an address, and one sentence for each part of it that was no use and left at its default."""
    values: dict[str, Any] = {}
    complaints = []
    for name, text in query.items():
        if name not in PARAMETERS:
            continue
        try:
            values[name] = PARAMETERS[name].parse(text)
        except ValueError as error:
            default = getattr(DEFAULT, name)
            instead = "The set's own" if default is None else PARAMETERS[name].show(default)
            complaints.append(f"The link's {name}={shown(text)[1:-1]} is left out: {error} {instead} is used instead.")
    return replace(DEFAULT, **values), complaints


def batch_sizes(n_train: int, chosen: int) -> list[int]:
    """The stops of the batch-size slider: powers of two and halfway between, 1, N, and the chosen one."""
    powers = [2**i for i in range(math.ceil(math.log2(n_train)) + 1)]
    stops = {*powers, *(3 * power for power in powers), n_train, min(chosen, n_train)}
    return sorted(stop for stop in stops if stop <= n_train)


def arithmetic(n_train: int, settings: Settings, updates: int, last_rows: int) -> str:
    """The epoch's arithmetic in a sentence."""
    batch = min(settings.batch_size, n_train)
    rest = n_train % batch
    if updates == 1:
        epoch = "1 update an epoch" if not rest else f"1 update an epoch, {_rows(rest)} left out"
    elif not rest:
        epoch = f"{updates:,} updates an epoch"
    elif settings.last_batch == "keep":
        epoch = f"{updates:,} updates an epoch, the last one with {_rows(last_rows)}"
    else:
        epoch = f"{updates:,} updates an epoch, {_rows(rest)} left out"
    total = updates * settings.epochs
    return (
        f"{n_train:,} training rows ÷ {batch:,} = {epoch}; "
        f"{settings.epochs:,} epoch{'s' * (settings.epochs != 1)} = {total:,} update{'s' * (total != 1)}."
    )


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"
