"""The app in Chromium: what only a browser can tell."""

import re
from collections.abc import Iterator
from itertools import pairwise
from time import monotonic

import pytest
from playwright.sync_api import Browser, Page, expect

from mbgd.ui.frame.menu import LESSONS, label
from mbgd.ui.kit.pace import SPEEDS
from tests.browser.app import LOSS_CHART, PICTURE, PROGRESS, button, follow, open_page, press, settle, slider

SIDEBAR = '[data-testid="stSidebar"]'
H1 = '[data-testid="stMain"] h1'
DATA_SET = f"{SIDEBAR} .st-key-choose_data input"


def updates_done(page: Page) -> int:
    """The third number of the line over the bar: epoch, of how many, update, of how many."""
    return int(re.findall(r"\d[\d,]*", page.inner_text(PROGRESS))[2].replace(",", ""))


def go_to(page: Page, name: str) -> None:
    follow(page, name)
    expect(page.locator(H1)).to_be_visible()


def wait_for_updates(page: Page, count: int) -> None:
    page.wait_for_function(
        """([selector, count]) => {
             const found = document.querySelector(selector)?.textContent.match(/\\d[\\d,]*/g);
             return found && +found[2].replaceAll(',', '') >= count; }""",
        arg=[PROGRESS, count],
    )


@pytest.fixture(scope="module")
def long_run(browser: Browser, address: str) -> Iterator[Page]:
    """A tab with a run that is longer than these tests."""
    page = open_page(browser, f"{address}/?epochs=10000&batch=32")
    yield page
    page.close()


@pytest.fixture
def training(long_run: Page) -> Iterator[Page]:
    """The tab with the long run, which rests before and after each test."""
    yield long_run
    long_run.evaluate("window.hides = false")
    if button(long_run, "pause").is_visible() and button(long_run, "pause").is_enabled():
        pause(long_run)


def pause(page: Page) -> None:
    """Pause the run, and wait until nothing of it is still under way."""
    press(page, "pause")
    expect(button(page, "train")).to_be_enabled()
    expect(button(page, "pause")).to_be_disabled()
    settle(page)


# Counts what the tab sends to the server.
COUNT_ASKED = """() => {
  window.asked = 0;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...message) { window.asked += 1; return send.apply(this, message) } }"""


def test_a_tab_that_nobody_looks_at_asks_for_nothing_and_then_goes_on(training: Page):
    page = training
    page.evaluate(COUNT_ASKED)
    first = updates_done(page)
    press(page, "train")
    wait_for_updates(page, first + 30)
    page.wait_for_function("() => window.asked > 3")
    page.evaluate("window.hides = true; Object.defineProperty(document, 'hidden', {get: () => window.hides})")
    page.wait_for_timeout(700)  # what was asked for before is drawn
    before, asked_before = updates_done(page), page.evaluate("window.asked")
    page.wait_for_timeout(1500)
    assert updates_done(page) == before
    assert page.evaluate("window.asked") == asked_before > 3
    page.evaluate("window.hides = false")
    wait_for_updates(page, before + 20)
    pause(page)


def test_a_run_goes_on_after_a_look_at_another_page(training: Page):
    page, first = training, updates_done(training)
    press(page, "train")
    wait_for_updates(page, first + 30)
    before = updates_done(page)
    go_to(page, "Data")
    assert "batch=32" in page.url
    go_to(page, "Train")
    assert updates_done(page) >= before
    wait_for_updates(page, before + 100)
    pause(page)


def test_the_tooltip_of_a_link_lets_the_click_on_the_next_link_through(training: Page):
    page, below_train = training, label(LESSONS[0])
    page.mouse.move(700, 10)  # the pointer and the focus leave what has a tooltip
    page.evaluate("document.activeElement.blur()")
    expect(page.get_by_role("tooltip").locator("visible=true")).to_have_count(0)
    page.locator(SIDEBAR).get_by_role("link", name="Train", exact=True).hover()
    tip, link = page.get_by_role("tooltip"), page.locator(SIDEBAR).get_by_role("link", name=below_train, exact=True)
    expect(tip).to_be_visible()
    below, box = tip.bounding_box(), link.bounding_box()
    assert below
    assert box
    assert below["y"] <= box["y"] + box["height"] / 2 <= below["y"] + below["height"]  # it lies over the link
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page).to_have_title(f"{LESSONS[0].title} · mbgd")
    settle(page)
    page.go_back()
    expect(page).to_have_title("Train · mbgd")


