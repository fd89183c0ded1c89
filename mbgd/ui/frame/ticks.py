"""The lessons that were done: ticked in the menu, and kept in the address under the name `done`."""

from collections.abc import Collection

import streamlit as st

from mbgd.share.address import unusable
from mbgd.ui.frame.menu import LESSONS, Page
from mbgd.ui.kit.state import DONE, complain, done

NAMES = tuple(page.name for page in LESSONS)


def enter_ticks() -> None:
    """Take the lessons done from the address, besides those that the session has done. Say if it names unknown ones."""
    names, sentences = read_ticks(st.query_params.get(DONE, ""))
    st.session_state[DONE] = _in_order([*done(), *names])
    complain(*sentences)


def read_ticks(text: str) -> tuple[list[str], list[str]]:
    """The lessons that an address names as done, in their order, and a sentence if it names others."""
    asked = {name for name in text.split(".") if name}
    unknown = ".".join(sorted(asked - set(NAMES)))
    names = _in_order(asked)
    why = f"A lesson done must be one of {', '.join(NAMES)}."
    return names, [unusable(DONE, unknown, why, ".".join(names))] if unknown else []


def tick(page: Page) -> None:
    """Note that a lesson is done. The first time, the page is drawn again, so that the menu shows it."""
    if page.name not in done():
        st.session_state[DONE] = _in_order([*done(), page.name])
        st.rerun()


def _in_order(names: Collection[str]) -> list[str]:
    return [name for name in NAMES if name in names]
