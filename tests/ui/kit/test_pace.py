"""The speed of a run: full use of a free process, a fair share of a busy one."""

import threading
from itertools import pairwise
from math import inf
from time import sleep

import pytest

from mbgd.ui.kit.pace import (
    BUSY_TICK,
    DEFAULT_SPEED,
    ENGINE_SHARE,
    MOST_BUSY,
    MOST_WAIT,
    SPEEDS,
    TICK,
    TICKED_LATELY,
    Beat,
    Share,
    Speed,
    fair_share,
    slice_seconds,
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


def crowd(sessions: int, cost: float = 0.0) -> Share:
    """A process in which so many sessions train, and each redraw has the turn for so many seconds."""
    share = Share()
    for number in range(sessions):
        share.sessions(str(number))
        share.note(str(number), cost)
    return share


@pytest.mark.parametrize(("sessions", "tick"), [(1, 0.125), (2, 0.2), (20, 0.2), (30, 0.24), (60, 0.48)])
def test_redraws_are_less_frequent_with_more_sessions(sessions, tick):
    assert crowd(sessions).tick_seconds("0", None, sessions) == pytest.approx(tick)


@pytest.mark.parametrize(
    ("sessions", "cost", "tick"), [(1, 0.1, 0.125), (1, 0.4, 0.4), (20, 0.034, 0.8), (30, 0.001, 0.24)]
)
def test_a_tick_holds_what_all_redraws_cost_and_some_free_time(sessions, cost, tick):
    assert crowd(sessions, cost).tick_seconds("0", None, sessions) == pytest.approx(tick)


def test_a_session_that_costs_much_waits_and_the_others_do_not():
    share = crowd(20, 0.002)
    share.sessions("heavy")
    for _ in range(50):
        share.note("heavy", 0.5)
    light, heavy = (share.tick_seconds(name, None, 21) for name in ("0", "heavy"))
    assert light == BUSY_TICK
    assert heavy == pytest.approx(0.5 / (MOST_BUSY - 20 * 0.002 / BUSY_TICK))  # it may use all that is left
    assert fair_share([0.1, 0.1, 0.4, 0.9], 1.0, 1.0) == 0.4  # the two small ones get 0.1 each, the others 0.4
    assert fair_share([0.1, 0.2], 1.0, 1.0) == inf


def test_the_tick_follows_the_cost_and_recovers():
    share = crowd(10, 0.01)
    calm = share.tick_seconds("0", None, 10)
    for _ in range(20):
        for number in range(10):
            share.note(str(number), 0.2)
    assert share.tick_seconds("0", None, 10) == pytest.approx(10 * 0.2 / MOST_BUSY, rel=0.01)
    for _ in range(20):
        for number in range(10):
            share.note(str(number), 0.01)
    assert share.tick_seconds("0", None, 10) == calm


def test_what_a_session_cost_is_forgotten_with_it(clock):
    share = crowd(5, 1.0)
    clock[0] += TICKED_LATELY + 2
    assert share.sessions("new") == 1
    assert share.tick_seconds("0", None, 1) == TICK


@every_crowd
def test_one_update_a_second_is_redrawn_once_a_second(sessions):
    assert Share().tick_seconds("0", SPEEDS["1 update/s"].updates_a_second(23), sessions) == 1.0


def test_a_slow_pace_is_redrawn_after_each_update():
    share = Share()
    assert share.tick_seconds("0", SPEEDS["5 updates/s"].updates_a_second(23), 1) == pytest.approx(0.2)
    assert share.tick_seconds("0", SPEEDS["1 epoch/s"].updates_a_second(2), 1) == 0.5
    assert share.tick_seconds("0", SPEEDS["10 epochs/s"].updates_a_second(1_000), 1) == TICK


@pytest.mark.parametrize("name", ["10 epochs/s", "full speed"])
def test_a_session_alone_trains_for_at_least_70_percent_of_the_tick(name):
    tick = Share().tick_seconds("0", SPEEDS[name].updates_a_second(23), 1)
    assert 0.7 <= slice_seconds(1) / tick < 0.9  # and something is left for drawing


@every_crowd
@every_speed
def test_all_sessions_together_never_need_more_than_one_process(speed, sessions):
    tick = Share().tick_seconds("0", speed.updates_a_second(23), sessions)
    assert 0 < sessions * slice_seconds(sessions) <= ENGINE_SHARE * tick < tick


@pytest.mark.parametrize("sessions", [2, 30, 60])
def test_many_sessions_still_train_for_40_percent_of_the_time(sessions):
    assert sessions * slice_seconds(sessions) / Share().tick_seconds("0", None, sessions) > 0.4


def test_more_sessions_get_smaller_slices():
    slices = [slice_seconds(sessions) for sessions in range(1, 101)]
    assert all(after <= before * (1 + 1e-9) for before, after in pairwise(slices))
    assert slices[-1] > 0.003


def test_a_clock_that_is_on_time_is_left_alone():
    beat = Beat(0.2)
    for number in range(10):
        beat.begin(100 + 0.2 * number)
        assert beat.renewed(0.2) is None


@pytest.mark.parametrize("gap", [0.01, 0.5])
def test_a_redraw_that_is_not_on_time_starts_a_new_clock(gap):
    """In a crowd a redraw comes late. The next one then follows at once: the browser has asked for it meanwhile."""
    beat = Beat(0.2)
    beat.begin(100)
    beat.begin(100 + gap)
    new = beat.renewed(0.2)
    assert new == pytest.approx(0.2)
    assert new != 0.2  # the browser ignores the seconds that it has
    beat.begin(105)  # the new clock's first tick may come whenever what was drawn has arrived
    assert beat.renewed(0.2) is None


def test_another_pace_starts_a_new_clock():
    beat = Beat(0.2)
    beat.begin(100)
    assert beat.renewed(0.21) is None
    assert beat.renewed(0.4) == 0.4


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


def waits(share: Share, name: str, order: list[str], **options: bool) -> threading.Thread:
    """A thread that waits for its turn, and notes its name when it has it."""

    def take() -> None:
        with share.turn(**options):
            order.append(name)

    thread = threading.Thread(target=take)
    before = len(share._line)
    thread.start()
    while len(share._line) == before:
        sleep(0.001)
    return thread


def test_turns_come_in_order_and_clicks_come_first():
    share, order = Share(), []
    with share.turn():
        names = [("tick 1", False), ("tick 2", False), ("click 1", True), ("tick 3", False), ("click 2", True)]
        threads = [waits(share, name, order, ahead=ahead) for name, ahead in names]
    for thread in threads:
        thread.join(5)
    assert order == ["click 1", "click 2", "tick 1", "tick 2", "tick 3"]


def test_one_who_gives_up_leaves_the_line():
    share, order = Share(), []

    def give_up() -> None:
        raise KeyboardInterrupt

    with share.turn():
        with pytest.raises(KeyboardInterrupt), share.turn(give_up):
            order.append("never")
        thread = waits(share, "next", order)
    thread.join(5)
    assert order == ["next"]


def test_a_click_does_not_wait_for_a_long_step():
    share, order = Share(), []
    with share.turn():
        tick = waits(share, "tick", order)
        sleep(2 * MOST_WAIT)
        assert order == []  # a redraw does
        waits(share, "click", order, ahead=True).join(5)
        assert order == ["click"]  # while the long step is still under way
    tick.join(5)
    assert order == ["click", "tick"]
    with share.turn():  # nothing is left behind
        order.append("next")
    assert order[-1] == "next"
    assert len(share._line) == 0


def test_clicks_beside_a_long_step_act_one_at_a_time():
    share, inside, most = Share(), [], []

    def click() -> None:
        with share.turn(ahead=True):
            inside.append(1)
            most.append(len(inside))
            sleep(0.002)
            inside.pop()

    with share.turn():
        threads = [threading.Thread(target=click) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
    assert most == [1] * 5
