"""What a sweep runs: its batch sizes, learning rates and seeds, and how long each run is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mbgd.engine.batches import EpochPlan, plan_epoch
from mbgd.engine.checks import one_of, shown, whole_number
from mbgd.engine.settings import Settings, positive_rate

MOST_VALUES = 12  # batch sizes, or learning rates
MOST_SEEDS = 20
MOST_RUNS = MOST_VALUES * MOST_VALUES * MOST_SEEDS
MOST_AMOUNT = 10_000_000


def _of_epochs(plan: EpochPlan, amount: int) -> int:
    return amount * plan.updates


def _of_updates(plan: EpochPlan, amount: int) -> int:
    return amount


def _of_samples(plan: EpochPlan, amount: int) -> int:
    epochs, rest = divmod(amount, plan.rows)
    return epochs * plan.updates + -(-rest // plan.batch_size)


BUDGETS = {"epochs": _of_epochs, "updates": _of_updates, "samples": _of_samples}


@dataclass(frozen=True)
class Grid:
    """A run for each batch size, learning rate and seed. Values are checked here: a bad one raises ValueError.

    seeds: of each run's data, first weights and order of rows. budget and amount: how long each run is, so many
    "epochs", "updates" or "samples" (rows seen; the update that reaches the amount is the last one). settings: of every
    run, but for batch size, epochs, learning rate and seed.
    """

    batch_sizes: tuple[int, ...]
    rates: tuple[float, ...]
    seeds: tuple[int, ...]
    settings: Settings
    budget: str = "epochs"
    amount: int = 50

    def __post_init__(self) -> None:
        checked = {
            "batch_sizes": _several("batch sizes", self.batch_sizes, MOST_VALUES, _batch_size),
            "rates": _several("learning rates", self.rates, MOST_VALUES, positive_rate),
            "seeds": _several("seeds", self.seeds, MOST_SEEDS, _seed),
            "budget": one_of("budget", self.budget, BUDGETS),
            "amount": whole_number("amount", self.amount, 1, MOST_AMOUNT),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def runs(self) -> int:
        """The number of runs."""
        return len(self.batch_sizes) * len(self.rates) * len(self.seeds)

    def updates(self, batch_size: int, n_train: int) -> int:
        """The updates of a run with this batch size on n_train training rows."""
        plan = plan_epoch(n_train, batch_size, self.settings.last_batch)
        return BUDGETS[self.budget](plan, self.amount)

    def settings_of(self, batch_size: int, rate: float, seed: int, n_train: int) -> Settings:
        """The settings of one run, with as many epochs as its updates need."""
        plan = plan_epoch(n_train, batch_size, self.settings.last_batch)
        epochs = -(-self.updates(batch_size, n_train) // plan.updates)
        return replace(self.settings, batch_size=batch_size, learning_rate=rate, seed=seed, epochs=epochs)


def _several(name: str, values: Any, most: int, check: Any) -> tuple:
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise ValueError(f"The {name} of a sweep must be a list of 1 to {most} values, not {shown(values)}.")
    if not 1 <= len(values) <= most:
        raise ValueError(f"A sweep has 1 to {most} {name}, not {len(values):,}: give fewer, or more sweeps.")
    checked = tuple(map(check, values))
    if len(set(checked)) < len(checked):
        twice = next(value for value in checked if checked.count(value) > 1)
        raise ValueError(f"The {name} of a sweep must differ, and {shown(twice)} is there twice: leave it out once.")
    return checked


def _batch_size(value: Any) -> int:
    return whole_number("A batch size", value, 1)


def _seed(value: Any) -> int:
    return whole_number("A seed", value, 0)
