"""The menu: the pages in their order, and what each is about."""

from typing import NamedTuple

import streamlit as st


class Page(NamedTuple):
    """A page of the menu. `uses` names the controls of the sidebar that matter on it; empty: all."""

    file: str
    title: str
    hint: str
    uses: str = ""


LAB = [
    Page("app.py", "Train", "Train a network live, with the batch size of your choice"),
    Page("pages/data.py", "Data", "The rows, their units, their source and the split"),
    Page("pages/engine.py", "Engine", "The source of the engine, in reading order"),
]

LESSONS: list[Page] = [
    Page(
        "pages/shapes.py",
        "Shapes",
        "B×n, n×k, B×k: one update, array by array",
        "everything except the number of epochs",
    ),
    Page(
        "pages/loop.py",
        "Remove the last loop",
        "The same epoch with loops and with matrices: equal gradients, different times",
        "the data set, the network and the seed; you choose the batch size on the page itself",
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
        "Break the training on purpose, watch what happens, catch the mistake",
        "the data set, the network and how it is trained",
    ),
    Page(
        "pages/gradient_check.py",
        "Gradient check",
        "Compare backpropagation with difference quotients of the loss, parameter by parameter",
        "the data set, the network, the batch size and the seed",
    ),
    Page(
        "pages/frameworks.py",
        "Frameworks",
        "Do frameworks add intelligence? Compare PyTorch and scikit-learn with this engine",
        "the data set, the network and how it is trained",
    ),
    Page(
        "pages/under_the_hood.py",
        "Under the hood",
        "One update, from plain formulas to prepared calls: what each trick saves",
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
            for page in pages:  # first down one column, then down the other
                column.page_link(page.file, label=page.title, help=page.hint)
