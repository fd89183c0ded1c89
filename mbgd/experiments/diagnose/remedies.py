"""What helps against overfitting: the same run with one change each, side by side, from the same seed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from mbgd.data.dataset import Dataset
from mbgd.engine.batches import plan_epoch
from mbgd.engine.settings import Settings
from mbgd.experiments.clock import Clock
from mbgd.experiments.constant import constant_loss
from mbgd.experiments.diagnose.diagnosis import DIVERGED, LITTLE
from mbgd.experiments.diagnose.problem import Problem
from mbgd.experiments.diagnose.watch import STEP, Watched, Watcher
from mbgd.experiments.step import Step, Steps

BASE, DATA, SMALL, DECAY, BATCH = NAMES = ("base", "data", "small", "decay", "batch")
SMALLER, FEWEST_UNITS = 8, 4  # a smaller network has an eighth of the units, four in a layer at least
LARGER = 4  # times the rows in a bigger batch
TIE = 0.02  # of the lowest loss: within that, or within LITTLE of the constant's loss, it is a tie


class Variant(NamedTuple):
    """The run without a change, or with one. name: one of NAMES."""

    name: str
    dataset: Dataset
    settings: Settings


@dataclass(frozen=True, eq=False)
class SideBySide:
    """The runs so far, in the order of their variants."""

    variants: tuple[Variant, ...]
    runs: tuple[Watched, ...]
    finished: bool


def variants_of(problem: Problem, weight_decay: float) -> tuple[Variant, ...]:
    """The run as it is, and with each change that can be made: other rows, a smaller network, weight decay (in addition
    to what the run has), a bigger batch. All make as many updates, the last one up to an epoch more.
    """
    dataset, settings, other = problem
    found, N = [Variant(BASE, dataset, settings)], len(dataset.X_train)
    if other is not None:
        found.append(Variant(DATA, other, settings))
    smaller = tuple(min(units, max(FEWEST_UNITS, units // SMALLER)) for units in settings.hidden)
    if smaller != settings.hidden:
        found.append(Variant(SMALL, dataset, replace(settings, hidden=smaller)))
    found.append(Variant(DECAY, dataset, replace(settings, weight_decay=settings.weight_decay + weight_decay)))
    if settings.batch_size < N:
        found.append(Variant(BATCH, dataset, replace(settings, batch_size=min(LARGER * settings.batch_size, N))))
    updates = _updates_an_epoch(found[0]) * settings.epochs
    return tuple(_with_as_many(variant, updates) for variant in found)


def _updates_an_epoch(variant: Variant) -> int:
    return plan_epoch(len(variant.dataset.X_train), variant.settings.batch_size, variant.settings.last_batch).updates


def _with_as_many(variant: Variant, updates: int) -> Variant:
    """The variant with as many epochs as so many updates need."""
    epochs = math.ceil(updates / _updates_an_epoch(variant))
    return variant._replace(settings=replace(variant.settings, epochs=epochs))


def side_by_side(variants: Sequence[Variant]) -> Steps[SideBySide]:
    """Train all variants together: the one that has done the smallest share of its updates goes next."""
    watchers = []
    for variant in variants:
        watchers.append(Watcher(variant.dataset, variant.settings))
        yield Step(0.0, "First weights", SideBySide(tuple(variants), (), finished=False))

    def so_far(finished: bool) -> SideBySide:
        return SideBySide(tuple(variants), tuple(watcher.so_far() for watcher in watchers), finished)

    clock = Clock()
    while under_way := [watcher for watcher in watchers if not watcher.ended]:
        min(under_way, key=lambda watcher: watcher.share).go_on(STEP)
        share = sum(watcher.share for watcher in watchers) / len(watchers)
        yield Step(min(share, 0.999), _doing(watchers) + clock.in_words(share), so_far(finished=False))
    yield Step(1.0, _doing(watchers), so_far(finished=True))


def _doing(watchers: Sequence[Watcher]) -> str:
    share = min(watcher.share for watcher in watchers)
    if share >= 1:
        return f"All {len(watchers)} runs are complete"
    return f"{len(watchers)} networks train side by side: each has made at least {share:.0%} of its updates"


class Ranking(NamedTuple):
    """Which runs end with the lowest validation loss, lowest first, and which come lowest on the way: several in a tie,
    none if all have diverged.
    """

    ends: tuple[str, ...]
    on_the_way: tuple[str, ...]


def rank(result: SideBySide) -> Ranking:
    """The names of the best variants. A run that has diverged is not among them."""
    found = [run.diagnosis for run in result.runs]
    finals = [np.inf if one.kind == DIVERGED else one.val for one in found]
    lowest = [np.inf if one.kind == DIVERGED else one.lowest for one in found]
    little = LITTLE * constant_loss(result.variants[0].dataset)
    return Ranking(*(_best(result.variants, losses, little) for losses in (finals, lowest)))


def _best(variants: Sequence[Variant], losses: Sequence[float], little: float) -> tuple[str, ...]:
    limit = max((1 + TIE) * min(losses), min(losses) + little)
    if not np.isfinite(limit):
        return ()
    pairs = sorted(zip(losses, range(len(variants)), strict=True))
    return tuple(variants[i].name for loss, i in pairs if loss <= limit)
