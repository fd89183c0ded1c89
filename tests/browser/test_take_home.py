"""A run of the page Train as files."""

import io
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.app import button, open_page, press, settle


def saved(page: Page, key: str, folder: Path) -> Path:
    """The file that the button of this key saves."""
    with page.expect_download() as download:
        press(page, key)
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_a_run_comes_home_as_a_script_that_says_the_same_losses_and_its_chart_as_a_picture(
    browser: Browser, address: str, tmp_path: Path
):
    page = open_page(browser, f"{address}/?data=moons&epochs=3")
    press(page, "step_epoch")
    settle(page)
    for key in ("take_home", "details_losses"):
        page.locator(f".st-key-{key} summary").click()
        settle(page)
    file = saved(page, "save_script", tmp_path)
    assert file.name == "moons-batch-16.py"
    done = subprocess.run([sys.executable, "-I", str(file)], capture_output=True, text=True, timeout=60, check=True)
    losses = saved(page, "csv_losses", tmp_path).read_text(encoding="utf-8-sig").splitlines()
    for loss in losses[-1].split(",")[-2:]:
        assert done.stdout.count(f"{float(loss):.12g}") == 2  # the script's own, and that of the app
    picture = saved(page, "png_losses", tmp_path).read_bytes()
    assert Image.open(io.BytesIO(picture)).format == "PNG"
    assert button(page, "png_losses").is_enabled()
