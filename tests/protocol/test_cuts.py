"""A network that is gone for a while: the session is found again, and its run goes on from where it stood."""

import asyncio

import numpy as np

from tests.protocol.client import Client
from tests.protocol.test_bursts import BATCH, QUERY, drawn, plain_run, run

SECONDS = 5.0


async def trained_through_a_cut(address: str) -> tuple[int, int, np.ndarray]:
    """Updates before and after a cut, and the losses of all batches after it."""
    async with Client(address, QUERY) as client:
        await client.click("train")
        await asyncio.sleep(2)
        before = len(drawn(client, BATCH)[0])
        await client.cut()
        await asyncio.sleep(SECONDS)
        await client.connect()
        await client.settled("pause")
        updates, losses = drawn(client, BATCH)
        assert client.errors == []
        return before, int(updates[-1].round()) + 1, losses


def test_after_a_cut_the_run_goes_on_from_where_it_stood_and_does_not_leap(address):
    before, after, losses = run(trained_through_a_cut(address))
    assert 0 < before <= after
    assert after < before + 45 * 10 * SECONDS / 2  # at ten epochs a second it would have made up for the cut
    expected, _ = plain_run(after, set())
    assert set(losses) <= set(expected)
