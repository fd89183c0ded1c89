"""Which picture shows best what a network has learnt of a data set."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import altair as alt
import pyarrow as pa

from mbgd.charts import prediction
from mbgd.charts.prediction import Rows
from mbgd.data.dataset import Dataset
from mbgd.engine.network import Layer

PENGUIN_FEATURES = (2, 0)  # flipper length and bill length: the two that part the species best


class Picture(NamedTuple):
    """A chart's builder with its arguments, the rows it draws now, its heading and a description in words."""

    chart: Callable[..., alt.LayerChart]
    arguments: tuple
    table: pa.Table
    heading: str
    description: str


def picture(dataset: Dataset, layers: Sequence[Layer], batch: Rows) -> Picture:
    """The main picture of a data set, the rows of `batch` ringed where rows are points."""
    titles, target = dataset.feature_titles, dataset.target_title
    if len(titles) == 1:
        return Picture(
            prediction.curve_chart,
            (titles[0], target),
            prediction.curve_table(dataset, layers, batch),
            "Data and prediction",
            "The rows as points over the input, the network's prediction as a line.",
        )
    if len(titles) == 2:
        classes = dataset.target_names if dataset.classes else ()
        return Picture(
            prediction.plane_chart,
            (*titles, f"P({classes[-1]})" if classes else target, classes),
            prediction.plane_table(dataset, layers, batch),
            "The plane as the network sees it",
            "The plane of the two inputs coloured by prediction, with the rows on it.",
        )
    if not dataset.classes:
        return Picture(
            prediction.actual_chart,
            (target,),
            prediction.actual_table(dataset, layers, batch),
            "Predicted against actual",
            "Predicted against actual target of every row; on the diagonal the prediction is right.",
        )
    if dataset.name == "penguins":
        x, y = PENGUIN_FEATURES
        return Picture(
            prediction.classes_chart,
            (titles[x], titles[y], dataset.target_names),
            prediction.classes_table(dataset, layers, batch, PENGUIN_FEATURES),
            "Rows by class, wrong ones crossed",
            "Rows over two of their measurements, shaped by class; rows the network gets wrong are crossed out.",
        )
    return confusion(dataset, layers)


def confusion(dataset: Dataset, layers: Sequence[Layer]) -> Picture:
    """Which class is taken for which, over the validation rows."""
    return Picture(
        prediction.confusion_chart,
        (dataset.target_names,),
        prediction.confusion_table(dataset, layers),
        "Confusion matrix of the validation rows",
        "Validation rows by actual and predicted class; the diagonal is right.",
    )
