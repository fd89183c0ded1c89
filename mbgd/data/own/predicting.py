"""What a trained network predicts, in your units."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mbgd.data.dataset import Dataset, Origin, Recipe
from mbgd.data.own.columns import Column, clean_names, column_of_series
from mbgd.engine import network
from mbgd.engine.activations import Array
from mbgd.engine.checks import kind_of, shown, two_axes, yes_or_no
from mbgd.engine.guards import quiet
from mbgd.engine.losses import softmax
from mbgd.engine.training import Training


def predict(training: Training, X: Any, *, probabilities: bool = False) -> NDArray[Any]:
    """What the network of a run predicts for inputs in the units of their columns.

    X: an array (N, n) of the run's inputs, in the order of `training.dataset.feature_names`, or a DataFrame with the
    columns that the data set was made from, in any order, words included; other columns in it are ignored.
    Returns amounts (N, k) in the units of the target, for classes their names (N,), or with `probabilities` the
    probability of each class (N, k). A gap in a DataFrame is filled with the mean of the training rows if the data set
    was made with missing="mean". Raises ValueError with one sentence for what can't be used.
    """
    if not isinstance(training, Training) or not isinstance(training.dataset, Dataset):
        given = kind_of(training.dataset if isinstance(training, Training) else training)
        raise ValueError(f"predict needs a Training on a data set of mbgd, such as from mbgd.read_csv, not {given}.")
    dataset = training.dataset
    if yes_or_no("probabilities", probabilities) and not dataset.classes:
        raise ValueError("Only classes have probabilities, and this target is amounts: leave `probabilities` out.")
    inputs = _inputs(dataset, X)
    with quiet():
        output = network.predict(training.layers, dataset.inputs.standardise(inputs))  # (N, k)
        if not dataset.classes:
            return dataset.targets.restore(output)
        chances = softmax(output)
    return chances if probabilities else np.array(dataset.target_names)[chances.argmax(axis=1)]


def _inputs(dataset: Dataset, X: Any) -> Array:
    """X in the order of the run's inputs, (N, n)."""
    names, n = dataset.feature_names, len(dataset.feature_names)
    if hasattr(X, "columns") and hasattr(X, "iloc"):
        return _from_frame(dataset, X)
    array = two_axes("X", X)
    if array.shape[1] != n:
        some = ", ".join(map(shown, names[:8])) + (", …" if n > 8 else "")
        raise ValueError(f"X must have {n} columns, which are {some}, not {array.shape[1]}.")
    return array


def _from_frame(dataset: Dataset, frame: Any) -> Array:
    recipe = dataset.recipe or Recipe(tuple(map(Origin, dataset.feature_names)), False, "")
    places = {name: i for i, name in reversed(list(enumerate(clean_names(list(frame.columns)))))}
    columns: dict[str, Column] = {}
    for name in dict.fromkeys(origin.column for origin in recipe.origins):
        if name not in places:
            raise ValueError(f"The data frame has no column {shown(name)}, which the network needs: add it.")
        columns[name] = column_of_series(name, frame.iloc[:, places[name]])
    known = {name: {one.word for one in recipe.origins if one.column == name} for name in columns}
    for name, column in columns.items():
        _check_values(column, known[name])
    X = np.column_stack([_values(columns[origin.column], origin) for origin in recipe.origins])  # (N, n)
    gaps = np.isnan(X)
    if gaps.any() and not recipe.fills_gaps:
        row, i = np.argwhere(gaps)[0]
        raise ValueError(
            f"The column {shown(recipe.origins[i].column)} has a gap in row {row + 1:,}: fill it, or make the data set "
            'with missing="mean".'
        )
    return two_axes("X", np.where(gaps, dataset.inputs.mean, X))


def _check_values(column: Column, known: set[str | None]) -> None:
    """Raise ValueError for words where numbers were, and for words that no training row has had."""
    if None in known:
        if column.words is not None:
            raise ValueError(f"The column {shown(column.name)} must hold numbers, not {shown(column.words[0])}.")
        return
    new = next((word for word in _words(column) if word not in known), None)
    if new is not None:
        words = ", ".join(map(shown, sorted(map(str, known))))
        raise ValueError(f"The column {shown(column.name)} must hold one of {words}, not {shown(new)}.")


def _words(column: Column) -> tuple[str, ...]:
    if column.words is not None:
        return column.words
    there = column.values[~column.gaps]
    return tuple(f"{value:.15g}" for value in np.unique(there))


def _values(column: Column, origin: Origin) -> Array:
    """One input (N,): the numbers of a column, or 1 where it has the word."""
    if origin.word is None:
        return column.values
    words = _words(column)
    gaps = column.gaps
    if column.words is None:
        is_word = np.array([f"{value:.15g}" == origin.word for value in column.values])
    else:
        is_word = np.array([code >= 0 and words[code] == origin.word for code in column.values])
    return np.where(gaps, np.nan, is_word.astype(np.float64))
