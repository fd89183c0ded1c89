"""The browser's clock that asks for a redraw of a part of the page: Streamlit's `run_every`, changed during a run.

`st.fragment(run_every=...)` sets the clock when the whole page is drawn. The browser takes the same message at any
time: it stops the clock that it has, and starts one with the new seconds.
"""

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx


def ticking() -> str | None:
    """The id of the part that this script run redraws; None if the run draws the whole page, or several parts."""
    context = get_script_run_ctx()
    parts = (context and context.fragment_ids_this_run) or []
    return parts[0] if len(parts) == 1 else None


def set_clock(seconds: float) -> None:
    """Give the part that this script run redraws a new clock in the browser."""
    context, part = get_script_run_ctx(), ticking()
    if context is None or part is None:
        return
    message = ForwardMsg()
    message.auto_rerun.fragment_id = part
    message.auto_rerun.interval = seconds
    context.enqueue(message)
