"""Values of widgets: checked, kept over a change of page, and written into the address.

Streamlit forgets a widget's value when its page is left. On the next page, a widget with the same key begins at its
default. So the choices are also stored apart from the widgets, and each page gives them to its widgets again.

A page's address holds the sidebar's choices and the page's own, each under its name if it is not the default. An
address that was opened, or to which the browser went back, is entered: its choices are taken.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mbgd.engine.checks import shown
from mbgd.share.address import unusable
from mbgd.share.allowed import Allowed, Between, allowed_of, why_not

DONE = "done"  # the name of the lessons done, in the address and in the session
LIMITS = "limits"  # where the session keeps what its widgets for a number allow, by their keys
BEYOND = "beyond"  # and the numbers that a browser sent although they are not allowed
ROUTE = "route"  # and that of the route that is followed through the course


class Linked(NamedTuple):
    """A choice that is in its page's address under `name`, unless it is the default."""

    page: str
    name: str
    default: Any
    allowed: Allowed


# --- the address ---


def enter(page: str, names: Collection[str]) -> Mapping[str, str] | None:
    """Note which page is drawn, whose own choices have these names. Returns an address that is to be entered, or None.

    An address is entered when a session begins, and when the browser goes back or forward. Its page's own choices that
    are not in it go back to their defaults. A link within the session only sets the choices that it names.
    """
    query = st.query_params.to_dict()
    first, before = "page" not in st.session_state, st.session_state.get("page")
    moved = before != page
    st.session_state["page"] = page
    if moved:
        st.session_state["complaints"] = []
    from_outside = first or _went_back()
    st.session_state["opens"] = moved or from_outside
    if from_outside:
        st.session_state["complaints"] = []
        _asked().clear()
        links().clear()
        for key in _own():
            forget(key)
    if from_outside or (moved and query != st.session_state.get("written")):
        _asked().update({name: query[name] for name in names if name in query})
    return query if from_outside else None


def opens_page() -> bool:
    """Whether this script run opens the page: what it draws is no news then."""
    return st.session_state.get("opens", False)


def _went_back() -> bool:
    """Whether this script run answers the browser's Back or Forward."""
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


def ask_for(own: Mapping[str, str]) -> None:
    """Ask for choices of this page as its address does, in the callback of a button."""
    _asked().update(own)


def links(page: str = "") -> dict[str, str]:
    """The own choices of a page, of this one by default, as they are in its address."""
    return st.session_state.setdefault("links", {}).setdefault(page or st.session_state["page"], {})


def _asked() -> dict[str, str]:
    """The page's own choices that an address asks for, and whose widgets have not been drawn since."""
    return st.session_state.setdefault("asked", {}).setdefault(st.session_state["page"], {})


def take_asked(name: str) -> str | None:
    """What the address asks for under this name, once; None if it does not, or if it was taken before."""
    return _asked().pop(name, None)


def done() -> list[str]:
    """The names of the lessons that were done in this session, or by its address."""
    return st.session_state.get(DONE, [])


def address_of(page: str) -> dict[str, str]:
    """The query of a page with this title: the sidebar's choices, the page's own, the lessons done, and the route."""
    ticks = {DONE: ".".join(done())} if done() else {}
    if route := st.session_state.get(ROUTE):
        ticks[ROUTE] = route
    own = links(page) | st.session_state.get("asked", {}).get(page, {})
    return st.session_state.get("sidebar_query", {}) | own | ticks


def write_address(sidebar: dict[str, str] | None = None) -> None:
    """Write the page's address, with these choices of the sidebar; None: with those that it had."""
    if sidebar is not None:
        st.session_state["sidebar_query"] = sidebar
    wanted = address_of(st.session_state["page"])
    st.session_state["written"] = wanted
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def write_link(name: str, text: str | None) -> None:
    """Write one of this page's own choices into its address; None takes it out."""
    links().pop(name, None)
    if text is not None:
        links()[name] = text
    write_address()


# --- what is told ---


def complain(*sentences: str) -> None:
    """Say at the top of the page what of a link, or of a widget's value, can't be used: until a choice changes."""
    for sentence in sentences:
        if sentence not in complaints():
            complaints().append(sentence)
            if tell := st.session_state.get("tell"):
                tell(sentence)


def refuse(name: str, why: str) -> None:
    """Say why the page can't use a choice, if the address asks for it: here it has no widget for it."""
    if (text := take_asked(name)) is not None:
        complain(unusable(name, text, why))


def complaints() -> list[str]:
    """What is told at the top of the page."""
    return st.session_state.setdefault("complaints", [])


