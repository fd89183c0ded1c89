"""The data sets by name, and `load`."""

from mbgd.data import real
from mbgd.data.dataset import Dataset, split_and_scale
from mbgd.data.made import MADE
from mbgd.engine.checks import one_of, real_number, whole_number
from mbgd.engine.randomness import streams

FEWEST, MOST = 10, 100_000
MOST_NOISE = 2.0


def datasets() -> dict[str, str]:
    """The names that `load` knows, each with a one-line description."""
    measured = {name: real.about(name)["description"] for name in real.REAL}
    return measured | {name: made.description for name, made in MADE.items()}


def load(
    name: str, seed: int = 0, *, n: int | None = None, noise: float | None = None, validation: float = 0.2
) -> Dataset:
    """A data set by name, split and standardised.

    The seed draws the split, and the points of a made-up set. n (300 unless given) and noise (by default the set's own)
    apply to made-up sets only. validation: the share of rows held out, rounded up to whole rows. Raises ValueError for
    an unknown name (the message lists the known ones), for a value out of bounds, and for a value that does not apply.
    """
    one_of("name", name, datasets())
    validation = real_number("validation", validation, 0.0, 1.0, open_ends=True)
    points, jitter, split = streams(seed).data.spawn(3)
    if name in MADE:
        made = MADE[name]
        size = 300 if n is None else whole_number("n", n, FEWEST, MOST)
        level = made.noise if noise is None else real_number("noise", noise, 0.0, MOST_NOISE)
        table = made.maker(points, jitter, size, level)
    else:
        for option, value in (("n", n), ("noise", noise)):
            if value is not None:
                raise ValueError(f"{option} applies to made-up sets only, not to {name!r}: leave it out.")
        table = real.read_table(name)
    return split_and_scale(name, table, split, validation)
