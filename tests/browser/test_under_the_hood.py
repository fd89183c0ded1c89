"""Under the hood in Chromium, by keyboard alone: predict, measure, switch tricks on and off."""

from playwright.sync_api import Browser, expect

from mbgd.experiments.under_the_hood.tricks import TRICKS
from mbgd.ui.under_the_hood import question
from tests.browser.app import expect_marked, open_page, pick, press, slider

VARIANTS = [make.__name__ for make in TRICKS.values()]


def test_by_keyboard_alone_it_is_predicted_measured_and_read(browser: Browser, address: str):
    page = open_page(browser, f"{address}/under_the_hood?data=moons")
    pick(page, question(16), "two")
    press(page, "run_costs")
    expect_marked(page)
    tricks_on = slider(page, "tricks_on")
    code = page.locator(".st-key-variants pre")
    tricks_on.press("End")
    expect(code.last).to_contain_text(f"class {VARIANTS[5]}")
    tricks_on.press("Home")
    expect(code).to_have_count(1)
    tricks_on.press("ArrowRight")
    expect(code.last).to_contain_text(f"class {VARIANTS[1]}")
