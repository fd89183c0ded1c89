"""The engine's own source on a page: taken from the running functions, so that the page can't drift from them."""

import inspect
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import streamlit as st

ROOT = Path(__file__).parents[3]


def show_source(*things: Callable[..., Any] | ModuleType, wrap_lines: bool = False) -> None:
    """The source of functions, classes or modules, each under the name of its file; long lines wrap or scroll."""
    for thing in things:
        lines, first = inspect.getsourcelines(thing)
        path = Path(inspect.getsourcefile(thing) or "").resolve()
        where = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
        st.caption(f"`{where}`" + (f", line {first}" if first else ""))
        text = inspect.cleandoc("\n" + "".join(lines)) if first else "".join(lines)
        st.code(text, language="python", wrap_lines=wrap_lines)
