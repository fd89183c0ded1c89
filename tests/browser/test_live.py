"""The app in Chromium: what only a browser can tell."""

import re
from itertools import pairwise
from time import monotonic

import pytest
from playwright.sync_api import Browser, Page, expect

from mbgd.charts.layers import X_AXES
from mbgd.ui.frame.menu import LESSONS, label, page_of
from mbgd.ui.kit.pace import SPEEDS
from tests.browser.app import LOSS_CHART, PICTURE, PROGRESS, button, open_page, press, settle, slider

SIDEBAR = '[data-testid="stSidebar"]'
H1 = '[data-testid="stMain"] h1'
DATA_SET = f"{SIDEBAR} .st-key-choose_data input"


def updates_done(page: Page) -> int:
    """The third number of the line over the bar: epoch, of how many, update, of how many."""
    return int(re.findall(r"\d[\d,]*", page.inner_text(PROGRESS))[2].replace(",", ""))


def go_to(page: Page, name: str) -> None:
    page.locator(SIDEBAR).get_by_role("link", name=label(page_of(name)), exact=True).click()
    expect(page).to_have_title(f"{name} · mbgd")
    expect(page.locator(H1)).to_be_visible()
    settle(page)


def wait_for_updates(page: Page, count: int) -> None:
    page.wait_for_function(
        """([selector, count]) => {
             const found = document.querySelector(selector)?.textContent.match(/\\d[\\d,]*/g);
             return found && +found[2].replaceAll(',', '') >= count; }""",
        arg=[PROGRESS, count],
    )


def test_training_is_live_in_charts_that_stay_and_pause_stops_it(browser: Browser, address: str):
    page = open_page(browser, f"{address}/?epochs=10000")
    page.wait_for_selector(f"{LOSS_CHART} canvas")
    page.wait_for_selector(f"{PICTURE} canvas")
    canvases = f"() => [...document.querySelectorAll(`{LOSS_CHART} canvas, {PICTURE} canvas`)]"
    press(page, "train")
    wait_for_updates(page, 30)
    first = updates_done(page)
    page.evaluate(f"() => {{ window.before = ({canvases})(); window.draws = {{}} }}")
    page.wait_for_timeout(2000)
    assert page.evaluate(f"() => ({canvases})().every((canvas, i) => canvas === window.before[i])")
    assert page.evaluate("() => window.draws.loss_chart.length") >= 6
    assert page.evaluate("() => window.draws.picture.length") >= 6
    assert page.evaluate(f"() => ({canvases})().every(canvas => canvas.width > 100)")
    wait_for_updates(page, first + 100)
    slider(page, "choose_rate").press("ArrowLeft")  # a change in mid-run acts at once
    expect(page.locator(".mbgd-tiles")).to_contain_text("0.15")
    before = updates_done(page)
    wait_for_updates(page, before + 50)
    assert "mbgd-changed" not in (page.locator(".mbgd-status").get_attribute("class") or "")
    press(page, "pause")
    expect(button(page, "pause")).to_be_disabled()
    settle(page)
    paused = updates_done(page)
    page.wait_for_timeout(600)
    assert updates_done(page) == paused


def test_a_tab_that_nobody_looks_at_asks_for_nothing_and_then_goes_on(browser: Browser, address: str):
    page = open_page(browser, f"{address}/?epochs=10000")
    asked = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: asked.append(1)))
    page.reload()
    settle(page)
    press(page, "train")
    wait_for_updates(page, 30)
    page.evaluate("window.hides = true; Object.defineProperty(document, 'hidden', {get: () => window.hides})")
    page.wait_for_timeout(700)  # what was asked for before is drawn
    before, asked_before = updates_done(page), len(asked)
    page.wait_for_timeout(1500)
    assert updates_done(page) == before
    assert len(asked) == asked_before > 3
    page.evaluate("window.hides = false")
    wait_for_updates(page, before + 20)
    press(page, "pause")


def test_the_first_screen_shows_controls_charts_and_numbers_without_scrolling(browser: Browser, address: str):
    """And pointing at the chart reads its values."""
    page = open_page(browser, address)
    page.wait_for_selector(f"{PICTURE} canvas")
    keys = ["train", "reset", "speed", "choose_batch", "choose_rate", "choose_shuffle"]
    for selector in [*(f".st-key-{key}" for key in keys), LOSS_CHART, PICTURE, PROGRESS, ".mbgd-tiles"]:
        box = page.locator(selector).bounding_box()
        assert box
        assert box["y"] >= 0, selector
        assert box["y"] + box["height"] <= 900, selector
    press(page, "step_epoch")
    wait_for_updates(page, 15)
    settle(page)
    box = page.locator(f"{LOSS_CHART} canvas").bounding_box()
    assert box
    tooltip = page.locator("#vg-tooltip-element.visible")
    for x in range(100, 400, 6):
        for y in range(40, 280, 24):
            page.mouse.move(box["x"] + x, box["y"] + y)
            if tooltip.count():
                assert re.search(rf"{X_AXES['epochs']}\s+[\d.]+\s+\w+\s+\d", tooltip.inner_text())
                return
    raise AssertionError("no point of the chart answered to the pointer")


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


def test_a_phone_can_do_everything(browser: Browser, address: str):
    page = open_page(browser, address, width=390, height=844)
    press(page, "step_update")
    wait_for_updates(page, 1)
    page.get_by_test_id("stExpandSidebarButton").click()
    slider(page, "choose_batch").press("ArrowRight")
    page.get_by_test_id("stSidebarCollapseButton").locator("button").click()
    expect(page.locator(".mbgd-status.mbgd-changed")).to_contain_text("16 → 24")


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


def test_a_run_goes_on_after_a_look_at_another_page(browser: Browser, address: str):
    page = open_page(browser, f"{address}/?epochs=10000&batch=32")
    press(page, "train")
    wait_for_updates(page, 30)
    before = updates_done(page)
    go_to(page, "Data")
    assert "batch=32" in page.url
    go_to(page, "Train")
    assert updates_done(page) >= before
    wait_for_updates(page, before + 100)


def test_the_tooltip_of_a_link_lets_the_click_on_the_next_link_through(browser: Browser, address: str):
    page, below_train = open_page(browser, address), label(LESSONS[0])
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


def test_slow_motion_shows_one_update_at_a_time(browser: Browser, address: str):
    page = open_page(browser, f"{address}/?data=sine&rate=0.02")
    speed = slider(page, "speed")
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


def test_a_diverged_run_says_so_and_draws_on(browser: Browser, address: str):
    page = open_page(browser, f"{address}/?data=plane&rate=10&hidden=none")
    press(page, "train")
    expect(page.locator(".mbgd-status")).to_have_class(re.compile("mbgd-bad"))
    expect(page.locator(f"{LOSS_CHART} canvas")).to_be_visible()
    assert "nan" not in page.inner_text('[data-testid="stMain"]').lower()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (360, 740), (1366, 768), (1024, 768)])
def test_after_a_press_of_compare_the_chart_is_on_the_screen(browser: Browser, address: str, width: int, height: int):
    page = open_page(browser, address, width=width, height=height)
    press(page, "compare")
    expect(page.locator(".mbgd-three img")).to_have_count(3)
    box = page.locator(f"{LOSS_CHART} canvas").bounding_box()
    assert box
    assert page.evaluate("() => scrollY") == 0
    assert 0 <= box["y"] < box["y"] + 0.9 * box["height"] <= height
