"""A part of a sweep that one process makes: a batch size with some of the rates and seeds, in about a second.

Runs that share batch size and seed train in one pass, as a Stack, so that a task's numbers depend on its shape alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.evaluation import evaluate_split
from mbgd.engine.network import Layer
from mbgd.engine.splits import Split, TrainingData, splits
from mbgd.engine.stack import Stack
from mbgd.experiments.sweep.grid import Grid
from mbgd.experiments.sweep.records import Run

LOOKS = 48  # at most: as many points has each curve
SLICE = 0.03  # seconds of work between two looks at the clock
ABOUT = 1.0  # seconds that a task should take
# A rough model of the seconds of a task: it only decides how a sweep is divided, in the same way on each machine.
OF_AN_UPDATE, OF_A_PRODUCT, OF_A_LOOK = 25e-6, 2.5e-10, 60e-6

DataOf = TrainingData | Callable[[int], TrainingData]


class Task(NamedTuple):
    """Some runs of a grid: those with this batch size, these rates and these seeds."""

    batch_size: int
    rates: tuple[float, ...]
    seeds: tuple[int, ...]


def data_of(data: DataOf, seed: int) -> TrainingData:
    """The data of a seed: the data set itself, or what the function makes for this seed."""
    return data(seed) if callable(data) else data


def tasks_of(data: DataOf, grid: Grid) -> list[Task]:
    """The tasks of a grid, each of about a second, the long ones first."""
    tasks = []
    for batch_size, seconds in seconds_of_runs(data, grid).items():
        rates = max(1, min(len(grid.rates), int(ABOUT / seconds)))
        seeds = max(1, int(ABOUT / (seconds * rates)))
        tasks += [
            (seconds * len(some) * len(those), Task(batch_size, some, those))
            for those in _parts(grid.seeds, seeds)
            for some in _parts(grid.rates, rates)
        ]
    return [task for _, task in sorted(tasks, key=lambda one: -one[0])]


def seconds_of_runs(data: DataOf, grid: Grid) -> dict[int, float]:
    """Roughly the seconds that one run with each batch size takes, among others."""
    first = data_of(data, grid.seeds[0])
    shape = (len(first.X_train), first.X_train.shape[1], first.Y_train.shape[1])
    return {batch_size: _seconds(grid, batch_size, *shape) for batch_size in grid.batch_sizes}


def _parts(values: tuple, size: int) -> list[tuple]:
    return [values[start : start + size] for start in range(0, len(values), size)]


def _seconds(grid: Grid, batch_size: int, n_train: int, n: int, k: int) -> float:
    """Roughly the seconds of one run among others: its products, and its part of the calls of NumPy."""
    widths = [n, *grid.settings.hidden, k]
    weights = sum(before * after for before, after in pairwise(widths))
    updates = grid.updates(batch_size, n_train)
    products = 3 * updates * min(batch_size, n_train) * weights + LOOKS * n_train * weights
    calls = updates * OF_AN_UPDATE * len(widths) / len(grid.rates)
    return products * OF_A_PRODUCT + calls + LOOKS * OF_A_LOOK


def looks(updates: int) -> list[int]:
    """The numbers of updates after which a run is looked at: none, then equally many for each tenfold, then all."""
    return [0, *sorted({*map(int, np.rint(np.geomspace(1, updates, LOOKS - 1)))})]


def work(data: DataOf, grid: Grid, task: Task) -> Iterator[float | list[Run]]:
    """Train the runs of a task: yields the share done every few milliseconds, and the records at the end."""
    records: list[Run] = []
    for number, seed in enumerate(task.seeds):
        for part in _of_seed(data_of(data, seed), grid, task, seed):
            if not isinstance(part, list):
                yield (number + part) / len(task.seeds)
            else:
                records += part
    yield records


def run_task(data: DataOf, grid: Grid, task: Task) -> list[Run]:
    """The records of a task: a pure function of its data and settings."""
    *_, records = work(data, grid, task)
    assert isinstance(records, list)
    return records


def _of_seed(dataset: TrainingData, grid: Grid, task: Task, seed: int) -> Iterator[float | list[Run]]:
    n_train = len(dataset.X_train)
    settings = [grid.settings_of(task.batch_size, rate, seed, n_train) for rate in task.rates]
    runs, updates = Stack(dataset, settings), grid.updates(task.batch_size, n_train)
    rows = splits(dataset)
    at, seen = looks(updates), []
    for look in at:
        while runs.updates_done < look and not runs.ended:
            runs.advance(updates=look - runs.updates_done, seconds=SLICE)
            yield runs.updates_done / updates
        measures, began = [], perf_counter()
        for layers in runs.networks():
            measures.append(_measures(layers, rows, dataset.loss))
            if perf_counter() - began > SLICE:
                yield runs.updates_done / updates
                began = perf_counter()
        seen.append(measures)
        yield runs.updates_done / updates
    measured = np.array(seen, dtype=float)  # (C, R, 4)
    yield [_record(runs, run, seed, np.array(at), measured[:, run]) for run in range(len(settings))]


def _measures(layers: Sequence[Layer], rows: Mapping[str, Split], loss: str) -> list[float | None]:
    """The losses over all training and validation rows, and the accuracies, None in a regression."""
    train, val = (evaluate_split(layers, rows[split], loss) for split in ("train", "val"))
    return [train.loss, val.loss, train.accuracy, val.accuracy]


def _record(runs: Stack, run: int, seed: int, at: NDArray[np.int64], measured: Array) -> Run:
    """The record of a run from its measures (C, 4) at these updates (C,). Losses are infinite from a divergence on."""
    settings, failure = runs.settings[run], runs.failures.get(run)
    gone = at >= failure.update if failure else np.zeros(len(at), dtype=bool)
    made = failure.update - 1 if failure else int(at[-1])
    last = failure.update if failure else None if np.isfinite(measured[-1, :2].astype(float)).all() else made
    epochs, rest = divmod(made, runs.plan.updates)
    losses = [np.where(gone | ~np.isfinite(loss), np.inf, loss) for loss in measured.T[:2]]
    accuracies = [np.where(gone, np.nan, accuracy) for accuracy in measured.T[2:]]
    return Run(
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        seed=seed,
        updates=made,
        samples=epochs * runs.plan.rows + rest * runs.plan.batch_size,
        seconds=runs.seconds / len(runs.settings),
        diverged=last,  # a run fails, too, whose last update left a split without a finite loss
        update=at,
        train_loss=losses[0],
        val_loss=losses[1],
        train_accuracy=accuracies[0],
        val_accuracy=accuracies[1],
    )
