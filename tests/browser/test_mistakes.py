"""The bug lab in Chromium: by keyboard alone, and stopped in mid-run."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.app import PROGRESS, click, open_page, settle

MAIN = '[data-testid="stMain"]'
MARKED = re.compile("✓ Right|✕ Not this time")


def tab_to(page: Page, name: str, role: str = "button") -> None:
    """Press Tab until the control of this name has the focus."""
    wanted = page.locator(MAIN).get_by_role(role, name=name, exact=True)  # pyright: ignore
    for _ in range(60):
        if wanted.evaluate("control => control === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {name}")


def test_a_mistake_is_chosen_predicted_run_and_checked_by_keyboard_alone(browser: Browser, address: str):
    page = open_page(browser, f"{address}/mistakes?epochs=20")
    page.locator(f"{MAIN} h1").click()
    tab_to(page, "Summed, not averaged", "radio")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    settle(page)
    expect(page.locator(MAIN)).to_contain_text("dW = dZ.T @ X / B")
    tab_to(page, "The loss diverges.", "radio")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    settle(page)
    tab_to(page, "Run")
    page.keyboard.press("Enter")
    expect(page.locator(MAIN)).to_contain_text("✓ Right.", timeout=20_000)
    settle(page)
    tab_to(page, "Run the checks")
    page.keyboard.press("Enter")
    expect(page.locator(MAIN)).to_contain_text("✓ Caught.")


def test_a_run_is_stopped_in_the_middle_and_goes_on_in_the_same_picture(browser: Browser, address: str):
    page = open_page(browser, f"{address}/mistakes?data=digits&hidden=256-256-256&epochs=100")
    canvas, progress = ".st-key-sides canvas", page.locator(PROGRESS)
    page.locator(f"{MAIN} [data-testid=stRadio] [role=radiogroup] label").first.click()
    settle(page)
    click(page, "Run")
    expect(progress).to_contain_text("updates made by each run:", timeout=20_000)
    page.wait_for_selector(canvas)
    page.evaluate(f"window.before = document.querySelector('{canvas}')")
    click(page, "Stop")
    expect(progress).to_contain_text("stopped at", timeout=20_000)
    stopped = progress.inner_text()
    page.wait_for_timeout(500)
    assert progress.inner_text() == stopped
    assert not MARKED.search(page.locator(MAIN).inner_text())
    click(page, "Go on")
    expect(progress).not_to_contain_text("stopped at", timeout=20_000)
    assert page.evaluate(f"document.querySelector('{canvas}') === window.before")
    click(page, "Stop")


def test_the_gauge_follows_the_buttons(browser: Browser, address: str):
    page = open_page(browser, f"{address}/mistakes?hidden=none")
    page.locator(".st-key-mistake").get_by_text("Learning rate too large", exact=True).click()
    settle(page)
    expect(page.locator(MAIN)).to_contain_text("η = 0.02 is stable")
    click(page, "2.5 × edge")
    expect(page.locator(MAIN)).to_contain_text("is above the edge")
    assert page.evaluate("document.querySelector('.st-key-gauge canvas').width") > 100
