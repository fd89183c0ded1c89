"""Small messages are not delayed: on the connection that Streamlit's own server makes for a browser."""

import asyncio
import socket

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from streamlit.web.server.starlette import starlette_server
from websockets.asyncio.client import connect

from mbgd.ui.kit.network import without_delay
from tests.protocol.test_bursts import run


def delays(websocket: WebSocket) -> bool:
    """Whether Nagle's algorithm delays the small messages of this connection."""
    connection = websocket._receive.__self__.transport.get_extra_info("socket")  # pyright: ignore
    return not connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def before_and_after() -> list[bool]:
    found: list[bool] = []

    async def visited(websocket: WebSocket) -> None:
        await websocket.accept()
        found.append(delays(websocket))
        without_delay(websocket)
        found.append(delays(websocket))
        await websocket.close()

    listening = starlette_server._bind_socket("127.0.0.1", 0, 5)
    app = Starlette(routes=[WebSocketRoute("/", visited)])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    async with connect(f"ws://127.0.0.1:{listening.getsockname()[1]}/") as browser:
        await browser.wait_closed()
    server.should_exit = True
    await serving
    return found


def test_a_browsers_connection_sends_small_messages_at_once():
    assert run(before_and_after())[1] is False


def test_a_server_that_hides_its_socket_is_left_as_it_is():
    without_delay(None)
    without_delay(object())
