"""What every page has: a title, a style, the menu and the sidebar. One call draws them, so every page stands alone."""

from collections.abc import Iterable
from html import escape
from pathlib import Path

import streamlit as st

from mbgd.data.dataset import Dataset
from mbgd.share.choices import Choices
from mbgd.ui.frame.controls import at_rest
from mbgd.ui.frame.menu import menu, page_of
from mbgd.ui.frame.sidebar import sidebar
from mbgd.ui.frame.ticks import enter_ticks
from mbgd.ui.kit.html import note
from mbgd.ui.kit.live import owner
from mbgd.ui.kit.state import done, enter

HERE = Path(__file__).parent
SIDEBAR_WIDTH = 340  # pixels
SCRIPT = (HERE / "page.js").read_text(encoding="utf-8")


def open_page(title: str) -> tuple[Choices, Dataset]:
    """Draw the menu and the sidebar of the page with this title; return the sidebar's choices and their data set."""
    st.set_page_config(
        page_title=f"{title} · mbgd",
        page_icon=str(HERE / "icon.png"),
        layout="wide",
        initial_sidebar_state=SIDEBAR_WIDTH,
    )
    enter(title)
    owner().act()  # clicks are answered first, on every page
    st.html(HERE / "style.css")
    wrong_ticks = enter_ticks()
    with st.container(key="script"):  # it takes no room
        st.html(f"<script>(() => {{ {SCRIPT} }})()</script>", unsafe_allow_javascript=True)
    with st.sidebar:
        st.html('<div class="mbgd-name">mbgd <span>mini-batch gradient descent</span></div>')
        menu(done())
        used = page_of(title).controls
        if resting := at_rest(used):
            st.html(f'<p class="mbgd-uses">{resting}</p>')
        chosen = sidebar(used)
    st.session_state["complaints"] += wrong_ticks
    complain(st.session_state["complaints"])
    return chosen


def complain(sentences: Iterable[str]) -> None:
    """Say what of a link was left out."""
    for sentence in sentences:
        st.html(note("changed", escape(sentence)))  # what a link says is never markup


def title(text: str, small: str = "") -> None:
    """The heading of the page, and a few words beside it."""
    st.html(f'<h1 class="mbgd-title">{escape(text)} <span>{escape(small)}</span></h1>')


def heading(text: str, small: str = "") -> None:
    """The heading of a part of the page."""
    st.html(f'<h2 class="mbgd-heading">{escape(text)} <span>{escape(small)}</span></h2>')
