"""Values of widgets that survive a change of page.

Streamlit forgets a widget's value when its page is left. On the next page, a widget with the same key begins at its
default. So the choices are also stored apart from the widgets, and each page gives them to its widgets again.
"""

from collections.abc import Collection, Container
from typing import Any

import streamlit as st

DONE = "done"  # the name of the lessons done, in the address and in the session
LINKS = ("mistake", "part", "rows")  # names in a page's address besides the sidebar's choices


def enter(page: str) -> None:
    """Note which page is drawn. Only the first page of a session takes choices from its address."""
    if "page" not in st.session_state:
        asked = st.query_params.to_dict()
        st.session_state["links"] = {name: asked[name] for name in LINKS if name in asked}
    elif st.session_state["page"] != page:
        st.session_state["links"] = {}
    st.session_state["page"] = page
    st.session_state["wrong_links"] = []


def links() -> dict[str, str]:
    """The page's own choices that are in the address."""
    return st.session_state["links"]


def done() -> list[str]:
    """The names of the lessons that were done in this session, or by its address."""
    return st.session_state.get(DONE, [])


def wrong_links() -> list[str]:
    """A sentence for each of the page's own choices, drawn so far, of which the address says what can't be chosen."""
    return st.session_state["wrong_links"]


def write_address(choices: dict[str, str]) -> None:
    """Write the sidebar's choices and the page's own into the address."""
    wanted = choices | links() | ({DONE: ".".join(done())} if done() else {})
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def seeded(key: str, value: Any, allowed: Container[Any] | None = None) -> str:
    """Give the widget with this key a value if it has none on this page, or one that is not allowed; return the key."""
    pages = st.session_state.setdefault("seeded_on", {})
    page = st.session_state["page"]
    known = pages.get(key) == page and key in st.session_state
    if not known or (allowed is not None and st.session_state[key] not in allowed):
        st.session_state[key] = value
        pages[key] = page
    return key


def remembered(key: str, default: Any = None) -> Any:
    """The value that a widget had when it was last kept, on whichever page."""
    return st.session_state.setdefault("kept", {}).get(key, default)


def kept(key: str, default: Any, allowed: Container[Any] | None = None) -> str:
    """Like `seeded`, for a widget whose value is stored nowhere else. Call `keep` after drawing it."""
    value = remembered(key, default)
    return seeded(key, value if allowed is None or value in allowed else default, allowed)


def keep(key: str) -> Any:
    """Store a widget's value for other pages, and in the address if it is `linked`; return it."""
    value = st.session_state["kept"][key] = st.session_state[key]
    if key in (linked_keys := st.session_state.get("linked", {})):
        name, default = linked_keys[key]
        links().pop(name, None)
        if value != default:
            links()[name] = link_text(value)
        write_address({other: text for other, text in st.query_params.to_dict().items() if other not in LINKS})
    return value


def linked(name: str, key: str, default: Any, allowed: Collection[Any]) -> str:
    """Like `kept`, for a choice that is in the page's address under `name`, one of LINKS, unless it is the default.

    A value that the address asks for and that can't be chosen is added to `wrong_links`.
    """
    st.session_state.setdefault("linked", {})[key] = (name, default)
    known = {link_text(value): value for value in allowed}
    asked = links().get(name)
    if asked in known:
        st.session_state.setdefault("kept", {}).setdefault(key, known[asked])
    elif asked is not None:
        wrong_links().append(f"The link's {name}={asked[:80]} is ignored: it must be one of {', '.join(known)}.")
    return kept(key, default, allowed)


def link_text(value: Any) -> str:
    """A choice as it is written in an address."""
    return str(value).lower().replace(" ", "-")
