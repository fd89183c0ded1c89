"""A sweep from a shell: a run for each batch size, learning rate and seed, as a table.

    python -m mbgd.sweep --data moons --batch 4 32 --rate 0.01 0.1 --seeds 2 --epochs 10 --hidden 8 --out sweep.csv

Seeds are 0, 1, ...: each decides the data, the first weights and the order of rows, as on the page Train. With
--workers N it runs in N processes, and with --cluster tcp://host:8786 on a Dask cluster.
"""

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter

from mbgd.data.catalogue import load
from mbgd.engine.checks import whole_number
from mbgd.engine.settings import Settings
from mbgd.experiments.sweep import BUDGETS, Cell, Grid, run_sweep
from mbgd.experiments.sweep.cluster import Cluster
from mbgd.experiments.sweep.executors import Workers
from mbgd.experiments.sweep.grid import MOST_SEEDS
from mbgd.experiments.sweep.records import COLUMNS, row_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sweep that the arguments ask for; 0 if all of it was done, 2 for arguments that can't be."""
    asked = _parser().parse_args(arguments)
    try:
        seeds = whole_number("seeds", asked.seeds, 1, MOST_SEEDS)
        budget, amount = next(
            ((name, getattr(asked, name)) for name in BUDGETS if getattr(asked, name) is not None), ("epochs", 50)
        )
        settings = Settings(1, 1, 1.0, tuple(asked.hidden), asked.activation, last_batch=asked.last)
        grid = Grid(tuple(asked.batch), tuple(asked.rate), tuple(range(seeds)), settings, budget, amount)
        options = {"n": asked.size, "noise": asked.noise, "validation": asked.validation}
        data = partial(load, asked.data, **{name: value for name, value in options.items() if value is not None})
        data(0)
        with _executor(asked.workers, asked.cluster) as executor:
            return _write(asked.out, grid, run_sweep(data, grid, executor))
    except (ValueError, OSError) as error:  # a killed process, a task that took too long, a cluster that is gone
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mbgd.sweep", description=__doc__.splitlines()[0])  # pyright: ignore
    parser.add_argument("--data", required=True, help="the name of a data set")
    parser.add_argument("--batch", type=int, nargs="+", required=True, help="batch sizes")
    parser.add_argument("--rate", type=float, nargs="+", required=True, help="learning rates")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, from 0 on")
    length = parser.add_mutually_exclusive_group()
    for budget in BUDGETS:
        length.add_argument(f"--{budget}", type=int, help=f"{budget} of each run")
    parser.add_argument("--hidden", type=int, nargs="*", default=[16], help="units of each hidden layer")
    parser.add_argument("--activation", default="relu")
    parser.add_argument("--last", default="keep", help="keep or drop a short last batch")
    parser.add_argument("--size", type=int, help="rows of a made-up data set")
    parser.add_argument("--noise", type=float, help="noise of a made-up data set")
    parser.add_argument("--validation", type=float, help="share of the rows held out, 0.2 by default")
    parser.add_argument("--out", type=Path, default=Path("sweep.csv"), help="the table to write")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--workers", type=int, help="processes to run in")
    where.add_argument("--cluster", help="the address of a Dask scheduler")
    return parser


@contextmanager
def _executor(workers: int | None, cluster: str | None) -> Iterator[Executor | None]:
    if cluster is not None:
        with Cluster(cluster) as executor:
            yield executor
    elif workers is not None:
        with Workers(workers) as executor:
            yield executor
    else:
        yield None


def _write(path: Path, grid: Grid, cells: Iterator[Cell]) -> int:
    """Make the cells, with a line of progress, and write their runs, also where it is stopped; 0 if all were made."""
    since, runs = perf_counter(), []
    try:
        file = path.open("w", newline="", encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{path} can't be written ({error.strerror}): give another path to --out.") from error
    with file:
        try:
            for cell in cells:
                runs += cell.runs
                taken = perf_counter() - since
                left = taken / len(runs) * (grid.runs - len(runs))
                print(f"\r{len(runs)} of {grid.runs} runs, {left:.0f} s left ", end="", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            print("\nStopped.", end="", file=sys.stderr)
        finally:
            table = csv.writer(file)
            table.writerow(COLUMNS)
            table.writerows(map(row_of, sorted(runs, key=lambda run: run[:3])))
            print(f"\n{path}: {len(runs)} of {grid.runs} runs, {perf_counter() - since:.1f} s", file=sys.stderr)
    return 0 if len(runs) == grid.runs else 130


if __name__ == "__main__":
    sys.exit(main())
