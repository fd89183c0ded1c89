"""Each browser test has sessions of its own, which end with it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser


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
