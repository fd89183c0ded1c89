"""A sweep as an iterator of its finished cells: in this process, or by an executor."""

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Executor, as_completed

from mbgd.experiments.sweep.grid import Grid
from mbgd.experiments.sweep.records import Cell, Run
from mbgd.experiments.sweep.task import DataOf, run_task, tasks_of


def run_sweep(data: DataOf, grid: Grid, executor: Executor | None = None) -> Iterator[Cell]:
    """Train all runs of a grid, and yield each cell of the map when all its runs are done, in any order.

    data: a data set for all seeds, or a function that makes the data set of a seed; for an executor it must be one that
    can be pickled. Without an executor the runs are made here, when the next cell is asked for.
    """
    cells = Cells(grid)
    tasks = tasks_of(data, grid)
    if executor is None:
        for task in tasks:
            yield from cells.take(run_task(data, grid, task))
        return
    futures = [executor.submit(run_task, data, grid, task) for task in tasks]
    try:
        for future in as_completed(futures):
            yield from cells.take(future.result())
    finally:
        for future in futures:
            future.cancel()


class Cells:
    """The runs of a grid as they come, and the cells that they make whole."""

    def __init__(self, grid: Grid) -> None:
        self._seeds = grid.seeds
        self._runs: dict[tuple[int, float], dict[int, Run]] = defaultdict(dict)

    def take(self, runs: list[Run]) -> Iterator[Cell]:
        """Take some runs; the cells that are whole now."""
        for run in runs:
            of_cell = self._runs[run.batch_size, run.learning_rate]
            of_cell[run.seed] = run
            if len(of_cell) == len(self._seeds):
                yield Cell(run.batch_size, run.learning_rate, tuple(of_cell[seed] for seed in self._seeds))
