"""A table as it was given: typed columns, before anyone has chosen a target."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from mbgd.data.own.columns import (
    Column,
    check_is_frame,
    clean_names,
    column_of_series,
    column_of_texts,
    numbers_rows,
)
from mbgd.data.own.decoding import text_of
from mbgd.data.own.dialect import cells_of, stripped
from mbgd.data.own.limits import FEWEST_ROWS, MOST_COLUMNS, MOST_ROWS
from mbgd.data.own.numerals import Series
from mbgd.data.own.turns import AT_ONCE, Turn, in_turns
from mbgd.engine.checks import shown

MOST_NAMED = 3  # texts for gaps that the preview names


@dataclass(frozen=True)
class Sheet:
    """Typed columns of as many rows each, and notes on how they were read, each a sentence."""

    name: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.columns[0].values)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    def column(self, name: Any, what: str = "target") -> Column:
        """The column with this name; ValueError if there is none."""
        wanted = clean_names([name])[0]
        for column in self.columns:
            if column.name == wanted:
                return column
        names = ", ".join(map(shown, self.names[:12])) + (", …" if len(self.names) > 12 else "")
        raise ValueError(f"{what} must be the name of a column, one of {names}, not {shown(name)}.")

    @cached_property
    def content(self) -> str:
        """The content as 64 hex digits: SHA-256 of names and values."""
        digest = hashlib.sha256()
        for column in self.columns:
            digest.update(repr((column.name, column.words, column.values.dtype.str, self.rows)).encode())
            digest.update(column.values.tobytes())
        return digest.hexdigest()


class Seen(NamedTuple):
    """A column in the preview: its name, what it holds, how many different values and gaps, and what becomes of it."""

    name: str
    kind: str
    different: int
    gaps: int
    examples: str
    use: str
    gaps_as: str = ""  # the texts that stand for gaps, without the empty one


def read_sheet(data: bytes, name: str = "your table", turn: Turn = AT_ONCE) -> Sheet:
    """The sheet in the bytes of a CSV file; ValueError of one sentence if there is none.

    turn: a context in which each piece of the work is done, such as that of the app's sessions.
    """
    with turn():
        text = text_of(data)
    cells = cells_of(text, turn)
    names = clean_names(cells.names)
    notes = list(cells.notes)
    renamed = [new for old, new in zip(cells.names, names, strict=True) if old != new and old.strip()]
    if renamed:
        notes.append(f"Renamed, because a name was not the only one: {', '.join(map(shown, renamed[:5]))}.")
    typed = (column_of_texts(one, stripped(cells.frame.iloc[:, i]), cells.decimal) for i, one in enumerate(names))
    columns = [
        column._replace(problem="only numbers the rows") if not old and numbers_rows(column) else column
        for column, old in zip(in_turns(typed, turn), cells.names, strict=True)
        if old or column.different  # a delimiter at the end of each line makes a column without name and values
    ]
    return _checked(Sheet(name, tuple(columns), tuple(notes)))


def sheet_of(frame: Any, name: str = "your data frame") -> Sheet:
    """The sheet of a pandas DataFrame; its index is left out."""
    check_is_frame(frame)
    if frame.shape[0] > MOST_ROWS or frame.shape[1] > MOST_COLUMNS:
        raise ValueError(
            f"The data frame has {frame.shape[0]:,} rows and {frame.shape[1]:,} columns, and at most "
            f"{MOST_ROWS:,} rows and {MOST_COLUMNS} columns can be used: leave some out."
        )
    names = clean_names(list(frame.columns))
    return _checked(Sheet(name, tuple(_column(name, frame.iloc[:, i]) for i, name in enumerate(names))))


def _column(name: str, series: Series) -> Column:
    try:
        return column_of_series(name, series)
    except ValueError:
        raise
    except Exception as error:  # whatever a foreign type raises
        raise ValueError(
            f"The column {shown(name)} can't be read as numbers or words ({type(error).__name__}): convert it with "
            ".astype(float) or .astype(str)."
        ) from error


def _checked(sheet: Sheet) -> Sheet:
    if len(sheet.columns) < 2:
        raise ValueError(
            "The table has fewer than two columns: it needs a target, and at least one column to predict it from."
        )
    if sheet.rows < FEWEST_ROWS:
        raise ValueError(f"The table has {sheet.rows} rows, and at least {FEWEST_ROWS} are needed: add more.")
    if not any(column.different for column in sheet.columns):
        raise ValueError("No cell of the table has a value: give a table of numbers and words.")
    return sheet


def preview(sheet: Sheet) -> list[Seen]:
    """What each column holds and what will be done with it as an input, for a table."""
    return [
        Seen(
            column.name,
            column.kind,
            column.different,
            int(column.gaps.sum()),
            examples(column),
            _use(column),
            ", ".join(column.gaps_as[:MOST_NAMED]) + ", …" * (len(column.gaps_as) > MOST_NAMED),
        )
        for column in sheet.columns
    ]


def _use(column: Column) -> str:
    if column.problem:
        return f"left out: it {column.problem}"
    if column.words is None:
        return f"one input{f' ({column.note})' if column.note else ''}"
    return f"{len(column.words)} inputs, one for each word (0 or 1)"


def examples(column: Column, most: int = 3) -> str:
    """The first different values, as text."""
    there = column.values[~column.gaps]
    first = list(dict.fromkeys(there[:1000].tolist()))[:most]
    if column.words is None:
        return ", ".join(f"{value:.12g}" for value in first)
    return ", ".join(shown(column.words[code])[1:-1] for code in first)
