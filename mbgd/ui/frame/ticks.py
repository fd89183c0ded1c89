"""The lessons that were done: ticked in the menu, and kept in the address under the name `done`."""

from collections.abc import Collection

import streamlit as st

from mbgd.ui.frame.menu import LESSONS, Page
from mbgd.ui.kit.state import DONE, done

NAMES = tuple(page.name for page in LESSONS)


def enter_ticks() -> list[str]:
    """Take the lessons done from the address, once per session. Returns a sentence if it names unknown lessons."""
    if DONE in st.session_state:
        return []
    st.session_state[DONE], sentences = read_ticks(st.query_params.get(DONE, ""))
    return sentences


def read_ticks(text: str) -> tuple[list[str], list[str]]:
    """The lessons that an address names as done, in their order, and a sentence if it names others."""
    asked = {name for name in text.split(".") if name}
    unknown = ".".join(sorted(asked - set(NAMES)))[:80]
    sentence = f"The link's done={unknown} is ignored: a lesson done must be one of {', '.join(NAMES)}."
    return _in_order(asked), [sentence] if unknown else []


def tick(page: Page) -> None:
    """Note that a lesson is done. The first time, the page is drawn again, so that the menu shows it."""
    if page.name not in done():
        st.session_state[DONE] = _in_order([*done(), page.name])
        st.rerun()


def _in_order(names: Collection[str]) -> list[str]:
    return [name for name in NAMES if name in names]
