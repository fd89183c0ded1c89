"""What the parts of the page share: room for a picture before it is there."""

from html import escape

import streamlit as st


def waiting(what: str, button: str, height: float) -> None:
    """Keep room, `height` in rem, for a picture; say what it will be and how to get it.

    On a phone, where the controls stand below, it is low: they are then near.
    """
    st.html(
        f'<div style="height: clamp(6rem, 60vw - 10rem, {height}rem)" class="mbgd-status"><span>{escape(what)}<br>'
        f"Predict, then press <b>{escape(button)}</b>.</span></div>"
    )
