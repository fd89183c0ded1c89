"""A network that is gone for a while: the session is found again, and its run goes on from where it stood."""

import asyncio
import time

import numpy as np

from tests.protocol.client import Client
from tests.protocol.test_bursts import BATCH, QUERY, drawn, plain_run, run

SECONDS = 5.0
PACE = 45 * 10  # updates a second, at ten epochs a second


def updates_made(client: Client) -> int:
    """The updates that the loss chart shows. A long run shows only some of them, but always the last one."""
    return int(drawn(client, BATCH)[0][-1].round()) + 1


async def trained_through_a_cut(address: str) -> tuple[int, int, float, np.ndarray, np.ndarray]:
    """Updates before and after a cut, the seconds that the page was there after it, and what is drawn."""
    async with Client(address, QUERY) as client:
        await client.click("train")
        await asyncio.sleep(2)
        before = updates_made(client)
        await client.cut()
        await asyncio.sleep(SECONDS)
        back = time.monotonic()
        await client.connect()
        await client.settled("pause")
        there = time.monotonic() - back
        updates, losses = drawn(client, BATCH)
        assert client.errors == []
        return before, updates_made(client), there, updates.round().astype(int), losses


def test_after_a_cut_the_run_goes_on_from_where_it_stood_and_does_not_leap(address):
    before, after, there, updates, losses = run(trained_through_a_cut(address))
    assert 0 < before <= after
    assert after < before + PACE * (there + SECONDS / 2)  # it would have made up for the seconds of the cut
    expected, _ = plain_run(after, set())
    np.testing.assert_array_equal(losses, expected[updates])
