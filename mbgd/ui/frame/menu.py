"""The menu: the pages in their order, what each is about, and which controls of the sidebar act on it."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from mbgd.ui.frame.controls import ALL, NONE
from mbgd.ui.frame.routes import followed
from mbgd.ui.kit.ran import RAN
from mbgd.ui.kit.state import ROUTE, address_of, ask_for

TICK = " ✓"
# Streamlit can't say that a container is a navigation, so one line in the browser does.
NAVIGATION = """<script>
for (const menu of document.querySelectorAll(".st-key-menu")) {
  menu.setAttribute("role", "navigation");
  menu.setAttribute("aria-label", "Pages");
}
</script>"""


class Page(NamedTuple):
    """A page of the menu.

    controls: those of the sidebar that act on it. minutes: what a lesson takes in class. links: the names of its own
    choices in its address; each is used by the widget that it belongs to.
    """

    file: str
    title: str
    hint: str
    controls: tuple[str, ...] = ALL
    minutes: int = 0
    links: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of its file, which the lesson has everywhere."""
        return Path(self.file).stem


OF_SWEEP = (
    *("sizes", "low", "high", "rates", "seeds", "budget", "of_epochs", "of_updates", "of_samples"),
    *("measure", "split", "target", "ratios", "edge", "cell"),
)
LAB = [
    Page(
        "app.py",
        "Train",
        "Train a network live, with the batch size of your choice",
        links=("speed", "x", "logx", "log", "trained"),
    ),
    Page(
        "pages/data.py",
        "Data",
        "The rows, their units, their source and the split",
        ("data", "seed"),
        links=("column", "standardised"),
    ),
    Page(
        "pages/runs.py",
        "Runs",
        "Compare what you have trained, and keep it as files",
        NONE,
        links=("runs", "sort", "falling", "one", "x", "logx", "logy", "losses"),
    ),
    Page(
        "pages/sweep.py",
        "Sweep",
        "Which batch size, with which learning rate? A map of many runs",
        ("data", "network", "last", "seed", "shuffle"),
        links=(RAN, *OF_SWEEP),
    ),
    Page("pages/engine.py", "Engine", "The source of the engine, in reading order", NONE),
]

GLOSSARY = "glossary"  # the fold with the words of the course, in the address of its page
COURSE = Page(
    "pages/course.py",
    "Course",
    "The lessons in order, two routes through them, and a glossary",
    NONE,
    links=(GLOSSARY,),
)

OF_RACE = (
    *("lanes", "race_rate", "seeds", "limit", "run_updates", "run_epochs", "run_seconds", "scaled"),
    *("x", "logx", "logy", "split", "target"),
)
OF_SURFACE = ("line_rate", "line_updates", "input", "valley", "shown")

LESSONS: list[Page] = [
    Page(
        "pages/modes.py",
        "Three modes",
        "SGD, mini-batch and full batch race from the same first weights",
        ("data", "batch", "network", "last", "seed", "shuffle"),
        minutes=12,
        links=(RAN, "part", *OF_RACE, *OF_SURFACE, "at", "draws", "of_six"),
    ),
    Page(
        "pages/shapes.py",
        "Shapes",
        "One update, array by array: which shape does each array have?",
        ("data", "batch", "rate", "network", "last", "seed", "shuffle"),
        minutes=8,
        links=(RAN, "which", "weights", "view", "step", "error"),
    ),
    Page(
        "pages/loop.py",
        "Remove the last loop",
        "The same epoch with loops and with matrices: equal gradients, different times",
        ("data", "network", "seed", "shuffle"),
        minutes=8,
        links=(
            RAN,
            "rows",
        ),
    ),
    Page(
        "pages/mistakes.py",
        "Common mistakes",
        "Break the training on purpose, watch what happens, catch the mistake",
        minutes=12,
        links=(RAN, "mistake", "eta", "of_rows", "of_batch", "of_epochs"),
    ),
    Page(
        "pages/gradient_check.py",
        "Gradient check",
        "Compare backpropagation with difference quotients of the loss, parameter by parameter",
        ("data", "batch", "network", "seed", "shuffle"),
        minutes=8,
        links=(RAN, "mistake", "h", "view"),
    ),
    Page(
        "pages/diagnose.py",
        "Diagnose",
        "Training loss against validation loss: what they say about a run, and what to change",
        minutes=10,
        links=(RAN, "part", "sidebar", "stop", "patience", "decay", "split", "logx", "logy"),
    ),
    Page(
        "pages/frameworks.py",
        "Frameworks",
        "Do PyTorch and scikit-learn end with the same weights as our engine?",
        minutes=8,
        links=(RAN,),
    ),
    Page(
        "pages/under_the_hood.py",
        "Under the hood",
        "One update, from plain formulas to prepared calls: what each trick saves",
        ("data", "batch", "network", "seed"),
        minutes=8,
        links=(
            RAN,
            "tricks",
        ),
    ),
]

