"""The bug lab in Chromium: by keyboard alone, and stopped in the middle."""

import re

from playwright.sync_api import Browser, Locator, Page, expect

from mbgd.experiments.mistakes.checks import GRADIENT
from mbgd.ui.kit.predict import UNSURE
from mbgd.ui.mistakes.bugs import BUG_WORDS, question_of
from mbgd.ui.mistakes.checks import question_of_checks
from mbgd.ui.mistakes.rate import ASKED, PLACES
from tests.browser.app import (
    DIABETES,
    PROGRESS,
    answer,
    button,
    expect_marked,
    expect_running,
    expect_stopped,
    open_page,
    pick,
    press,
    settle,
)

MAIN = '[data-testid="stMain"]'


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until this control has the focus."""
    for _ in range(60):
        if wanted.evaluate("control => control === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {wanted}")


def mistakes(page: Page) -> Locator:
    return page.locator(".st-key-mistake").get_by_role("radio")


def test_a_mistake_is_chosen_predicted_run_and_checked_by_keyboard_alone(browser: Browser, address: str):
    page = open_page(browser, f"{address}/mistakes?{DIABETES}&epochs=20")
    page.locator(f"{MAIN} h1").click()
    tab_to(page, mistakes(page).first)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("mistake=averaged_twice"))
    settle(page)
    expect(page.locator(MAIN)).to_contain_text(BUG_WORDS["averaged_twice"].what)
    question = question_of("averaged_twice").question
    tab_to(page, answer(page, question, "explodes"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    settle(page)
    expect(answer(page, question, "higher")).to_be_checked()
    tab_to(page, button(page, "run_mistake_averaged_twice"))
    page.keyboard.press("Enter")
    expect_marked(page, "good")
    settle(page)
    tab_to(page, answer(page, question_of_checks("averaged_twice", BUG_WORDS["averaged_twice"].codes), GRADIENT))
    page.keyboard.press("Space")
    settle(page)
    tab_to(page, button(page, "run_check_averaged_twice"))
    page.keyboard.press("Enter")
    expect(page.locator(".mbgd-status.mbgd-good:not(.mbgd-beside)")).to_have_count(2)  # both answers are right
    expect(page.locator(".mbgd-voice")).to_contain_text(f"“{GRADIENT}”")


def test_a_run_is_stopped_in_the_middle_and_goes_on_in_the_same_picture(browser: Browser, address: str):
    page = open_page(browser, f"{address}/mistakes?data=digits&hidden=256-256-256&epochs=100")
    canvas, progress = ".st-key-sides canvas", page.locator(PROGRESS)
    question = question_of("summed").question
    pick(page, question, UNSURE)
    press(page, "run_mistake_summed")
    expect_running(page, "mistake_summed")
    page.wait_for_selector(canvas)
    press(page, "stop_mistake_summed")
    expect_stopped(page, "mistake_summed")
    settle(page)
    page.evaluate(f"window.before = document.querySelector('{canvas}')")
    stopped = progress.inner_text()
    page.wait_for_timeout(500)
    assert progress.inner_text() == stopped
    assert page.locator(".mbgd-status.mbgd-good, .mbgd-status.mbgd-bad").count() == 0
    press(page, "run_mistake_summed")
    expect_running(page, "mistake_summed")
    expect(progress).not_to_have_text(stopped)
    assert page.evaluate(f"document.querySelector('{canvas}') === window.before")
    press(page, "stop_mistake_summed")


def test_the_gauge_follows_the_buttons(browser: Browser, address: str):
    page = open_page(browser, f"{address}/mistakes?data=diabetes&rate=0.02&hidden=none&epochs=5&mistake=rate")
    assert not page.locator(".st-key-gauge").count()
    pick(page, ASKED.question, UNSURE)
    press(page, "run_mistake_rate")
    expect(page.locator(MAIN)).to_contain_text(f" is {PLACES['below']} ")
    page.locator('.st-key-rate_2\\.5, [class*="st-key-rate_2"]').first.get_by_role("button").click()
    expect(page.locator(MAIN)).to_contain_text(f" is {PLACES['above']} ")
    assert page.evaluate("document.querySelector('.st-key-gauge canvas').width") > 100
