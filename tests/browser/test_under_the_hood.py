"""Under the hood in Chromium, by keyboard alone: predict, measure, switch tricks on and off."""

from playwright.sync_api import Browser, expect

from tests.browser.app import LONG, PROGRESS, open_page, press_on, settle


def test_by_keyboard_alone_it_is_predicted_measured_and_read(browser: Browser, address: str):
    page = open_page(browser, f"{address}/under_the_hood?data=moons")
    answer = page.get_by_role("radio", name="1.5 to 3 times.")
    answer.focus()
    answer.press("Space")
    settle(page)
    press_on(page, "Measure")
    expect(page.locator(PROGRESS).first).to_contain_text("done: 60 rounds", timeout=LONG)
    expect(page.locator(".mbgd-good, .mbgd-bad").first).to_contain_text("times as fast", timeout=LONG)
    slider = page.get_by_role("slider", name="Tricks on")
    code = page.locator(".st-key-variants pre")
    slider.press("End")
    expect(code.last).to_contain_text("class Prepared", timeout=LONG)
    slider.press("Home")
    expect(code).to_have_count(1, timeout=LONG)
    slider.press("ArrowRight")
    expect(code.last).to_contain_text("class OneCopy(Plain)", timeout=LONG)
