"""The runs of a session: a bounded list, in which each has a number, perhaps a name, and may be pinned."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mbgd.share.runs.record import Record

MOST_RUNS = 20
LONGEST_NAME = 60


@dataclass
class Runs:
    """The runs of a session, first to last. A number, once given, is given to no other run."""

    kept: list[Record] = field(default_factory=list)
    dropped: Record | None = None  # the last one that went because there was no more room
    _numbered: int = 0
    _gone: set[tuple[tuple, int]] = field(default_factory=set)  # what the deleted and dropped ones were about

    def __len__(self) -> int:
        return len(self.kept)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.kept)

    def get(self, number: int) -> Record | None:
        """The run with this number."""
        return next((run for run in self.kept if run.number == number), None)

    def same(self, about: tuple, updates: int) -> Record | None:
        """The run about the same that ends after so many updates."""
        return next((run for run in self.kept if run.about == about and run.updates == updates), None)

    def wants(self, about: tuple, updates: int, *, pinned: bool) -> bool:
        """Whether a run would change the list: it is not there, or to be pinned; and it was not deleted or dropped."""
        known = self.same(about, updates)
        if pinned:
            return known is None or not known.pinned
        return known is None and (about, updates) not in self._gone

    def add(self, run: Record) -> Record:
        """Keep a run, and return it with its number.

        One about the same that has gone on takes the place of the shorter one, unless that is pinned or has a name; and
        a shorter one is left out, unless it is pinned. If there is no room, the oldest goes that is not pinned; if all
        are pinned, the new one.
        """
        if known := self.same(run.about, run.updates):
            named = replace(known, pinned=known.pinned or run.pinned, name=known.name or run.name)
            self.kept = [named if other is known else other for other in self.kept]
            return named
        alike = [other for other in self.kept if other.about == run.about]
        longer = [other for other in alike if other.updates > run.updates]
        if longer and not (run.pinned or run.name):
            return longer[0]
        begun = [other for other in alike if other.updates < run.updates and not (other.pinned or other.name)]
        if begun:
            run = replace(run, number=begun[0].number)
            self.kept = [run if other is begun[0] else other for other in self.kept if other not in begun[1:]]
            return run
        self._numbered += 1
        run = replace(run, number=self._numbered)
        self.kept.append(run)
        if len(self.kept) > MOST_RUNS:
            gone = next((other for other in self.kept if not other.pinned), run)
            self.delete(gone.number)
            self.dropped = gone
        return run

    def change(self, number: int, *, name: str | None = None, pinned: bool | None = None) -> None:
        """Give the run with this number another name, or pin it, or let it go."""
        changes: dict[str, str | bool] = {} if pinned is None else {"pinned": pinned}
        if name is not None:
            changes["name"] = one_line(name)
        self.kept = [replace(run, **changes) if run.number == number else run for run in self.kept]  # pyright: ignore[reportArgumentType]

    def delete(self, number: int) -> None:
        """Forget the run with this number. It does not come back by itself, as when it is still shown on Train."""
        self.dropped = None  # there is room again
        self._gone |= {(run.about, run.updates) for run in self.kept if run.number == number}
        self.kept = [run for run in self.kept if run.number != number]


def one_line(name: str) -> str:
    """A name as it is kept: in one line, and not too long."""
    return " ".join(name.split())[:LONGEST_NAME]
