"""A click in a part of the page ends what the part's clock has begun, and is answered by the part alone."""

import pytest
from streamlit.runtime.scriptrunner import RerunException
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests, ScriptRequestType

from mbgd.ui.kit import part


@pytest.fixture
def requests(monkeypatch):
    """The requests to a script run of a page with two parts that clocks redraw; one of them is in the part "player"."""
    asked = ScriptRequests()
    monkeypatch.setattr(part, "_requests", lambda: asked)
    monkeypatch.setattr(part, "_clocked", {"live", "another"})
    return asked


def test_without_a_request_no_click_waits(requests):
    assert not part.click_waits()
    part.end_for_click()
    part.let_clicks_through()


@pytest.mark.parametrize("asked", ["live", "another"])
def test_a_clock_is_no_click(requests, asked):
    requests.request_rerun(RerunData(fragment_id=asked, is_auto_rerun=True))
    assert not part.click_waits()
    part.let_clicks_through()


@pytest.mark.parametrize("order", [["player"], ["live", "player"], ["player", "live"]])
def test_a_click_in_the_part_around_ends_the_work_or_the_redraw(requests, order):
    for asked in order:
        requests.request_rerun(RerunData(fragment_id=asked, is_auto_rerun=asked == "live"))
    with pytest.raises(part.ClickWaits):
        part.end_for_click()
    with pytest.raises(RerunException) as ended:
        part.let_clicks_through()
    assert ended.value.rerun_data.fragment_id_queue == order  # the click is not lost: it is the next run
    assert not part.click_waits()


def test_the_end_of_a_session_is_no_click(requests):
    requests.request_rerun(RerunData(fragment_id="player"))
    requests.request_stop()
    assert not part.click_waits()


def test_a_session_that_ends_just_after_a_click_stays_ended(requests, monkeypatch):
    requests.request_stop()
    monkeypatch.setattr(part, "click_waits", lambda: True)
    part.let_clicks_through()
    assert requests.on_scriptrunner_yield().type is ScriptRequestType.STOP  # what is drawn next ends the run


def test_outside_of_a_session_there_are_no_parts():
    assert part.current_part() is None
    assert part.parts_of_this_run() == []
    assert part.ticking() is None
    assert not part.click_waits()
