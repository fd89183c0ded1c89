"""The browser's clock that asks for a redraw of a part of the page: Streamlit's `run_every`, changed during a run.

`st.fragment(run_every=...)` sets the clock when the whole page is drawn. The browser takes the same message at any
time: it stops the clock that it has, and starts one with the new seconds.
"""

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mbgd.ui.kit.part import current_part, parts_of_this_run, ticking


def set_clock(seconds: float) -> None:
    """Give the part that this script run redraws, and no other, a new clock in the browser."""
    if part := ticking():
        message = ForwardMsg()
        message.auto_rerun.fragment_id = part
        message.auto_rerun.interval = seconds
        _send(message)


def stop_clock() -> None:
    """Stop the clock of the part in which this is called, if that is drawn with a part around it.

    When the whole page is drawn, the browser stops all clocks by itself.
    """
    part = current_part()
    if part and parts_of_this_run():
        message = ForwardMsg()
        message.stop_auto_rerun.fragment_ids.append(part)
        _send(message)


def _send(message: ForwardMsg) -> None:
    context = get_script_run_ctx()
    if context:
        context.enqueue(message)
