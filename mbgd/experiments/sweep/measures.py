"""What a cell of the map is judged by: a loss or accuracy of its runs, or the cost to reach a loss."""

from collections.abc import Sequence
from math import inf, isfinite
from typing import NamedTuple

import numpy as np

from mbgd.engine.activations import Array
from mbgd.experiments.sweep.grid import Grid
from mbgd.experiments.sweep.records import Cell, Run

MEASURES = {  # the measure, and how a page calls it
    "loss": "loss at the end",
    "best_loss": "lowest loss on the way",
    "accuracy": "accuracy at the end",
    "best_accuracy": "best accuracy on the way",
    "updates": "updates to reach a loss",
    "epochs": "epochs to reach a loss",
    "samples": "rows to reach a loss",
    "seconds": "seconds to reach a loss",
}
COSTS = ("updates", "epochs", "samples", "seconds")
OF_CLASSES = ("accuracy", "best_accuracy")


class Judge(NamedTuple):
    """A measure on one split, "train" or "val"; target: the loss to reach, for a cost. n_train: training rows."""

    measure: str
    split: str
    n_train: int
    target: float = 0.0

    @property
    def more_is_better(self) -> bool:
        """Whether a larger value is better, as for an accuracy."""
        return self.measure in OF_CLASSES

    def value(self, run: Run) -> float:
        """The value of a run; infinite (below zero for an accuracy) if it diverged, or did not reach the loss."""
        losses, accuracies = getattr(run, f"{self.split}_loss"), getattr(run, f"{self.split}_accuracy")
        if self.measure in COSTS:
            return self._cost(run, losses)
        if self.more_is_better:
            if run.diverged is not None:
                return -inf
            return float(accuracies[-1] if self.measure == "accuracy" else np.nanmax(accuracies))
        if run.diverged is not None:
            return inf
        return float(losses[-1] if self.measure == "loss" else losses.min())

    def _cost(self, run: Run, losses: Array) -> float:
        """The updates, epochs, rows or seconds at the first look at which the loss was reached."""
        reached = np.flatnonzero(losses <= self.target)
        if not len(reached):
            return inf
        updates = float(run.update[reached[0]])
        rows = updates * run.samples / max(run.updates, 1)
        seconds = updates * run.seconds / max(run.updates, 1)
        return {"updates": updates, "epochs": rows / self.n_train, "samples": rows, "seconds": seconds}[self.measure]


class Judged(NamedTuple):
    """A cell and its values: the median, least and most over the seeds, and how many of its runs diverged."""

    cell: Cell
    median: float
    least: float
    most: float
    diverged: int

    @property
    def sign(self) -> str:
        """✕ if most of its runs diverged, – if its median did not reach the loss; else empty."""
        if isfinite(self.median):
            return ""
        return "✕" if 2 * self.diverged >= len(self.cell.runs) else "–"


def judged(cells: Sequence[Cell], judge: Judge) -> list[Judged]:
    """Each cell with its values."""
    found = []
    for cell in cells:
        values = sorted(judge.value(run) for run in cell.runs)
        middle = len(values) // 2
        # Not np.median: the mean of a number and infinity is no value of any run.
        median = values[middle] if len(values) % 2 or judge.more_is_better else values[middle - 1]
        if len(values) % 2 == 0 and isfinite(values[middle]) and isfinite(values[middle - 1]):
            median = (values[middle - 1] + values[middle]) / 2
        diverged = sum(run.diverged is not None for run in cell.runs)
        if 2 * diverged >= len(values) and diverged:
            median = -inf if judge.more_is_better else inf
        found.append(Judged(cell, float(median), values[0], values[-1], diverged))
    return found


def best(cells: Sequence[Judged], judge: Judge) -> Judged | None:
    """The best of these cells: on equal medians the one with the smaller learning rate. None if none has a value."""
    able = [one for one in cells if isfinite(one.median)]
    sign = -1 if judge.more_is_better else 1
    return min(able, key=lambda one: (sign * one.median, one.cell.learning_rate), default=None)


def best_of_rows(cells: Sequence[Judged], judge: Judge) -> dict[int, Judged]:
    """The best cell of each batch size that has one."""
    sizes = dict.fromkeys(sorted(one.cell.batch_size for one in cells))
    rows = {size: best([one for one in cells if one.cell.batch_size == size], judge) for size in sizes}
    return {size: one for size, one in rows.items() if one}


def suggested_target(cells: Sequence[Cell], split: str) -> float:
    """A loss that about half of the runs reach, with two digits; 0 before there are any."""
    ends = sorted(float(getattr(run, f"{split}_loss").min()) for cell in cells for run in cell.runs)
    ends = [loss for loss in ends if isfinite(loss)]
    return float(f"{ends[len(ends) // 2]:.2g}") if ends else 0.0


def predicted_ratio(small: Judged, large: Judged, grid: Grid) -> tuple[str, float]:
    """How the best learning rate moved from one batch size to a larger one: its name, and the ratio of the rates.

    Names: "same", "root" (as the square root of the batch size) and "linear", whichever is nearest on the logarithmic
    axis; "other" if it moved down, or further than linearly, by more than the distance of two rates of the grid.
    """
    ratio = large.cell.learning_rate / small.cell.learning_rate
    growth = large.cell.batch_size / small.cell.batch_size
    expected = {"same": 1.0, "root": growth**0.5, "linear": growth}
    name = min(expected, key=lambda one: abs(np.log(ratio / expected[one])))
    step = (max(grid.rates) / min(grid.rates)) ** (1 / max(len(grid.rates) - 1, 1))
    off = abs(np.log(ratio / expected[name]))
    return (name if off <= max(np.log(step), np.log(1.5)) + 1e-9 else "other"), ratio
