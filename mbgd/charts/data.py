"""Pictures of the data: the rows of each split, over the values of one column or over the classes."""

import altair as alt
import numpy as np
import pyarrow as pa

from mbgd.charts.layers import BLUE, SHORT_LABEL, VERMILLION, tip
from mbgd.data.dataset import Dataset

TABLE = "rows"
TRAIN, VAL = "training rows", "validation rows"
BINS = 24
SAME = 1e-9  # of the range of a column: closer values are one


def column_table(dataset: Dataset, column: int) -> pa.Table:
    """The table of column_chart: rows of each split in each bin of feature number `column`; -1 is the target."""
    if column < 0:
        splits = [dataset.targets.restore(Y)[:, 0] for Y in (dataset.Y_train, dataset.Y_val)]
    else:
        splits = [dataset.inputs.restore(X)[:, column] for X in (dataset.X_train, dataset.X_val)]
    values = np.concatenate(splits)
    different = np.unique(values)
    different = different[np.append(True, np.diff(different) > SAME * np.ptp(values))]  # scaled back, equal ones differ
    if len(different) <= BINS:  # few values: one bar around each
        width = np.diff(different).min() if len(different) > 1 else 1.0
        edges = np.append(different - width / 2, different[-1] + width / 2)
    else:
        edges = np.linspace(values.min(), values.max(), BINS + 1)
    counts = [np.histogram(split, edges)[0] for split in splits]
    bars = len(edges) - 1
    return pa.table(
        {
            "left": np.tile(edges[:-1], 2),
            "right": np.tile(edges[1:], 2),
            "rows": np.concatenate(counts),
            "series": np.repeat([TRAIN, VAL], bars),
        }
    )


def column_chart(title: str) -> alt.LayerChart:
    """A histogram: the validation rows are stacked on the training rows."""
    colour = alt.Color(
        "series:N",
        scale=alt.Scale(domain=[TRAIN, VAL], range=[BLUE, VERMILLION]),
        legend=alt.Legend(title=None, orient="top"),
    )
    bars = alt.Chart(alt.NamedData(TABLE)).mark_bar(binSpacing=1)
    bars = bars.encode(
        x=alt.X(
            "left:Q",
            bin="binned",
            title=title,
            axis=alt.Axis(format=",.4~r", labelExpr=SHORT_LABEL),
            scale=alt.Scale(padding=6),
        ),
        x2="right:Q",
        y=alt.Y("rows:Q", stack=True, title="rows", scale=alt.Scale(nice=True)),
        color=colour,
        order=alt.Order("series:N"),
        tooltip=[
            tip("from", "left", 3),
            tip("to", "right", 3),
            alt.Tooltip("rows:Q"),
            alt.Tooltip("series:N", title="set"),
        ],
    )
    return alt.LayerChart(layer=[bars], height=240)


def class_table(dataset: Dataset) -> pa.Table:
    """The table of class_chart: rows of each split in each class."""
    counts = [Y.sum(axis=0).astype(int) for Y in (dataset.Y_train, dataset.Y_val)]
    k = len(dataset.target_names)
    return pa.table(
        {
            "class": np.tile(dataset.target_names, 2),
            "rows": np.concatenate(counts),
            "series": np.repeat([TRAIN, VAL], k),
        }
    )


def class_chart(classes: tuple[str, ...]) -> alt.LayerChart:
    """Bars of the rows in each class: the validation rows are stacked on the training rows."""
    bars = alt.Chart(alt.NamedData(TABLE)).mark_bar()
    bars = bars.encode(
        x=alt.X("class:N", sort=list(classes), title="class", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("rows:Q", stack=True, title="rows", scale=alt.Scale(nice=True)),
        color=alt.Color(
            "series:N",
            scale=alt.Scale(domain=[TRAIN, VAL], range=[BLUE, VERMILLION]),
            legend=alt.Legend(title=None, orient="top"),
        ),
        order=alt.Order("series:N"),
        tooltip=["class:N", "rows:Q", alt.Tooltip("series:N", title="set")],
    )
    return alt.LayerChart(layer=[bars], height=240)
