"""The page Gradient check in Chromium: by keyboard alone, and its points answer to the pointer."""

import re

from playwright.sync_api import Browser, expect

from tests.browser.app import PROGRESS, open_page, settle


def test_predict_run_and_change_the_step_by_keyboard(browser: Browser, address: str):
    page = open_page(browser, f"{address}/gradient_check")
    page.get_by_role("radio", name="3e-4 to 1e-2.").focus()
    page.keyboard.press("Space")
    run = page.get_by_role("button", name="Run", exact=True)
    expect(run).to_be_enabled()
    run.press("Enter")
    expect(page.locator(".mbgd-status").first).to_contain_text("Right.", timeout=20_000)
    settle(page)
    table = page.locator(".mbgd-claims").first
    expect(table).to_contain_text("W1[")
    heading = page.locator("h2", has_text="worst parameters")
    expect(heading).to_contain_text("h = 1e-5")
    slider = page.get_by_role("slider", name="Step h of the points and of the table")
    slider.press("End")  # the largest step is on the right, as on the axis above
    expect(heading).to_contain_text("h = 1e-1")
    expect(page.locator(".mbgd-status", has_text="whose step switches a ReLU unit")).to_be_visible()
    expect(page.locator(".mbgd-status").first).to_contain_text("Right.")


def test_a_point_tells_its_parameter(browser: Browser, address: str):
    page = open_page(browser, f"{address}/gradient_check")
    page.get_by_text("I can't tell yet: show me").click()
    settle(page)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(PROGRESS)).to_contain_text("done")
    settle(page)
    canvas = page.locator(".st-key-scatter canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    tooltip = page.locator("#vg-tooltip-element.visible")
    # along the diagonal of the plot, which leaves room for a legend above and for titles below and to the left
    for share in range(20, 80, 2):
        for aside in range(-15, 16, 5):
            x = box["x"] + 58 + (box["width"] - 60) * share / 100
            page.mouse.move(x, box["y"] + 270 - 225 * share / 100 + aside)
            if tooltip.count():
                assert re.search(r"parameter\s+[Wb][12]\[\d", tooltip.inner_text())
                return
    raise AssertionError("no point answered to the pointer")
