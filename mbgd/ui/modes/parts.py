"""What the parts of the page share: the meanings of the signs, and the space for a picture before it is drawn."""

from html import escape

import streamlit as st

SIGNS = {  # each explained in one line, on every part that uses it
    "G": "the gradient of the loss over all rows, which full batch uses",
    "g_B": "the gradient over the B rows of a batch",
    "S²": "the variance of the gradients of single rows: how far they are spread around G",
    "B_simple": "S²/‖G‖², the batch size at which the error of a batch gradient is as long as G itself",
    "λₘₐₓ": "the largest curvature of the loss, which is across the valley; 2/λₘₐₓ is the limit: full batch climbs if "
    "the learning rate is above it",
    "η": "the learning rate",
}


def show_signs(*signs: str) -> None:
    """Explain these signs in plain words."""
    st.html(f'<p class="mbgd-sum">{"<br>".join(f"<b>{sign}</b>: {escape(SIGNS[sign])}" for sign in signs)}</p>')


def waiting(what: str, button: str, height: float) -> None:
    """Keep space, `height` in rem, for a picture; say what it will show and how to start.

    On a phone the controls are below the picture. There the space is low, so that they stay near.
    """
    st.html(
        f'<div style="height: clamp(6rem, 60vw - 10rem, {height}rem)" class="mbgd-status"><span>{escape(what)}<br>'
        f"Pick an answer, then press <b>{escape(button)}</b>.</span></div>"
    )
