"""Pieces of HTML that every page may use: notes and tables."""

from collections.abc import Sequence
from html import escape


def note(kind: str, text: str) -> str:
    """HTML as a note with a coloured edge: plain, changed, good or bad."""
    return f'<p class="mbgd-status mbgd-{kind}" role="status"><span>{text}</span></p>'


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]], width: float = 40) -> str:
    """An HTML table of texts whose first column names its rows; a window below `width` rem scrolls it sideways."""
    top = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(text)}</td>" for text in rest)}</tr>'
        for first, *rest in rows
    )
    inside = f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody>"
    wide = f'<table class="mbgd-claims" style="min-width: {width:g}rem">{inside}</table>'
    return f'<div style="overflow-x: auto" tabindex="0">{wide}</div>'
