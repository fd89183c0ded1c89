"""Numbers in words: durations."""

import pytest

from mbgd.ui.kit.words import duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "under 1 s"),
        (0.99, "under 1 s"),
        (1, "1 s"),
        (59.6, "60 s"),
        (89, "89 s"),
        (90, "2 min"),
        (3_600, "60 min"),
        (5_400, "1.5 h"),
        (86_400, "24.0 h"),
    ],
)
def test_duration(seconds, words):
    assert duration(seconds) == words
