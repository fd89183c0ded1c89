"""No session sees what another one chose, typed or computed: whatever the caches and modules of the process hold."""

import asyncio

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.load.learner import Learner
from mbgd.ui.frame.menu import PAGES, label
from tests.protocol.test_bursts import run

# Each learner's choices, and the words that tell them: as a link and as a text.
ADA = "data=moons&hidden=13-11-13&seed=4711&noise=0.1375&size=200&quelle=word-of-ada"
BEN = "data=circles&hidden=14-12-14&seed=4822&noise=0.1625&size=200&quelle=word-of-ben"
WORDS = {
    ADA: (b"13-11-13", b"13, 11, 13", b"seed=4711", b"seed 4711", b"0.1375", b"word-of-ada"),
    BEN: (b"14-12-14", b"14, 12, 14", b"seed=4822", b"seed 4822", b"0.1625", b"word-of-ben"),
}
RUNS = ("train", "run_race", "run_doubling", "run_speed", "run_costs", "run_gradient_check", "run_mistake_summed")


class Listener(Learner):
    """A learner that keeps all that its browser receives, as bytes."""

    heard = b""

    def _take(self, message: ForwardMsg) -> None:
        super()._take(message)
        self.heard += message.SerializeToString()


async def visits(learner: Listener) -> None:
    """Look at every page, answer its questions, and begin what can be run there."""
    for page in PAGES:
        learner._questions = {}
        await learner.go_to(label(page))
        await learner.answer()
        for key in RUNS:
            await learner.press(key)
        await asyncio.sleep(0.2)
    await learner.go_to(label(PAGES[0]))
    await learner.press("train")
    await learner._until(lambda: bool(learner.redraws))
    await learner.settled("pause")


async def all_heard(address: str) -> dict[str, Listener]:
    """Two learners at the same time, and one with the default choices after them."""
    listeners = {query: Listener(address, query) for query in (ADA, BEN, "")}
    async with listeners[ADA], listeners[BEN]:
        await asyncio.gather(visits(listeners[ADA]), visits(listeners[BEN]))
        async with listeners[""]:
            await visits(listeners[""])
    return listeners


@pytest.fixture(scope="module")
def listeners(address):
    return run(all_heard(address))


def test_each_hears_of_its_own_choices_and_runs(listeners):
    for query in (ADA, BEN):
        assert [word for word in WORDS[query] if word not in listeners[query].heard] == []
    assert all(listener.errors == listener.lost == [] for listener in listeners.values())
    assert all(listener.redraws for listener in listeners.values())


@pytest.mark.parametrize("query", [ADA, BEN, ""], ids=["ada", "ben", "after them"])
def test_nobody_hears_of_anothers(listeners, query):
    others = [word for other, words in WORDS.items() if other != query for word in words]
    assert [word for word in others if word in listeners[query].heard] == []
