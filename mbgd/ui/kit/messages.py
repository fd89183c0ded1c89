"""What the browser sends for a widget is checked when it arrives: a value of a wrong kind never reaches the page.

Streamlit 1.67 reads a widget's value before the script runs. What it can't read ends each script run with an exception,
until the page is loaded again. So such values are removed from the message here, and the widget keeps its last value.
Their keys are noted in the session, so that the page can say so. Streamlit turns a number beyond a widget's limits into
the least one without a word. Such numbers are removed as well, and noted. Other values of the right kind that a widget
does not allow are checked where the widget is drawn, by `seeded`. If another version of Streamlit is built differently,
nothing is done.
"""

import math
from typing import Any

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.state.common import user_key_from_element_id

from mbgd.share.allowed import Between
from mbgd.ui.kit.clicks import on_arrival
from mbgd.ui.kit.state import BEYOND, LIMITS

REFUSED = "refused"  # where the session keeps the keys of widgets whose values were removed
NUMBERS = ({"int_value", "double_value"}, {"int_array_value", "double_array_value"})  # a browser sends either of both
EVERYTHING = Between(-math.inf, math.inf)
KINDS = "kinds_of_values"  # where the session keeps the kind of each widget's values, by the widget's id
CHECKED = "mbgd_checks_values"


def check_values(session: AppSession, client_state: ClientState) -> None:
    """Remove from a message the values that their widgets can't read, and note the widgets' keys in the session."""
    state = session.session_state
    metadata = state._new_widget_state.widget_metadata
    widgets = client_state.widget_states.widgets
    limits = state[LIMITS] if LIMITS in state else {}
    refused, beyond, kinds = [], {}, state[KINDS] if KINDS in state else {}
    for place in reversed(range(len(widgets))):
        widget = widgets[place]
        known, kind = metadata.get(widget.id), widget.WhichOneof("value")
        key = user_key_from_element_id(widget.id) or "a widget"
        if known is not None and kind in NUMBERS[0] and getattr(widget, kind) not in limits.get(key, EVERYTHING):
            beyond[key] = getattr(widget, kind)
            del widgets[place]
        elif known is not None:
            # Streamlit forgets the kind of a widget when the browser says that it has no value, as an open question.
            expected = kinds[widget.id] = known.value_type or kinds.get(widget.id)
            if not _readable(known, expected, kind, widget):
                refused.append(key)
                del widgets[place]
    state[KINDS] = kinds
    if refused:
        state[REFUSED] = refused
    if beyond:
        state[BEYOND] = beyond


def _readable(known: Any, expected: str | None, kind: str | None, widget: Any) -> bool:
    """Whether a widget whose values are of the expected kind can read a value of this kind."""
    if kind is None or (kind != expected and {kind, expected} not in NUMBERS):
        return kind is None
    value = getattr(widget, kind)
    sent = list(value.data) if kind.endswith("_array_value") else value
    try:
        read = known.deserializer(sent)
        # A slider with named stops takes an unknown name for its first stop.
        return kind != "string_array_value" or list(known.serializer(read)) == sent
    except Exception:  # whatever the widget raises
        return False


def refuse_unreadable() -> None:
    """From now on, check the values that the browsers of all sessions send."""
    on_arrival(CHECKED, check_values)
