"""A class on one server: many sessions over Streamlit's own protocol, and how long their clicks wait.

    python -m benchmarks.load [--open 30] [--training 30] [--seconds 15] [--speed "full speed"] [--one-core]
                              [--half-a-core] [--beside Train] [--servers 2]

Starts a server, opens so many sessions on the page Train, and lets so many of them train; the others take steps and
look at other pages. It prints one row of a table: see benchmarks/load.md. --servers puts so many server processes
behind nginx (deploy/serve.py). --beside adds one more session, which runs the longest that there is on this page, again
and again, and is not counted. --one-core puts the servers on one core, and the learners on the others. --half-a-core
does the same, and another process is busy on that core all the time. The learners take processor time, too: on a
machine with 2 cores a third or so of one core.
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from time import perf_counter, sleep

import psutil

from benchmarks.load import HEAVY, megabytes, processor_seconds, served
from benchmarks.load.learner import Learner, reads, trains
from tests.browser.app import running_app

# The file, the query and the button of what --beside may run.
BESIDE = {
    "Train": ("", HEAVY, "train"),
    "Shapes": ("shapes", HEAVY, "run_doubling"),
    "Three modes": ("modes", HEAVY, "run_race"),
    "Under the hood": ("under_the_hood", HEAVY, "run_costs"),
    "Common mistakes": ("mistakes", f"{HEAVY}&mistake=divided_by_b_alone", "run_proof_divided_by_b_alone"),
}
MOST_SESSIONS, MOST_SECONDS = 300, 120
RAMP = 3.0  # seconds within which all begin
COLUMNS = (
    "open, training",
    "redraws a second: mean (least)",
    "clicks, p50",
    "clicks, p95",
    "slowest kind, p95",
    "lost, errors",
    "server, cores",
    "MB: start, at the end",
    "kB a second and session",
)


def percentile(values: list[float], share: float) -> float:
    """The smallest value that is not below this share of the values; nan without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


async def one(learner: Learner, number: int, training: bool, seconds: float) -> None:
    """What one learner does in its lesson."""
    rng = random.Random(number)
    await asyncio.sleep(rng.uniform(0, RAMP))
    await (trains if training else reads)(learner, rng, perf_counter() + seconds)


@asynccontextmanager
async def beside(address: str, what: str | None) -> AsyncIterator[None]:
    """Meanwhile, another session runs the longest that there is on this page, again and again."""
    if what is None:
        yield
        return
    page, query, key = BESIDE[what]
    again = "again_" + key.removeprefix("run_")

    async def runs(learner: Learner) -> None:
        while True:
            await learner.answer()
            await learner.press(again)
            await learner.press(key)
            await asyncio.sleep(1)

    async with Learner(address, query, page) as learner:
        task = asyncio.create_task(runs(learner))
        yield
        task.cancel()


async def a_class(address: str, servers: list[psutil.Process], arguments: argparse.Namespace) -> tuple[str, ...]:
    """Open the sessions, let them work, and return the row of the table."""
    memory = megabytes(*servers)
    query = f"speed={arguments.speed.replace(' ', '+')}&epochs=10000"
    learners = [Learner(address, query) for _ in range(arguments.open)]
    errors = 0
    try:
        for learner in learners:
            await learner.__aenter__()
        before, began = processor_seconds(servers), perf_counter()
        received = sum(learner.received for learner in learners)
        work = [one(learner, i, i < arguments.training, arguments.seconds) for i, learner in enumerate(learners)]
        async with beside(address, arguments.beside):
            outcomes = await asyncio.gather(*work, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                errors += 1
                print(repr(outcome), file=sys.stderr)
        took = perf_counter() - began
        cores = (processor_seconds(servers) - before) / took
        received = sum(learner.received for learner in learners) - received
    finally:
        for learner in learners:
            await learner.__aexit__()
    rates = [_rate(learner.redraws) for learner in learners[: arguments.training]]
    kinds: dict[str, list[float]] = {}
    for learner in learners:
        for kind, waits in learner.waits.items():
            kinds.setdefault(kind, []).extend(waits)
    waits = [wait for of_kind in kinds.values() for wait in of_kind]
    slowest = max(kinds, key=lambda kind: percentile(kinds[kind], 0.95), default="none")
    lost = sum(len(learner.lost) for learner in learners)
    errors += sum(len(learner.errors) for learner in learners)
    return (
        f"{arguments.open}, {arguments.training}",
        f"{statistics.mean(rates):.1f} ({min(rates):.1f})" if rates else "none",
        f"{1000 * percentile(waits, 0.5):.0f} ms",
        f"{1000 * percentile(waits, 0.95):.0f} ms of {len(waits)}",
        f"{slowest}: {1000 * percentile(kinds.get(slowest, []), 0.95):.0f} ms",
        f"{lost}, {errors}",
        f"{cores:.2f}",
        f"{memory:.0f}, {megabytes(*servers):.0f}",
        f"{received / 1000 / took / max(1, arguments.open):.0f}",
    )


def _rate(times: list[float]) -> float:
    """Redraws a second, the pauses between two stretches of training left out."""
    gaps = [b - a for a, b in pairwise(times)]
    usual = [gap for gap in gaps if gap < 10 * statistics.median(gaps)] if gaps else []
    return len(usual) / sum(usual) if usual else 0.0


def _spin() -> None:
    while True:
        pass


def main() -> None:
    """Measure and print one row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--open", type=int, default=30, help=f"sessions, at most {MOST_SESSIONS}")
    parser.add_argument("--training", type=int, default=None, help="how many of them train (all)")
    parser.add_argument("--seconds", type=float, default=15.0, help=f"of work, at most {MOST_SECONDS}")
    parser.add_argument("--speed", default="10 epochs/s")
    parser.add_argument("--one-core", action="store_true")
    parser.add_argument("--half-a-core", action="store_true")
    parser.add_argument("--beside", choices=list(BESIDE))
    parser.add_argument("--servers", type=int, default=0, help="behind nginx; without it one server without nginx")
    arguments = parser.parse_args()
    arguments.training = arguments.open if arguments.training is None else arguments.training
    if not 1 <= arguments.open <= MOST_SESSIONS or not 0 <= arguments.training <= arguments.open:
        parser.error(f"--open must be 1 to {MOST_SESSIONS}, and --training at most as many")
    if not 1 <= arguments.seconds <= MOST_SECONDS:
        parser.error(f"--seconds must be 1 to {MOST_SECONDS}")
    busy = multiprocessing.Process(target=_spin, daemon=True)
    with running_app(arguments.servers) as address:
        servers = served()
        if arguments.half_a_core or arguments.one_core:
            core, *others = sorted(os.sched_getaffinity(0))
            pinned = list(servers)
            if arguments.half_a_core:
                busy.start()
                pinned.append(psutil.Process(busy.pid))
            for process in pinned:
                process.cpu_affinity([core])
            psutil.Process().cpu_affinity(others or [core])
        sleep(1)
        row = asyncio.run(a_class(address, servers, arguments))
    if busy.is_alive():
        busy.terminate()
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}\n| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
