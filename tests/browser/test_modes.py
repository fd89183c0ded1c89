"""The page Three modes in Chromium: the race by keyboard alone, stopped in mid-run, and the line that is moved."""

from playwright.sync_api import Browser, Locator, Page, expect

from mbgd.ui.kit.predict import UNSURE
from mbgd.ui.modes.race import QUESTION
from tests.browser.app import (
    DIABETES,
    PROGRESS,
    expect_marked,
    expect_running,
    expect_stopped,
    open_page,
    pick,
    press,
    settle,
    slider,
)

LONG_RACE = "seeds=10&run_updates=16000"  # it is still running when it is stopped, on a fast machine, too
CANVAS = "() => document.querySelector('.st-key-race_chart canvas')"


def the_line(page: Page) -> Locator:
    """The slider that moves the line: its key is another one for each loss."""
    return page.locator('[class*="st-key-race_target"]').get_by_role("slider")


def step_left(page: Page, key: str, times: int) -> None:
    for _ in range(times):
        slider(page, key).press("ArrowLeft")
        settle(page)
    page.wait_for_timeout(500)  # the slider sends its value a little later
    settle(page)


def test_the_race_is_run_and_its_line_moved_by_keyboard_alone(browser: Browser, address: str):
    page = open_page(browser, f"{address}/modes?{DIABETES}")
    step_left(page, "race_seeds", 4)
    step_left(page, "race_updates", 1)
    expect(page.locator(".mbgd-sum").last).to_contain_text("6,000 updates")
    pick(page, QUESTION, "same")
    press(page, "run_race")
    expect_marked(page)
    settle(page)
    line = the_line(page)
    before = float(line.get_attribute("aria-valuetext") or "")
    marked = page.locator(":is(.mbgd-good, .mbgd-bad):not(.mbgd-beside)").last.inner_text()
    assert f"{before:.3g}" in marked
    for _ in range(3):
        line.press("ArrowRight")
        page.wait_for_timeout(200)
    settle(page)
    after = line.get_attribute("aria-valuetext") or ""
    assert before < float(after) < 1.1 * before  # three steps of 2.5 %
    expect(page.locator(".mbgd-claims").first).to_contain_text(f"to reach a loss of {after}")
    expect(page.locator(":is(.mbgd-good, .mbgd-bad):not(.mbgd-beside)").last).to_have_text(marked, use_inner_text=True)
    assert page.evaluate("() => document.activeElement.getAttribute('aria-valuetext')") == after  # the focus stays


def test_a_race_is_drawn_in_one_chart_and_can_be_stopped_and_go_on(browser: Browser, address: str):
    page = open_page(browser, f"{address}/modes?{DIABETES}&{LONG_RACE}")
    pick(page, QUESTION, UNSURE)
    press(page, "run_race")
    page.wait_for_selector(".st-key-race_chart canvas")
    page.wait_for_timeout(1000)
    page.evaluate(f"() => {{ window.before = ({CANVAS})() }}")
    page.wait_for_timeout(1500)
    assert page.evaluate(f"() => ({CANVAS})() === window.before")
    press(page, "stop_race")
    expect_stopped(page, "race")
    for axis in ("seconds", "epochs"):  # a step that was under way has ended by the first look
        stopped = page.inner_text(PROGRESS)
        page.get_by_role("radio", name=axis).or_(page.get_by_role("button", name=axis)).first.click()
        settle(page)
    assert page.inner_text(PROGRESS) == stopped  # another axis is another look at the same race
    press(page, "run_race")
    expect_running(page, "race")
    expect(page.locator(PROGRESS)).not_to_have_text(stopped)
