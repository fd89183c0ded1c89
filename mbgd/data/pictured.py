"""How a data set is pictured: as its table says, or as follows from its columns."""

from collections.abc import Callable
from math import prod
from typing import NamedTuple, Self

from mbgd.engine.checks import one_of

MOST_CLASSES = 6  # more can't be told apart by colour and shape


class Pictured(NamedTuple):
    """The kind of picture that best shows what a network has learnt, and what the picture draws.

    features: the two columns of X that "classes" draws. shape: height and width of "images". largest: the value of a
    pixel that is all ink; 0 is no ink.
    """

    kind: str
    features: tuple[int, int] = (0, 1)
    shape: tuple[int, int] = (0, 0)
    largest: float = 1.0

    @classmethod
    def by_default(cls, n: int, k: int) -> Self:
        """The first kind that fits n features and k classes; k = 0 for a numeric target."""
        return next(pictured for pictured in map(cls, KINDS) if pictured.fits(n, k))

    def fits(self, n: int, k: int) -> bool:
        """Whether this picture fits n features and k classes; k = 0 for a numeric target."""
        return KINDS[self.kind].fits(self, n, k)

    def checked(self, n: int, k: int) -> Self:
        """Return itself if it fits; else raise a ValueError that says what such a picture needs."""
        one_of("The kind of picture", self.kind, KINDS)
        if not self.fits(n, k):
            target = f"{k} classes" if k else "a numeric target"
            raise ValueError(
                f"A picture of kind {self.kind!r} needs {KINDS[self.kind].needs}. The data set has {n} "
                f"feature{'s' * (n != 1)} and {target}. The picture has features {self.features}, shape {self.shape} "
                f"and largest {self.largest:g}: correct these, or choose another kind."
            )
        return self


class Kind(NamedTuple):
    """The needs of a kind of picture: in words, and as a test of (pictured, n features, k classes or 0)."""

    needs: str
    fits: Callable[[Pictured, int, int], bool]


KINDS = {
    "curve": Kind("one feature, and a numeric target or two classes", lambda _, n, k: n == 1 and k in (0, 2)),
    "plane": Kind("two features, and a numeric target or two classes", lambda _, n, k: n == 2 and k in (0, 2)),
    "actual": Kind("a numeric target", lambda _, n, k: k == 0),
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
