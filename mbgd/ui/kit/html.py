"""Pieces of HTML that every page may use: notes, tables, tiles and headings of pictures."""

import re
from collections.abc import Iterable, Sequence
from html import escape, unescape
from typing import NamedTuple


class Html(str):
    """A text that is HTML already, and is not escaped again."""

    __slots__ = ()


# A number with its name, its power of ten and its unit, as in B = 16, 2 × 10⁻⁵ or 3.5 s. The browser would also break
# 1e-12 after the hyphen.
UNITS = "s|ms|µs|min|h|kB|MB|GB|bytes|rows?|updates?|epochs?|units?|seeds?|times|of"
TAG = re.compile("(<[^>]*>)")
NUMBER = re.compile(
    rf"(?<![\w.,])(?:\w{{1,3}} = )*[−-]?\d+(?:,\d{{3}})*(?:\.\d+)?(?:e[+-]?\d+)?%?"
    rf"(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?(?: ×| (?:{UNITS})\b)?"
)


def unbroken(html: str) -> str:
    """HTML in which a line never breaks inside a number, or between a number and its name or unit."""
    parts = TAG.split(html)
    parts[::2] = [NUMBER.sub(_in_one, text) for text in parts[::2]]
    return "".join(parts)


def unbroken_text(text: str) -> str:
    """A text in which no space is inside a number, or between it and its name or unit: these are no-break spaces."""
    return NUMBER.sub(lambda found: found[0].replace(" ", "\xa0"), text)


def _in_one(found: re.Match[str]) -> str:
    number = found[0]
    return f'<span class="mbgd-one">{number}</span>' if " " in number or "-" in number[1:] else number


def note(kind: str, text: str, name: str = "") -> str:
    """HTML as a note with a coloured edge: plain, changed, good or bad. name: one more CSS class."""
    return f'<p class="mbgd-status mbgd-{kind}{f" {name}" if name else ""}"><span>{unbroken(text)}</span></p>'


def summed(text: str, kind: str = "") -> str:
    """HTML as a grey box with a sum, or with the details of a picture. kind: one more CSS class."""
    return f'<p class="mbgd-sum{f" {kind}" if kind else ""}">{unbroken(text)}</p>'


def picture_heading(html: str, small: str = "", level: int = 2) -> str:
    """The heading of a picture and a few words beside it, both as HTML. level: 3 below a heading of the page's part."""
    beside = f" <span>{unbroken(small)}</span>" if small else ""
    return f'<h{level} class="mbgd-heading">{unbroken(html)}{beside}</h{level}>'


def without_tags(html: str) -> str:
    """The text of a piece of HTML."""
    return unescape(re.sub(r"<[^>]+>", "", html.replace("<br>", " ")))


def announcement(text: str, of: str = "run", *, new: bool = False) -> str:
    """A sentence for screen readers alone, on a run or on what else `of` names. If it is empty, nothing is spoken.

    It is spoken when it changes, so it must stay the same during a run. new: it is also spoken when it appears.
    """
    return f'<p class="mbgd-announce" data-of="{escape(of)}"{" data-new" * new}>{escape(text)}</p>'


def refusal(text: str, of: str, kind: str = "changed") -> str:
    """A note on what can't be used, as text, which screen readers hear as well; `of` names where it was given."""
    return note(kind, escape(text)) + announcement(text, of, new=True)


class Cell(NamedTuple):
    """A cell of a table: its HTML, its CSS class, and the number of columns that it covers."""

    html: str
    kind: str = ""
    columns: int = 1


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str | Cell]],
    *,
    name: str = "",
    kind: str = "",
    width: float = 0,
    named: bool = True,
) -> str:
    """A table of texts and Cells. On a narrow page its rows are cards, or it scrolls sideways if it has a `width`.

    name: what screen readers call it, and the box in which it scrolls; the heads of its columns, if it is empty. The
    first cell of a row is its header, unless `named` is False. kind: a CSS class. width: its least width in rem.
    """
    cards = bool(head) and not width
    top = "".join(f'<th scope="col">{escape(text)}</th>' if text else "<td></td>" for text in head)
    body = "".join(f"<tr>{_cells(row, head if cards else (), named)}</tr>" for row in rows)
    inside = (f"<thead><tr>{top}</tr></thead>" if head else "") + f"<tbody>{body}</tbody>"
    style = f' style="min-width: {width:g}rem"' if width else ""
    looks = "mbgd-wide mbgd-cards" if cards else "mbgd-wide"
    label = f' aria-label="{escape(name or ", ".join(filter(None, head)))}"'
    inner = f'<table class="{kind or "mbgd-claims"}"{label}{style}>{unbroken(inside)}</table>'
    return f'<div class="{looks}" role="region"{label} tabindex="0">{inner}</div>'


def _cells(row: Sequence[str | Cell], head: Sequence[str], named: bool) -> str:
    columns = iter([*head, *[""] * len(row)])  # a row under no head has no labels
    cells = []
    for i, cell in enumerate(row):
        first, *others = [next(columns) for _ in range(cell.columns if isinstance(cell, Cell) else 1)]
        cells.append(_cell(cell, "" if others else first, named and i == 0))  # over several columns, it has no one head
    return "".join(cells)


def _cell(cell: str | Cell, label: str, names_its_row: bool) -> str:
    """A cell. A value knows the head of its column, which stands beside it where each row is a card."""
    html, kind, columns = cell if isinstance(cell, Cell) else Cell(escape(cell))
    tag, scope = ("th", ' scope="row"') if names_its_row else ("td", "")
    column = f' data-label="{escape(label)}"' if label and not names_its_row else ""
    spans = f' colspan="{columns}"' if columns > 1 else ""
    looks = f' class="{kind}"' if kind else ""
    return f"<{tag}{scope}{column}{spans}{looks}>{html}</{tag}>"


def tiles(numbers: Iterable[tuple[str, str, str]]) -> str:
    """Numbers as tiles. Each has a title, the number, and a few words after it, all given as text."""
    cells = "".join(
        f"<div><dt>{escape(title)}</dt><dd>{escape(number)} <small>{escape(small)}</small></dd></div>"
        for title, number, small in numbers
    )
    return f'<dl class="mbgd-tiles">{unbroken(cells)}</dl>'
