"""Memory is given back when sessions have ended, or the process has grown, and not otherwise."""

import gc
import weakref

from mbgd.ui.kit.memory import GROWN, Keeper, give_back


def keeper(sessions, resident):
    """A keeper of these numbers, one for each look; the first size is that at its start."""
    given = []
    counts, sizes = iter(sessions), iter(resident)
    made = Keeper(lambda: next(counts), lambda: next(sizes), lambda: given.append(1))
    return [made.look() for _ in sessions], given


def test_it_is_given_back_when_a_session_has_ended():
    looks, given = keeper([1, 2, 2, 1, 1], [100.0] * 20)
    assert looks == [False, False, False, True, False]
    assert len(given) == 1


def test_it_is_given_back_when_the_process_has_grown_and_then_not_again():
    grown = 100.0 + GROWN + 1
    looks, _ = keeper([1, 1, 1], [100.0, 100.0, grown, grown, grown, grown])
    assert looks == [False, True, False]


def test_objects_that_refer_to_each_other_are_collected():
    class Node:
        pass

    first, second = Node(), Node()
    first.other, second.other = second, first
    seen = weakref.ref(first)
    gc.disable()
    try:
        del first, second
        assert seen() is not None
        give_back()
        assert seen() is None
    finally:
        gc.enable()
