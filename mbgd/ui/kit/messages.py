"""What the browser sends for a widget is checked when it arrives: a value of a wrong kind never reaches the page.

Streamlit 1.67 reads a widget's value before the script runs. What it can't read ends each script run with an exception,
until the page is loaded again. So such values are removed from the message here, and the widget keeps its last value.
Their keys are noted in the session, so that the page can say so. Values of the right kind that a widget does not allow
are checked where the widget is drawn, by `seeded`. If another version of Streamlit is built differently, nothing is
done.
"""

from typing import Any

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.state.common import user_key_from_element_id

from mbgd.ui.kit.clicks import on_arrival

REFUSED = "refused"  # where the session keeps the keys of widgets whose values were removed
NUMBERS = ({"int_value", "double_value"}, {"int_array_value", "double_array_value"})  # a browser sends either of both
CHECKED = "mbgd_checks_values"


def check_values(session: AppSession, client_state: ClientState) -> None:
    """Remove from a message the values that their widgets can't read, and note the widgets' keys in the session."""
    state = session.session_state
    metadata = state._new_widget_state.widget_metadata
    widgets = client_state.widget_states.widgets
    refused = []
    for place in reversed(range(len(widgets))):
        widget = widgets[place]
        known = metadata.get(widget.id)
        if known is not None and not _readable(known, widget.WhichOneof("value"), widget):
            refused.append(user_key_from_element_id(widget.id) or "a widget")
            del widgets[place]
    if refused:
        state[REFUSED] = refused


def _readable(known: Any, kind: str | None, widget: Any) -> bool:
    """Whether a widget can read a value of this kind."""
    if kind is None or (kind != known.value_type and {kind, known.value_type} not in NUMBERS):
        return kind is None
    value = getattr(widget, kind)
    try:
        known.deserializer(list(value.data) if kind.endswith("_array_value") else value)
    except Exception:  # whatever the widget raises
        return False
    return True


def refuse_unreadable() -> None:
    """From now on, check the values that the browsers of all sessions send."""
    on_arrival(CHECKED, check_values)
