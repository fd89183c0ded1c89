"""The first link that a fresh server gets may be one to a lesson: its page must look as one reached from the start."""

import re

import pytest
from streamlit.proto.Element_pb2 import Element

from mbgd.ui.frame.menu import PAGES, Page, label
from tests.browser.app import running_app
from tests.protocol.client import Client
from tests.protocol.test_bursts import run


def without_times(element: Element) -> str:
    """An element in words, without the seconds that a run is expected to take: they are measured."""
    return re.sub(r"(about|at least) <b>.*?</b>", "", str(element))


async def both_ways(address: str, page: Page) -> tuple[Client, Client]:
    """The page opened by its own address, on a server that has drawn nothing yet, and then from the start."""
    async with Client(address, page=page.file.removeprefix("pages/").removesuffix(".py")) as direct:
        await direct.settled()
        async with Client(address) as first:
            await first.go_to(label(page))
            await first.settled()
    return direct, first


# Pages that draw before a click what others may have prepared; each needs a server of its own, which takes seconds.
@pytest.mark.parametrize("page", [page for page in PAGES if page.name in ("modes", "shapes", "course")], ids=str)
def test_a_lesson_opened_first_on_a_fresh_server_looks_as_from_the_start(page):
    with running_app() as fresh:
        direct, first = run(both_ways(fresh, page))
    assert direct.errors == first.errors == []
    assert direct.title == first.title == f"{page.title} · mbgd"
    assert list(direct.links)[: len(PAGES)] == [label(page) for page in PAGES]
    assert len(direct.drawn) > 20
    assert direct.drawn.keys() == first.drawn.keys()
    for place, element in direct.drawn.items():
        assert without_times(element) == without_times(first.drawn[place])
