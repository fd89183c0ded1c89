"""The page Gradient check in Chromium: by keyboard alone, and its points answer to the pointer."""

import re

from playwright.sync_api import Browser, Page, expect

from mbgd.ui.gradient_check.claims import STEP_QUESTION
from tests.browser.app import DIABETES, expect_marked, open_page, pick, press, settle, slider, unfold


def expect_point_to_answer(page: Page) -> None:
    """Move the pointer along the diagonal of the plot until a point tells its parameter."""
    canvas = page.locator(".st-key-scatter canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    tooltip = page.locator("#vg-tooltip-element.visible")
    # along the diagonal of the square plot, which has a legend above it, and titles below it and to its left
    for share in range(30, 70, 2):
        for aside in range(-20, 21, 5):
            page.mouse.move(box["x"] + 67 + 305 * share / 100, box["y"] + 355 - 305 * share / 100 + aside)
            if tooltip.count():
                assert re.search(r"\b[Wb][12]\[\d", tooltip.inner_text())
                return
    raise AssertionError("no point answered to the pointer")


def test_predict_run_and_change_the_step_by_keyboard_and_a_point_tells_its_parameter(browser: Browser, address: str):
    page = open_page(browser, f"{address}/gradient_check?{DIABETES}")
    pick(page, STEP_QUESTION, "thousandth")
    press(page, "run_gradient_check")
    expect_marked(page, "good")
    settle(page)
    expect_point_to_answer(page)
    unfold(page, "worst parameters")
    table = page.locator(".mbgd-claims").first
    expect(table).to_contain_text("W1[")
    heading = page.locator("h2.mbgd-heading").filter(has_text="The worst first")
    expect(heading).to_contain_text("h = 1e-10")
    slider(page, "gradient_check_h").press("End")  # the largest step is on the right, as on the axis above
    expect(heading).to_contain_text("h = 1e-1")
    expect(page.locator(".mbgd-status.mbgd-changed")).to_be_visible()  # on the steps that switch a ReLU unit
    expect_marked(page, "good")
