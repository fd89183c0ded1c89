"""The runs before the current one: their curves and small pictures, which a learner can name, hide and delete."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from string import ascii_lowercase

from mbgd.charts.batch_sizes import apart
from mbgd.charts.train.loss import Curve
from mbgd.share.choices import Choices
from mbgd.share.runs.record import rows_of

MOST_GHOSTS = 6
LONGEST_NAME = 60


@dataclass(frozen=True)
class Ghost:
    """An earlier run. about: all that its numbers follow from; two runs about the same replace each other."""

    number: int
    curve: Curve
    choices: Choices
    loss: str
    picture: str  # the address of an image
    numbers: str  # its last losses, in words
    about: tuple = ()
    name: str = ""  # given by the learner
    hidden: bool = False

    @property
    def title(self) -> str:
        """The learner's name for it, or what it was."""
        return self.name or self.curve.label

    def comparable(self, choices: Choices, loss: str) -> bool:
        """Whether its curve may share the axes of a run with these choices: the same data set, and the same loss."""
        return self.loss == loss and rows_of(self.choices) == rows_of(choices)


def letter_of(number: int) -> str:
    """The letter of an earlier run on the chart and in the list: a to z, then a2 to z2 and so on."""
    round_, place = divmod(number - 1, len(ascii_lowercase))
    return ascii_lowercase[place] + (f"{round_ + 1}" if round_ else "")


@dataclass
class Ghosts:
    """The earlier runs, first to last. A number, and so a letter, once given stays with its run and is given once."""

    kept: list[Ghost] = field(default_factory=list)
    dropped: Ghost | None = None  # the last one that went because there was no more room
    _numbered: int = 0
    _dashes: dict[int, str] = field(default_factory=dict)  # in which each was last drawn, by number
    _aside: dict[tuple, Ghost] = field(default_factory=dict)  # those of runs that go on, by what they are about

    def __len__(self) -> int:
        return len(self.kept)

    def __iter__(self) -> Iterator[Ghost]:
        return iter(self.kept)

    def add(self, curve: Curve, choices: Choices, loss: str, *, picture: str, numbers: str, about: tuple) -> None:
        """Keep one more run. It takes the place of one about the same, unless that has a name; else the first one goes.

        A run that had been set aside has its number, name and whether it is hidden again. Of two about the same, the
        longer one stays: it begins as the shorter one.
        """
        same = [ghost for ghost in self.kept if ghost.about == about and not ghost.name]
        if same and _updates(same[0].curve) > _updates(curve):
            return
        before = self._aside.pop(about, None) or (same[0] if same else None)
        if before is None:
            self._numbered += 1
            before = Ghost(self._numbered, curve, choices, loss, picture, numbers, about)
        curve = replace(curve, mark=letter_of(before.number))
        others = [ghost for ghost in self.kept if ghost not in same]
        if len(others) == MOST_GHOSTS:
            self.dropped, *others = others
        self.kept = [
            *others,
            replace(before, curve=curve, choices=choices, loss=loss, picture=picture, numbers=numbers),
        ]

    def set_aside(self, about: tuple) -> None:
        """Take the run about this out of the list, because it goes on and is drawn as itself."""
        for ghost in [ghost for ghost in self.kept if ghost.about == about]:
            self.kept.remove(ghost)
            self._aside[about] = ghost

    def forget_all(self) -> None:
        """Forget all earlier runs, and begin with the first letter again."""
        self.kept, self.dropped, self._numbered, self._aside = [], None, 0, {}

    def change(self, number: int, **changes: str | bool) -> None:
        """Give the run with this number another name, or hide or show it."""
        if "name" in changes:
            changes["name"] = " ".join(str(changes["name"]).split())[:LONGEST_NAME]
        self.kept = [replace(ghost, **changes) if ghost.number == number else ghost for ghost in self.kept]  # pyright: ignore[reportArgumentType]

    def delete(self, number: int) -> None:
        """Forget the run with this number."""
        self.kept = [ghost for ghost in self.kept if ghost.number != number]

    def drawn(self, choices: Choices, loss: str, beside: Collection[str] = ()) -> list[Curve]:
        """The curves that are drawn beside a run with these choices, each with a dash of its own.

        beside: the styles of what else is drawn. A run keeps its dash, if that is not in `beside`, whatever becomes of
        the other runs.
        """
        dashes = apart([self._dashes.get(ghost.number, ghost.curve.style) for ghost in self.kept], beside)
        self._dashes = {ghost.number: dash for ghost, dash in zip(self.kept, dashes, strict=True)}
        return [
            replace(ghost.curve, label=ghost.title, dash=dash)
            for ghost, dash in zip(self.kept, dashes, strict=True)
            if not ghost.hidden and ghost.comparable(choices, loss)
        ]


def _updates(curve: Curve) -> float:
    """The updates after which a curve ends."""
    return float(curve.position["updates"][-1])
