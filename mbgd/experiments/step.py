"""How an experiment that takes a while tells how far it is."""

from collections.abc import Iterator
from typing import Generic, NamedTuple, TypeVar

Result = TypeVar("Result")


class Step(NamedTuple, Generic[Result]):
    """A stop on the way: the share that is done, 0 to 1, what is being done, and the result so far.

    An experiment yields one every few milliseconds (40 at most): only there can it be stopped. The last has share 1.
    A result holds all that its picture needs, and is never changed once it is yielded.
    """

    share: float
    doing: str
    result: Result


Steps = Iterator[Step[Result]]


def finish(steps: Steps[Result]) -> Result:
    """The result of an experiment, without a look at the steps between."""
    *_, last = steps
    return last.result
