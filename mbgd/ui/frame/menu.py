"""The menu: which pages there are, in which order, and what each is about."""

from typing import NamedTuple

import streamlit as st


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


def menu() -> None:
    """Draw the menu: the lab in a row, the lessons in two columns."""
    with st.container(key="menu"):
        with st.container(horizontal=True, gap="small", key="menu_lab"):
            for page in LAB:
                st.page_link(page.file, label=page.title, help=page.hint)
        st.html('<p class="mbgd-uses">Lessons</p>')
        half = -(-len(LESSONS) // 2)
        for column, pages in zip(st.columns([5, 4], gap="small"), (LESSONS[:half], LESSONS[half:]), strict=True):
            for page in pages:  # read down the first column, then down the second
                column.page_link(page.file, label=page.title, help=page.hint)
