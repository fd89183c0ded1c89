"""A data set as tables for the page Data."""

import numpy as np
import pandas as pd

from mbgd.data.dataset import Dataset
from mbgd.data.own.columns import clean_names
from mbgd.share.csv_text import without_formulas

MOST_SHOWN = 2_000  # rows that are sent to the browser
HUGE, TINY = 1e12, 1e-6


def features_frame(dataset: Dataset) -> pd.DataFrame:
    """One row per feature, and one for a numeric target: its unit, and mean and deviation of its training rows."""
    names, units = list(dataset.feature_names), list(dataset.feature_units)
    never_changes = np.ptp(dataset.X_train, axis=0) == 0  # (n,): such a column is divided by 1, but does not deviate
    mean, deviation = list(dataset.inputs.mean), list(np.where(never_changes, 0.0, dataset.inputs.scale))
    if not dataset.classes:
        names.append(f"{dataset.target_names[0]} (target)")
        units.append(dataset.target_unit)
        mean.append(dataset.targets.mean[0])
        deviation.append(dataset.targets.scale[0])
    return without_formulas(pd.DataFrame({"column": names, "unit": units, "mean": mean, "deviation": deviation}))


def readable(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with columns as text whose numbers are too large or too small for a table of the browser."""
    written = {}
    for name in frame.select_dtypes("number").columns:
        values = frame[name].to_numpy(dtype=float)
        sizes = np.abs(values)
        if ((sizes >= HUGE) | ((sizes < TINY) & (sizes > 0))).any():
            written[name] = [f"{value:.12g}" for value in values]
    return frame.assign(**written)


def rows_frame(dataset: Dataset, standardised: bool) -> pd.DataFrame:
    """Rows ordered by number, at most MOST_SHOWN: split, target and features, in units or as the network sees them."""
    numbers = np.concatenate([dataset.rows_train, dataset.rows_val])
    shown = np.argsort(numbers)[:MOST_SHOWN]
    X = np.concatenate([dataset.X_train, dataset.X_val])[shown]
    Y = np.concatenate([dataset.Y_train, dataset.Y_val])[shown]
    if not standardised:
        X = dataset.inputs.restore(X)
    if dataset.classes:
        target = np.array(dataset.target_names)[Y.argmax(axis=1)]
    else:
        target = (Y if standardised else dataset.targets.restore(Y))[:, 0]
    split = np.repeat(["training", "validation"], [len(dataset.X_train), len(dataset.X_val)])[shown]
    name = "target" if dataset.classes else dataset.target_names[0]
    names = clean_names(["split", name, *dataset.feature_names])  # a feature may be called like these
    columns = dict(zip(names, [split, target, *X.T], strict=True))
    return without_formulas(pd.DataFrame(columns, index=pd.Index(numbers[shown] + 1, name="row")))
