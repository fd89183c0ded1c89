"""From the text of a CSV file to its cells: the delimiter, the header and the decimal sign are recognised."""

import csv
import io
import re
from collections import Counter
from typing import Any, NamedTuple

from mbgd.data.own.limits import MOST_COLUMNS, MOST_ROWS
from mbgd.data.own.numerals import AMONG_NUMBERS, Series, decimal_of, gaps, numbers_of
from mbgd.data.own.turns import AT_ONCE, Turn, in_turns

DELIMITERS = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "bars"}  # where two fit equally well, the first
SPACES = r"\s+"
SAMPLE = 100_000  # characters from which the delimiter is told
SAMPLED_ROWS = 1_000  # from which header and decimal sign are told
CELLS_AT_ONCE = 200_000  # that are read without a pause: about ten milliseconds
AGREE = 0.9  # share of the sampled rows that must have the same number of cells
ONE_ROW = "The file has one row alone, perhaps its header: give at least 10 rows of data."
NUMBER = re.compile(r"\s*[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?\s*")


class Cells(NamedTuple):
    """The cells of a file as texts, one column of `frame` for each of `names`, and what was recognised."""

    frame: Any
    names: tuple[str, ...]
    decimal: str
    notes: tuple[str, ...]


def cells_of(text: str, turn: Turn = AT_ONCE) -> Cells:
    """The cells of a CSV file; ValueError, in one sentence, for a text that is no table."""
    told = re.match(r'"?sep=([,;|:\t])"?[ \t]*(\r\n|\r|\n)', text, re.IGNORECASE)
    if told:
        text = text[told.end() :]
    delimiter, width = _delimiter(text, told[1] if told else None)
    stream = io.StringIO(text, newline="")
    (first, skipped), body = _first_row(stream, delimiter, width), stream.read()
    notes = [f"The columns are separated by {DELIMITERS.get(delimiter, 'spaces' if delimiter == SPACES else 'others')}"]
    if skipped:
        notes.append(f"{skipped:,} row{'s' * (skipped > 1)} above the table {'are' if skipped > 1 else 'is'} left out")
    if not body.strip():
        raise ValueError(ONE_ROW)
    frame = _frame(body, delimiter, width, turn)
    sample = [stripped(frame.iloc[:SAMPLED_ROWS, i]) for i in range(frame.shape[1])]
    decimal = decimal_of(sample, delimiter)
    if decimal == ",":
        notes.append("decimals are written with a comma")
    width = frame.shape[1]
    if _counts_rows(first, len(frame), width):
        names = _numbered(width)
        notes.append("the first line tells numbers of rows and columns, so it is left out and the columns are numbered")
    elif _is_header(first, sample, decimal):
        names = ([""] if len(first) == width - 1 else []) + first
        names = tuple([*names, *[""] * width][:width])
    else:
        import pandas as pd

        top = pd.DataFrame([[*first, *[""] * width][:width]], columns=frame.columns, dtype=frame.dtypes.iloc[0])
        frame = pd.concat([top, frame], ignore_index=True)
        names = _numbered(width)
        notes.append("no header was found, so the columns are numbered")
    if len(frame) > MOST_ROWS:
        raise _too_many(len(frame))
    return Cells(frame, names, decimal, (f"{', '.join(notes)}.",))


def _numbered(width: int) -> tuple[str, ...]:
    return tuple(f"column {i + 1}" for i in range(width))


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """The rows of a short text, without blank ones."""
    if delimiter == SPACES:
        return [line.split() for line in text.splitlines() if line.strip()]
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return []
    return [row for row in rows if any(cell.strip() for cell in row)]


def _delimiter(text: str, told: str | None) -> tuple[str, int]:
    """The delimiter, and the number of cells of most rows: those that cut most rows into as many, most often numbers.

    told: the delimiter that the file itself names.
    """
    sample = text[:SAMPLE]
    best = (0.0, 0.0), "", 0
    for delimiter in [told] if told else [*DELIMITERS, SPACES]:
        rows = _rows(sample, delimiter)
        rows = rows[:-1] if len(text) > SAMPLE else rows
        widths = Counter(len(row) for row in rows[1:] or rows)
        width, many = widths.most_common(1)[0] if widths else (0, 0)
        if width < 2:
            continue
        agree = many / sum(widths.values())
        cells = [cell for row in rows[1:51] or rows for cell in row if cell.strip()]
        numbers = sum(1 for cell in cells if NUMBER.fullmatch(cell)) / max(len(cells), 1)
        if delimiter == SPACES and (agree < 1 or numbers < 0.5):
            continue
        score = (min(agree, AGREE), numbers)
        if score > best[0]:
            best = score, delimiter, width
    _, delimiter, width = best
    if not delimiter:
        raise ValueError(
            "Only one column was found: a table needs at least two columns, one of them the target, with a comma, a "
            "semicolon or a tab between them."
        )
    if width > MOST_COLUMNS:
        raise ValueError(f"The file has {width:,} columns, and at most {MOST_COLUMNS} can be read: leave some out.")
    return delimiter, width


