"""A sheet with its choices made: target, features, what becomes of gaps. It becomes a data set for any split."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mbgd.data.dataset import Dataset, Origin, Recipe, Rows, Scaling, Table, checked, one_hot, scaled, split_rows
from mbgd.data.own.columns import Column, clean_names
from mbgd.data.own.limits import FEWEST_ROWS, LARGEST, MOST_COLUMNS, MOST_VALUES
from mbgd.data.own.sheet import Sheet
from mbgd.engine.checks import one_of, real_number, shown, yes_or_no
from mbgd.engine.randomness import streams

MISSING = {"drop": "rows with gaps are left out", "mean": "gaps are filled with the mean of the training rows"}
LICENCE = "Your own."
FURTHEST = 1e50  # standard deviations from the mean: further out, the square of a loss could overflow


def asks(target: Column) -> bool:
    """Whether only its owner knows if this target is classes or amounts: at most 20 different whole numbers."""
    return target.whole_and_few


def can_be_target(column: Column) -> bool:
    """Whether a column can be learnt: numbers that change, or 2 to 20 different words."""
    if column.words is not None:
        return column.different > 1 and not column.problem
    return column.different > 1 and not (np.abs(column.values) > LARGEST).any()


def why_no_target(column: Column) -> str:
    """Why a column can't be the target, as the end of a sentence that begins with its name; empty if it can."""
    if can_be_target(column):
        return ""
    if column.words is not None and column.different > MOST_VALUES and "mixes" not in column.problem:
        return f"has {column.different:,} different words, and at most {MOST_VALUES} classes can be learnt"
    return column.problem or "never changes"


@dataclass(frozen=True)
class Prepared:
    """Rows in their own units, NaN for gaps that are filled once the split is known; notes say what was done.

    name: of the data set. origin: of the file or table that it comes from. keeps_columns: also those that never change
    in the training rows. target: the name of the target's column in the table.
    """

    name: str
    origin: str
    table: Table
    rows: NDArray[np.intp]  # the numbers of these rows in the sheet
    notes: tuple[str, ...]
    fingerprint: str
    keeps_columns: bool = False
    target: str = ""

    def dataset(self, seed: int = 0, validation: float = 0.2) -> Dataset:
        """Split by the seed as `load` does, gaps filled with the mean of the training rows, and scaled."""
        validation = real_number("validation", validation, 0.0, 1.0, open_ends=True)
        rows = split_rows(len(self.table.X), streams(seed).data.spawn(3)[2], validation)
        table, notes = _learnable(_filled(self.table, rows), rows, self.keeps_columns)
        recipe = table.recipe._replace(fingerprint=self.fingerprint) if table.recipe else None
        source = " ".join([f"Your own data, from {self.origin}.", *self.notes, *notes])
        dataset = scaled(self.name, checked(self.name, table._replace(source=source, recipe=recipe)), rows)
        _check_reach(dataset)
        return replace(dataset, rows_train=self.rows[rows.train], rows_val=self.rows[rows.val])

    def sampled(self, most: int) -> "Prepared":
        """At most so many of the rows, drawn at random by the fingerprint: the same ones each time. A note says so."""
        n_samples = len(self.table.X)
        if n_samples <= most:
            return self
        rng = np.random.default_rng(int(self.fingerprint, 16))
        rows = np.sort(rng.choice(n_samples, most, replace=False))
        note = f"{most:,} of the {n_samples:,} rows, drawn at random, are used here; mbgd.read_csv in Python uses all."
        table = self.table._replace(X=self.table.X[rows], Y=self.table.Y[rows])
        return replace(self, table=table, rows=self.rows[rows], notes=(*self.notes, note))


