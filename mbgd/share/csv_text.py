"""Tables as CSV whose text no spreadsheet program takes for a formula.

A cell that begins with = + - @ is a formula to these programs, and a formula can read files and send what it finds. So
an apostrophe stands before it: they then show the text. Numbers stay numbers.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

# Their full-width forms, too, which some programs take for the plain ones. A program that splits a line elsewhere, at a
# semicolon or a tab, may begin a cell within a text.
FORMULA = re.compile(r"(^(?=[\t\r\n])|(?:^|[;\t\r\n])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20]))")
BYTE_ORDER_MARK = "\ufeff"


def csv_text(names: Sequence[Any], rows: Iterable[Sequence[Any]]) -> str:
    """A table with these names of columns as CSV: commas, \\n at the ends of lines, texts in quotes.

    Numbers have all their digits. None and NaN are empty cells.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([harmless(str(name)) for name in names])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def harmless(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet program would begin to read a formula."""
    return FORMULA.sub(r"\1'", text)


def for_spreadsheets(text: str) -> bytes:
    """The bytes of a CSV file. The mark at its start tells spreadsheet programs that it is UTF-8."""
    return (BYTE_ORDER_MARK + text).encode("utf-8")


def without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with harmless texts in its cells and names. Streamlit offers each table that it shows as CSV."""
    names = [harmless(name) if isinstance(name, str) else name for name in frame.columns]
    shown = frame.set_axis(names, axis=1)
    for place, kind in enumerate(shown.dtypes):
        if not pd.api.types.is_numeric_dtype(kind):
            texts = [harmless(value) if isinstance(value, str) else value for value in shown.iloc[:, place]]
            shown.isetitem(place, texts)
    return shown


def _cell(value: Any) -> Any:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int | float):
        return value if value == value else None  # a chart leaves NaN out
    return None if value is None else harmless(str(value))
