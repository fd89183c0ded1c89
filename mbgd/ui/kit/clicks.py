"""Clicks are noted when they arrive, not when the next script run handles them.

Streamlit 1.67 merges the clicks that arrive between two script runs. Two clicks on one button become one, clicks on
several buttons lose their order, and a click can vanish if another one arrives just after a script run has begun. So
a click whose callback is `Owner.ask` is handled here, on the server's own thread, which only puts it in a queue. If
another version of Streamlit is built differently, nothing is noted here: its own callbacks do the same a little later.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession

Takes = Callable[[Any], bool]
NOTED = "mbgd_notes_clicks"


def note_clicks(session: AppSession, client_state: ClientState, takes: Takes) -> None:
    """Call the callback of each clicked button in a message, if takes(callback) is true.

    These clicks are removed from the message, so Streamlit does not see them. A disabled button's click does nothing.
    """
    metadata = session.session_state._new_widget_state.widget_metadata
    widgets = client_state.widget_states.widgets
    for place in reversed(range(len(widgets))):
        known = metadata.get(widgets[place].id) if widgets[place].trigger_value else None
        if known is not None and known.callback is not None and takes(known.callback):
            if not known.disabled:
                known.callback(*(known.callback_args or ()))
            del widgets[place]


def on_arrival(mark: str, look: Callable[[AppSession, ClientState], None], *, after: bool = False) -> None:
    """From now on, call look(session, message) with each message of a browser before Streamlit handles it, or `after`.

    mark: a name of its own for each `look`: with the same name, nothing is added a second time.
    """
    request_rerun: Callable[..., Any] = AppSession.request_rerun
    if hasattr(request_rerun, mark):
        return

    def looked(session: AppSession, message: ClientState | None) -> None:
        if message is not None:
            try:
                look(session, message)
            except AttributeError:  # another version of Streamlit handles the message by itself
                pass

    @wraps(request_rerun)
    def looking(self: AppSession, client_state: ClientState | None) -> None:
        if not after:
            looked(self, client_state)
        request_rerun(self, client_state)
        if after:
            looked(self, client_state)

    setattr(looking, mark, True)
    AppSession.request_rerun = looking  # pyright: ignore[reportAttributeAccessIssue]


def listen(takes: Takes) -> None:
    """From now on, note the clicks of all sessions on buttons for whose callback takes(callback) is true."""
    on_arrival(NOTED, lambda session, message: note_clicks(session, message, takes))
