"""Whatever a browser sends as a widget's value: no page shows an exception, and a page says what it can't use."""

import math

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from mbgd.ui.frame.menu import PAGES, Page
from tests.protocol.client import Client
from tests.protocol.test_bursts import run

WIDGETS = ("selectbox", "slider", "number_input", "text_input", "button_group", "checkbox", "multiselect", "radio")
BAD = [
    ("int_array_value", []),
    ("string_array_value", []),
    ("double_array_value", []),
    ("int_array_value", [99, -1]),
    ("string_array_value", ["nothing of this", "nor that"]),
    ("double_array_value", [math.nan]),
    ("double_array_value", [1e300]),
    ("double_value", math.nan),
    ("double_value", math.inf),
    ("double_value", -1e9),
    ("int_value", 10**12),
    ("string_value", "x" * 3000),
    ("bool_value", True),
    ("trigger_value", True),
]


def state(widget: str, field: str, value: object) -> WidgetState:
    """A widget's value as a browser sends it."""
    sent = WidgetState(id=widget)
    if isinstance(value, list):
        getattr(sent, field).SetInParent()
        getattr(sent, field).data.extend(value)
    else:
        setattr(sent, field, value)
    return sent


async def sent_to(address: str, page: Page) -> tuple[int, Client, bool]:
    """Send each bad value for all widgets of a page at once, and then nothing bad; were any of them named?"""
    async with Client(address, page="" if page.file == "app.py" else page.name) as client:
        await client.settled()
        kinds = [(element.WhichOneof("type"), element) for element in client.drawn.values()]
        ids = [getattr(element, kind).id for kind, element in kinds if kind in WIDGETS]
        named = False
        for field, value in BAD:
            client.values = {widget: state(widget, field, value) for widget in ids}
            before = client.whole_runs
            await client._run()
            await client._until(lambda before=before: client.whole_runs > before or bool(client.errors))
            assert client.errors == [], (field, value)
            named = named or any("be used" in element.html.body for element in client.drawn.values())
        return len(ids), client, named


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_value_that_a_browser_sends_breaks_a_page(address, page):
    widgets, client, named = run(sent_to(address, page))
    assert widgets >= 10  # those of the sidebar, at least
    assert client.errors == []
    assert named


async def seed_after(address: str, field: str, value: float) -> str:
    """Send a seed as a browser does; the query of the menu's last link, which then carries it."""
    async with Client(address) as client:
        await client.settled()
        inputs = [element.number_input.id for element in client.drawn.values() if element.HasField("number_input")]
        seed = next(widget for widget in inputs if widget.endswith("choose_seed"))
        client.values, before = {seed: state(seed, field, value)}, client.whole_runs
        await client._run()
        await client._until(lambda: client.whole_runs > before)
        links = [element.page_link for element in client.drawn.values() if element.HasField("page_link")]
        return links[-1].query_string


@pytest.mark.parametrize(("field", "value"), [("int_value", 7), ("double_value", 7.0)])
def test_a_good_number_is_taken_whether_it_comes_as_a_whole_or_as_a_real_number(address, field, value):
    assert "seed=7" in run(seed_after(address, field, value))
