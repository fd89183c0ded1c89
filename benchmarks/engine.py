"""The engine compared with its peers, how its cost grows, and what it keeps in memory.

    python -m benchmarks.engine [--write] [--quick]

Each installed peer runs in its own process, on one thread, with the kernels it chooses for the processor. The peers
take turns, and the median of the rounds counts. All start from the same weights and shuffle with the same generator,
and a check makes sure that all end with the same weights. The exception is scikit-learn: its fit draws its own weights
and orders. --write writes the tables to benchmarks/engine.md, and the first one to README.md. To install PyTorch and
scikit-learn use requirements-frameworks.txt; for JAX, pip install jax.
"""

import argparse
import multiprocessing
import os
import platform
import re
import statistics
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import NamedTuple
from unittest.mock import patch

import numpy as np

import mbgd
from benchmarks.peers import PEERS, Case, Weights, installed, rows_of
from mbgd.engine.core import Core
from mbgd.engine.history import Thinned
from mbgd.engine.stack import Stack
from mbgd.ui.train.run import EVALUATE_SHARE

ROUNDS = 7
AGREE = 1e-9
README_MARK = "<!-- the first table of benchmarks/engine.md -->"
# so many epochs per round that the preparation, a few milliseconds, does not show in the time of an update
CASES = [
    Case((2, 16, 1), "relu", "mse", 1_000, 1, 40),
    Case((2, 16, 1), "relu", "mse", 1_000, 16, 600),
    Case((2, 16, 1), "relu", "mse", 1_000, 64, 1_500),
    Case((2, 16, 1), "relu", "mse", 1_000, 256, 3_000),
    Case((2, 4, 2, 1), "tanh", "mse", 500, 10, 800),
    Case((64, 64, 10), "relu", "cross_entropy", 1_797, 32, 120),
    Case((784, 256, 10), "relu", "cross_entropy", 6_000, 128, 6),
]
# goals: time of the peer ÷ our time, one per case
GOALS = {
    "plain": (3.8, 4, 3.4, 2.7, 3.8, 1.8, 1.05),
    "scikit_learn": (20, 19, 14, 9, 14, 5.5, 1.3),
    "pytorch": (40, 38, 29, 14, 35, 9, 1.3),
    "jax": (None, 0.5, 0.85, 1.25, 0.55, 0.95, 1.05),
}
NO_GOALS = (None,) * len(CASES)


# --- one process per peer ---


def serve(name: str, connection: Connection) -> None:
    """The loop of a peer's process: prepare each case once, train, and send back the seconds and the weights."""
    runs = {}
    while (case := connection.recv()) is not None:
        if case not in runs:
            runs[case] = PEERS[name].prepare(case)
            runs[case](1)  # so that compiling and allocating are done
        connection.send(runs[case](case.epochs))


@contextmanager
def processes(names: list[str]) -> Iterator[dict[str, Connection]]:
    """A connection to each peer, which runs in its own process."""
    context = multiprocessing.get_context("spawn")
    connections, started = {}, []
    for name in names:
        here, there = context.Pipe()
        process = context.Process(target=serve, args=(name, there), daemon=True)
        process.start()
        connections[name] = here
        started.append(process)
    try:
        yield connections
    finally:
        for name, process in zip(names, started, strict=True):
            connections[name].send(None)
            process.join(10)


def difference(one: Weights, other: Weights) -> float:
    """The largest difference between two sets of weights."""
    pairs = [pair for layers in zip(one, other, strict=True) for pair in zip(*layers, strict=True)]
    return float(np.max([np.abs(a - b).max() for a, b in pairs]))  # NaN if any is NaN


class Comparison(NamedTuple):
    """Each peer's microseconds per update, and the largest difference of their weights from ours."""

    microseconds: dict[str, float]
    differs: float


def compare(case: Case, connections: dict[str, Connection], rounds: int) -> Comparison:
    """The times and weights of all peers on one case; the peers take turns."""
    times: dict[str, list[float]] = {name: [] for name in connections}
    ended: dict[str, Weights] = {}
    for _ in range(rounds):
        for name, connection in connections.items():
            connection.send(case)
            seconds, ended[name] = connection.recv()
            times[name].append(seconds / case.updates * 1e6)
    others = [name for name in ended if name not in ("ours", "scikit_learn")]
    differs = float(np.max([difference(ended["ours"], ended[name]) for name in others]))
    if not differs <= AGREE:
        raise SystemExit(f"{case.name}: the weights differ by {differs:.1e}; at most {AGREE:.0e} is allowed.")
    return Comparison({name: statistics.median(values) for name, values in times.items()}, differs)


