"""The page Frameworks in Chromium: by keyboard alone, stopped in mid-run, and its picture on the first screen."""

from playwright.sync_api import Browser, expect

from mbgd.ui.frameworks import question
from tests.browser.app import (
    answer,
    button,
    expect_marked,
    expect_stopped,
    open_page,
    pick,
    press,
    settle,
    unfold,
)

QUESTION = question(40, [])
SLOW = "data=digits&hidden=128-128&mode=full&epochs=40"  # some seconds of work for the engine alone


def test_predict_run_stop_and_go_on_by_keyboard(browser: Browser, address: str):
    page = open_page(browser, f"{address}/frameworks?{SLOW}")
    expect(button(page, "run_frameworks")).to_be_disabled()
    page.wait_for_selector(".st-key-differences canvas")
    settle(page)
    box = page.locator(".st-key-differences canvas").bounding_box()
    assert box
    assert box["y"] + box["height"] <= 900  # the picture is on the first screen
    pick(page, QUESTION, "none")
    page.keyboard.press("ArrowDown")
    expect(answer(page, QUESTION, "rounding")).to_be_checked()
    press(page, "run_frameworks")
    press(page, "stop_frameworks")
    expect_stopped(page, "frameworks")
    press(page, "run_frameworks")
    expect_marked(page, "good")
    settle(page)
    unfold(page, "Theory and measurement")
    expect(page.locator(".mbgd-claims .mbgd-agrees")).not_to_have_count(0)
