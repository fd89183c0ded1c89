"""Bursts of clicks at full speed, over Streamlit's own protocol: what is drawn is one sequence of updates, always."""

import asyncio
import random
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from mbgd import Settings, Training, load
from mbgd.charts.train.loss import BATCH, TRAIN
from tests.protocol.client import Client

QUERY = "data=digits&hidden=64-64&batch=32&rate=0.1&epochs=10000"
SETTINGS = Settings(batch_size=32, epochs=10_000, learning_rate=0.1, hidden=(64, 64))
SESSIONS, BURSTS = 5, 40  # 200 bursts
PER_EPOCH = Training(load("digits"), SETTINGS).plan.updates
BUTTONS = ["train", "train", "pause", "step_update", "step_update", "step_epoch"]


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine, in a thread of its own: a browser's tests leave an event loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def plain_run(updates: int, looks: set[int]) -> tuple[np.ndarray, dict[int, float]]:
    """The same run made in one go: the loss of each batch, and the loss over all training rows after so many updates.

    Returns the losses before each update (updates,), and those at `looks`, by the updates made.
    """
    training = Training(load("digits"), SETTINGS)
    batch, train = np.empty(updates), {0: training.evaluate("train").loss}
    for update in range(updates):
        batch[update] = next(training).loss
        if update + 1 in looks:
            train[update + 1] = training.evaluate("train").loss
    return batch, train


def drawn(client: Client, series: str) -> tuple[np.ndarray, np.ndarray]:
    """Updates made and losses of the points of a series in the loss chart."""
    assert client.chart is not None
    rows = client.chart.to_pandas()
    rows = rows[rows.series == series]
    return rows.x.to_numpy() * PER_EPOCH, rows.loss.to_numpy()  # the axis shows epochs


async def burst(client: Client, rng: random.Random) -> None:
    """Click this and that in quick succession, then pause."""
    if rng.random() < 0.4:
        await client.click("reset")
    if rng.random() < 0.8:
        await client.click("train")
    for _ in range(rng.randint(1, 6)):
        await asyncio.sleep(rng.choice([0.0, 0.005, 0.03, 0.1]) * rng.random())
        await client.click(rng.choice(BUTTONS))
    await client.settled("pause")


async def bursts(address: str, seed: int) -> list[tuple[np.ndarray, ...]]:
    """What the loss chart of a session showed after each of its bursts."""
    rng, seen = random.Random(seed), []
    async with Client(address, QUERY) as client:
        await client.slide("speed", "full speed")
        await client.settled()
        for _ in range(BURSTS):
            await burst(client, rng)
            seen.append((*drawn(client, BATCH), *drawn(client, TRAIN)))
        assert client.errors == []
    return seen


async def sessions(address: str) -> list[tuple[np.ndarray, ...]]:
    found = await asyncio.gather(*(bursts(address, seed) for seed in range(SESSIONS)))
    return [seen for of_session in found for seen in of_session]


def test_every_loss_drawn_is_that_of_a_plain_run(address):
    found = run(sessions(address))
    assert len(found) == SESSIONS * BURSTS
    most = max(int(before_update.max(initial=-1).round()) + 1 for before_update, *_ in found)
    batch, train = plain_run(most, {int(update) for _, _, looks, _ in found for update in looks.round()})
    for before_update, batch_loss, after_update, train_loss in found:
        updates, looks = before_update.round().astype(int), after_update.round().astype(int)
        np.testing.assert_allclose(before_update, updates, atol=1e-6)
        np.testing.assert_allclose(after_update, looks, atol=1e-6)
        np.testing.assert_array_equal(batch_loss, batch[updates])
        assert len(updates) == 0 or updates[0] == 0
        np.testing.assert_allclose(train_loss, [train[look] for look in looks], rtol=1e-12)
    assert most > 200  # not paced: a busy machine reaches this, too


async def clicked(address: str, gaps: list[float]) -> list[int]:
    """Updates made by twenty quick clicks on Step 1 update, for each gap between them, in seconds."""
    made = []
    async with Client(address, QUERY) as client:
        for gap in gaps:
            await client.click("reset")
            for _ in range(20):
                await client.click("step_update")
                await asyncio.sleep(gap)
            await client.settled()
            made.append(len(drawn(client, BATCH)[0]))
    return made


def test_no_click_is_lost_and_none_acts_twice(address):
    assert run(clicked(address, [0.0, 0.002, 0.02])) == [20, 20, 20]
