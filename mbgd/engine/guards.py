"""What keeps a run its own: arrays that nobody can change, and arithmetic that no setting of the caller's disturbs."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Memory(bytes):
    """What an immutable array lies in. NumPy refuses to write to bytes, but for those of an array just unpickled."""

    __slots__ = ()


def immutable(array: NDArray[Any]) -> NDArray[Any]:
    """The array itself if its memory can never be written to, else a copy of which that is true.

    A read-only flag is not enough: code that holds the array, or a view of the same memory, can remove the flag.
    """
    memory: Any = array
    while isinstance(memory, np.ndarray):
        memory = memory.base
    return array if isinstance(memory, Memory) else np.ndarray(array.shape, array.dtype, buffer=Memory(array.tobytes()))


def quiet() -> np.errstate:
    """A context, or a decorator, in which overflow gives inf, underflow 0 and inf - inf NaN without a warning.

    All arithmetic of the engine runs in it, so that np.seterr changes nothing; a loss that is not finite is reported as
    a divergence. A generator must not yield inside: the caller would be in it too.
    """
    return np.errstate(all="ignore")
