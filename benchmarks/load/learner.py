"""One learner of a class: a browser's part of Streamlit's protocol, and how long each of its clicks waits."""

import asyncio
import random
from time import perf_counter

from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from mbgd.ui.frame.menu import LESSONS, label
from tests.protocol.client import Client

MOST_WAIT = 30.0  # seconds after which a click counts as lost


class Learner(Client):
    """A session that notes when the page changed after each click, and when it was redrawn.

    waits: seconds from each click to the first change that it made on the page, by the click's name. redraws: the
    times at which a redraw of the live part was complete. lost: the clicks that had no answer within MOST_WAIT.
    """

    def __init__(self, address: str, query: str = "", page: str = "") -> None:
        super().__init__(address, query, page)
        self.waits: dict[str, list[float]] = {}
        self.redraws: list[float] = []
        self.lost: list[str] = []
        self.received = 0  # bytes
        self._questions: dict[str, str] = {}  # the last answer, by the question's widget
        self._asked: tuple[str, float] | None = None
        self._ticked = False  # whether the script run whose messages come now was asked for by a clock
        self._drew = False

    def _take(self, message: ForwardMsg) -> None:
        super()._take(message)
        self.received += message.ByteSize()
        kind = message.WhichOneof("type")
        if kind == "new_session":
            drawn = set(message.metadata.run.fragment_ids)
            self._ticked, self._drew = bool(drawn) and drawn <= self._timers.keys(), False
        elif kind == "delta":
            self._drew = True
            if not self._ticked and self._asked:
                name, since = self._asked
                self.waits.setdefault(name, []).append(perf_counter() - since)
                self._asked = None
        elif kind == "script_finished" and self._drew and self._ticked:
            self.redraws.append(perf_counter())

    def _draw(self, element: Element, part: str) -> None:
        if element.HasField("radio") and "predict_" in element.radio.id:
            self._questions[element.radio.id] = element.radio.options[-1]
        if element.WhichOneof("type") != "vega_lite_chart":  # to read a chart's rows would take the server's time
            super()._draw(element, part)

    async def timed(self, name: str, act) -> None:
        """Do something that the page answers, and wait for its first change."""
        self._asked = name, perf_counter()
        await act
        until = perf_counter() + MOST_WAIT
        while self._asked and perf_counter() < until:
            await asyncio.sleep(0.002)
        if self._asked:
            self.lost.append(name)
            self._asked = None

    async def answer(self) -> None:
        """Give the last answer to each question on the page."""
        for widget, answer in self._questions.items():
            self.values[widget] = WidgetState(id=widget, string_value=answer)
        if self._questions:
            before = self.whole_runs
            await self.timed("answer", self._run())
            await self._until(lambda: self.whole_runs > before)

    async def press(self, key: str) -> None:
        """Click a button if it can be pressed."""
        if key in self.buttons and key not in self.disabled:
            await self.timed(key, self.click(key))


async def trains(learner: Learner, rng: random.Random, until: float) -> None:
    """Train until the time is over, with a pause now and then, as somebody does who looks closely."""
    await learner.press("train")
    while perf_counter() < until:
        await asyncio.sleep(min(rng.uniform(8, 16), max(0.0, until - perf_counter())))
        await learner.press("pause")
        if perf_counter() < until:
            await asyncio.sleep(0.3)
            await learner.press("train")
    await learner.press("pause")


async def reads(learner: Learner, rng: random.Random, until: float) -> None:
    """Read, take a step now and then, and look at other pages."""
    while perf_counter() < until:
        await asyncio.sleep(min(rng.uniform(2, 8), max(0.0, until - perf_counter())))
        if rng.random() < 0.5:
            await learner.press("step_update")
        else:
            lesson = label(rng.choice(LESSONS))
            await learner.timed("another page", learner.follow(lesson))
            await asyncio.sleep(rng.uniform(1, 3))
            await learner.timed("another page", learner.follow("Train"))
