"""The page Frameworks in Chromium: by keyboard alone, stopped in mid-run, and its picture on the first screen."""

from playwright.sync_api import Browser, expect

from tests.browser.app import LONG, PROGRESS, open_page, settle

SLOW = "data=digits&hidden=128-128&mode=full&epochs=40"  # some seconds of work for the engine alone


def test_predict_run_stop_and_go_on_by_keyboard(browser: Browser, address: str):
    page = open_page(browser, f"{address}/frameworks?{SLOW}")
    run, stop, go_on = (page.get_by_role("button", name=name, exact=True) for name in ("Run", "Stop", "Go on"))
    expect(run).to_be_disabled()
    page.get_by_role("radio", name="Nowhere: every digit is the same.").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="In their last digits: the first ten are the same.")).to_be_checked()
    expect(run).to_be_enabled()
    run.press("Enter")
    expect(stop).to_be_enabled()
    stop.press("Enter")
    expect(page.locator(PROGRESS)).to_contain_text("stopped at", timeout=30_000)
    go_on.press("Enter")
    expect(page.locator(".mbgd-status", has_text="Right.")).to_be_visible(timeout=LONG)
    settle(page)
    expect(page.locator(".mbgd-claims").first).to_contain_text("✓ agrees")


def test_the_picture_is_on_the_first_screen(browser: Browser, address: str):
    page = open_page(browser, f"{address}/frameworks")
    page.wait_for_selector(".st-key-differences canvas")
    settle(page)
    box = page.locator(".st-key-differences canvas").bounding_box()
    assert box
    assert box["y"] + box["height"] <= 900