def peers_table(rounds: int) -> list[str]:
    """The table of the peers: time of the peer ÷ our time, with the goal in brackets if it is missed."""
    names = installed()
    with processes(names) as connections:
        results = [compare(case, connections, rounds) for case in CASES]
    lines = [
        f"| time of the program ÷ time of mbgd | {' | '.join(case.name for case in CASES)} |",
        "|---|" + "---|" * len(CASES),
        "| mbgd, µs per update | " + " | ".join(f"{result.microseconds['ours']:.1f}" for result in results) + " |",
    ]
    for name in names:
        if name == "ours":
            continue
        cells = []
        for result, goal in zip(results, GOALS.get(name, NO_GOALS), strict=True):
            ratio = result.microseconds[name] / result.microseconds["ours"]
            cells.append(f"{ratio:.2f}" + (f" (goal {goal:g})" if goal and ratio < goal else ""))
        lines.append(f"| {PEERS[name].title} | {' | '.join(cells)} |")
    lines.append("| weights differ by | " + " | ".join(f"{result.differs:.0e}" for result in results) + " |")
    return lines


# --- how the cost grows ---


def microseconds(case: Case, **options: float) -> float:
    """The engine's microseconds per update: the median of rounds of at least 50 ms."""
    training = mbgd.Training(
        rows_of(case),
        mbgd.Settings(case.batch_size, 10**9, 1e-4, case.sizes[1:-1], case.activation),
        **{"evaluate_share": 0, **options},
    )
    training.advance(updates=50)
    times = []
    for _ in range(ROUNDS):
        started, done = perf_counter(), training.advance(seconds=0.05)
        times.append((perf_counter() - started) / done * 1e6)
    return statistics.median(times)


