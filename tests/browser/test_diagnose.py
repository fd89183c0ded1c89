"""Diagnose in Chromium: by keyboard alone, stopped in mid-run, finished, and its charts not built anew."""

from playwright.sync_api import Browser, expect

from mbgd.ui.diagnose.watch import QUESTION
from tests.browser.app import (
    expect_marked,
    expect_running,
    expect_stopped,
    open_page,
    pick,
    press,
    settle,
)


def test_by_keyboard_alone_a_run_is_predicted_stopped_finished_and_looked_at(browser: Browser, address: str):
    page = open_page(browser, f"{address}/diagnose?sidebar=yes&size=2000&epochs=10000")
    pick(page, QUESTION, "turns")
    press(page, "run_overfit")
    expect_running(page, "overfit")
    canvas = "() => document.querySelector('.st-key-overfit_chart canvas')"
    page.wait_for_function("() => (window.draws.overfit_chart || []).length >= 2")
    page.evaluate(f"() => {{ window.before = ({canvas})(); window.draws = {{}} }}")
    page.wait_for_function("() => (window.draws.overfit_chart || []).length >= 3")
    assert page.evaluate(f"() => ({canvas})() === window.before")
    expect(page.locator(".mbgd-three img")).to_have_count(2)
    press(page, "stop_overfit")
    expect_stopped(page, "overfit")
    own = page.locator(".st-key-diagnose_own input")
    own.focus()
    own.press("Space")  # back to the lesson's own problem
    settle(page)
    expect(page.locator(".mbgd-old").first).to_be_visible()
    press(page, "run_overfit")
    expect_marked(page, "good")
    settle(page)
    expect(page.locator('[data-testid="stVegaLiteChart"] canvas')).to_have_count(3)
    assert "ran=overfit" in page.url
