"""The columns of a table: what each of them holds, and why it can't be used where it can't."""

import re
from collections.abc import Sequence
from decimal import Decimal
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.data.own.limits import LARGEST, LONGEST_NAME, MOST_VALUES
from mbgd.data.own.numerals import AMONG_NUMBERS, Series, gaps, numbers_of
from mbgd.engine.activations import Array
from mbgd.engine.checks import kind_of, shown


class Column(NamedTuple):
    """A column: its name, and its values as numbers (N,) with NaN for a gap, or as words (N,) with "" for a gap.

    words: the different words in their order, None for a column of numbers; `values` then holds their numbers, -1 for a
    gap. problem: why it can't be an input, as the end of a sentence that begins with its name; empty if it can.
    gaps_as: the different texts that stand for its gaps, without the empty one.
    """

    name: str
    values: NDArray[Any]
    words: tuple[str, ...] | None
    different: int
    problem: str = ""
    note: str = ""
    gaps_as: tuple[str, ...] = ()

    @property
    def gaps(self) -> NDArray[np.bool_]:
        """Which rows (N,) have no value."""
        return np.isnan(self.values) if self.words is None else self.values < 0

    @property
    def kind(self) -> str:
        """What it holds, in one word."""
        return "empty" if not self.different else "numbers" if self.words is None else "words"

    @property
    def whole_and_few(self) -> bool:
        """Whether it holds at most 20 different whole numbers: as a target, these may be classes or amounts."""
        if self.words is not None or not 2 <= self.different <= MOST_VALUES:
            return False
        there = self.values[~self.gaps]
        return bool((there == np.floor(there)).all())


def clean_names(names: Sequence[Any]) -> tuple[str, ...]:
    """Names as one line of text each, none empty, none twice."""
    cleaned: list[str] = []
    for i, name in enumerate(names):
        text = " ".join(_text(name).split())
        text = text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"
        cleaned.append(text or f"column {i + 1}")
    taken: set[str] = set()
    distinct = []
    for name in cleaned:
        one, number = name, 2
        while one in taken or (one != name and one in cleaned):
            one, number = f"{name} ({number})", number + 1
        taken.add(one)
        distinct.append(one)
    return tuple(distinct)


def _text(value: Any) -> str:
    """A value as text, whatever it is."""
    if isinstance(value, tuple):
        return " / ".join(map(_text, value))
    try:
        text = str(value)
    except Exception:  # a number of thousands of digits, or a foreign type
        text = shown(value)
    return text.encode("utf-8", "replace").decode("utf-8")  # half characters can't be sent


def column_of_texts(name: str, texts: Series, decimal: str = ".") -> Column:
    """The column of these stripped texts: numbers if all but its gaps are, else words."""
    missing = gaps(texts)
    numbers = numbers_of(texts, decimal)
    numbers = np.where(missing, np.nan, numbers)
    is_number = ~np.isnan(numbers)
    among_numbers = gaps(texts, AMONG_NUMBERS)
    if missing.all() or (is_number.any() and not (~among_numbers & ~is_number).any()):
        column = column_of_numbers(name, numbers, lambda row: str(texts.iloc[row]))
        return column._replace(gaps_as=_different(texts[among_numbers]))
    codes, different = texts.where(~missing).factorize(sort=False)
    found = [str(word) for word in different]
    order = list(range(len(found)))
    if len(found) <= MOST_VALUES:
        order.sort(key=lambda i: _natural(found[i]))
    rank = np.full(len(found) + 1, -1, dtype=np.intp)  # factorize numbers a gap -1
    rank[order] = np.arange(len(found))
    words = tuple(found[i] for i in order)
    problem = ""
    if len(words) > MOST_VALUES and is_number.any():
        row = int(np.argmax(~missing & ~is_number))
        problem = f"mixes numbers and words, such as {shown(str(texts.iloc[row]))} in row {row + 1:,}"
    elif len(words) > MOST_VALUES:
        problem = f"has {len(words):,} different words, and at most {MOST_VALUES} become inputs"
    elif len(words) == 1:
        problem = "never changes"
    return Column(name, rank[codes], words, len(words), problem, gaps_as=_different(texts[missing]))


