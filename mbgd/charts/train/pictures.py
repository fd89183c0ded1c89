"""Which picture shows best what a network has learnt of a data set."""

from collections.abc import Callable, Sequence

from mbgd.charts.layers import Picture
from mbgd.charts.train import prediction
from mbgd.charts.train.prediction import Rows
from mbgd.data.dataset import Dataset
from mbgd.engine.network import Layer


def picture(dataset: Dataset, layers: Sequence[Layer], batch: Rows) -> Picture:
    """The main picture of a data set, the rows of `batch` ringed where rows are points."""
    return PICTURES[dataset.pictured.kind](dataset, layers, batch)


def _curve(dataset: Dataset, layers: Sequence[Layer], batch: Rows) -> Picture:
    return Picture(
        prediction.curve_chart,
        (dataset.feature_titles[0], dataset.target_title),
        prediction.curve_table(dataset, layers, batch),
        "Data and prediction",
        "The rows as points over the input, the network's prediction as a line.",
    )


def _plane(dataset: Dataset, layers: Sequence[Layer], batch: Rows) -> Picture:
    classes = dataset.target_names if dataset.classes else ()
    return Picture(
        prediction.plane_chart,
        (*dataset.feature_titles, f"P({classes[-1]})" if classes else dataset.target_title, classes),
        prediction.plane_table(dataset, layers, batch),
        "The plane as the network sees it",
        "The plane of the two inputs coloured by prediction, with the rows on it.",
    )


def _actual(dataset: Dataset, layers: Sequence[Layer], batch: Rows) -> Picture:
    return Picture(
        prediction.actual_chart,
        (dataset.target_title,),
        prediction.actual_table(dataset, layers, batch),
        "Predicted against actual",
        "Predicted against actual target of every row; on the diagonal the prediction is right.",
    )


def _classes(dataset: Dataset, layers: Sequence[Layer], batch: Rows) -> Picture:
    x, y = dataset.pictured.features
    return Picture(
        prediction.classes_chart,
        (dataset.feature_titles[x], dataset.feature_titles[y], dataset.target_names),
        prediction.classes_table(dataset, layers, batch, (x, y)),
        "Rows by class, wrong ones crossed",
        "Rows over two of their measurements, shaped by class; rows the network gets wrong are crossed out.",
    )


def confusion(dataset: Dataset, layers: Sequence[Layer], _batch: Rows | None = None) -> Picture:
    """Which class is taken for which, over the validation rows: no batch has a place in it."""
    return Picture(
        prediction.confusion_chart,
        (dataset.target_names,),
        prediction.confusion_table(dataset, layers),
        "Confusion matrix of the validation rows",
        "Validation rows by actual and predicted class; the diagonal is right.",
    )


PICTURES: dict[str, Callable[[Dataset, Sequence[Layer], Rows], Picture]] = {
    "curve": _curve,
    "plane": _plane,
    "actual": _actual,
    "classes": _classes,
    "confusion": confusion,
    "images": confusion,  # the images themselves stand below it
}
