"""Source code on a page: it is read from the running functions, so the page always shows the code that runs."""

import inspect
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

import streamlit as st

from mbgd.share.address import unusable
from mbgd.ui.kit.state import complain, take_asked, write_address

Source = Callable[..., Any] | ModuleType
ROOT = Path(__file__).parents[3]
WAITS = "*This appears after the run above, because it gives an answer away.*"


def show_source(*things: Source, wrap_lines: bool = False) -> None:
    """Show the source of functions, classes or modules, each under its file's name. Long lines wrap or scroll."""
    for thing in things:
        lines, first = inspect.getsourcelines(thing)
        path = Path(inspect.getsourcefile(thing) or "").resolve()
        where = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
        st.caption(f"`{where}`" + (f", line {first}" if first else ""))
        text = inspect.cleandoc("\n" + "".join(lines)) if first else "".join(lines)
        st.code(text, language="python", wrap_lines=wrap_lines)


def folded(title: str, key: str, draw: Callable[[], object], *, waits: bool = False) -> None:
    """Draw under a title that opens: closed, it costs nothing.

    waits: whether a question is still open to which it holds the answer. Then it says so instead.
    """
    panel = st.expander(title, key=key, on_change="rerun")
    if panel.open:
        with panel:
            if waits:
                st.markdown(WAITS)
            else:
                draw()


def open_if_asked(key: str, text: str) -> None:
    """Open the fold with this key if the page's address asks for it under its key with this text."""
    asked = take_asked(key)
    if asked == text:
        st.session_state[key] = True
    elif asked is not None:
        complain(unusable(key, asked, f"It must be {text}."))
    if asked is not None:  # the learner may close it again
        write_address()


def source_panel(
    title: str,
    *things: Source | tuple[Source, ...],
    intro: str = "",
    side_by_side: bool = False,
    waits: bool = False,
) -> None:
    """The source of a page's functions, to be opened at its end: below each other, or each in a column of its own.

    A tuple of functions shares a column. waits: as in `folded`.
    """
    groups = [thing if isinstance(thing, tuple) else (thing,) for thing in things]

    def draw() -> None:
        if intro:
            st.markdown(intro)
        if not side_by_side:
            show_source(*chain.from_iterable(groups))
            return
        for column, group in zip(st.columns(len(groups)), groups, strict=True):
            with column:
                show_source(*group)

    folded(title, "code", draw, waits=waits)
