"""The speed of a run: full use of a free process, a fair share of a busy one."""

import threading
from itertools import pairwise

import pytest

from mbgd.ui.kit.pace import (
    DEFAULT_SPEED,
    ENGINE_SHARE,
    SPEEDS,
    TICK,
    TICKED_LATELY,
    Share,
    Speed,
    slice_seconds,
    tick_seconds,
)

every_speed = pytest.mark.parametrize("speed", SPEEDS.values(), ids=SPEEDS)
every_crowd = pytest.mark.parametrize("sessions", [1, 2, 30, 60])


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test sets by hand."""
    now = [100.0]
    monkeypatch.setattr("mbgd.ui.kit.pace.monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(
    ("speed", "expected"), [(Speed(updates=5), 5), (Speed(epochs=1), 23), (Speed(epochs=10), 230), (Speed(), None)]
)
def test_updates_a_second(speed, expected):
    assert speed.updates_a_second(23) == expected


def test_speeds_keep_the_pace_in_their_names():
    assert {name: speed.updates_a_second(23) for name, speed in SPEEDS.items()} == {
        "1 update/s": 1,
        "5 updates/s": 5,
        "1 epoch/s": 23,
        "10 epochs/s": 230,
        "full speed": None,
    }
    assert DEFAULT_SPEED in SPEEDS


@pytest.mark.parametrize(("sessions", "tick"), [(1, 0.125), (2, 0.2), (20, 0.2), (30, 0.3), (60, 0.6)])
def test_redraws_are_less_frequent_with_more_sessions(sessions, tick):
    assert tick_seconds(None, sessions) == pytest.approx(tick)


@every_crowd
def test_one_update_a_second_is_redrawn_once_a_second(sessions):
    assert tick_seconds(SPEEDS["1 update/s"].updates_a_second(23), sessions) == 1.0


def test_a_slow_pace_is_redrawn_after_each_update():
    assert tick_seconds(SPEEDS["5 updates/s"].updates_a_second(23), 1) == pytest.approx(0.2)
    assert tick_seconds(SPEEDS["1 epoch/s"].updates_a_second(2), 1) == 0.5
    assert tick_seconds(SPEEDS["10 epochs/s"].updates_a_second(1_000), 1) == TICK


@pytest.mark.parametrize("name", ["10 epochs/s", "full speed"])
def test_a_session_alone_trains_for_at_least_70_percent_of_the_tick(name):
    tick = tick_seconds(SPEEDS[name].updates_a_second(23), 1)
    assert 0.7 <= slice_seconds(tick, 1) / tick < 0.9  # and something is left for drawing


@every_crowd
@every_speed
def test_all_sessions_together_never_need_more_than_one_process(speed, sessions):
    tick = tick_seconds(speed.updates_a_second(23), sessions)
    assert 0 < sessions * slice_seconds(tick, sessions) <= ENGINE_SHARE * tick < tick


@pytest.mark.parametrize("sessions", [2, 30, 60])
def test_many_sessions_still_train_for_40_percent_of_the_time(sessions):
    tick = tick_seconds(None, sessions)
    assert sessions * slice_seconds(tick, sessions) / tick > 0.4


def test_more_sessions_get_smaller_slices():
    slices = [slice_seconds(tick_seconds(None, sessions), sessions) for sessions in range(1, 101)]
    assert all(after <= before * (1 + 1e-9) for before, after in pairwise(slices))
    assert slices[-1] > 0.005


def test_each_session_counts_once(clock):
    share = Share()
    assert [share.sessions(name) for name in ("a", "b", "a", "c", "b")] == [1, 2, 2, 3, 3]


def test_sessions_are_forgotten_after_three_seconds(clock):
    share = Share()
    share.sessions("gone")
    clock[0] += 1
    share.sessions("here")
    clock[0] += TICKED_LATELY - 1
    assert share.sessions("new") == 3
    clock[0] += 0.5
    assert share.sessions("new") == 2
    clock[0] += 1
    assert share.sessions("new") == 1
    assert TICKED_LATELY == 3


def test_a_session_that_goes_on_is_not_forgotten(clock):
    share = Share()
    for _ in range(10):
        share.sessions("a")
        clock[0] += 1
        assert share.sessions("b") == 2


def test_one_session_trains_at_a_time():
    share, entered = Share(), threading.Event()

    def other():
        with share.turn():
            entered.set()

    thread = threading.Thread(target=other)
    with share.turn():
        thread.start()
        assert not entered.wait(0.02)
    thread.join(1)
    assert entered.is_set()


def test_a_failure_in_a_turn_gives_the_turn_back():
    share = Share()
    with pytest.raises(ZeroDivisionError), share.turn():
        _ = 1 / 0
    with share.turn():
        assert share.sessions("a") == 1