def _different(texts: Series) -> tuple[str, ...]:
    """The different texts that are not empty."""
    return tuple(str(text) for text in texts.unique() if text)


def _natural(word: str) -> list[tuple[int, int, str]]:
    """A key that sorts words as people do: class 2 before class 10."""
    parts = re.split(r"([0-9]{1,18})", word)
    return [(0, int(part), part) if i % 2 else (1, 0, part) for i, part in enumerate(parts)]


def column_of_numbers(name: str, numbers: Array, written: Any = None, note: str = "") -> Column:
    """The column of these numbers (N,), NaN for gaps. written(row): how a number stands in the file."""
    there = numbers[~np.isnan(numbers)]
    different = len(np.unique(there))
    problem = ""
    beyond = np.abs(numbers) > LARGEST
    if beyond.any():
        row = int(beyond.argmax())
        text = shown(written(row))[1:-1] if written else str(numbers[row])
        problem = f"holds {text} in row {row + 1:,}, and numbers beyond {LARGEST:g} can't be computed with in float64"
    elif not different:
        problem = "has no values"
    elif different == 1:
        problem = "never changes"
    return Column(name, numbers, None, different, problem, note)


def column_of_series(name: str, series: Series) -> Column:
    """The column of a data frame's column, whatever its type. Dates and durations count in seconds."""
    import pandas as pd

    dtype = series.dtype
    if isinstance(dtype, pd.SparseDtype):
        series = series.sparse.to_dense()
        dtype = series.dtype
    kind = getattr(dtype, "kind", "O")
    if kind == "c":
        raise ValueError(f"The column {shown(name)} holds complex numbers: give real and imaginary part as columns.")
    if kind in "iuf":
        return column_of_numbers(name, series.to_numpy(dtype=np.float64, na_value=np.nan))
    if kind == "M":
        since = pd.Timestamp("1970-01-01", tz=getattr(dtype, "tz", None))
        return column_of_numbers(name, _seconds(series - since), note="dates count in seconds since 1970")
    if kind == "m":
        return column_of_numbers(name, _seconds(series), note="durations count in seconds")
    values = series.astype(object).tolist()
    missing = [_is_gap(value) for value in values]
    if any(not gap for gap in missing) and all(
        gap or (isinstance(value, Real | Decimal) and not isinstance(value, bool | np.bool_))
        for value, gap in zip(values, missing, strict=True)
    ):
        numbers = np.array([np.nan if gap else _float(value) for value, gap in zip(values, missing, strict=True)])
        return column_of_numbers(name, numbers)
    texts = ["" if gap else _text(value).strip() for value, gap in zip(values, missing, strict=True)]
    return column_of_texts(name, pd.Series(texts, dtype=object))


def _seconds(series: Series) -> Array:
    return series.dt.total_seconds().to_numpy(dtype=np.float64, na_value=np.nan)


def _is_gap(value: Any) -> bool:
    import pandas as pd

    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return isinstance(value, float | np.floating | Decimal) and value != value


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def numbers_rows(column: Column) -> bool:
    """Whether a column only numbers the rows, from 0 or 1."""
    if column.words is not None or len(column.values) < 2 or column.values[0] not in (0, 1):
        return False
    return bool((np.diff(column.values) == 1).all())


def check_is_frame(value: Any) -> None:
    """Raise ValueError if this is no data frame."""
    import pandas as pd

    if not isinstance(value, pd.DataFrame):
        raise ValueError(
            f"frame must be a pandas DataFrame, not {kind_of(value)}: give arrays to mbgd.from_arrays, and a file to "
            "mbgd.read_csv."
        )
