"""A click on Train draws the player alone; a click that sets the sidebar's controls draws the whole page."""

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.protocol.client import Client
from tests.protocol.test_bursts import run

SIDEBAR = 1  # the first number of the place of all that the sidebar holds


class Watcher(Client):
    """A browser that notes where something is drawn."""

    def __init__(self, *arguments: str) -> None:
        super().__init__(*arguments)
        self.places: list[tuple[int, ...]] = []

    def _take(self, message: ForwardMsg) -> None:
        super()._take(message)
        if message.WhichOneof("type") == "delta":
            self.places.append(tuple(message.metadata.delta_path))


async def clicked(address: str, query: str, *keys: str) -> tuple[bool, int, int]:
    """Whether the last click drew the sidebar, the whole runs that all clicks made, and the clocks left at the end."""
    async with Watcher(address, query) as client:
        await client.settled()
        before = client.whole_runs
        for key in keys:
            await client.settled()
            client.places = []
            await client.click(key)
        await client.settled()
        assert client.errors == []
        return any(place[0] == SIDEBAR for place in client.places), client.whole_runs - before, len(client._timers)


def test_a_click_draws_the_sidebar_only_if_it_sets_its_controls(address):
    steps = run(clicked(address, "epochs=3", "step_update", "step_epoch", "reset"))
    to_the_end = run(clicked(address, "epochs=3", "train"))
    diverging = run(clicked(address, "data=diabetes&rate=2&epochs=20", "train"))
    rate_set = run(clicked(address, "data=diabetes&rate=2&epochs=20", "train", "set_rate"))
    assert steps == to_the_end == diverging == (False, 0, 0)
    assert rate_set == (True, 1, 0)
