"""Messages are kept for a while and sent in their order; none is lost, whatever ends the run."""

from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mbgd.ui.kit import sending
from mbgd.ui.kit.sending import Batch, keep_messages, send_kept

MESSAGES: list[Any] = ["a", "b", "c"]


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(sending, "monotonic", lambda: now[0])
    return now


def test_messages_are_sent_together_once_the_time_is_over(clock):
    sent = []
    batch = Batch(sent.append, seconds=0.05)
    for message, seconds in zip(MESSAGES, (0.0, 0.04, 0.02), strict=True):
        clock[0] += seconds
        batch(message)
        assert sent == ([] if message != "c" else MESSAGES)
    batch("later")
    assert sent == MESSAGES
    batch.flush()
    assert sent == [*MESSAGES, "later"]


def test_at_the_end_of_a_run_what_was_kept_is_sent_and_nothing_more_is_kept():
    sent = []
    context = SimpleNamespace(_enqueue=sent.append)
    keep_messages(context)
    for message in MESSAGES:
        context._enqueue(message)
    assert sent == []
    send_kept(context)
    context._enqueue("after")
    send_kept(context)
    assert sent == [*MESSAGES, "after"]


def test_without_a_session_nothing_is_kept():
    assert keep_messages(None) is None
    assert keep_messages(SimpleNamespace()) is None


def a_part_in_a_page():
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from mbgd.ui.kit.sending import keep_messages, send_kept, send_so_far, together

    keep_messages(get_script_run_ctx())
    st.text("first")
    try:
        with together():
            st.text("second")
            raise ValueError
    except ValueError:
        pass
    send_so_far()
    st.text("third")
    send_kept(get_script_run_ctx())
    st.text("fourth")


def test_a_part_that_fails_inside_a_page_loses_nothing():
    assert [text.value for text in AppTest.from_function(a_part_in_a_page).run().text] == [
        "first",
        "second",
        "third",
        "fourth",
    ]
