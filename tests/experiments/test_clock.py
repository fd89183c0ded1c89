"""The time left of a run."""

import pytest

from mbgd.experiments.clock import A_STOP, SOON, Clock


def test_the_time_left_counts_drawing_but_no_stop():
    times = iter([0.0, SOON * 0.4, SOON * 2, SOON * 4, 1000.0])
    clock = Clock(lambda: next(times))
    assert clock.left(0.1) is None  # too soon to tell
    assert clock.left(0.25) == pytest.approx(8 * SOON)  # 0.15 in the last 1.6 SOON
    assert clock.left(0.5) == pytest.approx(4 * SOON)  # 0.25 in the last 2 SOON
    assert clock.left(0.5) == pytest.approx(2 * (2 * SOON + A_STOP))  # and not 1,000 s for it


def test_the_slow_beginning_of_a_race_is_forgotten_in_the_time_left():
    """Half of the time for a fiftieth of the race, and then 20 times faster: 3.5 s are left, and not 150."""
    shares = [i / 1000 for i in range(21)] + [0.02 + i / 50 for i in range(1, 16)]
    times = iter([0.1 * i for i in range(len(shares) + 1)])
    clock = Clock(lambda: next(times))
    assert [clock.left(share) for share in shares][-1] == pytest.approx((1 - shares[-1]) / 0.2, rel=0.25)


def test_it_is_told_in_words_once_it_is_known():
    times = iter([0.0, SOON * 0.4, SOON * 2])
    clock = Clock(lambda: next(times))
    assert clock.in_words(0.1) == ""
    assert clock.in_words(0.5).endswith(" s left")
