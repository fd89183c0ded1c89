"""Every screen in Chromium: a projector, a tablet and a phone show all of a page, within reach of a thumb."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from mbgd.ui.frame.menu import LESSONS
from mbgd.ui.kit.predict import UNSURE
from mbgd.ui.modes.race import QUESTION
from tests.browser.app import LOSS_CHART, PICTURE, button, open_page, pick, press, settle, slider

SIDEBAR = '[data-testid="stSidebar"]'
PROJECTOR = {"width": 853, "height": 480}  # 1280 × 720 at 150 %
TABLET = {"width": 820, "height": 1180}  # its sidebar stands beside the page
PHONE = {"width": 360, "height": 740}
ON_ITS_SIDE = {"width": 740, "height": 360}
WIDE_ON_ITS_SIDE = {"width": 844, "height": 390}  # wide enough for the sidebar
# What reaches beyond the page's right edge, except inside a box that scrolls sideways.
CUT = """() => {
  const page = document.querySelector('[data-testid="stMainBlockContainer"]')
  const right = page.getBoundingClientRect().right - parseFloat(getComputedStyle(page).paddingRight)
  const scrolls = (one) =>
    one !== page && (/auto|scroll/.test(getComputedStyle(one).overflowX) || scrolls(one.parentElement))
  return [...page.querySelectorAll('button, canvas, td, th, p, label, h1, h2')]
    .filter(one => one.offsetParent && one.getBoundingClientRect().right > right + 2 && !scrolls(one))
    .map(one => one.outerHTML.slice(0, 100)) }"""


# The titles of the menu of which a part, such as the tick, is cut off.
CUT_IN_MENU = """() => {
  const over = (one) => {
    const words = document.createRange()
    words.selectNodeContents(one)
    return words.getBoundingClientRect().right > one.closest('span').getBoundingClientRect().right }
  return [...document.querySelectorAll('.st-key-menu a p')].filter(over).map(one => one.textContent) }"""


def follow(page: Page, title: str) -> None:
    """Go to a page by the menu, which is quicker than to load it."""
    page.locator(".st-key-menu").get_by_role("link", name=re.compile(rf"\b{title}\b")).first.click()
    expect(page).to_have_title(f"{title} · mbgd")
    settle(page)


@pytest.mark.parametrize("screen", [PROJECTOR, TABLET], ids=["projector", "tablet"])
def test_beside_the_sidebar_a_picture_is_as_wide_as_the_page(browser: Browser, address: str, screen: dict[str, int]):
    """On a projector, no answer of a question is on another screen, either."""
    page = open_page(browser, f"{address}/?data=penguins", **screen)
    page.wait_for_selector(f"{PICTURE} canvas")
    page.wait_for_selector(".mbgd-confusion")
    settle(page)
    assert page.locator(f"{PICTURE} canvas").evaluate("one => one.clientWidth") > 380
    assert page.evaluate(CUT) == []
    for title in ("Common mistakes", "Data"):
        follow(page, title)
        assert page.evaluate(CUT) == [], title
    for title in ("Three modes", "Remove the last loop", "Gradient check", "Frameworks"):
        follow(page, title)
        assert page.evaluate(CUT) == [], title
        if screen == PROJECTOR:
            page.wait_for_function("() => scrollY === 0")
            assert bottom(page, '[class*="st-key-predict_"]') <= PROJECTOR["height"], title
            for chart in page.locator(":is(.st-key-scatter, .st-key-differences)").all():  # their plots can be read
                assert chart.evaluate("one => one.clientHeight") >= 380, title


def bottom(page: Page, selector: str) -> float:
    """Where the visible part of the page has its lower end: pixels from the top of the window."""
    return page.locator(selector).first.evaluate("one => one.getBoundingClientRect().bottom")


def test_on_a_low_screen_the_chart_is_there_with_its_controls(browser: Browser, address: str):
    page = open_page(browser, address)
    page.wait_for_selector(f"{PICTURE} canvas")
    chart, picture = page.locator(LOSS_CHART).bounding_box(), page.locator(PICTURE).bounding_box()
    assert chart
    assert picture
    assert picture["x"] > chart["x"] + chart["width"]  # on a wide screen they stand side by side
    for screen in (PROJECTOR, WIDE_ON_ITS_SIDE, ON_ITS_SIDE):
        page.set_viewport_size({"width": screen["width"], "height": screen["height"]})
        settle(page)
        assert page.locator(f"{LOSS_CHART} canvas").evaluate("one => one.clientHeight") >= 180
        bar = page.locator(".st-key-batch_bar")
        end = screen["height"] - (bar.evaluate("one => one.clientHeight") if bar.is_visible() else 0)
        for seen in ("main h1", ".st-key-train", ".st-key-reset", ".st-key-switches", LOSS_CHART):
            assert bottom(page, seen) <= end, (seen, screen)
        title = page.locator("main h1").bounding_box()
        assert title
        assert title["y"] + title["height"] <= 40
        if screen == PROJECTOR:
            assert bottom(page, ".mbgd-status") <= end
        else:
            assert bottom(page, ".mbgd-status") > bottom(page, LOSS_CHART)
        assert page.evaluate(CUT) == [], screen


def test_on_a_phone_the_batch_size_is_one_tap_away_and_a_chosen_page_closes_the_menu(browser: Browser, address: str):
    page = open_page(browser, address, **PHONE)
    bar = page.locator(".st-key-batch_bar")
    page.locator(LOSS_CHART).scroll_into_view_if_needed()
    expect(bar).to_be_in_viewport()
    bar.get_by_role("radio", name="64").click()
    page.wait_for_url("**batch=64**")
    page.mouse.wheel(0, -50)  # scrolled up, the button of the menu comes back
    page.get_by_role("button", name="Expand sidebar").or_(page.get_by_test_id("stExpandSidebarButton")).first.click()
    expect(slider(page, "choose_batch")).to_have_attribute("aria-valuetext", "64")
    settle(page)
    slider(page, "choose_batch").press("ArrowLeft")
    expect(slider(page, "choose_batch")).to_have_attribute("aria-valuetext", "48")
    expect(bar.get_by_role("radio", name="48", exact=True)).to_be_checked()
    page.locator(SIDEBAR).get_by_role("link", name="Data", exact=True).click()
    expect(page).to_have_title("Data · mbgd")
    expect(page.locator(SIDEBAR)).not_to_be_in_viewport()
    settle(page)
    assert page.evaluate(CUT) == []


def test_on_a_phone_the_result_comes_to_the_screen_and_claims_are_cards(browser: Browser, address: str):
    page = open_page(browser, f"{address}/modes?seeds=1", **PHONE)
    pick(page, QUESTION, UNSURE)
    press(page, "run_race")
    expect(page.locator(".st-key-race_chart canvas")).to_be_in_viewport(ratio=0.5)
    expect(page.get_by_test_id("stExpandSidebarButton")).to_have_css("opacity", "0")  # it would lie on what is read
    expect(button(page, "stop_race")).to_be_disabled()
    settle(page)
    expect(page.get_by_test_id("stExpandSidebarButton")).to_have_css("opacity", "0")
    expect(page.locator(".mbgd-beside")).to_be_in_viewport(ratio=1)  # the marking is on the screen with the picture
    expect(page.locator(".st-key-race_chart canvas")).to_be_in_viewport(ratio=0.5)
    page.locator('[data-testid="stMain"] summary').filter(has_text="agree").first.click()
    value = page.locator('.mbgd-cards [data-label="predicted"]').first
    assert value.evaluate("one => getComputedStyle(one, '::before').content") == '"predicted"'
    assert page.evaluate(CUT) == []
    for screen in ({"width": 1280, "height": 720}, PROJECTOR):
        page.set_viewport_size(screen)
        page.wait_for_timeout(300)
        assert page.locator(".mbgd-wide:has(.mbgd-prices)").evaluate("one => one.scrollWidth <= one.clientWidth")


# What a finger presses, on the screen, that is smaller than this many pixels. A link to skip is as large as its focus.
SMALL = """least => [...document.querySelectorAll('button, a[href], [role=slider], label:has(input)')]
  .map(one => [one.getBoundingClientRect(), one.outerHTML.slice(0, 200)])
  .filter(([box]) => box.width > 1 && box.right > 0 && Math.min(box.width, box.height) < least)
  .map(([box, html]) => [box.width, box.height, html])"""


def test_on_a_phone_what_is_pressed_is_large_enough(browser: Browser, address: str):
    page = open_page(browser, f"{address}/mistakes", **PHONE)
    assert page.evaluate(SMALL, 24) == []
    heights = page.evaluate(
        "() => [...document.querySelectorAll('[class*=st-key-buttons_] button, [data-testid=stRadioOption]')]"
        ".filter(one => one.offsetParent).map(one => one.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44
    page.goto(f"{address}/?done={'.'.join(lesson.name for lesson in LESSONS)}")
    settle(page)
    page.get_by_test_id("stExpandSidebarButton").click()
    page.wait_for_timeout(400)
    assert page.evaluate(SMALL, 24) == []
    page.set_viewport_size(ON_ITS_SIDE)  # two columns of lessons
    page.wait_for_timeout(400)
    assert page.evaluate(CUT_IN_MENU) == []


def test_a_printed_page_has_no_controls_and_is_light_and_whole(browser: Browser, address: str):
    page = open_page(browser, f"{address}/?data=penguins", theme="dark")
    page.wait_for_selector(f"{PICTURE} canvas")
    press(page, "step_epoch")
    settle(page)
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    for gone in (SIDEBAR, ".st-key-transport button", ".st-key-switches", ".st-key-batch_bar"):
        expect(page.locator(gone).locator("visible=true")).to_have_count(0)
    styles = page.evaluate(
        """selectors => selectors
      .map(one => getComputedStyle(document.querySelector(one)))
      .map(({backgroundColor, color, filter, overflow}) => ({backgroundColor, color, filter, overflow}))""",
        ['[data-testid="stMain"]', ".mbgd-tiles dd", f"{LOSS_CHART} canvas"],
    )
    assert styles[0]["backgroundColor"] == "rgb(255, 255, 255)"
    assert styles[0]["overflow"] == "visible"  # what does not fit on the first sheet is on the next
    assert styles[1]["color"] == "rgb(23, 33, 43)"
    assert "invert" in styles[2]["filter"]
    assert page.evaluate(CUT) == []
    boxes = page.evaluate(
        """selectors => selectors.map((selector, i) => {
      const one = document.querySelector(selector)
      const heading = document.querySelectorAll('.st-key-live_part > [data-testid="stElementContainer"]')[i]
      return [one.clientHeight, getComputedStyle(one).breakInside, getComputedStyle(heading).breakAfter,
              heading.textContent] })""",
        [LOSS_CHART, PICTURE],
    )
    assert len(boxes) == 2
    for height, inside, after, words in boxes:
        assert height >= 180  # its own, so that nothing is printed over the picture
        assert inside == after == "avoid"
        assert words


# The background of the first element that each selector finds, and of the page itself.
GROUNDS = """selectors => selectors.map(one => getComputedStyle(document.querySelector(one)).backgroundColor)"""


def test_in_the_colours_of_the_system_it_is_seen_what_is_chosen(browser: Browser, address: str):
    page = open_page(browser, f"{address}/modes")
    page.emulate_media(forced_colors="active")
    page.wait_for_timeout(300)
    pick(page, QUESTION, UNSURE)
    answers = f'.st-key-predict_{QUESTION.key} [data-testid="stRadioOption"]'
    parts = {
        '.st-key-modes_part [aria-checked="true"]': '.st-key-modes_part [aria-checked="false"]',
        f"{answers}:has(:checked) > span + div > div": f"{answers}:has(:not(:checked)) > span + div > div",
        ".st-key-race_log_x label > span + div": "body",
        ".st-key-race_log_x label > span + div > div": ".st-key-race_log_x label > span + div",
        '[data-testid="stMultiSelect"] [data-tag]': "body",
        ".st-key-choose_rate [role=group] > div > div:first-child": "body",
        ".st-key-choose_rate [role=group] > div > div:has(input)": "body",
    }
    for chosen, other in parts.items():
        one, two = page.evaluate(GROUNDS, [chosen, other])
        assert one not in (two, "rgba(0, 0, 0, 0)"), chosen
    button(page, "run_race").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    ring = page.locator(":focus").evaluate(
        "one => [getComputedStyle(one).outlineStyle, getComputedStyle(one).outlineWidth]"
    )
    assert ring == ["solid", "3px"]
