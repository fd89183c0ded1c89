"""The menu and the end of a lesson in Chromium."""

import re

from playwright.sync_api import Browser, expect

from mbgd.ui.frame.menu import LESSONS, after, label, page_of
from mbgd.ui.frame.routes import ROUTES
from mbgd.ui.shapes.doubling import QUESTION
from tests.browser.app import open_page, pick, press, settle


def test_the_menu_is_a_navigation_and_leaves_room_for_the_batch_size(browser: Browser, address: str):
    page = open_page(browser, address, width=1280, height=900)
    menu = page.get_by_role("navigation", name="Pages")
    expect(menu).to_be_visible()
    box = page.locator(".st-key-choose_batch").bounding_box()
    assert box
    assert box["y"] + box["height"] <= 900
    menu.get_by_role("link", name="Course", exact=True).click()
    expect(page).to_have_title("Course · mbgd")
    settle(page)
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    short = ROUTES[-1]
    page.locator(f".st-key-route_{short.name} a").first.click()
    for stop in short.stops:
        expect(page).to_have_title(f"{stop.page} · mbgd")
        expect(page.locator(".st-key-next_lesson")).to_contain_text(
            f"{short.minutes}-minute route" if stop != short.stops[-1] else f"{short.minutes} minutes"
        )
        settle(page)
        assert f"route={short.name}" in page.url
        if stop == short.stops[-1]:  # the link to the glossary leads to it, and not to the top of its page
            page.locator(".st-key-to_glossary a").click()
            expect(page.locator(".st-key-glossary summary")).to_be_in_viewport()
            expect(page.locator(".st-key-glossary summary")).to_be_focused()
            page.go_back()
            expect(page).to_have_title(f"{stop.page} · mbgd")
            settle(page)
        page.locator(".st-key-next_lesson a").click()
    expect(page).to_have_title("Course · mbgd")


def test_a_lesson_is_ticked_after_its_run_and_leads_to_the_next(browser: Browser, address: str):
    shapes = page_of("Shapes")
    page = open_page(browser, f"{address}/shapes")
    pick(page, QUESTION, "rows")
    press(page, "run_doubling")
    expect(page.locator("ul.mbgd-keep li")).to_have_count(3)
    menu = page.get_by_role("navigation", name="Pages")
    expect(menu.get_by_role("link", name=label(shapes, [shapes.name]), exact=True)).to_be_visible()
    page.wait_for_url(re.compile("done=shapes"))
    page.locator(".st-key-next_lesson a").click()
    expect(page).to_have_title(f"{after(shapes).title} · mbgd")
    settle(page)
    assert "done=shapes" in page.url
    page.reload()
    settle(page)
    ticked = page.get_by_role("navigation", name="Pages").get_by_role("link").filter(has_text="✓")
    expect(ticked).to_have_count(1)
    assert shapes in LESSONS
