"""A server that ends in the middle of a run: the page says so, and one click makes the run again, to the last bit."""

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


async def trained_again(query: str) -> np.ndarray:
    """The losses of all batches, after a click on the offer to train again."""
    with running_app() as address:
        async with Client(address, query) as client:
            await client.click("train_again")
            while (len(drawn(client, BATCH)[0]) and drawn(client, BATCH)[0][-1].round() + 1) < updates_of(query):
                await asyncio.sleep(0.1)
            await client.settled()
            assert client.query == query
            assert client.errors == []
            return drawn(client, BATCH)[1]


def test_a_run_cut_off_by_a_restart_is_made_again_from_its_address():
    query = run(trained_until_the_end_of_the_server())
    losses = run(trained_again(query))
    expected, _ = plain_run(updates_of(query), set())
    assert losses[-1] == expected[-1]
    assert set(losses) <= set(expected)
