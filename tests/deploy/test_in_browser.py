"""Behind nginx, a browser gets whole pages: its security policy refuses nothing that they need."""

import pytest
from playwright.sync_api import expect

from deploy.serve import find_nginx
from tests.browser.app import PROGRESS, button, chromium, new_page, running_app, settle


@pytest.mark.skipif(find_nginx() is None, reason="nginx is not installed")
def test_pages_work_under_the_policy_and_a_run_goes_on_in_its_own_server():
    with running_app(servers=2) as address, chromium() as browser:
        page, refused = new_page(browser), []
        page.on("console", lambda message: refused.append(message.text) if "Security Policy" in message.text else None)
        page.on("pageerror", lambda error: refused.append(str(error)))
        page.goto(f"{address}/shapes")
        settle(page)
        page.goto(address)
        settle(page)
        button(page, "train").click()
        expect(button(page, "pause")).to_be_enabled()
        button(page, "pause").click()
        expect(page.locator(PROGRESS)).to_contain_text("paused")
        assert refused == []
