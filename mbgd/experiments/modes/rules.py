"""The rules of a race of batch sizes: who runs, and when a run ends."""

from dataclasses import dataclass, replace

from mbgd.engine.batches import EpochPlan
from mbgd.engine.checks import one_of, real_number, whole_number
from mbgd.engine.settings import Settings

LIMITS = ("updates", "epochs", "seconds")
FEWEST_LANES, MOST_LANES = 2, 6
MOST_SEEDS = 10
NO_END = 10**9  # epochs of a run that is limited by its computing time


@dataclass(frozen=True)
class Rules:
    """The rules of a race. A bad value raises ValueError.

    batch_sizes: two to six, one lane each. seeds: the number of runs of each lane, from different first weights over
    the same data in the same order. limit and most: each run stops after `most` "epochs", or `most` "seconds" of
    computing. rate_for: None gives all lanes the settings' learning rate. A batch size b gives that rate to b, and
    rate · B / b to B, by the linear scaling rule (Goyal et al. 2017, arXiv 1706.02677).
    """

    batch_sizes: tuple[int, ...]
    seeds: int = 5
    limit: str = "updates"
    most: float = 4_000
    rate_for: int | None = None

    def __post_init__(self) -> None:
        for batch_size in self.batch_sizes:
            whole_number("batch_sizes", batch_size, 1)
        if not FEWEST_LANES <= len(set(self.batch_sizes)) == len(self.batch_sizes) <= MOST_LANES:
            raise ValueError(
                f"batch_sizes must be {FEWEST_LANES} to {MOST_LANES} different numbers, not {self.batch_sizes}."
            )
        whole_number("seeds", self.seeds, 1, MOST_SEEDS)
        if one_of("limit", self.limit, LIMITS) != "seconds":
            whole_number("most", self.most, 1)
        real_number("most", self.most, 0, open_ends=True)

    def updates(self, plan: EpochPlan) -> int | None:
        """The updates after which a run stops whose epochs have this plan; None if its computing time ends it."""
        if self.limit == "seconds":
            return None
        return int(self.most) * (plan.updates if self.limit == "epochs" else 1)

    def settings(self, settings: Settings, batch_size: int, seed: int) -> Settings:
        """The settings of a lane's run number `seed`, from 0. Only batch size and learning rate depend on the lane."""
        return replace(
            settings,
            batch_size=batch_size,
            learning_rate=settings.learning_rate * (batch_size / self.rate_for if self.rate_for else 1.0),
            epochs=int(self.most) if self.limit == "epochs" else NO_END,
            seed=settings.seed + seed,
            order_seed=settings.seed_of_order,
        )
