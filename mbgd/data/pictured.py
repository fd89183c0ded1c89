"""How a data set is pictured: what its table says, or what follows from its columns."""

from collections.abc import Callable
from math import prod
from typing import NamedTuple, Self

from mbgd.engine.checks import one_of

MOST_CLASSES = 6  # that colours and shapes tell apart


class Pictured(NamedTuple):
    """The kind of picture that shows best what a network has learnt of a data set, and what that picture draws.

    features: the two columns of X that "classes" draws. shape and largest: height and width of "images", and the
    value of a pixel that is all ink, where 0 is none.
    """

    kind: str
    features: tuple[int, int] = (0, 1)
    shape: tuple[int, int] = (0, 0)
    largest: float = 1.0

    @classmethod
    def by_default(cls, n: int, k: int) -> Self:
        """The first kind that fits n features and k classes, 0 for a quantity."""
        return next(pictured for pictured in map(cls, KINDS) if pictured.fits(n, k))

    def fits(self, n: int, k: int) -> bool:
        """Whether n features and k classes, 0 for a quantity, can be pictured so."""
        return KINDS[self.kind].fits(self, n, k)

    def checked(self, n: int, k: int) -> Self:
        """Itself if it fits, or a ValueError that says what such a picture needs."""
        one_of("The kind of picture", self.kind, KINDS)
        if not self.fits(n, k):
            target = f"{k} classes" if k else "a quantity"
            raise ValueError(
                f"A picture of kind {self.kind!r} needs {KINDS[self.kind].needs}. The data set has {n} "
                f"feature{'s' * (n != 1)} and {target}, the picture features {self.features}, shape {self.shape} and "
                f"largest {self.largest:g}: mend these, or choose another kind."
            )
        return self


class Kind(NamedTuple):
    """What a kind of picture needs, in words and as a test of (pictured, n features, k classes or 0)."""

    needs: str
    fits: Callable[[Pictured, int, int], bool]


KINDS = {
    "curve": Kind("one feature, and a quantity or two classes", lambda _, n, k: n == 1 and k in (0, 2)),
    "plane": Kind("two features, and a quantity or two classes", lambda _, n, k: n == 2 and k in (0, 2)),
    "actual": Kind("a quantity", lambda _, n, k: k == 0),
    "classes": Kind(
        f"two different features, numbered from 0, and at most {MOST_CLASSES} classes",
        lambda pictured, n, k: 1 <= k <= MOST_CLASSES and _two_of(n, pictured.features),
    ),
    "confusion": Kind("classes", lambda _, n, k: k > 0),
    "images": Kind(
        "classes, a feature for each pixel of its shape, and a largest value above 0",
        lambda pictured, n, k: k > 0 and prod(pictured.shape) == n and pictured.largest > 0,
    ),
}


def _two_of(n: int, features: tuple[int, ...]) -> bool:
    return len(features) == len(set(features)) == 2 and set(features) <= set(range(n))
