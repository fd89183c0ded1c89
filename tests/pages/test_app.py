"""The helpers that read a page must themselves see what they are asked about."""

import pytest
from streamlit.testing.v1 import AppTest

from mbgd.ui.kit.claims import Claim, outcome
from mbgd.ui.kit.predict import Answer, Question
from tests.pages.app import agreements, healthy, html, marking, notes, press, rows

CLAIMS = [Claim("one", "1", "1", True), Claim("two", "2", "3", False)]
QUESTION = Question("sum", "What is 1 + 2?", {"three": Answer("3.", ""), "four": Answer("4.", "")})


def a_page():
    import streamlit as st

    from mbgd.ui.kit.claims import show_claims
    from mbgd.ui.kit.html import note
    from mbgd.ui.kit.predict import ask
    from mbgd.ui.kit.state import enter
    from tests.pages.test_app import CLAIMS, QUESTION

    enter("a page", ())
    st.html(note("changed", "above the question"))
    ask(QUESTION)
    st.button("can't be pressed", key="off", disabled=True)
    if st.button("breaks", key="breaks"):
        raise ValueError("broken")
    st.html(note("good", "below the question"))
    st.html('<p class="mbgd-agrees">no claim</p>')
    show_claims("numbers", CLAIMS)


@pytest.fixture
def at():
    return healthy(AppTest.from_function(a_page, default_timeout=30).run())


def test_an_exception_on_a_page_is_seen(at):
    with pytest.raises(AssertionError, match="broken"):
        press(at, "breaks")


def test_a_button_that_is_disabled_is_not_pressed(at):
    with pytest.raises(AssertionError, match="off"):
        press(at, "off")


def test_claims_are_read_one_by_one(at):
    assert "✓" not in html(at)
    assert [panel.label for panel in at.expander] == [f"Theory and measurement: {outcome(CLAIMS)}"]
    assert agreements(at) == [True, False]
    assert [row[:3] for row in rows(at)[-2:]] == [["one", "1", "1"], ["two", "2", "3"]]


def test_notes_are_read_by_their_kinds_and_a_marking_is_the_first_below_its_question(at):
    assert notes(at) == ["changed", "good"]
    assert marking(at, "sum") == "good"
    with pytest.raises(AssertionError):
        marking(at, "another")
