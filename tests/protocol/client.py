"""A browser's part of Streamlit's own protocol: opens a page, ticks its fragments, clicks, and keeps what is drawn."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Self

import pyarrow as pa
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

COMPLETE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
PATIENCE = 60.0  # seconds of waiting for an answer: a shared machine may be busy


class Client:
    """One learner's browser, at a page's file name and query; without a page it opens the app at "/".

    `buttons` and `sliders` hold the widgets' ids by key, `parts` the part of the page in which each of them is, `chart`
    the rows last drawn, `links` the pages of the menu by their titles, `title` what the browser's tab says, `query`
    that of the address as the page last wrote it, and `drawn` all elements of the page by their places.
    """

    def __init__(self, address: str, query: str = "", page: str = "") -> None:
        self._address, self.query, self._page_name = address.replace("http", "ws", 1), query, page
        self.headers: dict[str, str] = {}  # that a browser sends besides, as its cookies
        self.buttons: dict[str, str] = {}
        self.parts: dict[str, str] = {}
        self.disabled: set[str] = set()
        self.sliders: dict[str, str] = {}
        self.values: dict[str, WidgetState] = {}
        self.errors: list[str] = []
        self.chart: pa.Table | None = None
        self.links: dict[str, str] = {}
        self.title = ""
        self.drawn: dict[tuple[int, ...], Element] = {}
        self.whole_runs = 0  # of the script that were finished
        self.answers = 0  # runs of the script that were finished, and were not asked for by a clock
        self._page = self._session = ""
        self._timers: dict[str, tuple[float, asyncio.Task[None]]] = {}

    async def __aenter__(self) -> Self:
        await self.connect()
        await self._until(lambda: self.whole_runs > 0)
        return self

    async def connect(self) -> None:
        """Open the socket, and ask for the page; after a cut, for the session that was cut off."""
        protocols = ["streamlit", *(["no-xsrf-token", self._session] if self._session else [])]
        stream = f"{self._address}/_stcore/stream"
        self._socket = await connect(
            stream, subprotocols=protocols, max_size=None, additional_headers=self.headers, proxy=None
        )
        self._reader = asyncio.create_task(self._read())
        await self._run()

    async def cut(self) -> None:
        """Lose the network: the socket ends without a word, and nothing ticks any more."""
        self._stop_timers()
        self._reader.cancel()
        self._socket.transport.abort()

    async def ended(self) -> None:
        """Wait until the server has ended the connection; nothing ticks any more."""
        await self._until(self._reader.done)
        self._stop_timers()

    async def __aexit__(self, *_: object) -> None:
        self._stop_timers()
        self._reader.cancel()
        await self._socket.close(code=1001)  # as a browser does when a tab is closed

    async def click(self, key: str) -> None:
        """Press a button, if the page now shows it as one that can be pressed; don't wait for what it does."""
        if key not in self.disabled:
            await self._run(click=self.buttons[key], fragment=self.parts[key])

    async def slide(self, key: str, stop: str) -> None:
        """Move a slider to one of its named stops."""
        state = WidgetState(id=self.sliders[key])
        state.string_array_value.data.append(stop)
        self.values[key] = state
        await self._run(fragment=self.parts[key])

    async def follow(self, title: str) -> None:
        """Follow a link of the menu; don't wait for the page."""
        self._page, self.values = self.links[title], {}
        await self._run()

    async def go_to(self, title: str) -> None:
        """Follow a link of the menu, and wait until the page is drawn."""
        before = self.whole_runs
        await self.follow(title)
        await self._until(lambda: self.whole_runs > before)

    async def settled(self, stop: str = "") -> None:
        """Wait until no message has come for a while and no part redraws itself; press the button `stop` until then.

        A slow server may be silent for a while before it answers, so what was asked for last must be answered first.
        """
        quiet, seen = 0, -1
        until = time.monotonic() + PATIENCE
        while quiet < 6:
            await asyncio.sleep(0.05)
            answered = self.answers > self._owed
            quiet = quiet + 1 if seen == self._messages and not self._timers and answered else 0
            if stop and seen != self._messages and self._timers:
                await self.click(stop)
            seen = self._messages
            assert time.monotonic() < until, "the page does not come to rest"

    _messages = 0
    _owed = -1  # the answers that there were when the last one was asked for

    async def _until(self, true) -> None:
        until = time.monotonic() + PATIENCE
        while not true():
            await asyncio.sleep(0.01)
            assert time.monotonic() < until, "no answer"

    async def _run(self, *, click: str = "", fragment: str = "", clock: bool = False) -> None:
        """Ask for a run of the script, of the whole page or of a part; `clock`: its clock does."""
        message = BackMsg()
        run = message.rerun_script
        if not clock:
            self._owed = self.answers
        run.query_string, run.page_script_hash = self.query, self._page
        run.page_name = "" if self._page else self._page_name
        run.fragment_id, run.is_auto_rerun = fragment, clock
        run.widget_states.widgets.extend(self.values.values())
        if click:
            run.widget_states.widgets.append(WidgetState(id=click, trigger_value=True))
        await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        async for data in self._until_it_ends():
            self._messages += 1
            message = ForwardMsg()
            message.ParseFromString(data)
            self._take(message)

    async def _until_it_ends(self) -> AsyncIterator[bytes]:
        """The messages of the server until it ends the connection, in whatever way."""
        with suppress(ConnectionClosed):
            async for data in self._socket:
                yield data

    def _take(self, message: ForwardMsg) -> None:
        """Do what a browser does with a message."""
        kind = message.WhichOneof("type")
        if message.metadata.cacheable or kind == "ref_hash":  # a slow browser may have forgotten what it refers to
            self.errors.append("A message may stand for an earlier one.")
        if kind == "new_session":
            self._session = message.new_session.initialize.session_id or self._session
            self._page = message.new_session.page_script_hash
            if not message.metadata.run.fragment_ids:  # the whole page: its fragments' timers begin again
                self.drawn = {}
                self._stop_timers()
        elif kind == "delta" and message.delta.HasField("new_element"):
            self.drawn[tuple(message.metadata.delta_path)] = message.delta.new_element
            self._draw(message.delta.new_element, message.delta.fragment_id)
        elif kind == "navigation":
            self._page = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "page_config_changed":
            self.title = message.page_config_changed.title or self.title
        elif kind == "auto_rerun":
            self._start_timer(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._stop_timer(fragment)
        elif kind == "script_finished" and message.script_finished in COMPLETE:
            drawn = list(message.metadata.run.fragment_ids)
            self.whole_runs += not drawn
            self.answers += not drawn or not set(drawn) <= self._timers.keys()

    def _draw(self, element: Element, part: str) -> None:
        kind = element.WhichOneof("type")
        if kind == "button":
            key = element.button.id.rpartition("-")[2]
            self.buttons[key], self.parts[key] = element.button.id, part
            self.disabled = self.disabled - {key} | ({key} if element.button.disabled else set())
        elif kind == "slider":
            key = element.slider.id.rpartition("-")[2]
            self.sliders[key], self.parts[key] = element.slider.id, part
        elif kind == "page_link":
            self.links[element.page_link.label] = element.page_link.page_script_hash
        elif kind == "exception":
            self.errors.append(element.exception.message)
        elif kind == "vega_lite_chart" and "hover" in json.dumps(json.loads(element.vega_lite_chart.spec)):
            table = pa.ipc.open_stream(element.vega_lite_chart.data.data).read_all()
            if {"x", "loss", "series"} <= set(table.column_names):
                self.chart = table

    def _start_timer(self, fragment: str, seconds: float) -> None:
        if self._timers.get(fragment, (0.0,))[0] != seconds:
            self._stop_timer(fragment)
            self._timers[fragment] = seconds, asyncio.create_task(self._tick(fragment, seconds))

    def _stop_timers(self) -> None:
        for fragment in list(self._timers):
            self._stop_timer(fragment)

    def _stop_timer(self, fragment: str) -> None:
        _, task = self._timers.pop(fragment, (0.0, None))
        if task:
            task.cancel()

    async def _tick(self, fragment: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._run(fragment=fragment, clock=True)