def test_slow_motion_shows_one_update_at_a_time(training: Page):
    page, speed = training, slider(training, "speed")
    for _ in range(3):
        speed.press("ArrowLeft")
        page.wait_for_timeout(300)
    assert speed.get_attribute("aria-valuetext") == next(iter(SPEEDS))
    press(page, "train")
    seen, times = [], []
    while not times or times[-1] - times[0] < 3:
        seen.append(updates_done(page))
        times.append(monotonic())
        page.wait_for_timeout(100)
    assert abs(seen[-1] - seen[0] - (times[-1] - times[0])) <= 1.5
    looks = zip(pairwise(seen), pairwise(times), strict=True)
    assert all(b - a in (0, 1) or later - earlier > 0.8 for (a, b), (earlier, later) in looks)
    pause(page)
    for _ in range(3):
        speed.press("ArrowRight")
        page.wait_for_timeout(300)
    settle(page)


def test_training_is_live_in_charts_that_stay_and_pause_stops_it(browser: Browser, address: str):
    """And the focus stays in the row of the pressed button."""
    page = open_page(browser, f"{address}/?epochs=10000")
    page.wait_for_selector(f"{LOSS_CHART} canvas")
    page.wait_for_selector(f"{PICTURE} canvas")
    canvases = f"() => [...document.querySelectorAll(`{LOSS_CHART} canvas, {PICTURE} canvas`)]"
    first = updates_done(page)
    press(page, "train")
    expect(button(page, "pause")).to_be_focused()
    wait_for_updates(page, first + 30)
    page.evaluate(f"() => {{ window.before = ({canvases})(); window.draws = {{}} }}")
    page.wait_for_timeout(2000)
    assert page.evaluate(f"() => ({canvases})().every((canvas, i) => canvas === window.before[i])")
    assert page.evaluate("() => window.draws.loss_chart.length") >= 6
    assert page.evaluate("() => window.draws.picture.length") >= 6
    assert page.evaluate(f"() => ({canvases})().every(canvas => canvas.width > 100)")
    wait_for_updates(page, first + 130)
    slider(page, "choose_rate").press("ArrowLeft")  # a change in mid-run acts at once
    expect(page.locator(".mbgd-tiles")).to_contain_text("0.15")
    before = updates_done(page)
    wait_for_updates(page, before + 50)
    assert "mbgd-changed" not in (page.locator(".mbgd-status").get_attribute("class") or "")
    pause(page)
    expect(button(page, "train")).to_be_focused()  # which goes on, where Step 1 update would take a step
    paused = updates_done(page)
    page.wait_for_timeout(600)
    assert updates_done(page) == paused


def test_nothing_jumps_between_the_states_of_a_run(browser: Browser, address: str):
    page = open_page(browser, f"{address}/?epochs=5")
    page.wait_for_selector(f"{LOSS_CHART} canvas")
    settle(page)

    def places() -> list[int]:
        boxes = [page.locator(one).bounding_box() for one in (".st-key-train", LOSS_CHART, PICTURE)]
        boxes.append(page.locator(PROGRESS).bounding_box())
        return [round(box["y"]) for box in boxes if box]

    idle = places()
    assert len(idle) == 4
    press(page, "train")
    wait_for_updates(page, 20)
    assert places() == idle
    expect(page.locator(".mbgd-status")).to_have_class(re.compile("mbgd-good"))
    settle(page)
    assert places() == idle
    slider(page, "choose_batch").press("ArrowRight")
    expect(page.locator(".mbgd-status.mbgd-changed")).to_contain_text("16 → 24")
    settle(page)
    assert places() == idle


def test_a_reload_brings_the_choices_back_and_tabs_are_independent(browser: Browser, address: str):
    page = open_page(browser, f"{address}/?data=moons&hidden=8-8")
    slider(page, "choose_rate").press("ArrowRight")
    page.wait_for_url(re.compile("rate=0.3"))
    other = open_page(browser, f"{address}/?data=circles")
    page.reload()
    settle(page)
    assert page.input_value(DATA_SET).startswith("moons")
    assert slider(page, "choose_rate").get_attribute("aria-valuetext") == "0.3"
    assert page.input_value(".st-key-choose_hidden input") == "8, 8"
    assert other.input_value(DATA_SET).startswith("circles")
    assert "rate" not in other.url


def test_a_diverged_run_says_so_and_draws_on(browser: Browser, address: str):
    page = open_page(browser, f"{address}/?data=plane&rate=10&hidden=none")
    press(page, "train")
    expect(page.locator(".mbgd-status")).to_have_class(re.compile("mbgd-bad"))
    expect(page.locator(f"{LOSS_CHART} canvas")).to_be_visible()
    assert "nan" not in page.inner_text('[data-testid="stMain"]').lower()
