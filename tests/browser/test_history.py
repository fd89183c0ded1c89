"""The browser's Back: one press a page, with the choices of the entry; the link that opened the app stays."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.app import open_page, settle


def set_seed(page: Page, value: int) -> None:
    """Type a seed, and wait until the page has taken it in."""
    field = page.locator(".st-key-choose_seed input")
    field.fill(str(value))
    field.press("Enter")
    page.wait_for_url(f"**seed={value}*")
    settle(page)


def go_to(page: Page, name: str, title: str) -> None:
    """Follow a link of the menu."""
    page.locator(".st-key-menu").get_by_role("link", name=title).click()
    page.wait_for_url(f"**/{name}?*")
    settle(page)


def address_of(page: Page) -> str:
    """What stands behind the server's name."""
    return page.url.split("/", 3)[3]


def entries(page: Page) -> int:
    """The entries of the browser's history."""
    return page.evaluate("history.length")


def expect_at(page: Page, address: str, seed: int) -> None:
    """Wait until this address is open, with this seed in the sidebar."""
    page.wait_for_url(f"**/{address}")
    settle(page)
    expect(page.locator(".st-key-choose_seed input")).to_have_value(str(seed))
    assert address_of(page) == address


def test_back_takes_one_press_a_page_and_brings_the_choices_of_the_entry(browser: Browser, address: str):
    page = open_page(browser, f"{address}/?rate=0.1")
    opened = entries(page)
    set_seed(page, 3)
    set_seed(page, 4)
    assert entries(page) == opened + 1  # the link's own entry, and the page's
    go_to(page, "data", "Data")
    assert entries(page) == opened + 2
    go_to(page, "loop", "Remove the last loop")
    set_seed(page, 5)
    assert entries(page) == opened + 3
    page.go_back()
    expect_at(page, "data?rate=0.1&seed=4", 4)
    page.go_back()
    expect_at(page, "?rate=0.1&seed=4", 4)
    page.go_back()
    expect_at(page, "?rate=0.1", 0)
    page.go_forward()
    expect_at(page, "?rate=0.1&seed=4", 4)
    assert entries(page) == opened + 3
