"""How a long experiment reports its progress."""

from collections.abc import Iterator
from typing import Generic, NamedTuple, TypeVar

Result = TypeVar("Result")


class Step(NamedTuple, Generic[Result]):
    """The state of an experiment on its way: the share done, 0 to 1, what it is doing, and the result so far.

    An experiment yields one every few milliseconds, at most 40 ms apart. It can only be stopped there. The last has
    share 1. One that is `halted` can't go on by itself: the page stops it, and a click on "Go on" tries again.
    A result holds everything that its picture needs, and never changes after it is yielded.
    """

    share: float
    doing: str
    result: Result
    halted: bool = False


Steps = Iterator[Step[Result]]


def finish(steps: Steps[Result]) -> Result:
    """The final result of an experiment."""
    *_, last = steps
    return last.result
