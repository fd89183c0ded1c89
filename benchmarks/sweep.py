"""What a sweep takes: against its runs one by one, in one and in two processes, on Dask, and as it grows.

    python -m benchmarks.sweep [--rounds 3] [--quick]

It prints the table of benchmarks/sweep.md. Rounds are interleaved, so that other load of the machine falls on all.
"""

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from itertools import product
from math import log
from statistics import median
from time import perf_counter

import numpy as np

from mbgd import Settings, Training, load
from mbgd.experiments.sweep import Grid, run_sweep
from mbgd.experiments.sweep.cluster import Cluster
from mbgd.experiments.sweep.executors import Workers

DATA = partial(load, "moons")
SIZES, RATES, SEEDS = (4, 8, 16, 32, 64, 240), tuple(map(float, np.geomspace(0.01, 1, 8))), (0, 1, 2, 3, 4)
SETTINGS = Settings(1, 1, 1.0, (16,))


def grid_of(seeds: int, epochs: int) -> Grid:
    """6 batch sizes × 8 learning rates × some seeds of moons, 16 hidden units."""
    return Grid(SIZES, RATES, tuple(range(seeds)), SETTINGS, "epochs", epochs)


def seconds(work: Callable[[], object]) -> float:
    """The seconds that work takes."""
    began = perf_counter()
    work()
    return perf_counter() - began


def one_by_one(grid: Grid, *, curves: bool = True) -> None:
    """The same runs as a loop over Training, evaluated each epoch (51 points; a sweep has 48), or only at the end."""
    for size, rate, seed in product(grid.batch_sizes, grid.rates, grid.seeds):
        dataset = DATA(seed)
        settings = grid.settings_of(size, rate, seed, len(dataset.X_train))
        training = Training(dataset, settings) if curves else Training(dataset, settings, evaluate_share=0)
        training.advance()
        training.evaluate("train")
        training.evaluate("val")


def first_cells(grid: Grid) -> float:
    """Seconds until the first cell is there, in this process."""
    cells = run_sweep(DATA, grid)
    return seconds(lambda: next(cells))


def growth(epochs: int, rounds: int) -> float:
    """The exponent with which the seconds grow with the runs, from one seed to five."""
    few, many = grid_of(1, epochs), grid_of(5, epochs)
    made = [partial(run_sweep, DATA, grid) for grid in (few, many)]
    taken = [[seconds(partial(list, make())) for make in made] for _ in range(rounds)]
    least = np.min(taken, axis=0)
    return log(least[1] / least[0]) / log(5)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # pyright: ignore
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a tenth of the epochs")
    parser.add_argument("--cluster", help="the address of a Dask scheduler, to compare it with the pool")
    asked = parser.parse_args()
    epochs = 5 if asked.quick else 50
    whole = grid_of(len(SEEDS), epochs)
    with ExitStack() as stack:
        one, two = stack.enter_context(Workers(1)), stack.enter_context(Workers(2))
        ways: dict[str, Callable[[], object]] = {
            "one by one": partial(one_by_one, whole),
            "one by one, without curves": partial(one_by_one, whole, curves=False),
            "sweep, in this process": lambda: list(run_sweep(DATA, whole)),
            "sweep, a pool of one": lambda: list(run_sweep(DATA, whole, one)),
            "sweep, a pool of two": lambda: list(run_sweep(DATA, whole, two)),
        }
        if asked.cluster:
            cluster = stack.enter_context(Cluster(asked.cluster))
            ways["sweep, Dask"] = lambda: list(run_sweep(DATA, whole, cluster))
        for pool in (one, two):  # start their processes
            list(run_sweep(DATA, grid_of(1, 1), pool))
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(asked.rounds):
            for name, work in ways.items():
                taken[name].append(seconds(work))
    middle = {name: median(values) for name, values in taken.items()}
    print(f"{whole.runs} runs of moons, 16 hidden units, {epochs} epochs; {os.cpu_count()} cores, load", end=" ")
    print(f"{os.getloadavg()[0]:.1f}\n\n| way | seconds | of one by one |\n|---|---|---|")
    for name, value in middle.items():
        print(f"| {name} | {value:.2f} | {value / middle['one by one']:.3f} |")
    print(f"\nTwo processes over one: {middle['sweep, a pool of one'] / middle['sweep, a pool of two']:.2f} ×")
    print(f"First cell after {first_cells(whole):.2f} s")
    print(f"Growth with the number of runs, from 48 to 240: exponent {growth(epochs, asked.rounds):.2f}")


if __name__ == "__main__":
    sys.exit(main())
