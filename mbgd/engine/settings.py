"""What a run is trained with."""

from dataclasses import dataclass

import numpy as np

from mbgd.engine.activations import ACTIVATIONS
from mbgd.engine.batches import LAST_BATCH
from mbgd.engine.checks import one_of, real_number, shown, whole_number, yes_or_no
from mbgd.engine.network import Layer, first_weights
from mbgd.engine.randomness import streams

MOST_LAYERS = 6
MOST_UNITS = 4_096


@dataclass(frozen=True)
class Settings:
    """What a run is trained with. Values are checked here, and only here: a bad one raises ValueError.

    batch_size: rows an update sees; above N it means all N. epochs: passes over the training rows.
    learning_rate: step along the negative gradient. hidden: units of each hidden layer, none to six layers.
    activation: of the hidden layers. shuffle: draw a new order each epoch. last_batch: "keep" or "drop" a short
    last batch. seed: of data, first weights and batch order. order_seed: of the batch order alone, where two runs
    should see the same batches from different first weights; None: the seed. weight_decay: λ of the penalty λ/2 · Σ W²
    over all weights W, but no bias, which is added to the mean loss of each batch. Its gradient λ·W is not divided by
    B, so that the decay is the same for every batch size. The losses that are reported are without the penalty.
    """

    batch_size: int
    epochs: int
    learning_rate: float
    hidden: tuple[int, ...] = (16,)
    activation: str = "relu"
    shuffle: bool = True
    last_batch: str = "keep"
    seed: int = 0
    order_seed: int | None = None
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        checked = {
            "batch_size": whole_number("batch_size", self.batch_size, 1),
            "epochs": whole_number("epochs", self.epochs, 1),
            "learning_rate": positive_rate(self.learning_rate),
            "hidden": _hidden(self.hidden),
            "activation": one_of("activation", self.activation, ACTIVATIONS),
            "shuffle": yes_or_no("shuffle", self.shuffle),
            "last_batch": one_of("last_batch", self.last_batch, LAST_BATCH),
            "seed": whole_number("seed", self.seed, 0),
            "order_seed": None if self.order_seed is None else whole_number("order_seed", self.order_seed, 0),
            "weight_decay": real_number("weight_decay", self.weight_decay, 0.0),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def first_weights(self, n: int, k: int) -> list[Layer]:
        """The first layers for n inputs and k outputs."""
        return first_weights(streams(self.seed).weights, [n, *self.hidden, k], self.activation)

    def order(self) -> np.random.Generator:
        """The stream that orders the rows of each epoch."""
        return streams(self.seed_of_order).order

    @property
    def seed_of_order(self) -> int:
        """The seed of the batch order: the order_seed, or the seed if there is none."""
        return self.seed if self.order_seed is None else self.order_seed


def positive_rate(value: float) -> float:
    """A learning rate, if it is a finite number above 0."""
    return real_number("learning_rate", value, 0.0, open_ends=True)


def _hidden(value: tuple[int, ...]) -> tuple[int, ...]:
    if not isinstance(value, tuple | list) or len(value) > MOST_LAYERS:
        raise ValueError(
            f"hidden must be the units of none to {MOST_LAYERS} layers, such as (16,) or (), not {shown(value)}."
        )
    return tuple(whole_number("hidden", units, 1, MOST_UNITS) for units in value)
