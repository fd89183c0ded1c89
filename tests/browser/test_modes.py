"""The page Three modes in Chromium: the race with the keyboard alone, a race that is stopped, and the moved line."""

from playwright.sync_api import Browser, Page, expect

from mbgd.ui.modes.race import QUESTION
from tests.browser.app import PROGRESS, click, open_page, settle

MARKED = "() => /✓ Right|Not this time/.test(document.querySelector('[data-testid=stMain]').innerText)"
CANVAS = "() => document.querySelector('.st-key-race_chart canvas')"


def press(page: Page, name: str, key: str, times: int) -> None:
    slider = page.get_by_role("slider", name=name)
    for _ in range(times):
        slider.press(key)
    settle(page)


def test_the_race_runs_and_its_line_moves_with_the_keyboard_alone(browser: Browser, address: str):
    page = open_page(browser, f"{address}/modes")
    press(page, "Seeds", "ArrowLeft", 4)
    press(page, "How much each run gets", "ArrowLeft", 1)
    expect(page.locator(".mbgd-sum").last).to_contain_text("3 lanes × 0.2 s")
    page.get_by_role("radio", name=QUESTION.answers["same"].text).press("Space")
    run = page.get_by_role("button", name="Run the race")
    expect(run).to_be_enabled()
    run.press("Enter")
    page.wait_for_function(MARKED)
    settle(page)
    line = page.get_by_role("slider", name="Loss to reach: move the line")
    before = float(line.get_attribute("aria-valuetext") or "")
    marked = page.locator(".mbgd-good, .mbgd-bad").last.inner_text()
    assert f"{before:.3g}" in marked
    for _ in range(3):
        line.press("ArrowRight")
        page.wait_for_timeout(200)
    settle(page)
    after = line.get_attribute("aria-valuetext") or ""
    assert before < float(after) < 1.1 * before  # three steps of 2.5 %
    expect(page.locator(".mbgd-claims").first).to_contain_text(f"to reach {after}")
    expect(page.locator(".mbgd-good, .mbgd-bad").last).to_have_text(marked, use_inner_text=True)
    assert page.evaluate("() => document.activeElement.getAttribute('aria-valuetext')") == after  # the focus stays


def test_on_a_phone_the_controls_are_near_and_the_table_scrolls_to_all_prices(browser: Browser, address: str):
    page = open_page(browser, f"{address}/modes", width=390, height=844)
    first = page.get_by_text("Batch sizes", exact=True).bounding_box()
    assert first
    assert first["y"] < 700  # below the space kept for the chart
    press(page, "Seeds", "ArrowLeft", 4)
    page.get_by_text("I can't tell yet").click()
    expect(page.get_by_role("button", name="Run the race")).to_be_enabled()
    click(page, "Run the race")
    page.wait_for_selector(".st-key-race_chart canvas")
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_disabled(timeout=30_000)
    settle(page)
    head = page.locator(".mbgd-wide th", has_text="seeds")
    head.scroll_into_view_if_needed()
    settle(page)
    last = head.bounding_box()
    assert last
    assert last["x"] + last["width"] <= 390


def test_a_race_is_drawn_in_one_chart_and_goes_on_after_a_stop(browser: Browser, address: str):
    page = open_page(browser, f"{address}/modes")
    page.get_by_text("I can't tell yet").click()
    expect(page.get_by_role("button", name="Run the race")).to_be_enabled()
    click(page, "Run the race")
    page.wait_for_selector(".st-key-race_chart canvas")
    page.wait_for_timeout(1000)
    page.evaluate(f"() => {{ window.before = ({CANVAS})() }}")
    page.wait_for_timeout(1500)
    assert page.evaluate(f"() => ({CANVAS})() === window.before")
    click(page, "Stop")
    expect(page.locator(PROGRESS)).to_contain_text("stopped at")
    for axis in ("seconds", "epochs"):  # a step that was running has ended by the first look
        stopped = page.inner_text(PROGRESS)
        page.get_by_role("radio", name=axis).or_(page.get_by_role("button", name=axis)).first.click()
        settle(page)
    assert page.inner_text(PROGRESS) == stopped  # another axis shows the same race
    click(page, "Go on")
    expect(page.locator(PROGRESS)).not_to_contain_text("stopped at")
