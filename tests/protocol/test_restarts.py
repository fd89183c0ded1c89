"""A server that ends in the middle of a run: the page says so, and one click makes the run again."""

import asyncio

import numpy as np

from tests.browser.app import running_app
from tests.protocol.client import Client
from tests.protocol.test_bursts import BATCH, QUERY, drawn, plain_run, run


def updates_of(query: str) -> int:
    """The updates of the run that an address names."""
    return int(query.rpartition("trained=")[2])


async def trained_until_the_end_of_the_server() -> str:
    """The address that a browser shows when the server ends in mid-run."""
    with running_app() as address:
        async with Client(address, QUERY) as client:
            await client.click("train")
            while "trained=" not in client.query:
                await asyncio.sleep(0.1)
            assert "train_again" not in client.buttons
            return client.query


async def trained_again(query: str) -> tuple[np.ndarray, np.ndarray]:
    """The updates and their losses that are drawn after a click on the offer to train again."""
    with running_app() as address:
        async with Client(address, query) as client:
            await client.click("train_again")
            while (len(drawn(client, BATCH)[0]) and drawn(client, BATCH)[0][-1].round() + 1) < updates_of(query):
                await asyncio.sleep(0.1)
            await client.settled()
            assert client.query == query
            assert client.errors == []
            return drawn(client, BATCH)


def test_a_run_cut_off_by_a_restart_is_made_again_from_its_address():
    query = run(trained_until_the_end_of_the_server())
    updates, losses = run(trained_again(query))
    updates = updates.round().astype(int)
    assert updates[-1] + 1 == updates_of(query)
    expected, _ = plain_run(updates_of(query), set())
    np.testing.assert_array_equal(losses, expected[updates])


async def trained_again_at_once(address: str) -> list[str]:
    """The addresses that a browser shows after a click on the offer that comes before the page is whole."""
    client, seen = Client(address, f"{QUERY}&trained=30000"), []
    await client.connect()
    while "train_again" not in client.buttons:  # then the page of a slow server is not whole
        await asyncio.sleep(0)
    await client.click("train_again")
    for _ in range(50):
        await asyncio.sleep(0.02)
        seen.append(client.query)
    await client.settled("pause")
    await client.__aexit__()
    return seen


def test_a_quick_click_on_the_offer_leaves_the_run_in_the_address(address):
    assert all(updates_of(query) > 0 for query in run(trained_again_at_once(address)))
