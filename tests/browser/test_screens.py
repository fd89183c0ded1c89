"""Every screen in Chromium: a projector, a tablet and a phone show all of a page, within reach of a thumb."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from mbgd.charts.layers import X_AXES
from mbgd.ui.frame.menu import LESSONS
from mbgd.ui.kit.predict import UNSURE
from mbgd.ui.modes.race import QUESTION
from tests.browser.app import (
    DIABETES,
    LOSS_CHART,
    PICTURE,
    PROGRESS,
    button,
    follow,
    open_page,
    pick,
    press,
    settle,
    slider,
)

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


@pytest.fixture(scope="module")
def tab(browser: Browser, address: str) -> Iterator[Page]:
    """A tab on the page Train that stays open from test to test."""
    page = open_page(browser, address)
    yield page
    page.close()


@pytest.fixture
def start(tab: Page) -> Page:
    """The page Train on a wide screen, before a run."""
    tab.set_viewport_size({"width": 1440, "height": 900})
    press(tab, "reset")
    expect(tab.locator(PROGRESS)).to_contain_text(re.compile(r"update 0\b"))
    expect(tab.locator(".mbgd-three")).to_have_count(0)
    tab.wait_for_selector(f"{PICTURE} canvas")
    settle(tab)
    return tab


def bottom(page: Page, selector: str) -> float:
    """Where the visible part of the page has its lower end: pixels from the top of the window."""
    return page.locator(selector).first.evaluate("one => one.getBoundingClientRect().bottom")


def test_the_first_screen_shows_controls_charts_and_numbers_without_scrolling(start: Page):
    """And pointing at the chart reads its values."""
    page = start
    keys = ["train", "reset", "speed", "choose_batch", "choose_rate", "choose_shuffle"]
    for selector in [*(f".st-key-{key}" for key in keys), LOSS_CHART, PICTURE, PROGRESS, ".mbgd-tiles"]:
        box = page.locator(selector).bounding_box()
        assert box
        assert box["y"] >= 0, selector
        assert box["y"] + box["height"] <= 900, selector
    press(page, "step_epoch")
    expect(page.locator(PROGRESS)).to_contain_text(re.compile(r"update 15\b"))
    settle(page)
    box = page.locator(f"{LOSS_CHART} canvas").bounding_box()
    assert box
    tooltip = page.locator("#vg-tooltip-element.visible")
    for x in range(100, 400, 6):
        for y in range(40, 280, 24):
            page.mouse.move(box["x"] + x, box["y"] + y)
            if tooltip.count():
                assert re.search(rf"{X_AXES['epochs']}\s+[\d.]+\s+\w+\s+\d", tooltip.inner_text())
                return
    raise AssertionError("no point of the chart answered to the pointer")


def test_on_a_low_screen_the_chart_is_there_with_its_controls(start: Page):
    page = start
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


@pytest.mark.parametrize(("width", "height"), [(390, 844), (360, 740), (1366, 768), (1024, 768)])
def test_after_a_press_of_compare_the_chart_is_on_the_screen(start: Page, width: int, height: int):
    page = start
    page.set_viewport_size({"width": width, "height": height})
    settle(page)
    press(page, "compare")
    expect(page.locator(".mbgd-three img")).to_have_count(3)
    box = page.locator(f"{LOSS_CHART} canvas").bounding_box()
    assert box
    assert page.evaluate("() => scrollY") == 0
    assert 0 <= box["y"] < box["y"] + 0.9 * box["height"] <= height


def test_beside_the_sidebar_a_picture_is_as_wide_as_the_page(browser: Browser, address: str):
    """On a projector, no answer of a question is on another screen, either."""
    page = open_page(browser, f"{address}/?data=penguins")
    page.wait_for_selector(".mbgd-confusion")
    for screen in (PROJECTOR, TABLET):
        turn(page, screen)
        assert page.locator(f"{PICTURE} canvas").evaluate("one => one.clientWidth") > 380
        assert page.evaluate(CUT) == []
    for title in ("Common mistakes", "Data"):
        follow(page, title)
        for screen in (TABLET, PROJECTOR):
            turn(page, screen)
            assert page.evaluate(CUT) == [], (title, screen)
    for title in ("Three modes", "Remove the last loop", "Gradient check", "Frameworks"):
        follow(page, title)
        assert page.evaluate(CUT) == [], title
        page.wait_for_function("() => scrollY === 0")
        assert bottom(page, '[class*="st-key-predict_"]') <= PROJECTOR["height"], title
        for chart in page.locator(":is(.st-key-scatter, .st-key-differences)").all():  # their plots can be read
            assert chart.evaluate("one => one.clientHeight") >= 380, title
        turn(page, TABLET)
        assert page.evaluate(CUT) == [], title
        turn(page, PROJECTOR)


def turn(page: Page, screen: dict[str, int]) -> None:
    """Give the window another size, and wait until the page is drawn for it."""
    page.set_viewport_size(screen)
    settle(page)


# What a finger presses, on the screen, that is smaller than this many pixels. A link to skip is as large as its focus.
SMALL = """least => [...document.querySelectorAll('button, a[href], [role=slider], label:has(input)')]
  .map(one => [one.getBoundingClientRect(), one.outerHTML.slice(0, 200)])
  .filter(([box]) => box.width > 1 && box.right > 0 && Math.min(box.width, box.height) < least)
  .map(([box, html]) => [box.width, box.height, html])"""


def choose_in_menu(page: Page, title: str) -> None:
    """Choose a page in the open menu of a phone, which closes it."""
    follow(page, title)
    expect(page.locator(SIDEBAR)).not_to_be_in_viewport()


TOP_OF_CHART = f"() => document.querySelector('{LOSS_CHART} canvas').getBoundingClientRect().top"


def test_a_phone_can_do_everything(browser: Browser, address: str):
    """The batch size is one tap away, what is pressed is large enough, and a chosen page closes the menu."""
    page = open_page(browser, f"{address}/?done={'.'.join(lesson.name for lesson in LESSONS)}", **PHONE)
    press(page, "step_update")
    expect(page.locator(PROGRESS)).to_contain_text(re.compile(r"update 1\b"))
    bar = page.locator(".st-key-batch_bar")
    page.locator(LOSS_CHART).scroll_into_view_if_needed()
    expect(bar).to_be_in_viewport()
    stands = page.evaluate(TOP_OF_CHART)
    bar.get_by_role("radio", name="64").click()
    page.wait_for_url("**batch=64**")
    settle(page)
    assert abs(page.evaluate(TOP_OF_CHART) - stands) < 1  # although a longer note is above it now
    open_menu = page.get_by_test_id("stExpandSidebarButton")
    page.mouse.wheel(0, -50)  # scrolled up, the button of the menu comes back
    open_menu.click()
    expect(slider(page, "choose_batch")).to_have_attribute("aria-valuetext", "64")
    settle(page)
    assert page.evaluate(SMALL, 24) == []
    slider(page, "choose_batch").press("ArrowLeft")
    expect(slider(page, "choose_batch")).to_have_attribute("aria-valuetext", "48")
    expect(bar.get_by_role("radio", name="48", exact=True)).to_be_checked()
    page.get_by_test_id("stSidebarCollapseButton").locator("button").click()
    expect(page.locator(".mbgd-status.mbgd-changed")).to_contain_text("16 → 48")
    open_menu.click()
    choose_in_menu(page, "Data")
    assert page.evaluate(CUT) == []
    open_menu.click()
    choose_in_menu(page, "Common mistakes")
    assert page.evaluate(SMALL, 24) == []
    heights = page.evaluate(
        "() => [...document.querySelectorAll('[class*=st-key-buttons_] button, [data-testid=stRadioOption]')]"
        ".filter(one => one.offsetParent).map(one => one.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44
    open_menu.click()
    turn(page, ON_ITS_SIDE)  # two columns of lessons
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


@pytest.fixture(scope="module")
def race(browser: Browser, address: str) -> Iterator[Page]:
    """A tab on the page Three modes, whose race is short."""
    page = open_page(browser, f"{address}/modes?{DIABETES}&seeds=1")
    yield page
    page.close()


def test_in_the_colours_of_the_system_it_is_seen_what_is_chosen(race: Page):
    page = race
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


def test_on_a_phone_the_question_is_near_the_result_comes_to_the_screen_and_claims_are_cards(race: Page):
    page = race
    page.emulate_media(forced_colors="none")
    turn(page, PHONE)
    question = page.locator(".st-key-predict_race").bounding_box()
    assert question
    assert question["y"] < 700  # below the room kept for the chart
    pick(page, QUESTION, UNSURE)
    press(page, "run_race")
    expect(page.locator(".st-key-race_chart canvas")).to_be_in_viewport(ratio=0.5)
    expect(button(page, "stop_race")).to_be_disabled()
    settle(page)
    expect(page.get_by_test_id("stExpandSidebarButton")).to_have_css("opacity", "0")  # it would lie on what is read
    expect(page.locator(".mbgd-beside")).to_be_in_viewport(ratio=1)  # the marking is on the screen with the picture
    expect(page.locator(".st-key-race_chart canvas")).to_be_in_viewport(ratio=0.5)
    head = page.locator(".mbgd-wide thead").first.locator("th").last
    head.scroll_into_view_if_needed()
    settle(page)
    last = head.bounding_box()
    assert last
    assert last["x"] + last["width"] <= PHONE["width"]  # all prices can be scrolled to
    page.locator('[data-testid="stMain"] summary').filter(has_text="agree").first.click()
    value = page.locator('.mbgd-cards [data-label="predicted"]').first
    assert value.evaluate("one => getComputedStyle(one, '::before').content") == '"predicted"'
    assert page.evaluate(CUT) == []
    for screen in ({"width": 1280, "height": 720}, PROJECTOR):
        turn(page, screen)
        assert page.locator(".mbgd-wide:has(.mbgd-prices)").evaluate("one => one.scrollWidth <= one.clientWidth")
