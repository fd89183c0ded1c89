"""The lessons done: read from an address, in the order of the course."""

from mbgd.ui.frame.menu import LESSONS, label
from mbgd.ui.frame.ticks import NAMES, read_ticks


def test_names_are_read_in_the_order_of_the_course():
    assert read_ticks("") == ([], [])
    assert read_ticks("loop.modes") == (["modes", "loop"], [])
    assert read_ticks(".".join(NAMES)) == (list(NAMES), [])


def test_unknown_names_are_named_once_and_shortened():
    names, (sentence,) = read_ticks("modes.<b>." + 200 * "x")
    assert names == ["modes"]
    assert "done=<b>." in sentence
    assert len(sentence) < 300


def test_a_done_lesson_has_a_tick():
    first = LESSONS[0]
    assert label(first, [first.name]) == f"{label(first)} ✓"
    assert label(first, [LESSONS[1].name]) == label(first)
