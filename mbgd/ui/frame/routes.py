"""The routes through the course: which pages, how many minutes on each, and what to do there.

A link of a route puts its minutes into the address, under the name `route`. From then on the session follows the route,
until a link without it is taken.
"""

from collections.abc import Collection
from typing import NamedTuple

import streamlit as st

from mbgd.share.address import unusable
from mbgd.ui.kit.state import ROUTE, complain, write_address


class Stop(NamedTuple):
    """A stop of a route: the page by its title, the minutes there, and what to do."""

    page: str
    minutes: int
    do: str


class Route(NamedTuple):
    """A route: its stops in their order, and what one can do at its end."""

    stops: tuple[Stop, ...]
    goal: str

    @property
    def minutes(self) -> int:
        """The minutes of all its stops."""
        return sum(stop.minutes for stop in self.stops)

    @property
    def name(self) -> str:
        """Its name in the address."""
        return str(self.minutes)

    def stop(self, title: str) -> Stop | None:
        """Its stop at the page with this title, or None if there is none."""
        return next((stop for stop in self.stops if stop.page == title), None)

    def next_stop(self, seen: Collection[str]) -> Stop | None:
        """The first stop whose page is not among those seen, by their titles; None if all are."""
        return next((stop for stop in self.stops if stop.page not in seen), None)

    def after(self, title: str) -> Stop | None:
        """The stop after the page with this title, or None after the last one."""
        titles = [stop.page for stop in self.stops]
        return dict(zip(titles, self.stops[1:], strict=False)).get(title)


OPENING = "Compare batch sizes 1, 16 and all rows. First show epochs on the x-axis, then updates and log x."
ROUTES = (
    Route(
        (
            Stop("Train", 7, f"{OPENING} Then press Reset, and take one update at a time."),
            Stop(
                "Three modes",
                11,
                "Answer first (in class: everyone). Run the race, then lower the line “Loss to reach”.",
            ),
            Stop("Shapes", 7, "Predict which arrays change their shape, then run. Go from Z1 to dW1 step by step."),
            Stop("Remove the last loop", 6, "Predict how many times faster matrices are, then run."),
            Stop("Common mistakes", 9, "Run the first mistake. Say which check catches it, then run the checks."),
            Stop("Gradient check", 5, "Predict the best difference h, then run. Choose a mistake and run again."),
        ),
        "Say what the batch size changes, write one update with its shapes, and check it.",
    ),
    Route(
        (
            Stop("Train", 4, OPENING),
            Stop(
                "Three modes", 7, "Answer first (in class: everyone), then run the race. Switch its x-axis to epochs."
            ),
            Stop("Common mistakes", 4, "Run the first mistake, then the checks."),
        ),
        "Say what the batch size changes, and what it does not change.",
    ),
)
SEEN = "seen_on_route"
BEFORE = (
    "what a derivative is, and that a gradient points uphill",
    "how to multiply two matrices, and which shapes allow it",
    "enough Python to read ten lines",
)


def enter_route(title: str) -> None:
    """Follow the route that the address names, or none, and note that its page with this title was opened.

    Say if there is no such route.
    """
    text = st.query_params.get(ROUTE, "")
    known = [route.name for route in ROUTES]
    if st.session_state.get(ROUTE) != text:
        st.session_state[SEEN] = []
    st.session_state[ROUTE] = text if text in known else ""
    st.session_state.setdefault(SEEN, []).append(title)
    if text and text not in known:
        complain(unusable(ROUTE, text, f"A route must be one of {', '.join(known)}.", ""))


def seen() -> list[str]:
    """The titles of the pages that were opened since the session began to follow its route."""
    return st.session_state.get(SEEN, [])


def followed() -> Route | None:
    """The route that the session follows, or None."""
    return next((route for route in ROUTES if route.name == st.session_state.get(ROUTE)), None)


def leave_route() -> None:
    """Follow no route from now on."""
    st.session_state[ROUTE], st.session_state[SEEN] = "", []
    write_address()
