"""The sentence on a busy server comes after several late redraws, and goes after several that are on time."""

import pytest

from mbgd.ui.kit.busy import IN_A_ROW, LATE, Lateness, busy_words


def redrawn(lateness: Lateness, gaps: list[float], *, took: float = 0.1, pace: float = 0.125) -> list[bool]:
    """Whether the server counts as busy at each redraw, these seconds after the one before."""
    now, seen = 100.0, []
    for gap in [0.0, *gaps]:
        now += gap
        lateness.begin(now)
        lateness.end(took, pace)
        seen.append(lateness.busy)
    return seen[1:]


def test_it_takes_several_late_redraws_and_several_on_time():
    late, on_time = 0.125 + LATE + 0.1, 0.15
    busy = redrawn(Lateness(), [late] * IN_A_ROW + [on_time] * IN_A_ROW)
    assert busy == [False] * (IN_A_ROW - 1) + [True] * IN_A_ROW + [False]


@pytest.mark.parametrize(("gap", "took", "pace"), [(0.15, 0.1, 0.125), (1.1, 0.1, 1.0), (0.9, 0.8, 0.125)])
def test_a_slow_pace_and_large_updates_of_its_own_are_not_the_servers(gap, took, pace):
    assert not any(redrawn(Lateness(), [gap] * 10, took=took, pace=pace))


def test_a_single_hiccup_and_a_pause_do_not_count():
    lateness = Lateness()
    assert not any(redrawn(lateness, [2.0, 0.15, 2.0, 0.15, 2.0]))
    for _ in range(5):
        lateness.paused()
        assert not any(redrawn(lateness, [2.0]))


@pytest.mark.parametrize(("others", "words"), [(0, "busy:"), (1, "another run"), (29, "29 other runs")])
def test_the_sentence_says_how_many_train(others, words):
    assert words in busy_words(others)
