"""The parts of the page Course: the lessons in their order, and the routes."""

from html import escape

import streamlit as st

from mbgd.ui.frame.menu import LESSONS, Page, go_to, label, page_of
from mbgd.ui.frame.page import heading
from mbgd.ui.frame.routes import BEFORE, Route, followed, leave_route, seen
from mbgd.ui.frame.ticks import clear_ticks
from mbgd.ui.kit.html import note
from mbgd.ui.kit.state import ROUTE, done


def show_before() -> None:
    """What one needs to know before."""
    st.markdown(f"**You should know:** {'; '.join(BEFORE)}. Nothing about neural networks is assumed.")


def show_followed() -> None:
    """The route that is followed, if there is one: its next stop, and the end of following it."""
    route = followed()
    if not route:
        return
    stop = route.next_stop(seen())
    number = "" if stop is None else f"{route.stops.index(stop) + 1} of {len(route.stops)}"
    says = f"Next is stop {number}: {escape(stop.page)}." if stop else f"You have opened all {len(route.stops)} stops."
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="followed"):
        st.html(note("good", f"You follow <b>the {route.minutes}-minute route</b>. {says}"), width="stretch")
        if stop:
            page = page_of(stop.page)
            go_to(page, f"Go to {label(page)}", icon=":material/arrow_forward:")
        st.button("End the route", key="end_route", icon=":material/close:", on_click=leave_route)


def show_ticks() -> None:
    """Which lessons are ticked, who else sees the ticks, and a button that clears them."""
    names = [page.title for page in LESSONS if page.name in done()]
    if not names:
        return
    says = (
        f"Ticked: {', '.join(names)}. The ticks are in the address of each page, so they come back with it. "
        "People who open your link see them, too. Clear them before you share a link, or if they came with "
        "someone else's link."
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="ticks"):
        st.html(f'<p class="mbgd-uses">{escape(says)}</p>', width="stretch")
        st.button("Clear the ticks", key="clear_ticks", icon=":material/remove_done:", on_click=clear_ticks)


def show_lessons() -> None:
    """The lessons in their order: each a link, its minutes and its line."""
    heading("All lessons in order", f"{sum(page.minutes for page in LESSONS)} minutes")
    with st.container(key="course_lessons", gap=None):
        for page in LESSONS:
            _row(page, label(page, done()), page.minutes, _sentence(page.hint), f"course_{page.name}")


def show_route(route: Route) -> None:
    """One route: its stops in their order, each a link, its minutes and what to do there."""
    mine = followed() is route
    here = "you follow this route; " if mine else ""
    goal = f"{route.goal[0].lower()}{route.goal[1:]}"
    heading(f"{route.minutes}-minute route", f"{here}parts of these pages. Afterwards you can {goal}")
    next_stop = route.next_stop(seen()) if mine else None
    with st.container(key=f"route_{route.minutes}", gap=None):
        for stop in route.stops:
            page = page_of(stop.page)
            mark = "<b>Next:</b> " if stop is next_stop else "Opened. " if mine and stop.page in seen() else ""
            _row(page, label(page), stop.minutes, f"{mark}{stop.do}", f"route_{route.minutes}_{page.name}", route.name)


def _sentence(hint: str) -> str:
    return hint if hint.endswith("?") else f"{hint}."


def _row(page: Page, name: str, minutes: int, what: str, key: str, route: str = "") -> None:
    """A link to a page, on a route or on none, its minutes, and what it is about."""
    link, rest = st.columns([2, 7], gap="small", vertical_alignment="center")
    with link:
        go_to(page, name, {ROUTE: route})
    rest.html(f'<p class="mbgd-stop" id="{key}"><b>{minutes} min</b><span>{what}</span></p>')
