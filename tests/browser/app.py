"""A server of the app and a Chromium that looks at it: for the browser tests and for benchmarks/live.py."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from deploy.serve import answers, free_ports, server_command
from mbgd.ui.kit.predict import UNSURE, Question

ROOT = Path(__file__).parents[2]
DIABETES = "data=diabetes&hidden=16&rate=0.02"  # what the tests of the lessons were made on
LONG = 60_000  # milliseconds: a shared machine may be busy
PROGRESS = '[data-testid="stProgress"]'
LIVE = '.st-key-live_part > [data-testid="stLayoutWrapper"] > * >'  # the parts of Train that are drawn anew
LOSS_CHART, PICTURE = f"{LIVE} :nth-child(1)", f"{LIVE} :nth-child(2)"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Notes when each chart was drawn: Vega clears its canvas at each draw.
COUNT_DRAWS = """
window.draws = {};
const clear = CanvasRenderingContext2D.prototype.clearRect;
CanvasRenderingContext2D.prototype.clearRect = function (...box) {
  const chart = this.canvas.closest && this.canvas.closest('[class*="st-key-"]');
  const live = this.canvas.closest && this.canvas.closest('.st-key-live_part [data-testid="stElementContainer"]');
  const key = live ? (live.matches(':first-child') ? 'loss_chart' : 'picture') : chart
    ? [...chart.classList].find(name => name.startsWith('st-key-')).slice(7) : 'other';
  (window.draws[key] ??= []).push(performance.now());
  return clear.apply(this, box);
};
"""


SHELL = "chromium-headless-shell"  # Chromium without its window, which would take a process more for each tab


def find_chromium() -> str | None:
    """The browser's path: CHROMIUM, or what is installed."""
    names = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    mac = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    return found or (str(mac) if mac.exists() else None)


@contextmanager
def running_app(servers: int = 0, **environment: str) -> Iterator[str]:
    """The address of a freshly started server, stopped at the end; `environment` is added to its environment.

    servers: so many server processes behind nginx, instead of one without it.
    """
    (port,) = free_ports(1)
    command = [*server_command(port), "--server.fileWatcherType", "none"]
    if servers:
        command = [sys.executable, "-m", "deploy.serve", "--port", str(port), "--servers", str(servers)]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"} | environment
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        wait_for(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server on this port answers."""
    for _ in range(300):
        if answers(port):
            return
        if server.poll() is not None:
            raise RuntimeError("the app stopped before it answered")
        time.sleep(0.1)
    raise RuntimeError("the app did not answer in 30 s")


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """A headless Chromium, started with these flags as well."""
    expect.set_options(timeout=LONG)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=[*FLAGS, *flags])
        yield browser
        browser.close()


def open_page(browser: Browser, address: str, *, width: int = 1440, height: int = 900, theme: str = "light") -> Page:
    """A new session on the page at this address, settled, its charts' draws counted."""
    page = new_page(browser, width=width, height=height, theme=theme)
    page.add_init_script(COUNT_DRAWS)
    page.goto(address)
    settle(page)
    return page


def new_page(browser: Browser, *, width: int = 1440, height: int = 900, theme: str = "light") -> Page:
    """A new tab. All tabs share a browser context, which compiles the app's scripts once."""
    context = browser.contexts[0] if browser.contexts else browser.new_context()
    page = context.new_page()
    page.set_default_timeout(LONG)
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=theme)  # pyright: ignore
    return page


# Whether the script rests, what it draws is there, nothing is pale as what is old, and nothing fades in or out.
SETTLED = """() => {
  const app = document.querySelector('[data-testid="stApp"]')
  return app && app.getAttribute('data-test-script-state') === 'notRunning'
    && document.querySelector('[data-testid="stSidebar"]')
    && !document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]')
    && document.getAnimations().every(one => !(one instanceof CSSTransition)) }"""


def settle(page: Page) -> None:
    """Wait until the page has come to rest, and is at rest a moment later: a run rests between two slices, too."""
    while True:
        page.wait_for_function(SETTLED, polling=50)
        page.wait_for_timeout(300)
        if page.evaluate(SETTLED):
            return


def follow(page: Page, title: str) -> None:
    """Go to a page by the menu, which is quicker than to load it."""
    page.locator(".st-key-menu").get_by_role("link", name=re.compile(rf"\b{title}\b")).first.click()
    expect(page).to_have_title(f"{title} · mbgd")
    settle(page)


def button(page: Page, key: str) -> Locator:
    """The button of this key."""
    return page.locator(f".st-key-{key}").get_by_role("button")


def slider(page: Page, key: str) -> Locator:
    """The handle of the slider of this key."""
    return page.locator(f".st-key-{key}").get_by_role("slider")


def answer(page: Page, question: Question, name: str) -> Locator:
    """The radio button of an answer by its name, UNSURE among them."""
    number = [*question.answers, UNSURE].index(name)
    return page.locator(f".st-key-predict_{question.key}").get_by_role("radio").nth(number)


def pick(page: Page, question: Question, name: str) -> None:
    """Answer a question with the keyboard, and wait until the page has taken it in."""
    radio = answer(page, question, name)
    radio.focus()
    radio.press("Space")
    settle(page)


def press(page: Page, key: str) -> None:
    """Press Enter on the button of this key, as one who has no mouse."""
    expect(button(page, key)).to_be_enabled()
    button(page, key).focus()
    button(page, key).press("Enter")


def unfold(page: Page, title: str) -> None:
    """Open the fold with this text in its title."""
    page.locator("summary").filter(has_text=title).first.click()
    settle(page)


def expect_stopped(page: Page, key: str) -> None:
    """Wait until the experiment of this key has stopped before its end: it can go on, and can't be stopped."""
    expect(button(page, f"stop_{key}")).to_have_count(1)  # what was there before may stand beside it for a moment
    expect(button(page, f"stop_{key}")).to_be_disabled()
    expect(button(page, f"run_{key}")).to_be_enabled()


def expect_running(page: Page, key: str) -> None:
    """Wait until the experiment of this key is under way."""
    expect(button(page, f"stop_{key}")).to_have_count(1)
    expect(button(page, f"stop_{key}")).to_be_enabled()
    expect(page.locator(PROGRESS).first).to_be_visible()


def expect_marked(page: Page, kinds: str = "good bad") -> None:
    """Wait until an answer is marked as one of these kinds."""
    selector = ", ".join(f".mbgd-status.mbgd-{kind}:not(.mbgd-beside)" for kind in kinds.split())
    expect(page.locator(selector).first).to_be_visible()
