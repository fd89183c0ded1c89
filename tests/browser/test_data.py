"""Your own data in a browser: uploaded, used, still there after a change of page; and pasted over it."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.app import follow, open_page, press, settle, unfold
from tests.data.own.files import airfoil, table

MARKUP = '<img src=x onerror="document.title=1">**b**$x$'


def choose(page: Page, start: str, option: str) -> None:
    """Pick an option of the list whose key starts like this."""
    box = page.locator(f'[class*="st-key-{start}"]').get_by_role("combobox")
    box.fill(option)
    box.press("Enter")
    settle(page)


def test_upload_use_change_the_page_and_paste(browser: Browser, address: str):
    page = open_page(browser, f"{address}/data")
    unfold(page, "Bring your own data")
    data = table(f"{MARKUP},a.b[0],y", lambda i: f"{i},{i * i},{MARKUP}{i % 3}", 30)
    file = {"name": f"{MARKUP}.csv", "mimeType": "text/csv", "buffer": data}
    page.locator('input[type="file"]').set_input_files(files=[file])
    preview = page.locator(".st-key-own_preview")
    expect(preview).to_contain_text("a.b[0]")
    expect(preview).to_contain_text(MARKUP)
    choose(page, "own_target", "y")
    press(page, "own_use")
    page.wait_for_url("**/data?data=own&own=*")
    settle(page)

    follow(page, "Train")
    expect(page.locator(".st-key-choose_data").get_by_role("combobox")).to_have_value(f"own ({MARKUP[:14]}…: y)")
    press(page, "step_update")
    expect(page.locator('.st-key-live_part [data-testid="stVegaLiteChart"]').first).to_be_visible()
    follow(page, "Data")
    expect(page.locator("h1")).to_contain_text(f"{MARKUP[:14]}…: y")
    unfold(page, "Bring your own data")
    expect(preview).to_contain_text("a.b[0]")  # the file is gone from the uploader, and the table is still here

    before = page.url
    page.locator(".st-key-own_paste textarea").fill(airfoil().decode())
    page.locator(".st-key-own_paste textarea").press("Control+Enter")
    settle(page)
    press(page, "own_read")
    expect(preview).to_contain_text("column 6")
    press(page, "own_use")
    page.wait_for_url(lambda url: "own=" in url and url != before)
    settle(page)
    expect(page.locator(".mbgd-source")).to_contain_text("tabs")
    assert page.locator("img[src=x]").count() == 0
    page.close()