def prepare(
    sheet: Sheet,
    target: Any,
    features: Sequence[Any] | None = None,
    classes: bool | None = None,
    missing: str = "drop",
) -> Prepared:
    """The sheet with these choices, or a ValueError of one sentence on why nothing can be learnt from it.

    features: the names of the columns to predict from; None: all but the target that can be used. classes None: a
    target of words is classes and one of numbers amounts. missing: "drop" leaves out each row with a gap in a column
    that is used, "mean" fills it with the mean of the training rows. A row without a target is always left out.
    """
    one_of("missing", missing, MISSING)
    goal = sheet.column(target)
    is_classes = _is_classes(goal, classes)
    used, notes = _used(sheet, goal, features)
    keep = ~goal.gaps
    notes += _counted(int((~keep).sum()), "had no target and was left out", "had no target and were left out")
    gaps = np.any([column.gaps for column in used], axis=0)
    if missing == "drop":
        notes += _counted(int((keep & gaps).sum()), "had a gap and was left out", "had gaps and were left out")
        keep &= ~gaps
    rows = np.flatnonzero(keep)
    if len(rows) < FEWEST_ROWS:
        instead = "fill the gaps, or leave out the columns that have most of them" if gaps.any() else "add more"
        raise ValueError(f"Only {len(rows)} usable rows are left, and at least {FEWEST_ROWS} are needed: {instead}.")
    used, dropped = _varied(used, rows)
    notes += dropped
    if not used:
        raise ValueError("No column that changes is left to predict the target from: choose other columns.")
    if missing == "mean":
        filled = sum(int(column.gaps[rows].sum()) for column in used)
        notes += _counted(filled, "was filled with the mean", "were filled with the means", "gap", " of training rows")
    X, names, origins = _inputs(used, rows)
    Y, target_names = _targets(goal, is_classes, rows)
    recipe = Recipe(origins, missing == "mean", "")
    table = Table(
        X,
        Y,
        "cross_entropy" if is_classes else "mse",
        names,
        ("",) * len(names),
        target_names,
        "",
        "",
        LICENCE,
        None,
        recipe,
    )
    chosen = (sheet.content, goal.name, [column.name for column in used], is_classes, missing)
    fingerprint = hashlib.sha256(repr(chosen).encode()).hexdigest()
    return Prepared(sheet.name, sheet.name, table, rows, (*sheet.notes, *notes), fingerprint, target=goal.name)


def _counted(number: int, one: str, several: str, what: str = "row", end: str = "") -> list[str]:
    """A sentence on so many rows; none if there are none."""
    return [f"{number:,} {what}{'s' * (number != 1)} {one if number == 1 else several}{end}."] if number else []


def _is_classes(target: Column, classes: bool | None) -> bool:
    """Whether the target is classes; ValueError if it can be neither, or not what was asked for."""
    name = shown(target.name)
    if target.words is None and target.problem:
        raise ValueError(f"The target {name} can't be learnt, because it {target.problem}: choose another column.")
    if target.different < 2:
        raise ValueError(f"The target {name} can't be learnt, because it never changes: choose another column.")
    is_classes = target.words is not None if classes is None else yes_or_no("classes", classes)
    if is_classes and target.different > MOST_VALUES:
        why = target.problem if "mixes" in target.problem else f"has {target.different:,} different values"
        raise ValueError(
            f"The target {name} can't be classes, because it {why}, and at most {MOST_VALUES} classes can be learnt: "
            "choose another column, or correct this one."
        )
    if not is_classes and target.words is not None:
        row = int(np.argmax(target.values >= 0))
        word = shown(target.words[target.values[row]])
        raise ValueError(f"The target {name} can't be amounts, because it holds words, such as {word}: take classes.")
    return is_classes


def _used(sheet: Sheet, target: Column, features: Sequence[Any] | None) -> tuple[list[Column], list[str]]:
    """The columns to predict from, and a sentence on those that were left out."""
    if features is None:
        others = [column for column in sheet.columns if column.name != target.name]
        used = [column for column in others if not column.problem]
        notes = [f"Left out: {shown(column.name)}, because it {column.problem}." for column in others if column.problem]
        if not used:
            raise ValueError(f"No column can be used to predict the target. {notes[0]}" if notes else "")
        return used, notes
    if isinstance(features, str) or not len(features):
        raise ValueError("features must be a list of the names of one column or more, such as ['age', 'height'].")
    used = [sheet.column(name, "features") for name in features]
    names = [column.name for column in used]
    if target.name in names:
        raise ValueError(f"The target {shown(target.name)} can't be a feature as well: leave it out of the features.")
    if len(set(names)) < len(names):
        raise ValueError("features must name each column once.")
    for column in used:
        if column.problem:
            raise ValueError(f"The column {shown(column.name)} can't be a feature, because it {column.problem}.")
    return used, []


def _varied(used: list[Column], rows: NDArray[np.intp]) -> tuple[list[Column], list[str]]:
    """The columns that change within these rows, and a sentence on each that does not."""
    varied = [column for column in used if len(np.unique(column.values[rows][~column.gaps[rows]])) > 1]
    names = [column.name for column in varied]
    return varied, [
        f"Left out: {shown(column.name)}, because it never changes in the rows that are left."
        for column in used
        if column.name not in names
    ]


