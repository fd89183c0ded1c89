"""A sweep as an iterator of its finished cells: in this process, or by an executor."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from typing import Any

from mbgd.experiments.sweep.grid import Grid
from mbgd.experiments.sweep.records import Cell, Run
from mbgd.experiments.sweep.task import DataOf, Task, run_task, tasks_of, work

TICK = 0.01  # seconds to wait for a task before saying how far the sweep is
AT_ONCE = 64  # tasks that an executor has at a time, unless it says how many keep it busy


def run_sweep(data: DataOf, grid: Grid, executor: Executor | None = None) -> Iterator[Cell]:
    """Train all runs of a grid, and yield each cell of the map when all its runs are done, in any order.

    data: a data set for all seeds, or a function that makes the data set of a seed; for an executor it must be one that
    can be pickled. Without an executor the runs are made here, when the next cell is asked for.
    """
    sweep, told = Sweep(data, grid), 0
    for _ in sweep.go(executor):
        cells = list(sweep.cells.values())
        yield from cells[told:]
        told = len(cells)


class Sweep:
    """A sweep that can be stopped, or lose its executor, and go on: what is done stays.

    cells: the finished ones, by batch size and rate, in the order in which they were finished.
    """

    def __init__(self, data: DataOf, grid: Grid) -> None:
        self.grid, self.cells, self.runs_done = grid, {}, 0
        self.cells: dict[tuple[int, float], Cell]
        self._data, self._open = data, tasks_of(data, grid)
        self._runs: dict[tuple[int, float], dict[int, Run]] = {}

    @property
    def finished(self) -> bool:
        """Whether all runs are done."""
        return not self._open

    def go(self, executor: Executor | None = None) -> Iterator[float]:
        """Make what is left to make; yields the share of all runs that is done, every few milliseconds."""
        yield from self._here() if executor is None else self._by(executor)

    def _here(self) -> Iterator[float]:
        for task in list(self._open):
            runs = len(task.rates) * len(task.seeds)
            for part in work(self._data, self.grid, task):
                if not isinstance(part, list):
                    yield (self.runs_done + part * runs) / self.grid.runs
                else:
                    self._take(task, part)
                    yield self.runs_done / self.grid.runs

    def _by(self, executor: Executor) -> Iterator[float]:
        check = getattr(executor, "check", lambda: None)
        most, waiting = getattr(executor, "at_once", AT_ONCE), deque(self._open)
        under_way: dict[Future[Any], Task] = {}
        try:
            while waiting or under_way:
                while waiting and len(under_way) < most:
                    task = waiting.popleft()
                    under_way[executor.submit(run_task, self._data, self.grid, task)] = task
                for future in wait(under_way, TICK, FIRST_COMPLETED).done:
                    task = under_way.pop(future)
                    self._take(task, _result(future, check))
                check()
                yield self.runs_done / self.grid.runs
        finally:
            for future in under_way:
                future.cancel()

    def _take(self, task: Task, runs: list[Run]) -> None:
        self._open.remove(task)
        self.runs_done += len(runs)
        for run in runs:
            key = (run.batch_size, run.learning_rate)
            of_cell = self._runs.setdefault(key, {})
            of_cell[run.seed] = run
            if len(of_cell) == len(self.grid.seeds):
                self.cells[key] = Cell(*key, tuple(of_cell[seed] for seed in self.grid.seeds))


def _result(future: Future[Any], check: Any) -> list[Run]:
    try:
        return future.result()
    except CancelledError as error:
        check()  # it knows better why
        raise ConnectionError("A task of the sweep was cancelled where it ran: go on to run it again.") from error
