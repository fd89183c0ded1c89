"""A part of the page with buttons of its own: a click there redraws this part, and not the whole page.

In Streamlit 1.67, a click in a part waits until the script run under way has ended, however long that trains. So a part
that redraws itself looks for such clicks, and makes way.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException, get_script_run_ctx
from streamlit.runtime.scriptrunner_utils import script_run_context
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequestType

from mbgd.ui.kit.messages import REFUSED
from mbgd.ui.kit.state import complaints
from mbgd.ui.kit.versions import fragment
from mbgd.ui.kit.whole import begin_whole_run

_clocked: set[str] = set()  # the ids of the parts that clocks redraw; they are the same in all sessions


class ClickWaits(Exception):
    """Ends a slice of training, because a click in a part of the page waits. The script run then goes on."""


def part(key: str, draw: Callable[[], None], before: Callable[[], object]) -> None:
    """Draw a part of the page whose buttons and other widgets redraw it alone.

    before() comes first if the part alone is drawn. What the page says of unusable choices is outside all parts, so as
    long as there is any, the whole page is drawn.
    """

    def drawn() -> None:
        if not parts_of_this_run():
            draw()
            return
        before()
        begin_whole_run(let_page_through)
        if complaints() or REFUSED in st.session_state:
            st.rerun()
        st.session_state["opens"], st.session_state["tell"] = False, None
        draw()
        if complaints():
            st.rerun()

    fragment(key, drawn)


def parts_of_this_run() -> list[str]:
    """The ids of the parts that this script run redraws; none if it draws the whole page."""
    context = get_script_run_ctx()
    return (context and context.fragment_ids_this_run) or []


def current_part() -> str | None:
    """The id of the innermost part in which this is called; None outside of all."""
    state = getattr(script_run_context, "ThreadState", None)  # another version of Streamlit may not have it
    return state.get().fragment_id if state and get_script_run_ctx() else None


def ticking() -> str | None:
    """The id of the part in which this is called, if this script run redraws that part alone."""
    mine = current_part()
    return mine if parts_of_this_run() == [mine] else None


def let_page_through() -> None:
    """Read the session's state: if a request for the whole page waits, Streamlit then ends this script run at once."""
    st.session_state.get("owner")


def let_clicks_through() -> None:
    """End this script run if a click waits, in whichever part: what it has drawn until now stays on the page.

    Call it in a part that redraws itself alone, before it draws.
    """
    let_page_through()
    if click_waits():
        request = _requests().on_scriptrunner_ready()
        if request.type is ScriptRequestType.RERUN:
            raise RerunException(request.rerun_data)


def end_for_click() -> None:
    """End the work of this part if a click waits: for the whole page with the script run, else with ClickWaits."""
    let_page_through()
    if click_waits():
        raise ClickWaits


def note_clock() -> None:
    """Note that a clock redraws the part in which this is called: who asks for it is no click."""
    if part := current_part():
        _clocked.add(part)


def click_waits() -> bool:
    """Whether a part waits to be drawn which no clock redraws: then a learner has asked for it."""
    requests = _requests()
    if requests is None or requests._state is not ScriptRequestType.RERUN:
        return False
    return any(part not in _clocked for part in requests._rerun_data.fragment_id_queue)


def redraw(part: str | None) -> None:
    """End this script run, and draw this part anew; without one, or if this run draws the whole page, the page."""
    context = get_script_run_ctx()
    if context is None or part is None or not parts_of_this_run():
        st.rerun()
    asks = RerunData(
        query_string=context.query_string,
        page_script_hash=context.page_script_hash,
        fragment_id_queue=[part],
        is_fragment_scoped_rerun=True,  # so that it does not wait for the end of this run
        cached_message_hashes=context.cached_message_hashes,
        context_info=context.context_info,
    )
    _requests().request_rerun(asks)
    let_page_through()


def _requests() -> Any:
    context = get_script_run_ctx()
    return context.script_requests if context else None
