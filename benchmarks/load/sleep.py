"""A machine that sleeps: server and browser stand still for a while in the middle of a run, and then go on.

    python -m benchmarks.load.sleep [--seconds 120]

Prints how far the run was before, 1.5 s and 5.5 s after the machine woke, and whether the page showed an error. Both
are stopped by a signal, so their clocks run on. In a machine that really sleeps they stop, too, which is easier.
"""

import argparse
import re
import time

import psutil
from playwright.sync_api import Page

from tests.browser.app import PROGRESS, chromium, open_page, press, running_app


def main() -> None:
    """Print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120.0, help="of sleep")
    seconds = parser.parse_args().seconds
    with running_app() as address, chromium() as browser:
        page = open_page(browser, f"{address}/?epochs=10000")
        press(page, "train")
        page.wait_for_timeout(4_000)
        epochs = [epoch(page)]
        sleep(seconds)
        for wait in (1_500, 4_000):
            page.wait_for_timeout(wait)
            epochs.append(epoch(page))
        errors = page.locator('[data-testid="stException"]').count()
    print(f"{seconds:.0f} s of sleep: epoch {epochs[0]:,}, then {epochs[1]:,} and {epochs[2]:,}; {errors} errors")


def sleep(seconds: float) -> None:
    """Stop the server and the browser for this long."""
    asleep = [one for one in psutil.Process().children(recursive=True) if not one.name().startswith("node")]
    for process in asleep:
        process.suspend()
    time.sleep(seconds)
    for process in asleep:
        process.resume()


def epoch(page: Page) -> int:
    """How far the run is."""
    found = re.search(r"Epoch ([\d,]+)", page.inner_text(PROGRESS))
    return int(found[1].replace(",", "")) if found else 0


if __name__ == "__main__":
    main()
