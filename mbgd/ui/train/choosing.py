"""Choices that a click on the page sets in the sidebar."""

from dataclasses import replace
from typing import Any

import streamlit as st


def set_choices(**changes: Any) -> None:
    """Set these choices of the sidebar. Call it before the sidebar is drawn: in the action of a button."""
    st.session_state["choices"] = replace(st.session_state["choices"], **changes)
    for name in changes:
        st.session_state.pop(f"choose_{name}", None)  # the widget then begins at the new choice
