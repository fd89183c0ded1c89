"""How long a learner waits at the page Train, measured in Chromium on this machine.

    python -m benchmarks.live [--write]

Server and browser share the machine. --write writes the table to benchmarks/live.md.
"""

import argparse
import os
import platform
import re
import statistics
import sys
from datetime import date
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page

from mbgd.ui.frame.menu import PAGES, label, page_of
from tests.browser.app import LOSS_CHART, PROGRESS, button, chromium, open_page, running_app, settle

ROUNDS = 10
PLAY = 5_000  # milliseconds of play in which redraws are counted
NOW = "() => performance.now()"


def updates_done(page: Page) -> int:
    """The number of updates that the page shows."""
    found = re.search(r"update ([\d,]+) of", page.inner_text(PROGRESS))
    return int(found[1].replace(",", "")) if found else 0


def wait_for_text(page: Page, selector: str, text: str) -> float:
    """The time, in milliseconds of the page's clock, at which the text first appears in the element."""
    return page.evaluate(
        """([selector, text]) => new Promise((done, fail) => {
             setTimeout(() => fail(new Error('waited 20 s for ' + text)), 20000);
             const look = () => (document.querySelector(selector)?.textContent.includes(text)
                                 ? done(performance.now()) : requestAnimationFrame(look)); look(); })""",
        [selector, text],
    )


def choose_speed(page: Page, name: str) -> None:
    """Press the arrow key of the speed slider until it shows this speed."""
    slider = page.get_by_role("slider", name="Speed")
    for _ in range(8):
        if slider.get_attribute("aria-valuetext") == name:
            break
        slider.press("ArrowRight")
        page.wait_for_timeout(400)
    settle(page)


def redraws_a_second(page: Page) -> float:
    """Redraws of the loss chart per second while a run plays."""
    page.evaluate("() => { window.draws.loss_chart = [] }")
    started = page.evaluate(NOW)
    page.wait_for_timeout(PLAY)
    times = [t for t in page.evaluate("() => window.draws.loss_chart") if t - started < PLAY]
    # draws within one frame of the screen count as one
    return sum(b - a > 20 for a, b in zip([started, *times], times, strict=False)) / (PLAY / 1000)


def first_point(browser: Browser, address: str) -> list[float]:
    """Milliseconds from the click on Train to the first draw of the loss chart."""
    waits = []
    for _ in range(ROUNDS):
        page = open_page(browser, address)
        page.wait_for_selector(f"{LOSS_CHART} canvas")
        page.wait_for_timeout(500)
        page.evaluate(
            """() => { window.draws.loss_chart = [];
                       document.querySelector('.st-key-train button')
                               .addEventListener('click', () => { window.clicked = performance.now() }); }"""
        )
        button(page, "train").click()
        page.wait_for_function("() => window.draws.loss_chart.length > 0")
        waits.append(page.evaluate("() => window.draws.loss_chart[0] - window.clicked"))
        assert updates_done(page) > 0, "the first draw showed no update"
        page.context.close()
    return waits


def pauses(page: Page) -> list[float]:
    """Milliseconds from the click on Pause until the page says that it is paused, at the chosen speed."""
    waits = []
    for _ in range(2 * ROUNDS):
        button(page, "train").click()
        page.wait_for_timeout(700)
        page.evaluate(
            """() => document.querySelector('.st-key-pause button')
                     .addEventListener('click', () => { window.clicked = performance.now() }, {once: true})"""
        )
        button(page, "pause").click()
        waits.append(wait_for_text(page, PROGRESS, "paused") - page.evaluate("() => window.clicked"))
        page.wait_for_timeout(200)
    return waits


def page_switches(browser: Browser, address: str) -> list[float]:
    """Milliseconds from a click in the menu to the next page's heading, several times through all pages."""
    page = open_page(browser, address)
    waits = []
    names = [item.title for item in [*PAGES[1:], PAGES[0]]]
    for _ in range(ROUNDS // 2):
        for name in names:
            mark = {"Train": "What the batch size does"}.get(name, name)
            page.evaluate("() => addEventListener('click', () => { window.clicked = performance.now() }, {once: true})")
            page.locator('[data-testid="stSidebar"]').get_by_role("link", name=label(page_of(name)), exact=True).click()
            waits.append(wait_for_text(page, '[data-testid="stMain"] h1', mark) - page.evaluate("() => window.clicked"))
            settle(page)
    page.context.close()
    return waits


def measure() -> list[tuple[str, str, str]]:
    """The rows of the table: (what, measured, goal)."""
    with running_app() as address, chromium() as browser:
        first = first_point(browser, address)
        page = open_page(browser, f"{address}/?epochs=500")
        button(page, "train").click()
        page.wait_for_timeout(1500)
        at_default = redraws_a_second(page)
        page.context.close()
        page = open_page(browser, f"{address}/?epochs=10000&mode=sgd")
        choose_speed(page, "full speed")
        waits = pauses(page)
        button(page, "reset").click()
        settle(page)
        button(page, "train").click()
        page.wait_for_function(
            """() => +(document.querySelector('[data-testid="stProgress"]').textContent
                       .match(/update ([\\d,]+) of/)?.[1].replaceAll(',', '') ?? 0) >= 100000""",
            timeout=60_000,
        )
        late = redraws_a_second(page)
        share = re.search(r"(\d+)% of the time", page.inner_text(".mbgd-tiles"))
        done = updates_done(page)
        page.context.close()
        switches = page_switches(browser, address)
    return [
        ("first chart point after Train, median of 10", f"{statistics.median(first):.0f} ms", "300 ms"),
        ("redraws per second, default settings", f"{at_default:.1f}", "at least 7"),
        (f"redraws per second, full speed, past 100,000 updates ({done:,} at the end)", f"{late:.1f}", "at least 5"),
        ("Pause takes effect, full speed, 95th percentile of 20", f"{np.percentile(waits, 95):.0f} ms", "200 ms"),
        ("time in the engine, full speed", f"{share[1] if share else '?'}%", "at least 70%"),
        (f"page switch painted, median of {len(switches)}", f"{statistics.median(switches):.0f} ms", "700 ms"),
        (f"page switch painted, slowest of {len(switches)}", f"{max(switches):.0f} ms", "700 ms"),
    ]


def main() -> None:
    """Measure and print the table, and write it with --write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write benchmarks/live.md")
    arguments = parser.parse_args()
    lines = ["| what | measured | goal |", "|---|---|---|"]
    lines += [f"| {what} | {measured} | {goal} |" for what, measured, goal in measure()]
    print("\n".join(lines))
    if arguments.write:
        about = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {date.today()}"
        text = (
            f"# The live lab in Chromium\n\n`python -m benchmarks.live --write` on {about}; server and browser share "
        )
        text += "the machine.\n\n" + "\n".join(lines) + "\n"
        Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
