"""What every page has: a title, a style, the menu and the sidebar. One call draws them, so every page stands alone."""

from collections.abc import Callable, Collection, Mapping
from html import escape
from pathlib import Path

import streamlit as st

from mbgd.data.dataset import Dataset
from mbgd.share.address import repeated, unknown
from mbgd.share.choices import Choices
from mbgd.ui.frame.controls import at_rest
from mbgd.ui.frame.menu import PAGES, Page, menu, page_of
from mbgd.ui.frame.routes import enter_route, followed
from mbgd.ui.frame.sidebar import batch_bar, enter_choices, sidebar
from mbgd.ui.frame.ticks import doubt_ticks, enter_ticks
from mbgd.ui.kit.html import Html, picture_heading, refusal, unbroken
from mbgd.ui.kit.live import owner
from mbgd.ui.kit.memory import keep_memory_small
from mbgd.ui.kit.messages import REFUSED, refuse_unreadable
from mbgd.ui.kit.network import send_at_once
from mbgd.ui.kit.offline import ask_nobody
from mbgd.ui.kit.part import let_page_through
from mbgd.ui.kit.state import DONE, ROUTE, complain, done, enter, name_of, tell_complaints
from mbgd.ui.kit.whole import begin_whole_run

refuse_unreadable()
ask_nobody()
keep_memory_small()
send_at_once()
HERE = Path(__file__).parent
SIDEBAR_WIDTH = 340  # pixels
SCRIPT = (HERE / "page.js").read_text(encoding="utf-8")


def open_page(title: str, used: Callable[[], Collection[str]] | None = None) -> tuple[Choices, Dataset]:
    """Draw the menu and the sidebar of the page with this title; return the sidebar's choices and their data set.

    used() names the controls that act on the part of the page that is shown, if not all of the page's do. It is called
    after the page's address was entered.
    """
    st.set_page_config(
        page_title=f"{title} · mbgd",
        page_icon=str(HERE / "icon.png"),
        layout="wide",
        initial_sidebar_state=SIDEBAR_WIDTH,
    )
    page = page_of(title)
    moved = st.session_state.get("page") != title
    query = enter(title, page.links)
    if query is not None:
        enter_address(query, page)
    if moved or query is not None:
        enter_route(title)
    owner().act()  # clicks are answered first, on every page
    begin_whole_run(let_page_through)
    st.html(HERE / "style.css")
    with st.container(key="script"):  # it takes no room
        st.html(f"<script>(() => {{ {SCRIPT} }})()</script>", unsafe_allow_javascript=True)
    top = st.container(key="complaints")
    tell_complaints(lambda sentence: top.html(refusal(sentence, of=sentence)))
    for key in st.session_state.pop(REFUSED, []):
        complain(
            f"A value of a wrong kind was sent for {name_of(key)}, and can't be used. Its last value is used instead."
        )
    with st.sidebar:
        st.html('<div class="mbgd-name">mbgd <span>mini-batch gradient descent</span></div>')
        place = st.container()  # its links carry the choices, so it is drawn after them
        controls = used() if used else page.controls
        if resting := at_rest(controls, "part of the page" if used else "page"):
            st.html(f'<p class="mbgd-uses">{resting}</p>')
        chosen = sidebar(controls)
        with place:
            menu(done())
            doubt_ticks()
    if "batch" in controls:
        choices, dataset = chosen
        batch_bar(choices, len(dataset.X_train))
    return chosen


def enter_address(query: Mapping[str, str], page: Page) -> None:
    """Take the choices of an address, and say what of it can't be used."""
    tell_complaints(None)  # the page has no place for them yet
    choices = enter_choices(query)
    enter_ticks()
    elsewhere = {name: other.title for other in PAGES for name in other.links}
    rest = {name: text for name, text in query.items() if name not in (DONE, ROUTE)}
    complain(*repeated({name: st.query_params.get_all(name) for name in query}))
    complain(*unknown(rest, choices, page.links, elsewhere))


def title(text: str, small: str = "") -> None:
    """The heading of the page, and a few words beside it, which may be Html."""
    beside = small if isinstance(small, Html) else unbroken(escape(small))
    st.html(f'<h1 class="mbgd-title" tabindex="-1">{escape(text)} <span>{beside}</span></h1>{_task()}')


def _task() -> str:
    """What the route that the session follows asks for on this page, as HTML; empty without one."""
    route, page = followed(), st.session_state["page"]
    stop = route.stop(page) if route else None
    if route is None or stop is None:
        return ""
    at = f"{route.minutes}-minute route, stop {route.stops.index(stop) + 1} of {len(route.stops)}"
    return f'<p class="mbgd-task"><b>{at}, {stop.minutes} min:</b> {escape(stop.do)}</p>'


def heading(text: str, small: str = "", level: int = 2) -> None:
    """The heading of a part of the page; level 3: of a part of a part."""
    st.html(picture_heading(escape(text), escape(small), level))