def _first_row(stream: io.StringIO, delimiter: str, width: int) -> tuple[list[str], int]:
    """The first row of the table, read from the stream, and how many rows before it have too few cells to belong to it.

    These are remarks, such as a title or a source. A header may have one cell less than the rows. The rest of the text
    stays in the stream.
    """
    lines = iter(stream.readline, "")
    rows = (
        map(str.split, lines) if delimiter == SPACES else csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    )
    try:
        skipped = 0
        for row in rows:
            if len(row) >= width - 1 and any(cell.strip() for cell in row):
                return [cell.strip() for cell in row], skipped
            skipped += any(cell.strip() for cell in row)
        raise ValueError(ONE_ROW)
    except csv.Error as error:
        raise ValueError(f"The first row can't be read as CSV ({error}): correct or remove it.") from None


def _frame(body: str, delimiter: str, width: int, turn: Turn) -> Any:
    """The cells below the first row; ValueError for a row that has more cells than the others."""
    import pandas as pd

    longest = max((len(row) for row in _rows(body[:SAMPLE], delimiter)[:1]), default=0)
    columns = max(longest, width) + 1  # one more, in which cells that are too many are seen
    try:
        pieces = pd.read_csv(
            io.StringIO(body),
            sep=delimiter,
            header=None,
            names=range(columns),
            index_col=False,
            dtype=str,
            keep_default_na=False,
            skipinitialspace=delimiter != SPACES,
            chunksize=max(1, CELLS_AT_ONCE // columns),
        )
        read, rows = [], 0
        for piece in in_turns(pieces, turn):
            read.append(piece)
            rows += len(piece)
            if rows > MOST_ROWS:
                raise _too_many(rows)
    except pd.errors.ParserError as error:
        found = re.search(r"Expected \d+ fields in line (\d+), saw (\d+)", str(error))
        if found:
            raise _too_long(int(found[1]), int(found[2]), width) from None
        raise ValueError(
            "The file can't be read as a table, perhaps because a quotation mark is opened and never closed: "
            "correct it, or save the table as CSV again."
        ) from None
    except pd.errors.EmptyDataError:
        raise ValueError(ONE_ROW) from None
    frame: Any = pd.concat(read)
    for i in range(width, columns):
        filled = (stripped(frame[i]) != "").to_numpy(dtype=bool)
        if filled.any():
            raise _too_long(int(filled.argmax()) + 1, i + 1, width)
    return frame[list(range(width))]


def stripped(column: Series) -> Series:
    """The texts (N,) without spaces around them; a cell that a row does not have is empty."""
    return column.fillna("").str.strip()


def _too_many(rows: int) -> ValueError:
    return ValueError(f"The file has {rows:,} rows or more, and at most {MOST_ROWS:,} can be read: leave some out.")


def _too_long(row: int, cells: int, width: int) -> ValueError:
    return ValueError(
        f"Row {row:,} below the first one has {cells:,} cells and the table {width:,} columns: put quotation marks "
        "around a cell that holds the delimiter, or correct the row."
    )


def _counts_rows(first: list[str], rows: int, width: int) -> bool:
    """Whether the first row is that of scikit-learn's files: the numbers of rows and features, and names of classes."""
    return first[:2] == [str(rows), str(width - 1)]


def _is_header(first: list[str], sample: list[Series], decimal: str) -> bool:
    """Whether the first row names columns: it holds no number, or a word over a column of numbers."""
    import pandas as pd

    top = pd.Series(first, dtype=str)
    there = ~gaps(top, AMONG_NUMBERS)
    words = there & pd.isna(numbers_of(top, decimal))
    if words[there].all():
        return True
    shift = 1 if len(first) == len(sample) - 1 else 0
    for i, word in enumerate(words):
        if word and i + shift < len(sample):
            texts = sample[i + shift]
            there = texts[~gaps(texts, AMONG_NUMBERS)]
            if len(there) and not pd.isna(numbers_of(there, decimal)).any():
                return True
    return False
