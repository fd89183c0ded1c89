"""A browser says that an open question has no value; the answer that comes after it is still taken."""

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.protocol.client import Client
from tests.protocol.test_bursts import run

KEY = "predict_race"


class Reader(Client):
    """A browser that knows the part of the page which is drawn by itself."""

    part = ""

    def _take(self, message: ForwardMsg) -> None:
        super()._take(message)
        self.part = message.delta.fragment_id or self.part


async def answered(address: str) -> tuple[bool, bool]:
    """Whether the race could be run before the answer, and after it."""
    async with Reader(address, page="modes") as reader:
        await reader.settled()
        (radio,) = [each.radio for each in reader.drawn.values() if each.radio.id.endswith(KEY)]
        could = ["run_race" not in reader.disabled]
        reader.values = {radio.id: WidgetState(id=radio.id)}
        await reader._run(fragment=reader.part)  # as a switch of the chart does; the question is not drawn again
        await reader.settled()
        reader.values, before = {radio.id: WidgetState(id=radio.id, string_value=radio.options[0])}, reader.whole_runs
        await reader._run()
        await reader._until(lambda: reader.whole_runs > before)
        assert reader.errors == []
        return could[0], "run_race" not in reader.disabled


def test_an_answer_is_taken_after_a_message_without_one(address):
    assert run(answered(address)) == (False, True)
