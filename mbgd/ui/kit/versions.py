"""What only some versions of Streamlit know: a folder that runs in the browser carries an older one than a server.

There, Python has no threads, and a session has all of it for itself.
"""

import inspect
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.components.v2 import component as streamlit_component


def known(function: Callable[..., Any], **options: Any) -> dict[str, Any]:
    """Those of the options that this version's function takes. The others improve the page, and it works without."""
    taken = _taken(function)
    return {name: value for name, value in options.items() if name in taken}


def has_threads() -> bool:
    """Whether this Python can start a thread. In a browser it can't."""
    return sys.platform != "emscripten"


@cache
def _taken(function: Callable[..., Any]) -> frozenset[str]:
    return frozenset(inspect.signature(function).parameters)


def fragment(key: str, draw: Callable[[], None], run_every: float | None = None) -> None:
    """Draw a part of the page that can be redrawn alone, and is every so many seconds. No two have the same key."""
    draw.__qualname__ += f".{key}"  # Streamlit 1.62 tells parts in one container apart by the names of their functions
    st.fragment(draw, run_every=run_every, **known(st.fragment, key=key))()


def component(name: str, **parts: Any) -> Callable[..., Any]:
    """A component that its html, css and js describe."""
    # In stlite 1.9, these two are functions of the module alone, and Streamlit asks the class for them.
    for moved, function in (("exists", runtime.exists), ("instance", runtime.get_instance)):
        if not hasattr(runtime.Runtime, moved):
            setattr(runtime.Runtime, moved, staticmethod(function))
    return streamlit_component(name, **parts)
