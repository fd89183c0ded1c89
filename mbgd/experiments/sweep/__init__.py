"""Batch size × learning rate × seeds as a map: many runs, in this process, in a pool of processes or on a cluster."""

from mbgd.experiments.sweep.grid import BUDGETS, Grid
from mbgd.experiments.sweep.records import Cell, Run
from mbgd.experiments.sweep.run import Sweep, run_sweep

__all__ = ["BUDGETS", "Cell", "Grid", "Run", "Sweep", "run_sweep"]
