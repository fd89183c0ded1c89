"""Values of widgets: remembered over pages, asked for by an address, and what an address gets wrong is told."""

from streamlit.testing.v1 import AppTest

from mbgd.share.allowed import link_text


def page():
    import streamlit as st

    from mbgd.ui.kit.state import complaints, enter, keep, linked, remembered

    enter(st.session_state.get("goes_to", "one"), ["part"])
    key = linked("part", "the_part", "First part", ["First part", "Second part"])
    st.radio("Part", ["First part", "Second part"], key=key)
    keep(key)
    st.session_state["told"] = list(complaints())
    st.session_state["known"] = remembered("the_part"), remembered("nothing", 3)


def opened(**query):
    at = AppTest.from_function(page)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def test_an_address_chooses_and_nothing_is_wrong():
    at = opened(part="second-part")
    assert at.radio[0].value == "Second part"
    assert at.session_state["told"] == []
    assert at.session_state["known"] == ("Second part", 3)


def test_what_an_address_gets_wrong_is_recorded_as_it_is_written():
    at = opened(part="<b>x</b>")
    assert at.radio[0].value == "First part"
    assert len(at.session_state["told"]) == 1
    assert "part=<b>x</b>" in at.session_state["told"][0]
    assert "first-part, second-part" in at.session_state["told"][0]


def test_another_page_begins_without_what_was_wrong_and_remembers_the_choice():
    at = opened(part="third")
    at.radio[0].set_value("Second part").run()
    at.session_state["goes_to"] = "two"
    at.run()
    assert at.session_state["told"] == []
    assert at.radio[0].value == "Second part"


def test_an_address_writes_small_letters_and_no_spaces():
    assert link_text("On the loss surface") == "on-the-loss-surface"
