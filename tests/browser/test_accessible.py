"""Every page in Chromium: it fits, asks nobody else, axe-core finds no fault, and the keyboard goes on."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Page, expect

from mbgd.ui.frame.menu import PAGES
from mbgd.ui.frame.menu import Page as MenuPage
from tests.browser.app import LOSS_CHART, PICTURE, SETTLED, button, follow, new_page, open_page, press, settle
from tests.browser.install import AXE_SCRIPT

# What is Streamlit's own, by rule and selector, and why it is excused.
EXCUSED = {
    (
        "region",
        "#stFloatingOverlayPortal",
    ): "the layer of Streamlit's tooltips, each of which describes the focused control",
    (
        "presentation-role-conflict",
        '[data-testid="stFileUploaderDropzone"]',
    ): "the place of Streamlit where a file can be dropped: it has a label, and inside it a button",
}
RUN_AXE = """async ([where, only, excused]) => {
  const rules = only ? {runOnly: only} : {}
  const context = {include: [[where]], exclude: [['[data-testid="stCode"] pre']]}
  // The words of code are excluded, but axe would look at each of them.
  const code = [...document.querySelectorAll('[data-testid="stCode"] pre')].map(pre => [pre, [...pre.childNodes]])
  code.forEach(([pre]) => pre.replaceChildren())
  const found = await axe.run(context, {resultTypes: ['violations'], ...rules})
  code.forEach(([pre, words]) => pre.replaceChildren(...words))
  return found.violations.flatMap(({id, nodes}) => nodes
    .filter(node => !excused.some(([rule, selector]) =>
      rule === id && document.querySelector(node.target[0])?.closest(selector)))
    .map(node => [id, node.html.slice(0, 160), (node.any[0] ?? node.all[0] ?? node.none[0])?.message])) }"""
CONTRAST = ("color-contrast",)
MAIN = '[data-testid="stMain"]'


def faults(page: Page, where: str = "html", only: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    """What axe-core finds in a part of the page that is not excused: the rule, the element, and what is wrong."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT.read_text(encoding="utf-8"))
    return page.evaluate(RUN_AXE, [where, list(only) or None, [list(excuse) for excuse in EXCUSED]])


# Whether the page's background is light, or dark.
IN_THEME = """light => {
  const app = document.querySelector('[data-testid=stApp]');
  return (+getComputedStyle(app).backgroundColor.match(/\\d+/)[0] > 200) === light; }"""
# How far the page is wider than the window, in pixels.
OVERFLOW = "() => document.documentElement.scrollWidth - innerWidth"


