"""The end of a lesson: what to keep of it, with the numbers of this run, and the next lesson."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import streamlit as st

from mbgd.ui.frame.menu import COURSE, GLOSSARY, LESSONS, Page, after, duration, go_to, label, page_of
from mbgd.ui.frame.page import heading
from mbgd.ui.frame.routes import followed
from mbgd.ui.frame.ticks import tick
from mbgd.ui.kit.html import unbroken

BEFORE_THE_RUN = "Run it with the settings of this page. Then what to keep is said here, with your numbers."


def end_lesson(title: str, result: Any, to_keep: Callable[[Any], Sequence[str]], *, done: bool = True) -> None:
    """Draw the end of the lesson with this title: what to keep of its `result`, and a link to what comes next.

    result: None until the lesson's run is complete. to_keep(result) returns two or three sentences, as plain text. The
    lesson is ticked if there is a result, unless `done` is False.
    """
    page = page_of(title)
    heading("What to keep")
    if result is None:
        st.html(f'<p class="mbgd-keep">{BEFORE_THE_RUN}</p>')
    else:
        points = "".join(f"<li>{unbroken(escape(sentence))}</li>" for sentence in to_keep(result))
        st.html(f'<ul class="mbgd-keep">{points}</ul>')
    show_next(page)
    if result is not None and done:
        tick(page)


def show_next(page: Page) -> None:
    """A link to the next stop if the page is on the route that is followed; else to the next lesson, if it is one."""
    route = followed()
    if route and route.stop(page.title):
        stop = route.after(page.title)
        following = page_of(stop.page) if stop else COURSE
        words = f"Next on the {route.minutes}-minute route" if stop else f"The {route.minutes} minutes end here"
    elif page in LESSONS:
        following, words = after(page), "Next"
    else:
        return
    minutes = f" ({text})" if (text := duration(following)) else ""
    with st.container(key="next_lesson"):
        go_to(following, f"{words}: {label(following)}{minutes}", icon=":material/arrow_forward:")
    with st.container(key="to_glossary"):
        go_to(COURSE, "Glossary: the words of the course", {GLOSSARY: "open"}, icon=":material/menu_book:")
