"""The main picture of a data set: it shows what a network has learnt."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.charts.layers import Picture
from mbgd.charts.train import prediction
from mbgd.charts.train.confusion import MATRIX_HEADING, Matrix, confusion
from mbgd.data.dataset import Dataset
from mbgd.engine.network import Layer


def main_picture(dataset: Dataset, layers: Sequence[Layer], batch: NDArray[np.intp]) -> Picture | Matrix:
    """The main picture of a data set. Where rows are points, those of `batch` have rings."""
    return PICTURES[dataset.pictured.kind].of(dataset, layers, batch)


def picture_title(dataset: Dataset) -> str:
    """The heading of the main picture."""
    return PICTURES[dataset.pictured.kind].heading


def _curve(dataset: Dataset, layers: Sequence[Layer], batch: NDArray[np.intp]) -> Picture:
    target = f"P({dataset.target_names[0]})" if dataset.classes else dataset.target_title
    return Picture(
        prediction.curve_chart,
        (dataset.feature_titles[0], target),
        prediction.curve_table(dataset, layers, batch),
        "The rows are points over the input; the network's prediction is a line.",
    )


def _plane(dataset: Dataset, layers: Sequence[Layer], batch: NDArray[np.intp]) -> Picture:
    classes = dataset.target_names if dataset.classes else ()
    return Picture(
        prediction.plane_chart,
        (*dataset.feature_titles, f"P({classes[-1]})" if classes else dataset.target_title, classes),
        prediction.plane_table(dataset, layers, batch),
        "The plane of the two inputs, coloured by the network's prediction, with the rows as points.",
    )


def _actual(dataset: Dataset, layers: Sequence[Layer], batch: NDArray[np.intp]) -> Picture:
    return Picture(
        prediction.actual_chart,
        (dataset.target_title,),
        prediction.actual_table(dataset, layers, batch),
        "The predicted target of every row against the actual one; on the diagonal the prediction is right.",
    )


def _classes(dataset: Dataset, layers: Sequence[Layer], batch: NDArray[np.intp]) -> Picture:
    x, y = dataset.pictured.features
    return Picture(
        prediction.classes_chart,
        (dataset.feature_titles[x], dataset.feature_titles[y], dataset.target_names),
        prediction.classes_table(dataset, layers, batch, (x, y)),
        "Rows over two of their measurements; the shape shows the class, and wrong predictions are crossed out.",
    )


def _confusion(dataset: Dataset, layers: Sequence[Layer], _batch: NDArray[np.intp]) -> Matrix:
    return confusion(dataset, layers)


class Drawn(NamedTuple):
    """How one kind of picture is drawn, and its heading."""

    heading: str
    of: Callable[[Dataset, Sequence[Layer], NDArray[np.intp]], Picture | Matrix]


MATRIX = Drawn(MATRIX_HEADING, _confusion)
PICTURES = {
    "curve": Drawn("Data and prediction", _curve),
    "plane": Drawn("Prediction at each pair of inputs", _plane),
    "actual": Drawn("Predicted against actual", _actual),
    "classes": Drawn("Rows by class, wrong ones crossed out", _classes),
    "confusion": MATRIX,
    "images": MATRIX,  # the page shows the images below it
}