def in_theme(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # pyright: ignore
    page.wait_for_function(IN_THEME, arg=theme == "light")
    page.wait_for_function(SETTLED)


def run_the_lesson(page: Page) -> bool:
    """Answer the first question of the page, if it has one, and run what it asks about; whether there was a run."""
    question = page.locator('[class*="st-key-predict_"]')
    if question.count():
        question.first.get_by_role("radio").last.press("Space")
        settle(page)
    run = page.locator('[class*="st-key-run_"] button, .st-key-step_epoch button').locator("visible=true")
    if not run.count() or run.first.is_disabled():
        return False
    run.first.press("Enter")
    page.wait_for_timeout(300)
    stop = page.locator('[class*="st-key-stop_"] button').locator("visible=true")
    if stop.count():
        expect(stop.first).to_be_disabled()
    settle(page)
    return True


class Visit(NamedTuple):
    """A tab that stays open from test to test, the hosts it asked, and the errors of its scripts."""

    page: Page
    hosts: set[str | None]
    errors: list[str]


@pytest.fixture(scope="module")
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """A session whose runs are short: what is looked at is how the pages look afterwards."""
    visit = Visit(new_page(browser), set(), [])
    visit.page.on("request", lambda request: visit.hosts.add(urlparse(request.url).hostname))
    visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
    visit.page.goto(f"{address}/modes?size=50&hidden=4&epochs=5&lanes=1-all&seeds=1&run_updates=100")
    settle(visit.page)
    yield visit
    visit.page.close()


def visit_page(page: Page, to: MenuPage) -> None:
    """Go to a page by the menu, on a wide screen and in the light theme."""
    page.set_viewport_size({"width": 1440, "height": 900})
    in_theme(page, "light")
    settle(page)  # a wide window may unfold the sidebar by itself
    folded = page.get_by_test_id("stExpandSidebarButton")
    if folded.is_visible():
        folded.click()
    follow(page, to.title)
    page.mouse.move(0, 0)  # off the link, whose tooltip would be pale while it goes
    expect(page.get_by_role("tooltip").locator("visible=true")).to_have_count(0)
    settle(page)


@pytest.mark.parametrize("to", PAGES, ids=[page.name for page in PAGES])
def test_a_page_fits_asks_nobody_else_and_axe_finds_no_fault(visit: Visit, to: MenuPage):
    """In both themes, before and after a run, and on a phone."""
    assert AXE_SCRIPT.exists(), "Run `make browser` first: it fetches axe-core."
    page = visit.page
    visit_page(page, to)
    assert faults(page, only=CONTRAST) == []
    expect(page.locator('[role="radiogroup"][aria-label*="*"]')).to_have_count(0)  # it would be read out
    assert page.get_by_text("Deploy").count() == 0
    assert page.evaluate(OVERFLOW) <= 1
    in_theme(page, "dark")
    assert faults(page, only=CONTRAST) == []
    assert page.evaluate(OVERFLOW) <= 1
    ran = run_the_lesson(page)
    assert faults(page) == []
    if ran:
        in_theme(page, "light")
        assert faults(page, MAIN, CONTRAST) == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(300)
    assert page.evaluate(OVERFLOW) <= 1
    assert page.locator('[data-testid="stException"]').count() == 0
    assert visit.hosts <= {"127.0.0.1", None}
    assert not visit.errors


# A line of code has words of each kind that has a colour of its own.
CODE = """() => [...new Set([...document.querySelectorAll('[data-testid="stCode"] .token')].map(one => one.className))]
  .map(kind => document.getElementsByClassName(kind)[0])
  .map(one => [one.className, getComputedStyle(one).color])"""


def contrast(colour: str, ground: tuple[int, int, int]) -> float:
    """The contrast of an rgb() colour on a ground, as WCAG 2 defines it."""

    def luminance(rgb: tuple[float, ...]) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (value / 255 for value in rgb)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    rgb = tuple(float(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3])
    darker, lighter = sorted([luminance(rgb), luminance(ground)])
    return (lighter + 0.05) / (darker + 0.05)


GROUNDS = {"light": (243, 246, 249), "dark": (26, 34, 44)}


def test_every_word_of_code_can_be_read(visit: Visit):
    page = visit.page
    visit_page(page, next(to for to in PAGES if to.name == "engine"))
    for theme, ground in GROUNDS.items():
        in_theme(page, theme)
        words = page.evaluate(CODE)
        assert len(words) > 5
        assert [(theme, *word) for word in words if contrast(word[1], ground) < 4.5] == []


# The accessible names that page.js gives, or leaves as they are.
NAMES = """() => ({
  main: document.querySelector('main').ariaLabel,
  sliders: document.querySelectorAll('[data-testid="stSlider"] [aria-labelledby*=" "]').length,
  boxes: [...document.querySelectorAll('main [tabindex="0"]:is(div, section)')]
    .filter(one => !one.getAttribute('role') || !(one.ariaLabel || one.getAttribute('aria-labelledby')))
    .map(one => one.outerHTML.slice(0, 200)),
  tables: document.querySelectorAll('main table:not([aria-label])').length,
  progress: [...document.querySelectorAll('[role="progressbar"]')]
    .map(one => document.getElementById(one.getAttribute('aria-labelledby')).textContent),
  pictures: [...document.querySelectorAll('.mbgd-three img')].map(one => one.alt),
  answers: [...document.querySelectorAll('[class*="st-key-predict_"] [role="radiogroup"]')]
    .map(one => [one.ariaLabel, document.getElementById(one.getAttribute('aria-describedby')).textContent]),
})"""
RING = "one => getComputedStyle(one).outlineStyle"


@pytest.fixture(scope="module")
def on_train(browser: Browser, address: str) -> Iterator[Page]:
    """A tab on the page Train, with a short run, that stays open from test to test."""
    page = open_page(browser, f"{address}/?epochs=2")
    yield page
    page.close()


def test_single_letters_are_no_commands_and_a_screen_reader_hears_of_a_run_and_of_nothing_else(on_train: Page):
    """It hears of the start and the end of a run, with its losses."""
    page = on_train
    page.evaluate("document.body.addEventListener('keydown', () => { window.typed = (window.typed ?? 0) + 1 })")
    page.evaluate("document.addEventListener('keydown', event => { window.heard = event.key })")
    page.locator("h1").click()
    for letter in "rcR":
        page.keyboard.press(letter)
    assert page.evaluate("() => [window.typed, window.heard]") == [3, None]
    page.keyboard.press("x")
    assert page.evaluate("() => window.heard") == "x"
    voice = page.get_by_role("status")  # there is one alone
    expect(voice).to_have_text("")
    press(page, "train")
    expect(voice).to_contain_text("Finished")
    settle(page)  # the tiles are drawn after the voice
    losses = [page.locator(".mbgd-tiles dd").nth(i).inner_text().split()[0] for i in (0, 1)]
    for loss in losses:
        expect(voice).to_contain_text(loss)
    # the results of the charts belong to their descriptions
    for place, (chart, figure) in enumerate([(LOSS_CHART, losses[0]), (PICTURE, "%")]):
        described = page.locator(chart).locator("[role=graphics-document]").get_attribute("aria-describedby") or ""
        assert described.endswith(str(place))
        expect(page.locator(f"#{described}")).to_contain_text(figure)
    # what appears later is heard, too, and each time that it comes back
    layers = page.locator(".st-key-choose_hidden input")
    for text, heard in (("8, x", "x"), ("8", "settings"), ("8, x", "x")):
        layers.fill(text)
        layers.press("Enter")
        expect(voice).to_contain_text(heard)
        page.wait_for_timeout(1600)
    layers.fill("16")
    layers.press("Enter")
    settle(page)
    # the focus goes to the button that goes on, and to the result once there is one: a second press starts nothing
    press(page, "compare")
    expect(button(page, "pause")).to_be_focused()
    press(page, "pause")
    expect(button(page, "compare")).to_be_focused()
    press(page, "compare")
    expect(page.locator(".st-key-said .mbgd-good")).to_be_focused()


def test_after_a_change_of_page_reading_begins_at_its_heading_and_the_keyboard_meets_what_is_chosen(on_train: Page):
    page = on_train
    heading, menu = page.locator("h1"), page.get_by_role("navigation")
    expect(heading).not_to_be_focused()  # nor on the first page
    press(page, "compare")
    expect(page.locator(".mbgd-three img")).to_have_count(3)
    settle(page)
    found = page.evaluate(NAMES)
    assert len(set(found["pictures"])) == 3
    assert len(found["progress"]) == 1
    assert found["progress"][0]
    menu.get_by_role("link", name="Three modes").press("Enter")
    expect(page).to_have_title("Three modes · mbgd")
    expect(heading).to_be_focused()
    assert heading.evaluate(RING) == "solid"
    settle(page)
    noise = page.get_by_role("radio", name="The noise of a batch")
    noise.click()
    settle(page)
    expect(page.get_by_role("status")).to_contain_text("?")  # the question of this part is new
    expect(heading).not_to_be_focused()  # nor is it another page
    heading.focus()
    for _ in range(page.locator('[data-testid="stMain"] .mbgd-term').count() + 1):  # past the words of the glossary
        page.keyboard.press("Tab")
    expect(noise).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("radio", name="On the loss surface")).to_be_focused()
    found = page.evaluate(NAMES)
    assert found["main"] == "Three modes"
    assert found["sliders"] == found["tables"] == 0
    assert found["boxes"] == []
    (name, question), *_ = found["answers"]
    assert name not in question
    assert "?" in question
    menu.get_by_role("link", name="Common mistakes").click()
    expect(page).to_have_title("Common mistakes · mbgd")
    expect(heading).to_be_focused()
    assert heading.evaluate(RING) == "none"
    settle(page)
    answers = page.locator('main [class*="st-key-predict_"]')
    for _ in range(8):  # past the mistakes and the code
        page.keyboard.press("Tab")
        if answers.locator(":focus").count():
            break
    expect(answers.get_by_role("radio").first).to_be_focused()