def _inputs(used: list[Column], rows: NDArray[np.intp]) -> tuple[Any, tuple[str, ...], tuple[Origin, ...]]:
    """X (N, n), the names of its columns, and where each comes from. A gap is NaN."""
    parts, names, origins = [], [], []
    for column in used:
        values = column.values[rows]
        if column.words is None:
            parts.append(values[:, None])
            names.append(column.name)
            origins.append(Origin(column.name))
            continue
        there = [code for code in range(len(column.words)) if (values == code).any()]
        hot = (values[:, None] == np.array(there)).astype(np.float64)  # (N, words)
        hot[values < 0] = np.nan
        parts.append(hot)
        names += [f"{column.name} = {column.words[code]}" for code in there]
        origins += [Origin(column.name, column.words[code]) for code in there]
    if len(names) > MOST_COLUMNS:
        raise ValueError(
            f"The columns would become {len(names):,} inputs, because each word of a column becomes one, and at most "
            f"{MOST_COLUMNS} are possible: leave out columns of words."
        )
    return np.hstack(parts), clean_names(names), tuple(origins)


def _targets(target: Column, is_classes: bool, rows: NDArray[np.intp]) -> tuple[Any, tuple[str, ...]]:
    """Y (N, k), one-hot for classes, and the names of its columns."""
    values = target.values[rows]
    different, labels = np.unique(values, return_inverse=True)
    if len(different) < 2:
        raise ValueError(
            f"The target {shown(target.name)} never changes in the {len(rows):,} rows that are left: choose another "
            "column, or fill the gaps."
        )
    if not is_classes:
        return values[:, None], (target.name,)
    words = target.words
    names = [f"{value:.15g}" if words is None else words[int(value)] for value in different]
    return one_hot(labels, len(different)), clean_names(names)


def _filled(table: Table, rows: Rows) -> Table:
    """The table with each gap filled with the mean of its column's training rows."""
    gaps = np.isnan(table.X)
    if not gaps.any():
        return table
    train = table.X[rows.train]
    means = np.zeros(train.shape[1])
    for i in range(train.shape[1]):
        there = train[~np.isnan(train[:, i]), i]
        if len(there):  # else no training row has a value: the column is left out below
            means[i] = Scaling.of(there[:, None]).mean[0]
    return table._replace(X=np.where(gaps, means, table.X))


def _learnable(table: Table, rows: Rows, keeps_columns: bool) -> tuple[Table, list[str]]:
    """The table without columns of numbers that never change within the training rows: nothing can be learnt from them.

    The inputs of words stay: a word that only validation rows have is 1 there, which is no number out of scale.
    """
    train = table.X[rows.train]
    varies = train.min(axis=0) < train.max(axis=0)
    target = table.Y[rows.train]
    if (target.min(axis=0) == target.max(axis=0)).all():
        raise ValueError(
            f"The target {shown(table.target_names[0])} never changes in the training rows of this split: choose "
            "another seed, or hold out fewer rows."
        )
    if not varies.any():
        raise ValueError("No column changes in the training rows of this split: choose another seed or more rows.")
    if keeps_columns or table.recipe is None:
        return table, []
    varies |= np.array([origin.word is not None for origin in table.recipe.origins])
    if varies.all():
        return table, []
    left = [shown(name) for name, one in zip(table.feature_names, varies, strict=True) if not one]
    kept = np.flatnonzero(varies)
    origins = tuple(table.recipe.origins[i] for i in kept)
    return table._replace(
        X=table.X[:, kept],
        feature_names=tuple(table.feature_names[i] for i in kept),
        feature_units=tuple(table.feature_units[i] for i in kept),
        recipe=table.recipe._replace(origins=origins),
    ), [f"Left out, because it never changes in the training rows: {', '.join(left[:5])}{', …' * (len(left) > 5)}."]


def _check_reach(dataset: Dataset) -> None:
    """Raise ValueError for a value so far from the training rows that a loss could overflow."""
    for names, arrays in (
        (dataset.feature_names, (dataset.X_train, dataset.X_val)),
        (dataset.target_names, (dataset.Y_train, dataset.Y_val)),
    ):
        for array in arrays:
            far = np.argwhere(~(np.abs(array) < FURTHEST))
            if len(far):
                raise ValueError(
                    f"The column {shown(names[far[0][1]])} has a value more than {FURTHEST:g} standard deviations from "
                    "the mean of the training rows: correct it, or leave the column out."
                )
