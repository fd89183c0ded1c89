"""Take the picture of the page Train that README.md shows: `.venv/bin/python -m docs.pictures`."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.app import button, chromium, open_page, running_app, settle

TRAIN, WIDTH = Path(__file__).parent / "train.png", 1280


def main() -> None:
    """The default choices, after the comparison of the batch sizes 1, 16 and all rows."""
    with running_app() as address, chromium() as browser:
        page = open_page(browser, address, width=WIDTH, height=800)
        button(page, "compare").click()
        expect(button(page, "pause")).to_be_enabled()
        expect(button(page, "pause")).to_be_disabled()
        settle(page)
        page.locator("h1").click()  # no button looks pressed
        page.screenshot(path=TRAIN)


if __name__ == "__main__":
    main()
