"""Values of widgets that outlive a change of page.

Streamlit drops a widget's value when its page is left, and on the next page a widget of the same key begins at
its default. So what was chosen is remembered beside the widgets, and gives each widget its value anew on each page.
"""

from collections.abc import Container
from typing import Any

import streamlit as st


def enter(page: str) -> None:
    """Note which page is drawn."""
    st.session_state["page"] = page


def seeded(key: str, value: Any, allowed: Container[Any] | None = None) -> str:
    """Give the widget of this key a value where it has none on this page, or none that is allowed; return the key."""
    pages = st.session_state.setdefault("seeded_on", {})
    page = st.session_state["page"]
    known = pages.get(key) == page and key in st.session_state
    if not known or (allowed is not None and st.session_state[key] not in allowed):
        st.session_state[key] = value
        pages[key] = page
    return key


def kept(key: str, default: Any, allowed: Container[Any] | None = None) -> str:
    """The same for a widget whose value nobody else remembers; `keep` it after drawing."""
    value = st.session_state.setdefault("kept", {}).get(key, default)
    return seeded(key, value if allowed is None or value in allowed else default, allowed)


def keep(key: str) -> Any:
    """Remember a widget's value for other pages; return it."""
    value = st.session_state["kept"][key] = st.session_state[key]
    return value
