"""The server asks no other host for anything: not when it starts, and not for a websocket of a foreign origin."""

import asyncio
import socket
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.browser.app import ROOT, running_app
from tests.protocol.client import Client
from tests.protocol.test_bursts import run


@contextmanager
def proxy() -> Iterator[tuple[str, list[bytes]]]:
    """The address of a proxy that answers nobody, and what it was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    caller, _ = server.accept()
                except OSError:  # closed
                    return
                with caller:
                    asked.append(caller.recv(200))

        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", asked
        server.shutdown(socket.SHUT_RDWR)


async def foreign(address: str, times: int) -> int:
    """How many websockets of a foreign origin were refused."""
    refused = 0
    for _ in range(times):
        try:
            await connect(f"{address.replace('http', 'ws', 1)}/_stcore/stream", origin="http://example.org")
        except InvalidStatus:
            refused += 1
    return refused


async def visited(address: str) -> tuple[int, list[str]]:
    """Open foreign websockets before and during a session of our own."""
    refused = await foreign(address, 5)
    async with Client(address) as client:
        _, more = await asyncio.gather(client.click("step_update"), foreign(address, 5))
        await client.settled()
    return refused + more, client.errors


def test_foreign_origins_are_refused_and_nobody_is_asked_about_them():
    with proxy() as (address, asked):
        through = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), address)
        with running_app(**through, NO_PROXY="127.0.0.1", no_proxy="127.0.0.1") as app:
            assert run(visited(app)) == (10, [])
    assert asked == []


def test_the_proxy_hears_what_it_is_asked():
    requests = pytest.importorskip("requests")
    with proxy() as (address, asked):
        with pytest.raises(requests.exceptions.RequestException):
            requests.get("http://example.org", proxies={"http": address}, timeout=5)
        assert asked[0].startswith(b"GET http://example.org")


def test_a_page_with_an_error_has_no_links_to_search_engines():
    """By default Streamlit shows them on localhost."""
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert config["client"]["showErrorLinks"] is False
