"""The parts of the page Course: the lessons in their order, and the routes."""

import streamlit as st

from mbgd.ui.frame.menu import LESSONS, Page, go_to, label, page_of
from mbgd.ui.frame.page import heading
from mbgd.ui.frame.routes import BEFORE, Route
from mbgd.ui.kit.state import ROUTE, done


def show_before() -> None:
    """What a class needs to know before."""
    st.markdown(f"**What you need to know before:** {'; '.join(BEFORE)}. Nothing about neural networks is assumed.")


def show_lessons() -> None:
    """The lessons in their order: each a link, its minutes and its line."""
    heading("The lessons in order", f"{sum(page.minutes for page in LESSONS)} minutes in all, each in full")
    with st.container(key="course_lessons", gap=None):
        for page in LESSONS:
            _row(page, label(page, done()), page.minutes, f"{page.hint}.", f"course_{page.name}")


def show_route(route: Route) -> None:
    """One route: its stops in their order, each a link, its minutes and what to do there."""
    heading(
        f"In {route.minutes} minutes", f"a part of each; at the end you can: {route.goal[0].lower()}{route.goal[1:]}"
    )
    with st.container(key=f"route_{route.minutes}", gap=None):
        for stop in route.stops:
            page = page_of(stop.page)
            _row(page, label(page), stop.minutes, stop.do, f"route_{route.minutes}_{page.name}", route.name)


def _row(page: Page, name: str, minutes: int, what: str, key: str, route: str = "") -> None:
    """A link to a page, on a route or on none, its minutes, and what it is about."""
    link, rest = st.columns([2, 7], gap="small", vertical_alignment="center")
    with link:
        go_to(page, name, {ROUTE: route})
    rest.html(f'<p class="mbgd-stop" id="{key}"><b>{minutes} min</b><span>{what}</span></p>')
