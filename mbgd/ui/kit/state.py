"""Values of widgets that outlive a change of page.

Streamlit drops a widget's value when its page is left, and on the next page a widget of the same key begins at
its default. So what was chosen is remembered beside the widgets, and gives each widget its value anew on each page.
"""

from collections.abc import Collection, Container
from typing import Any

import streamlit as st

LINKS = ("mistake", "part", "rows")  # what a page's address may say besides the sidebar's choices


def enter(page: str) -> None:
    """Note which page is drawn. A session begins with what its address says, another page with nothing of it."""
    if "page" not in st.session_state:
        asked = st.query_params.to_dict()
        st.session_state["links"] = {name: asked[name] for name in LINKS if name in asked}
    elif st.session_state["page"] != page:
        st.session_state["links"] = {}
    st.session_state["page"] = page
    st.session_state["wrong_links"] = []


def links() -> dict[str, str]:
    """What the address says of the page's own choices."""
    return st.session_state["links"]


def wrong_links() -> list[str]:
    """A sentence for each of the page's own choices, drawn so far, of which the address says what can't be chosen."""
    return st.session_state["wrong_links"]


def write_address(choices: dict[str, str]) -> None:
    """Have the address say the sidebar's choices and the page's own."""
    wanted = choices | links()
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def seeded(key: str, value: Any, allowed: Container[Any] | None = None) -> str:
    """Give the widget of this key a value where it has none on this page, or none that is allowed; return the key."""
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
    """The same for a widget whose value nobody else remembers; `keep` it after drawing."""
    value = remembered(key, default)
    return seeded(key, value if allowed is None or value in allowed else default, allowed)


def keep(key: str) -> Any:
    """Remember a widget's value for other pages, and in the address if it is `linked`; return it."""
    value = st.session_state["kept"][key] = st.session_state[key]
    if key in (linked_keys := st.session_state.get("linked", {})):
        name, default = linked_keys[key]
        links().pop(name, None)
        if value != default:
            links()[name] = link_text(value)
        write_address({other: text for other, text in st.query_params.to_dict().items() if other not in LINKS})
    return value


def linked(name: str, key: str, default: Any, allowed: Collection[Any]) -> str:
    """As `kept`, for a choice that stands in the page's address as `name`, one of LINKS, unless it is the default.

    What the address says and can't be chosen is one of `wrong_links`.
    """
    st.session_state.setdefault("linked", {})[key] = (name, default)
    known = {link_text(value): value for value in allowed}
    asked = links().get(name)
    if asked in known:
        st.session_state.setdefault("kept", {}).setdefault(key, known[asked])
    elif asked is not None:
        wrong_links().append(f"The link's {name}={asked[:80]} is left out: it must be one of {', '.join(known)}.")
    return kept(key, default, allowed)


def link_text(value: Any) -> str:
    """A choice as an address writes it."""
    return str(value).lower().replace(" ", "-")
