"""Long work in pieces, each within a turn: other sessions of the process then wait for a piece, and not for all."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

Piece = TypeVar("Piece")
Turn = Callable[[], AbstractContextManager[object]]
AT_ONCE: Turn = nullcontext  # nobody else waits
_END = object()


def in_turns(pieces: Iterable[Piece], turn: Turn) -> Iterator[Piece]:
    """The pieces, each of them made within a turn."""
    iterator = iter(pieces)
    while True:
        with turn():
            piece = next(iterator, _END)
        if piece is _END:
            return
        yield piece  # pyright: ignore[reportReturnType]
