"""One server and one Chromium for all browser tests; each test has sessions of its own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.app import chromium, new_page, running_app


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with running_app() as address:
        yield address


@pytest.fixture(scope="session")
def browser(address: str) -> Iterator[Browser]:
    """All tabs share one process, and an empty tab keeps it alive, so that it reads the app's scripts once."""
    with chromium("--process-per-site") as browser:
        new_page(browser).goto(f"{address}/_stcore/health")
        yield browser


@pytest.fixture(autouse=True)
def sessions_closed(browser: Browser) -> Iterator[None]:
    """A page left open goes on training, and takes the processor from the tests that follow.

    Streamlit keeps the sidebar's width, and whether it is folded away, in the browser's storage.
    """
    before = {page for context in browser.contexts for page in context.pages}
    yield
    for context in browser.contexts:
        context.set_offline(False)
        for page in set(context.pages) - before:
            page.evaluate("() => location.protocol === 'http:' && localStorage.clear()")
            page.close()
