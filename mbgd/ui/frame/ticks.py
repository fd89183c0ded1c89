"""The lessons that were done: ticked in the menu, and kept in the address under the name `done`."""

from collections.abc import Collection

import streamlit as st

from mbgd.share.address import unusable
from mbgd.ui.frame.menu import LESSONS, Page
from mbgd.ui.kit.state import DONE, complain, done, write_address

NAMES = tuple(page.name for page in LESSONS)
CAME = "ticks_that_came"  # the session's note of the ticks that the address brought


def enter_ticks() -> None:
    """Take the lessons done from the address, besides those that the session has done. Say if it names unknown ones."""
    names, sentences = read_ticks(st.query_params.get(DONE, ""))
    st.session_state[CAME] = [name for name in names if name not in done()]
    st.session_state[DONE] = _in_order([*done(), *names])
    complain(*sentences)


def read_ticks(text: str) -> tuple[list[str], list[str]]:
    """The lessons that an address names as done, in their order, and a sentence if it names others."""
    asked = {name for name in text.split(".") if name}
    unknown = ".".join(sorted(asked - set(NAMES)))
    names = _in_order(asked)
    why = f"A lesson done must be one of {', '.join(NAMES)}."
    return names, [unusable(DONE, unknown, why, ".".join(names))] if unknown else []


def clear_ticks() -> None:
    """Tick no lesson from now on, until one is done."""
    st.session_state[DONE] = st.session_state[CAME] = []
    write_address()


def clear_ticks_that_came() -> None:
    """Take the ticks away that the address brought. Those of this session stay."""
    st.session_state[DONE] = [name for name in done() if name not in st.session_state[CAME]]
    st.session_state[CAME] = []
    write_address()


def doubt_ticks() -> None:
    """Below the menu, if the address brought ticks: somebody else may have shared it, so a click clears its ticks."""
    if st.session_state.get(CAME):
        st.button(
            "Not your ticks? Clear them",
            key="clear_came",
            type="tertiary",
            help="The link that you opened holds ticks, perhaps of somebody else. This removes them and keeps "
            "your own.",
            on_click=clear_ticks_that_came,
        )


def tick(page: Page) -> None:
    """Note that a lesson is done. The first time, the page is drawn again, so that the menu shows it."""
    if page.name not in done():
        st.session_state[DONE] = _in_order([*done(), page.name])
        st.rerun()


def _in_order(names: Collection[str]) -> list[str]:
    return [name for name in NAMES if name in names]
