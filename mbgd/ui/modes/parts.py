"""What the parts of the page share: what its signs mean, and room for a picture before it is there."""

from html import escape

import streamlit as st

SIGNS = {  # in the words of one line each, on whichever part they come first
    "G": "the gradient of the loss over all rows, the way full batch goes",
    "g_B": "the gradient over the B rows of a batch",
    "S²": "the variance of the gradients of single rows: how far they are spread around G",
    "B_simple": "S²/‖G‖², the batch size at which a batch's error is as long as G itself",
    "λₘₐₓ": "the curvature of the loss across the valley, where it is steepest; 2/λₘₐₓ is the edge, the rate above "
    "which full batch climbs",
    "η": "the learning rate",
}


def show_signs(*signs: str) -> None:
    """Say in plain words what signs mean."""
    st.html(f'<p class="mbgd-sum">{"<br>".join(f"<b>{sign}</b>: {escape(SIGNS[sign])}" for sign in signs)}</p>')


def waiting(what: str, button: str, height: float) -> None:
    """Keep room, `height` in rem, for a picture; say what it will be and how to get it.

    On a phone, where the controls stand below, it is low: they are then near.
    """
    st.html(
        f'<div style="height: clamp(6rem, 60vw - 10rem, {height}rem)" class="mbgd-status"><span>{escape(what)}<br>'
        f"Predict, then press <b>{escape(button)}</b>.</span></div>"
    )
