"""Numbers as people and programs write them, read column by column with pandas."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array

Series = Any  # a pandas Series; pandas is imported where it is used, so that importing mbgd stays quick

# What stands for a missing value, in lower case: what programs write for one, and data collections.
GAPS = frozenset(["", "?", "na", "n/a", "nan", "-nan", "null", "<na>", "#na", "#n/a", "#n/a n/a", "1.#ind", "1.#qnan"])
# And among numbers alone, because elsewhere these may be words, such as no pool, or a grade of nobody.
AMONG_NUMBERS = GAPS | {"none", "-", "--", "–", "—", "n.a.", "n. a.", "k.a.", "k. a."}
AT_ONCE = 20_000  # texts that are read without a pause: a few milliseconds
WITH_COMMA = r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)?(?:,\d*)?(?:[eE][+-]?\d+)?"
THOUSANDS = {".": r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", ",": r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?"}


def gaps(texts: Series, words: frozenset[str] = GAPS) -> NDArray[np.bool_]:
    """Which of these stripped texts (N,) stand for a missing value: those that are one of the words."""
    lower = texts.str.lower()
    return np.logical_or(lower.isin(words).to_numpy(dtype=bool), texts.isna().to_numpy(dtype=bool))


def numbers_of(texts: Series, decimal: str) -> Array:
    """The numbers (N,) that these stripped texts are, NaN where a text is none, and inf where it is beyond float64."""
    import pandas as pd

    numbers = _parsed(texts)
    if not texts.str.contains("[,.−]" if decimal == "," else "[,−]").any() or (
        decimal == "." and not np.isnan(numbers).any()
    ):
        return numbers
    marks = texts.str.fullmatch(THOUSANDS[decimal]).fillna(False).to_numpy(dtype=bool)
    plain = texts.str.replace("−", "-", regex=False)
    if marks.any():
        plain = plain.where(~marks, plain.str.replace("," if decimal == "." else ".", "", regex=False))
    if decimal == ",":
        plain = plain.str.replace(",", ".", regex=False)
    return _parsed(pd.Series(plain))


def _parsed(texts: Series) -> Array:
    import pandas as pd

    parts = [np.empty(0)]
    for start in range(0, len(texts), AT_ONCE):  # pandas lets no other thread work meanwhile
        numbers: Series = pd.to_numeric(texts.iloc[start : start + AT_ONCE], errors="coerce")
        parts.append(numbers.to_numpy(dtype=np.float64, na_value=np.nan))
    return np.concatenate(parts)


def decimal_of(columns: list[Series], delimiter: str) -> str:
    """The decimal sign in these columns of stripped texts: a comma where that alone explains what they hold."""
    for texts in columns:
        there = texts[~gaps(texts, AMONG_NUMBERS)]
        commas = there[there.str.contains(",", regex=False)]
        if not len(commas) or not there.str.fullmatch(WITH_COMMA).all() or not there.str.contains(r"\d").all():
            continue
        if delimiter == ";" or not commas.str.fullmatch(THOUSANDS["."]).all():
            return ","
    return "."
