"""What only some versions of Streamlit know: a folder that runs in the browser carries an older one than a server."""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st


def known(function: Callable[..., Any], **options: Any) -> dict[str, Any]:
    """Those of the options that this version's function takes. The others improve the page, and it works without."""
    taken = _taken(function)
    return {name: value for name, value in options.items() if name in taken}


@cache
def _taken(function: Callable[..., Any]) -> frozenset[str]:
    return frozenset(inspect.signature(function).parameters)


def fragment(key: str, draw: Callable[[], None], run_every: float | None = None) -> None:
    """Draw a part of the page that can be redrawn alone, and is every so many seconds. No two have the same key."""
    draw.__qualname__ += f".{key}"  # Streamlit 1.62 tells parts in one container apart by the names of their functions
    st.fragment(draw, run_every=run_every, **known(st.fragment, key=key))()
