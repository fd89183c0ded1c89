"""What every page has: a title, a look, the menu and the sidebar. One call, so that every page stands alone."""

from html import escape
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from mbgd.data.dataset import Dataset
from mbgd.ui.choices import Choices
from mbgd.ui.live import owner
from mbgd.ui.numbers import note
from mbgd.ui.sidebar import sidebar
from mbgd.ui.state import enter

HERE = Path(__file__).parent
SIDEBAR_WIDTH = 340  # pixels


class Page(NamedTuple):
    """A page of the menu. `uses` tells what of the sidebar matters on it; empty, all does."""

    file: str
    title: str
    hint: str
    uses: str = ""


LAB = [
    Page("app.py", "Train", "Train a network live, with the batch size of your choice"),
    Page("pages/data.py", "Data", "The rows, their units, sources and the split"),
    Page("pages/engine.py", "Engine", "The source of the engine, in reading order"),
]
LESSONS: list[Page] = [
    Page(
        "pages/shapes.py", "Shapes", "B×n, n×k, B×k: one update, array by array", "everything but the number of epochs"
    ),
    Page(
        "pages/loop.py",
        "Remove the last loop",
        "The same epoch by loops and by matrices: equal gradients, other seconds",
        "the data set, the network and the seed; its batch size is chosen on the page itself",
    ),
    Page(
        "pages/modes.py",
        "Three modes",
        "SGD, mini-batch and full batch race from the same first weights",
        "the data set, the network, the learning rate and the seed",
    ),
    Page(
        "pages/mistakes.py",
        "Common mistakes",
        "Break the training on purpose, see it, catch it",
        "the data set, the network and how it is trained",
    ),
    Page(
        "pages/gradient_check.py",
        "Gradient check",
        "Backpropagation against difference quotients of the loss, parameter by parameter",
        "the data set, the network, the batch size and the seed",
    ),
    Page(
        "pages/frameworks.py",
        "Frameworks",
        "Do frameworks add intelligence? PyTorch and scikit-learn against this engine, weight for weight",
        "the data set, the network, and all of training",
    ),
    Page(
        "pages/under_the_hood.py",
        "Under the hood",
        "One update from plain formulas to prepared calls, trick by trick, by the clock",
        "the data set, the network, the batch size and the seed",
    ),
]
PAGES = [*LAB, *LESSONS]


def open_page(title: str) -> tuple[Choices, Dataset]:
    """Draw the menu and the sidebar around the page of this title; return what the sidebar chooses."""
    st.set_page_config(
        page_title=f"{title} · mbgd",
        page_icon=str(HERE / "icon.png"),
        layout="wide",
        initial_sidebar_state=SIDEBAR_WIDTH,
    )
    enter(title)
    owner().act()  # what was clicked comes first, on whichever page
    st.html(HERE / "style.css")
    with st.sidebar:
        st.html('<div class="mbgd-name">mbgd <span>mini-batch gradient descent</span></div>')
        _menu()
        uses = next(page.uses for page in PAGES if page.title == title)
        if uses:
            st.html(f'<p class="mbgd-uses">This page uses {uses}.</p>')
        chosen = sidebar()
    for complaint in st.session_state["complaints"]:
        st.html(note("changed", escape(complaint)))  # what a link says is never markup
    return chosen


def _menu() -> None:
    with st.container(key="menu"):
        with st.container(horizontal=True, gap="small", key="menu_lab"):
            for page in LAB:
                st.page_link(page.file, label=page.title, help=page.hint)
        st.html('<p class="mbgd-uses">Lessons</p>')
        half = -(-len(LESSONS) // 2)
        for column, pages in zip(st.columns([5, 4], gap="small"), (LESSONS[:half], LESSONS[half:]), strict=True):
            for page in pages:  # read down the first column, then down the second
                column.page_link(page.file, label=page.title, help=page.hint)


def title(text: str, small: str = "") -> None:
    """The heading of the page, and a few words beside it."""
    st.html(f'<h1 class="mbgd-title">{escape(text)} <span>{escape(small)}</span></h1>')


def heading(text: str, small: str = "") -> None:
    """The heading of a part of the page."""
    st.html(f'<h2 class="mbgd-heading">{escape(text)} <span>{escape(small)}</span></h2>')
