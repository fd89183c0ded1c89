"""The page Remove the last loop in Chromium: by keyboard alone, stopped during a run, with charts that stay put."""

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
    slider,
)

QUESTION = speed_question(1_437)


def share(page: Page) -> str:
    return page.get_by_role("progressbar").first.get_attribute("aria-valuenow") or ""


def test_with_the_keyboard_alone_a_run_is_predicted_stopped_finished_and_read(browser: Browser, address: str):
    page = open_page(browser, f"{address}/loop?data=digits")
    first = page.get_by_role("radio", name=speed_question(ASKED).answers["same"].text)
    first.focus()
    first.press("Space")
    settle(page)
    press_on(page, "Run")
    expect(page.locator(PROGRESS).first).to_contain_text("round", timeout=LONG)
    press_on(page, "Stop")
    expect(page.locator(PROGRESS).first).to_contain_text(re.compile(r"stopped at \d+%"), timeout=LONG)
    pick(page, QUESTION, "same")
    press(page, "run_speed")
    expect_running(page, "speed")
    press(page, "stop_speed")
    expect_stopped(page, "speed")
    stopped = share(page)
    assert 0 < int(stopped) < 100
    page.wait_for_timeout(500)
    assert share(page) == stopped
    press_on(page, "Go on")
    expect(page.locator(".mbgd-bad").first).to_be_visible(timeout=LONG)
    slider = page.get_by_role("slider", name="Rows in a batch, B")
    slider.press("Home")
    expect(page.locator(".mbgd-heading").first).to_contain_text(re.compile(r"B = 1\b(?!,)"), timeout=LONG)
    slider.press("End")
    expect(page.locator(".mbgd-heading").first).to_contain_text("B = 1,437", timeout=LONG)
    press(page, "run_speed")
    expect_marked(page, "bad")
    slider(page, "loop_batch").press("Home")
    heading = page.locator("h2.mbgd-heading").first
    expect(heading).to_contain_text(re.compile(r"\bB = 1\b(?!,)"))
    slider(page, "loop_batch").press("End")
    expect(heading).to_contain_text("B = 1,437")


def test_the_charts_are_not_built_again_during_a_run(browser: Browser, address: str):
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


def test_a_run_with_a_slow_network_can_be_stopped(browser: Browser, address: str):
    page = open_page(browser, f"{address}/loop?data=digits&hidden=256-256-256-256-256-256")
    page.get_by_text(speed_question(ASKED).answers["few"].text).first.click()
    settle(page)
    press_on(page, "Run")
    expect(page.locator(PROGRESS).first).to_be_visible(timeout=LONG)
    pick(page, QUESTION, "few")
    press(page, "run_speed")
    expect_running(page, "speed")
    page.wait_for_timeout(1_500)
    press(page, "stop_speed")
    expect_stopped(page, "speed")