PAGES = [*LAB, COURSE, *LESSONS]


def page_of(title: str) -> Page:
    """The page with this title."""
    return next(page for page in PAGES if page.title == title)


def label(page: Page, done: Collection[str] = ()) -> str:
    """What the menu calls a page: its title, a lesson's number before it, and a tick if it is done."""
    if page not in LESSONS:
        return page.title
    return f"{LESSONS.index(page) + 1} {page.title}{TICK if page.name in done else ''}"


def after(page: Page) -> Page:
    """The lesson after this one. After the last lesson comes the page Course."""
    return [*LESSONS, COURSE][LESSONS.index(page) + 1]


def duration(page: Page) -> str:
    """The minutes of a page: on a route those of its stop, and else those of the whole lesson. Empty if it has none."""
    route = followed()
    stop = route.stop(page.title) if route else None
    minutes = stop.minutes if stop else page.minutes
    return f"{minutes} min" if minutes else ""


def link(page: Page, done: Collection[str] = ()) -> None:
    """A link to a page. The tooltip says what the page is about, how long a lesson takes, and whether it is done."""
    hint = f"{minutes}: {page.hint}" if (minutes := duration(page)) else page.hint
    go_to(page, label(page, done), help=f"Done. {hint}" if page.name in done else hint)


def go_to(page: Page, label: str, own: Mapping[str, str] | None = None, **looks: Any) -> None:
    """A link to a page, with the choices of the session in its address, and perhaps with `own` choices of that page.

    With the address that the page then has, the change of page is one entry in the browser's history. An empty route in
    `own` leaves the route. `looks` are other arguments of st.page_link.
    """
    if own and st.session_state["page"] == page.title:  # a link to the page itself would not be followed
        st.button(label, key=f"go_{page.name}", type="tertiary", on_click=ask_for, args=(own,))
        return
    query = address_of(page.title) | dict(own or {})
    if not query.get(ROUTE):
        query.pop(ROUTE, None)
    st.page_link(page.file, label=label, query_params=query, **looks)


def menu(done: Collection[str]) -> None:
    """Draw the menu: the lab in a row, the page Course, and the lessons in two columns; `done` ones have a tick."""
    with st.container(key="menu"):
        st.html(NAVIGATION, unsafe_allow_javascript=True)
        with st.container(horizontal=True, gap="small", key="menu_lab"):
            for page in LAB:
                link(page)
        link(COURSE)
        if ticked := ", ".join(page.title for page in LESSONS if page.name in done):
            st.html(f'<p class="mbgd-spoken">Lessons done: {ticked}.</p>')  # what the ticks mean, for screen readers
        half = -(-len(LESSONS) // 2)
        for column, pages in zip(st.columns([5, 4], gap="small"), (LESSONS[:half], LESSONS[half:]), strict=True):
            with column:
                for page in pages:  # first down one column, then down the other
                    link(page, done)
