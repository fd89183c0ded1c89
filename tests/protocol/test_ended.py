"""A session ends when its tab is closed: nobody can come back to it, and what it has kept is given back."""

import asyncio

import psutil
import pytest

from benchmarks.load import HEAVY, app_process, megabytes
from tests.browser.app import running_app
from tests.protocol.client import Client
from tests.protocol.test_bursts import run

PATIENCE = 30  # seconds: the server looks every five


@pytest.fixture(scope="module")
def server():
    with running_app() as address:
        yield address


async def back_after(address: str, *, closed: bool) -> tuple[str, str]:
    """A session's id before and after its tab was closed, or its network was gone for a moment."""
    client = await Client(address).__aenter__()
    before, whole_runs = client._session, client.whole_runs
    await (client.__aexit__() if closed else client.cut())
    await asyncio.sleep(0.3)
    await client.connect()
    await client._until(lambda: client.whole_runs > whole_runs)
    after = client._session
    await client.__aexit__()
    return before, after


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "cut"])
def test_a_session_goes_on_after_a_cut_and_not_after_its_tab_was_closed(server, closed):
    before, after = run(back_after(server, closed=closed))
    assert (before != after) == closed


async def left_behind(address: str, server: psutil.Process) -> tuple[float, float, float]:
    """The server's memory before a large run, the most during it, and the least soon after its tab was closed."""
    async with Client(address) as client:
        await client.click("step_update")
        await client.settled()
    await asyncio.sleep(6)
    before, most = megabytes(server), 0.0
    async with Client(address, HEAVY) as client:
        await client.click("train")
        for _ in range(30):
            await asyncio.sleep(0.1)
            most = max(most, megabytes(server))
    for _ in range(PATIENCE):
        await asyncio.sleep(1)
        least = megabytes(server)
        if least < 1.15 * before:
            break
    return before, most, least


def test_a_large_run_leaves_no_memory_behind(server):
    before, most, least = run(left_behind(server, app_process()))
    assert most > before + 60
    assert least < 1.15 * before