def tell_complaints(tell: Callable[[str], object] | None) -> None:
    """Tell the complaints, those of this script run as well, with tell(sentence); None: not before the next call.

    They end when a choice of the page changes.
    """
    st.session_state["tell"] = tell
    if tell is None:
        return
    if any(st.session_state.get(key, value) != value for key, value in st.session_state.get("good", {}).items()):
        complaints().clear()
    for sentence in complaints():
        tell(sentence)


def _own() -> list[str]:
    """The keys of this page's own choices that have been drawn."""
    page = st.session_state["page"]
    return [key for key, record in st.session_state.get("linked", {}).items() if record.page == page]


# --- the widgets ---


def seeded(key: str, value: Any, allowed: Allowed | Collection[Any]) -> str:
    """Give the widget with this key a value if it has none on this page, or one that is not allowed; return the key.

    `value` is the last good one. Whatever the browser sends, the widget never has a value that is not allowed.
    """
    pages = st.session_state.setdefault("seeded_on", {})
    page, good = st.session_state["page"], st.session_state.setdefault("good", {})
    if pages.get(key) != page or key not in st.session_state:
        st.session_state[key] = value
        pages[key] = page
    elif (sent := st.session_state[key]) not in (allowed := allowed_of(allowed)):
        st.session_state[key] = value
        if sent is not None and sent != good.get(key):  # else the widget's values have changed, and nobody sent it
            _tell_bad_value(key, sent, value, allowed)
    good[key] = st.session_state[key]
    if isinstance(allowed, Between):
        st.session_state.setdefault(LIMITS, {})[key] = allowed
        if key in (beyond := st.session_state.get(BEYOND, {})):
            _tell_bad_value(key, beyond.pop(key), good[key], allowed)
    return key


def _tell_bad_value(key: str, sent: Any, value: Any, allowed: Allowed) -> None:
    """Say that the browser sent a value that the widget can't have."""
    why = " ".join(["can't be used.", why_not(allowed, sent)]).strip()
    complain(f"The value {shown(sent)} for {name_of(key)} {why} {allowed.write(value)} is used instead.")


def name_of(key: str) -> str:
    """The name of a widget in a sentence: as in the address, if it has one there."""
    record = st.session_state.get("linked", {}).get(key)
    return record.name if record else key.removeprefix("choose_").replace("_", " ")


def remembered(key: str, default: Any = None) -> Any:
    """The value that a widget had when it was last kept, on whichever page."""
    return st.session_state.setdefault("kept", {}).get(key, default)


def kept(key: str, default: Any, allowed: Allowed | Collection[Any]) -> str:
    """Like `seeded`, for a widget whose value is stored nowhere else. Call `keep` after drawing it."""
    value = remembered(key, default)
    return seeded(key, value if value in allowed_of(allowed) else default, allowed)


def keep(key: str) -> Any:
    """Store a widget's value for other pages, and in the address if it is `linked`; return it."""
    value, record = st.session_state[key], st.session_state.get("linked", {}).get(key)
    if record and value not in record.allowed:  # in a widget's callback, before `seeded` has checked what was sent
        return remembered(key)
    st.session_state.setdefault("kept", {})[key] = value
    if record:
        write_link(record.name, None if value == record.default else record.allowed.write(value))
    return value


def choose(key: str, value: Any) -> None:
    """Give a widget that was `kept` another value: call it before the widget is drawn, as in a button's callback."""
    st.session_state.setdefault("kept", {})[key] = value
    st.session_state.setdefault("seeded_on", {}).pop(key, None)


def linked(name: str, key: str, default: Any, allowed: Allowed | Collection[Any]) -> str:
    """Like `kept`, for a choice that is in the page's address under `name` unless it is the default.

    If the address asks for what can't be chosen, the page says so.
    """
    allowed, page = allowed_of(allowed), st.session_state["page"]
    st.session_state.setdefault("linked", {})[key] = Linked(page, name, default, allowed)
    if (text := take_asked(name)) is not None:
        try:
            value = allowed.read(text)
        except ValueError as error:
            complain(unusable(name, text, str(error), allowed.write(default)))
        else:
            choose(key, value)
            if value != default:
                links()[name] = allowed.write(value)
    return kept(key, default, allowed)


def forget(start: str) -> None:
    """Let the widgets whose keys start like this begin at their defaults."""
    for values in (st.session_state.setdefault("kept", {}), st.session_state.setdefault("seeded_on", {})):
        for key in [key for key in values if key.startswith(start)]:
            del values[key]
