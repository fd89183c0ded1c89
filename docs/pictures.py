"""Take the pictures of the pages Train and Shapes that README.md shows: `.venv/bin/python -m docs.pictures`."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.app import button, chromium, open_page, running_app, settle

TRAIN, SHAPES = (Path(__file__).parent / name for name in ("train.png", "shapes.png"))
WIDTH = 1280


def main() -> None:
    """Take both, with the default choices."""
    with running_app() as address, chromium() as browser:
        take_train(browser, address)
        take_shapes(browser, address)


def take_train(browser: Browser, address: str) -> None:
    """After the comparison of the batch sizes 1, 16 and all rows."""
    page = open_page(browser, address, width=WIDTH, height=800)
    button(page, "compare").click()
    expect(button(page, "pause")).to_be_enabled()
    expect(button(page, "pause")).to_be_disabled()
    settle(page)
    page.locator("h1").click()  # no button looks pressed
    page.screenshot(path=TRAIN)


def take_shapes(browser: Browser, address: str) -> None:
    """The first layer's product, and the sum behind one of its numbers."""
    page = open_page(browser, f"{address}/shapes", width=WIDTH, height=1000)
    page.screenshot(path=SHAPES)


if __name__ == "__main__":
    main()
