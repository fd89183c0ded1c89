"""Remove the last loop in Chromium: by keyboard alone, stopped in mid-run, and without a jump of the charts."""

import re

from playwright.sync_api import Browser, Page, expect

from mbgd.ui.kit.predict import UNSURE
from mbgd.ui.loop.ways import speed_question
from tests.browser.app import (
    expect_marked,
    expect_running,
    expect_stopped,
    open_page,
    pick,
    press,
    settle,
    slider,
)

QUESTION = speed_question(160)


def share(page: Page) -> str:
    return page.get_by_role("progressbar").first.get_attribute("aria-valuenow") or ""


def test_by_keyboard_alone_a_run_is_predicted_stopped_finished_and_looked_at(browser: Browser, address: str):
    page = open_page(browser, f"{address}/loop?size=200")
    pick(page, QUESTION, "same")
    press(page, "run_speed")
    expect_running(page, "speed")
    press(page, "stop_speed")
    expect_stopped(page, "speed")
    stopped = share(page)
    assert 0 < int(stopped) < 100
    page.wait_for_timeout(500)
    assert share(page) == stopped
    press(page, "run_speed")
    expect_marked(page, "bad")
    slider(page, "loop_batch").press("Home")
    heading = page.locator("h2.mbgd-heading").first
    expect(heading).to_contain_text(re.compile(r"\bB = 1\b(?!,)"))
    slider(page, "loop_batch").press("End")
    expect(heading).to_contain_text("B = 160")


def test_the_charts_are_not_built_anew_while_it_measures_and_it_can_be_stopped(browser: Browser, address: str):
    page = open_page(browser, f"{address}/loop?data=digits&hidden=128-64")
    page.wait_for_selector(".st-key-ratio canvas")
    pick(page, QUESTION, UNSURE)
    press(page, "run_speed")
    expect_running(page, "speed")
    page.evaluate("() => { window.draws = {} }")
    page.wait_for_function("() => window.draws.ratio && window.draws.ways")
    canvases = "() => [...document.querySelectorAll('.st-key-ways canvas, .st-key-ratio canvas')]"
    page.evaluate(f"() => {{ window.before = ({canvases})(); window.draws = {{}} }}")
    page.wait_for_function("() => (window.draws.ratio || []).length >= 4")
    assert page.evaluate(f"() => ({canvases})().every((canvas, i) => canvas === window.before[i])")
    press(page, "stop_speed")
    expect_stopped(page, "speed")
    # it can be stopped in a network that is slow, too
    layers = page.locator(".st-key-choose_hidden input")
    layers.fill("256, 256, 256, 256, 256, 256")
    layers.press("Enter")
    page.wait_for_url("**hidden=256-256*")
    settle(page)
    press(page, "run_speed")
    expect_running(page, "speed")
    page.wait_for_timeout(1_500)
    press(page, "stop_speed")
    expect_stopped(page, "speed")
