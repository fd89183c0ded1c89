"""The main picture of a data set: it shows what a network has learnt."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mbgd.charts.layers import Picture
from mbgd.charts.train import prediction
from mbgd.charts.train.confusion import Matrix, confusion
from mbgd.data.dataset import Dataset
from mbgd.engine.network import Layer


def main_picture(dataset: Dataset, layers: Sequence[Layer], batch: NDArray[np.intp]) -> Picture | Matrix:
    """The main picture of a data set. Where rows are points, those of `batch` have rings."""
    return PICTURES[dataset.pictured.kind](dataset, layers, batch)


def _curve(dataset: Dataset, layers: Sequence[Layer], batch: NDArray[np.intp]) -> Picture:
    return Picture(
        prediction.curve_chart,
        (dataset.feature_titles[0], dataset.target_title),
        prediction.curve_table(dataset, layers, batch),
        "Data and prediction",
        "The rows are points over the input; the network's prediction is a line.",
    )


def _plane(dataset: Dataset, layers: Sequence[Layer], batch: NDArray[np.intp]) -> Picture:
    classes = dataset.target_names if dataset.classes else ()
    return Picture(
        prediction.plane_chart,
        (*dataset.feature_titles, f"P({classes[-1]})" if classes else dataset.target_title, classes),
        prediction.plane_table(dataset, layers, batch),
        "The plane as the network sees it",
        "The plane of the two inputs, coloured by the network's prediction, with the rows as points.",
    )


def _actual(dataset: Dataset, layers: Sequence[Layer], batch: NDArray[np.intp]) -> Picture:
    return Picture(
        prediction.actual_chart,
        (dataset.target_title,),
        prediction.actual_table(dataset, layers, batch),
        "Predicted against actual",
        "The predicted target of every row against the actual one; on the diagonal the prediction is right.",
    )


def _classes(dataset: Dataset, layers: Sequence[Layer], batch: NDArray[np.intp]) -> Picture:
    x, y = dataset.pictured.features
    return Picture(
        prediction.classes_chart,
        (dataset.feature_titles[x], dataset.feature_titles[y], dataset.target_names),
        prediction.classes_table(dataset, layers, batch, (x, y)),
        "Rows by class, wrong ones crossed out",
        "Rows over two of their measurements; the shape shows the class, and wrong predictions are crossed out.",
    )


def _confusion(dataset: Dataset, layers: Sequence[Layer], _batch: NDArray[np.intp]) -> Matrix:
    return confusion(dataset, layers)


PICTURES: dict[str, Callable[[Dataset, Sequence[Layer], NDArray[np.intp]], Picture | Matrix]] = {
    "curve": _curve,
    "plane": _plane,
    "actual": _actual,
    "classes": _classes,
    "confusion": _confusion,
    "images": _confusion,  # the page shows the images below it
}
