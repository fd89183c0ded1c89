"""A sweep as an experiment of a page: Steps of a map that fills."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from time import perf_counter, sleep
from typing import NamedTuple

from mbgd.engine.splits import TrainingData
from mbgd.experiments.mistakes.stability import largest_curvature, quick
from mbgd.experiments.plain import start
from mbgd.experiments.step import Step, Steps
from mbgd.experiments.sweep.grid import Grid
from mbgd.experiments.sweep.records import Cell
from mbgd.experiments.sweep.run import Sweep
from mbgd.experiments.sweep.task import DataOf

PAUSE = 1.0  # seconds: a longer time between two steps was a pause
CONNECTING = 0.005  # seconds between two looks whether the executor is ready
TROUBLE = (OSError, ValueError)  # a killed process, a task that took too long, a scheduler that is gone


class Map(NamedTuple):
    """The cells so far. curvature: λ_max of the loss over all training rows at the first weights, if it is known.

    problem: why it could not go on, in a sentence. again: tasks run again because their process was killed.
    """

    grid: Grid
    dataset: TrainingData
    cells: tuple[Cell, ...] = ()
    runs_done: int = 0
    problem: str = ""
    again: int = 0
    curvature: float | None = None


def map_steps(
    data: DataOf, dataset: TrainingData, grid: Grid, executor: Callable[[], Future[Executor | None]]
) -> Steps[Map]:
    """Make the runs of a grid. dataset: of its first seed. executor(): where they are made, None: here, in slices."""
    sweep, known = Sweep(data, grid), Map(grid, dataset)
    clock = Clock()
    while not sweep.finished:
        try:
            ready = executor()
            while not ready.done():
                yield Step(sweep.runs_done / grid.runs, "waiting for the workers", known)
                sleep(CONNECTING)
            at = ready.result()
            before = getattr(at, "again", 0)
            for share in sweep.go(at):
                clock.tick()
                if sweep.runs_done != known.runs_done:
                    again = getattr(at, "again", 0) - before
                    cells = tuple(sweep.cells.values())
                    known = known._replace(cells=cells, runs_done=sweep.runs_done, again=again, problem="")
                yield Step(min(share, 0.999), _doing(sweep, share, clock.seconds), known)
        except TROUBLE as error:
            known = known._replace(problem=str(error) or type(error).__name__)
            yield Step(sweep.runs_done / grid.runs, f"{sweep.runs_done:,} of {grid.runs:,} runs", known, halted=True)
    for step in _curvature(dataset, grid):
        known = known._replace(curvature=step.result)
        yield Step(0.999, step.doing, known)
    yield Step(1.0, f"{grid.runs:,} runs in {clock.seconds:.1f} s", known)


class Clock:
    """The seconds of work between steps, without pauses."""

    def __init__(self) -> None:
        self.seconds, self._last = 0.0, perf_counter()

    def tick(self) -> None:
        """Note a step."""
        now = perf_counter()
        if now - self._last < PAUSE:
            self.seconds += now - self._last
        self._last = now


def _doing(sweep: Sweep, share: float, seconds: float) -> str:
    done = f"{sweep.runs_done:,} of {sweep.grid.runs:,} runs"
    if share <= 0 or seconds < 0.3:
        return done
    rate, left = share * sweep.grid.runs / seconds, seconds / share * (1 - share)
    return f"{done} · {rate:.3g} runs a second · {left:,.0f} s left"


def _curvature(dataset: TrainingData, grid: Grid) -> Steps[float | None]:
    settings = grid.settings_of(len(dataset.X_train), grid.rates[0], grid.seeds[0], len(dataset.X_train))
    if not quick(dataset, settings):
        return
    for step in largest_curvature(start(dataset, settings), dataset.X_train, dataset.Y_train, dataset.loss):
        yield Step(step.share, step.doing, step.result if step.share == 1 and step.result > 0 else None)
