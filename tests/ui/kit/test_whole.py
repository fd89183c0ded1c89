"""Runs of the whole page come one after the other, and redraws give way to them, but neither waits for ever."""

import threading
from time import monotonic, sleep

import pytest
from streamlit.testing.v1 import AppTest

from mbgd.ui.kit import whole
from mbgd.ui.kit.waiting import LOOK
from mbgd.ui.kit.whole import WHOLE, WholeRuns
from tests.pages.app import APP, healthy

LONG = 10.0


@pytest.fixture
def patient(monkeypatch):
    """Nobody gives up waiting while a test looks."""
    monkeypatch.setattr(whole, "MOST_WAIT", LONG)
    monkeypatch.setattr(whole, "GIVE_WAY", LONG)


def started(work, *arguments) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments, daemon=True)
    thread.start()
    return thread


def seconds_of(work, *arguments) -> float:
    began = monotonic()
    work(*arguments)
    return monotonic() - began


def test_without_whole_runs_a_redraw_does_not_wait():
    assert seconds_of(WholeRuns().give_way) < LOOK


@pytest.mark.usefixtures("patient")
def test_a_redraw_waits_from_the_request_to_the_end_of_a_whole_run():
    runs = WholeRuns()
    runs.ask("a")
    redraw = started(runs.give_way)
    runs.begin("run of a")
    redraw.join(3 * LOOK)
    assert redraw.is_alive()
    runs.end("run of a", "a")
    redraw.join(LONG)
    assert not redraw.is_alive()


@pytest.mark.usefixtures("patient")
def test_whole_runs_come_one_after_the_other_in_their_order():
    runs, order = WholeRuns(), []

    def run(name: str) -> None:
        runs.begin(name)
        order.append(name)
        sleep(0.01)
        order.append(name)
        runs.end(name, name)

    runs.begin("first")
    threads = []
    for name in "abc":
        threads.append(started(run, name))
        while name not in runs._line:
            sleep(0.001)
    assert order == []
    runs.end("first", "first")
    for thread in threads:
        thread.join(LONG)
    assert order == list("aabbcc")


def test_nobody_waits_for_a_long_run_for_ever(monkeypatch):
    monkeypatch.setattr(whole, "MOST_WAIT", 0.05)
    monkeypatch.setattr(whole, "GIVE_WAY", 0.05)
    runs = WholeRuns()
    runs.begin("long")
    assert 0.05 <= seconds_of(runs.begin, "next") < LONG
    assert 0.05 <= seconds_of(runs.give_way) < LONG


@pytest.mark.usefixtures("patient")
def test_a_run_that_gives_up_while_it_waits_blocks_nobody():
    runs = WholeRuns()
    runs.begin("first")

    def give_up() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        runs.begin("second", give_up)
    with pytest.raises(InterruptedError):
        runs.give_way(give_up)
    runs.end("second", "b")
    runs.end("first", "a")
    assert seconds_of(runs.begin, "third") < LOOK


def test_a_request_whose_run_never_began_is_forgotten(monkeypatch):
    monkeypatch.setattr(whole, "FORGOTTEN", 0.0)
    runs = WholeRuns()
    runs.ask("gone")
    assert seconds_of(runs.give_way) < LOOK


def test_each_page_takes_its_turn_and_gives_it_back(monkeypatch):
    began = []
    begin = WHOLE.begin
    monkeypatch.setattr(WHOLE, "begin", lambda mark, between: (began.append(mark), begin(mark, between)))
    at = healthy(AppTest.from_file(APP, default_timeout=30).run())
    assert at.button(key="train")
    assert len(began) == 1
    assert not WHOLE._line


def test_without_threads_nothing_waits_for_its_turn(monkeypatch):
    """Without threads, all scripts share one: a script that waited would stop all others."""

    async def execute(script, context): ...

    monkeypatch.setattr(whole, "has_threads", lambda: False)
    monkeypatch.setattr(whole.script_runner, whole.EXECUTE, execute)
    monkeypatch.setattr(whole, "on_arrival", lambda *_: pytest.fail("noted"))
    whole.note_whole_runs()
    assert getattr(whole.script_runner, whole.EXECUTE) is execute
