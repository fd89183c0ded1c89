"""The page Sweep in Chromium: the map fills, is stopped and goes on, and one of its runs opens in Train."""

import re

from playwright.sync_api import Browser, expect

from mbgd.ui.sweep.words import QUESTION
from tests.browser.app import button, expect_stopped, open_page, pick, press, settle

SLOW = "data=moons&hidden=16&sizes=4-16-64&rates=6&seeds=5&of_epochs=100&cell=16x0.12"


def test_the_map_fills_stops_and_goes_on(browser: Browser, address: str):
    page = open_page(browser, f"{address}/sweep?{SLOW}")
    expect(button(page, "run_sweep")).to_be_disabled()
    pick(page, QUESTION, "linear")
    press(page, "run_sweep")
    page.wait_for_selector(".st-key-sweep_chart canvas")
    press(page, "stop_sweep")
    expect_stopped(page, "sweep")
    press(page, "run_sweep")
    page.wait_for_selector(".st-key-sweep_curves canvas")
    settle(page)
    box = page.locator(".st-key-sweep_chart canvas").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] - 40, box["y"] + 40)  # the largest rate and batch size
    expect(page).to_have_url(re.compile("cell=64x5"))
    settle(page)
    link = page.locator(".st-key-sweep_open a").nth(1)
    expect(link).to_have_attribute("href", re.compile(r"batch=64&.*rate=5.*seed=1\b.*trained=400"))
    with page.expect_popup() as opened:
        link.click()
    expect(opened.value.locator(".st-key-train_again button")).to_contain_text("400")
