"""One server and one Chromium for all browser tests; each test has sessions of its own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.app import chromium, running_app


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with running_app() as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(autouse=True)
def sessions_closed(browser: Browser) -> Iterator[None]:
    """A page left open goes on training, and takes the processor from the tests that follow.

    Streamlit keeps the sidebar's width, and whether it is folded away, in the browser's storage.
    """
    yield
    for context in browser.contexts:
        context.set_offline(False)
        for page in context.pages:
            page.evaluate("() => location.protocol === 'http:' && localStorage.clear()")
            page.close()
