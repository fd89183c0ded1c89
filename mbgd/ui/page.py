"""What every page has: a title, a look, the menu and the sidebar. One call, so that every page stands alone."""

from html import escape
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from mbgd.data.dataset import Dataset
from mbgd.ui.choices import Choices
from mbgd.ui.numbers import note
from mbgd.ui.sidebar import sidebar
from mbgd.ui.state import enter

HERE = Path(__file__).parent
SIDEBAR_WIDTH = 340  # pixels


class Page(NamedTuple):
    """A page of the menu."""

    file: str
    title: str
    hint: str


PAGES = [
    Page("app.py", "Train", "Train a network live, with the batch size of your choice"),
    Page("pages/data.py", "Data", "The rows, their units, sources and the split"),
    Page("pages/engine.py", "Engine", "The source of the engine, in reading order"),
]


def open_page(title: str) -> tuple[Choices, Dataset]:
    """Draw the menu and the sidebar around the page of this title; return what the sidebar chooses."""
    st.set_page_config(
        page_title=f"{title} · mbgd",
        page_icon=str(HERE / "icon.png"),
        layout="wide",
        initial_sidebar_state=SIDEBAR_WIDTH,
    )
    enter(title)
    st.html(HERE / "style.css")
    with st.sidebar:
        st.html('<div class="mbgd-name">mbgd <span>mini-batch gradient descent</span></div>')
        with st.container(horizontal=True, gap="small", key="menu"):
            for page in PAGES:
                st.page_link(page.file, label=page.title, help=page.hint)
        chosen = sidebar()
    for complaint in st.session_state["complaints"]:
        st.html(note("changed", escape(complaint)))  # what a link says is never markup
    return chosen
