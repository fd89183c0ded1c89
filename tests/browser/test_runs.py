"""Runs in Chromium: two runs over each other, one renamed, written as JSON, and read again in a new session."""

import json
import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.app import PROGRESS, button, follow, open_page, press, settle
from tests.browser.test_accessible import CONTRAST, faults, in_theme
from tests.browser.test_screens import CUT, PHONE

CHART = ".st-key-runs_chart canvas"
TABLE = ".mbgd-wide table"
GOOD = ".mbgd-status.mbgd-good"


def train(page: Page) -> None:
    """Train to the end by the keyboard, and wait for it."""
    press(page, "train")
    expect(page.locator(PROGRESS)).to_contain_text("finished")
    settle(page)


def test_two_runs_are_compared_renamed_written_and_read_again(browser: Browser, address: str, tmp_path: Path):
    page = open_page(browser, f"{address}/?data=moons&size=40&hidden=4&epochs=4&batch=8")
    train(page)
    page.locator(".st-key-choose_seed input").fill("3")
    page.locator(".st-key-choose_seed input").press("Enter")
    expect(page.locator(".mbgd-status.mbgd-changed")).to_be_visible()
    settle(page)
    train(page)
    follow(page, "Runs")
    expect(page.locator(f"{TABLE} tbody tr")).to_have_count(2)
    expect(page.locator(f"{TABLE} mark")).to_have_count(2)
    expect(page.locator(CHART)).to_be_visible()
    expect(page.locator(".mbgd-line-of")).to_have_count(2)
    name = page.locator(".st-key-runs_name_2 input")
    name.fill("my second")
    name.press("Enter")
    settle(page)
    press(page, "runs_pin")  # the lists still know the runs by their new words
    settle(page)
    expect(page.locator(".st-key-complaints .mbgd-status")).to_have_count(0)
    press(page, "runs_pin")
    settle(page)
    expect(page.locator(f"{TABLE} tbody tr").last).to_contain_text("my second")
    settle(page)
    with page.expect_download() as download:
        press(page, "runs_json")
    file = tmp_path / "run.json"
    download.value.save_as(file)
    assert json.loads(file.read_text("utf-8"))["name"] == "my second"
    assert faults(page) == []
    in_theme(page, "dark")
    assert faults(page, only=CONTRAST) == []
    page.set_viewport_size(PHONE)
    settle(page)
    assert page.evaluate(CUT) == []
    other = open_page(browser, f"{address}/runs")
    other.locator(".st-key-runs_file input[type=file]").set_input_files(file)
    expect(other.locator(GOOD)).to_contain_text("my second")
    expect(other.locator(f"{TABLE} tbody tr")).to_have_count(1)
    settle(other)
    press(other, "runs_go_on")
    expect(other).to_have_title("Train · mbgd")
    expect(other.locator(PROGRESS)).to_contain_text(re.compile(r"update 16 of 16\b"))
    expect(button(other, "step_update")).to_be_disabled()  # it has ended, until it gets more epochs
    assert "seed=3" in other.url
    page.close()
    other.close()
