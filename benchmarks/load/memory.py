"""What sessions leave in the server's memory: heavy ones, opened, run and closed one after the other.

    python -m benchmarks.load.memory [--sessions 25]

It prints the server's memory at the start, the most that one session added, and what is left after the last was closed.
"""

import argparse
import asyncio
from time import monotonic

import psutil

from benchmarks.load import HEAVY, app_process, megabytes
from benchmarks.load.learner import Learner
from tests.browser.app import running_app

PAGES = (("", "train"), ("shapes", "run_doubling"), ("under_the_hood", "run_costs"), ("modes", "run_race"))
WORK = 4.0  # seconds of a session's run
BETWEEN = 7.0  # seconds between two sessions, in which the server gives back what the first has left
AFTER = (0, 10, 30)  # seconds after the last session was closed


async def visit(address: str, server: psutil.Process, page: str, key: str) -> float:
    """Open a page, run it for a while, close it; return the most memory that the server took, in MB."""
    most = 0.0
    async with Learner(address, HEAVY, page) as learner:
        await learner.answer()
        await learner.press(key)
        until = monotonic() + WORK
        while monotonic() < until:
            await asyncio.sleep(0.1)
            most = max(most, megabytes(server))
    return most


async def visits(address: str, server: psutil.Process, sessions: int) -> list[tuple[str, str]]:
    """The rows of the table."""
    async with Learner(address):
        pass
    start, added = megabytes(server), {}
    for number in range(sessions):
        page, key = PAGES[number % len(PAGES)]
        await asyncio.sleep(BETWEEN)
        before = megabytes(server)
        most = await visit(address, server, page, key)
        added[page or "Train"] = max(added.get(page or "Train", 0.0), most - before)
    rows = [("at the start, after one small session", f"{start:.0f} MB")]
    rows += [(f"the most that one session added, {page}", f"{mb:.0f} MB") for page, mb in added.items()]
    waited = 0
    for seconds in AFTER:
        await asyncio.sleep(seconds - waited)
        waited = seconds
        now = megabytes(server)
        rows.append((f"{seconds} s after the last of {sessions} was closed", f"{now:.0f} MB, {now / start:.2f} ×"))
    return rows


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=25, help="at most 100")
    sessions = min(parser.parse_args().sessions, 100)
    with running_app() as address:
        rows = asyncio.run(visits(address, app_process(), sessions))
    print("| memory of the server | measured |\n|---|---|")
    print("\n".join(f"| {what} | {measured} |" for what, measured in rows))


if __name__ == "__main__":
    main()
