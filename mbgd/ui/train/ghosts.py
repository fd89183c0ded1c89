"""The runs before the current one: their curves and small pictures, which a learner can name, hide and delete."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mbgd.charts.train.loss import GHOST_SLOTS, Curve
from mbgd.share.choices import Choices

MOST_GHOSTS = len(GHOST_SLOTS)
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


def rows_of(choices: Choices) -> tuple:
    """What tells a data set from others. Another seed or split draws its rows anew, but the data set is the same."""
    return replace(choices, seed=0, validation=20).data_key


@dataclass
class Ghosts:
    """The earlier runs, first to last: at most as many as there are styles to draw them in."""

    kept: list[Ghost] = field(default_factory=list)
    _numbered: int = 0

    def __len__(self) -> int:
        return len(self.kept)

    def __iter__(self) -> Iterator[Ghost]:
        return iter(self.kept)

    def add(self, curve: Curve, choices: Choices, loss: str, *, picture: str, numbers: str, about: tuple) -> None:
        """Keep one more run. It replaces one about the same without a name of its own; else the first one goes."""
        self.kept = [ghost for ghost in self.kept if ghost.about != about or ghost.name][1 - MOST_GHOSTS :]
        used = {ghost.curve.slot for ghost in self.kept}
        slot = next(slot for slot in GHOST_SLOTS if slot not in used)
        self._numbered += 1
        curve = replace(curve, slot=slot, mark=slot)
        self.kept.append(Ghost(self._numbered, curve, choices, loss, picture, numbers, about))

    def change(self, number: int, **changes: str | bool) -> None:
        """Give the run with this number another name, or hide or show it."""
        if "name" in changes:
            changes["name"] = " ".join(str(changes["name"]).split())[:LONGEST_NAME]
        self.kept = [replace(ghost, **changes) if ghost.number == number else ghost for ghost in self.kept]  # pyright: ignore[reportArgumentType]

    def delete(self, number: int) -> None:
        """Forget the run with this number."""
        self.kept = [ghost for ghost in self.kept if ghost.number != number]

    def drawn(self, choices: Choices, loss: str) -> list[Curve]:
        """The curves that are drawn beside a run with these choices."""
        shown = [ghost for ghost in self.kept if not ghost.hidden and ghost.comparable(choices, loss)]
        return [replace(ghost.curve, label=ghost.title) for ghost in shown]
