"""What the parts of the page share: room for a picture before it is there, and figures as a table."""

from collections.abc import Sequence
from html import escape

import streamlit as st


def waiting(what: str, button: str, height: float) -> None:
    """Keep room, `height` in rem, for a picture; say what it will be and how to get it."""
    st.html(
        f'<div style="height:{height}rem" class="mbgd-status"><span>{escape(what)}<br>Predict, then press '
        f"<b>{escape(button)}</b>.</span></div>"
    )


def figures(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """An HTML table of plain text; the first cell of a row says what the row is."""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'
        for first, *cells in rows
    )
    return f'<table class="mbgd-claims"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
