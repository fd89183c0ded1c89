"""Every cap, asked for by a raw widget: the value is refused with the limit, and the last good value stays."""

import re

import pytest

from mbgd.share.allowed import CAPS
from tests.protocol.client import Client
from tests.protocol.test_bursts import run
from tests.protocol.test_raw_values import state
from tests.share.test_caps import TABLE, Attack

QUERY = "epochs=77&seed=88"


async def answers(address: str) -> dict[str, tuple[str, str]]:
    """For each cap, the sentences on the page after the attack, and the query that the menu's links carry then."""
    found = {}
    async with Client(address, QUERY) as client:
        await client.settled()
        ids = {}
        for element in client.drawn.values():
            widget = getattr(element, element.WhichOneof("type") or "", None)
            if name := getattr(widget, "id", ""):
                ids[name.rpartition("-")[2]] = name
        for attack in TABLE:
            client.values, before = (
                {ids[attack.key]: state(ids[attack.key], attack.field, attack.sent)},
                client.whole_runs,
            )
            await client._run()
            await client._until(lambda before=before: client.whole_runs > before)
            assert client.errors == []
            elements = list(client.drawn.values())
            notes = " ".join(element.html.body for element in elements if "used instead" in element.html.body)
            notes += " ".join(element.html.body for element in elements if "Until then" in element.html.body)
            links = [element.page_link.query_string for element in elements if element.HasField("page_link")]
            found[attack.cap] = notes, links[-1]
            client.values = {}
    return found


@pytest.fixture(scope="module")
def found(address):
    return run(answers(address))


@pytest.mark.parametrize("attack", TABLE, ids=[attack.cap for attack in TABLE])
def test_a_widget_whose_browser_sends_more_keeps_its_value_and_says_the_limit(found, attack: Attack):
    notes, query = found[attack.cap]
    assert sorted(re.findall(r"\w+=[\w.-]+", query)) == sorted(QUERY.split("&"))
    assert notes
    if attack.field != "string_array_value" and attack.key != "choose_size":  # a list of choices has no other limit
        assert str(attack.sent) in notes.replace(",", "") or len(attack.sent.split(",")) > CAPS.layers
        assert f"{getattr(CAPS, attack.cap):,}".removesuffix(".0") in notes
