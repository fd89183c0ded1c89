"""Course: the lessons in order, and the routes through them."""

import streamlit as st

from mbgd.ui.course.lessons import show_before, show_followed, show_lessons, show_route, show_ticks
from mbgd.ui.frame.glossary import glossary_text
from mbgd.ui.frame.menu import GLOSSARY
from mbgd.ui.frame.page import open_page, title
from mbgd.ui.frame.routes import ROUTES
from mbgd.ui.kit.source import folded, open_if_asked


def show_glossary():
    """Show the words and their meanings."""
    st.markdown(glossary_text())


open_page("Course")
title("Course", "from the batch size to code that you can trust")
st.markdown(
    "Each lesson asks a question. You answer, then a run shows whether you were right, with numbers measured live. "
    "Start on the page **Train**, then take the lessons in their order, or follow one of the two routes."
)
show_followed()
show_before()
with st.container(key="course"):
    show_lessons()
    show_ticks()
    for route in ROUTES:
        show_route(route)
open_if_asked(GLOSSARY, "open")
folded("Glossary: the words of the course", GLOSSARY, show_glossary)