def growth_table() -> list[str]:
    """The table of the cost as B, width, depth or N grows, with the exponent fitted to the upper half of the sizes."""
    base = Case((2, 16, 1), "relu", "mse", 4_096, 16, 1)
    sweeps = {
        "B": [(B, base._replace(batch_size=B)) for B in (1, 4, 16, 64, 256, 1_024, 4_096)],
        "width": [(h, base._replace(sizes=(2, h, h, 1))) for h in (4, 16, 64, 256, 1_024)],
        "depth": [(d, base._replace(sizes=(2, *[16] * d, 1))) for d in range(1, 7)],
        "N": [(N, base._replace(n_samples=N)) for N in (64, 512, 4_096, 32_768)],
    }
    lines = ["| what grows | µs per update | exponent, upper half |", "|---|---|---|"]
    for name, cases in sweeps.items():
        values = [(size, microseconds(case)) for size, case in cases]
        upper = np.log(values[len(values) // 2 :])
        exponent = np.polyfit(upper[:, 0], upper[:, 1], 1)[0]
        shown = ", ".join(f"{size:,}: {time:.1f}" for size, time in values)
        lines.append(f"| {name} | {shown} | {exponent:.2f} |")
    return lines


# --- what evaluation, recording and many runs cost ---


def evaluation_table() -> list[str]:
    """The table of the share of a run's time spent evaluating both sets, with the time budget of the page Train."""
    lines = ["| network and batch | epochs per second | epochs evaluated | share of the time |", "|---|---|---|---|"]
    for name, hidden, batch_size in [("sine", (16,), 16), ("diabetes", (16,), 353), ("digits", (64,), 32)]:
        training = mbgd.Training(
            mbgd.load(name), mbgd.Settings(batch_size, 10**9, 1e-3, hidden), evaluate_share=EVALUATE_SHARE
        )
        started = perf_counter()
        training.advance(seconds=2)
        wall = perf_counter() - started
        epochs = training.epochs_done
        lines.append(
            f"| {name}, {hidden[0]} hidden, B={batch_size} | {epochs / wall:,.0f} | "
            f"{len(training.history.epoch) / epochs:.0%} | {training.evaluation_seconds / wall:.1%} |"
        )
    return lines


def recording_table() -> list[str]:
    """The table of what recording the loss of every update costs: one run adds up and keeps the losses, the other does
    not, and they take turns. In both, the outputs stay in memory for these sums, which costs no call.
    """
    lines = ["| network and batch | µs per update | without recording | recording takes |", "|---|---|---|---|"]
    for case in CASES[:-1]:
        settings = mbgd.Settings(case.batch_size, 10**9, 1e-4, case.sizes[1:-1], case.activation)
        with_losses, without = (mbgd.Training(rows_of(case), settings, evaluate_share=0) for _ in range(2))
        for training in (with_losses, without):
            training.advance(updates=300)
        times = []
        for _ in range(3 * ROUNDS):
            times.append([seconds_an_update(with_losses)])
            with (
                patch.object(Thinned, "extended", lambda record, *_: record),
                patch.object(Core, "losses", lambda _, a, b: np.zeros((b - a, 1))),
            ):
                times[-1].append(seconds_an_update(without))
        kept, left_out = (1e6 * statistics.median(column) for column in zip(*times, strict=True))
        lines.append(f"| {case.name} | {kept:.2f} | {left_out:.2f} | {kept / left_out - 1:.1%} |")
    return lines


def seconds_an_update(training: mbgd.Training) -> float:
    """Seconds per update, measured over 30 ms."""
    started = perf_counter()
    done = training.advance(seconds=0.03)
    return (perf_counter() - started) / done


def stack_table() -> list[str]:
    """The table of R runs in one pass, without history, compared with R times one Training, with history."""
    lines = [
        "| network and batch | runs | µs per run and update | one by one | share of that |",
        "|---|---|---|---|---|",
    ]
    for case, runs, goal in [(CASES[1], 10, 0.4), (CASES[1], 30, 0.25), (CASES[4], 30, 0.16)]:
        settings = mbgd.Settings(case.batch_size, 10**9, 1e-4, case.sizes[1:-1], case.activation)
        stack = Stack(rows_of(case), [replace(settings, seed=seed) for seed in range(runs)])
        alone = mbgd.Training(rows_of(case), settings, evaluate_share=0)
        times = []
        for training in (stack, alone):
            training.advance(updates=300)
        for _ in range(3 * ROUNDS):
            times.append([])
            for training in (stack, alone):
                started, done = perf_counter(), training.advance(seconds=0.03)
                times[-1].append(1e6 * (perf_counter() - started) / done)
        together, single = (statistics.median(column) for column in zip(*times, strict=True))
        ratio = together / runs / single
        missed = f" (goal {goal:g})" if ratio > goal else ""
        lines.append(f"| {case.name} | {runs} | {together / runs:.2f} | {single:.2f} | {ratio:.2f}{missed} |")
    return lines


def memory_table() -> list[str]:
    """The table of the kilobytes that a run holds after some numbers of updates."""
    lines = ["| updates | kB held by the run | batch losses kept |", "|---|---|---|"]
    tracemalloc.start()
    training = mbgd.Training(mbgd.load("sine"), mbgd.Settings(1, 10**9, 1e-3), evaluate_share=EVALUATE_SHARE)
    for updates in (1, 100_000, 1_000_000):
        training.advance(updates=updates - training.updates_done)
        held = tracemalloc.get_traced_memory()[0] / 1e3
        lines.append(f"| {updates:,} | {held:,.0f} | {len(training.history.update):,} |")
    tracemalloc.stop()
    return lines


def main() -> None:
    """Measure and print the tables, and write them with --write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write benchmarks/engine.md")
    parser.add_argument("--quick", action="store_true", help="three rounds instead of seven")
    arguments = parser.parse_args()
    about = f"NumPy {np.__version__}, Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}"
    parts = {
        "Compared with its peers": peers_table(3 if arguments.quick else ROUNDS),
        "How the cost grows": growth_table(),
        "Many runs at once": stack_table(),
        "What recording takes": recording_table(),
        "What evaluation takes": evaluation_table(),
        "What a run keeps in memory": memory_table(),
    }
    text = f"# The engine\n\n`python -m benchmarks.engine --write`, {about}, {date.today()}.\n"
    text += "".join(f"\n## {title}\n\n" + "\n".join(lines) + "\n" for title, lines in parts.items())
    print(text)
    if arguments.write:
        Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
        readme = Path(__file__).parents[1] / "README.md"
        before, _, after = readme.read_text(encoding="utf-8").partition(README_MARK)
        rest = after.partition("\n\n")[2]
        table = re.sub(r" \(goal [^)]*\)", "", "\n".join(next(iter(parts.values()))))
        readme.write_text(f"{before}{README_MARK}\n{table}\n\n{rest}", encoding="utf-8")


if __name__ == "__main__":
    main()
