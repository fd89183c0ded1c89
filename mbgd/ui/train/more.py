"""What the page Train shows below its numbers: images of rows and weights, or the confusion matrix."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mbgd.charts.train.confusion import MATRIX_HEADING, confusion
from mbgd.charts.train.digits import image_strip, weight_sheet
from mbgd.charts.train.prediction import outputs
from mbgd.data.dataset import Dataset
from mbgd.engine.network import Layer
from mbgd.ui.kit.html import picture_heading

IMAGES = 20  # rows shown as images in a strip
UNITS_SHOWN = 40


def more_pictures(dataset: Dataset, layers: Sequence[Layer], rows: NDArray[np.intp]) -> str:
    """What is shown below the numbers, as HTML: images of rows and weights, or the confusion matrix; else nothing."""
    more = MORE.get(dataset.pictured.kind)
    return more(dataset, layers, rows) if more else ""


def _matrix(dataset: Dataset, layers: Sequence[Layer], rows: NDArray[np.intp]) -> str:
    matrix = confusion(dataset, layers)
    return f'<div class="mbgd-side"><div>{picture_heading(MATRIX_HEADING)}{matrix.html}</div></div>'


def _images(dataset: Dataset, layers: Sequence[Layer], rows: NDArray[np.intp]) -> str:
    strips = picture_heading(
        f"The first {IMAGES} validation rows", "below each: the predicted class; if wrong, predicted ≠ true"
    )
    strips += _strip(dataset, layers, "val", None)
    if len(rows):
        strips += picture_heading("Rows of this batch") + _strip(dataset, layers, "train", rows[:IMAGES])
    units, W = len(layers[0].W), layers[0].W[:UNITS_SHOWN]
    which = f"{UNITS_SHOWN} of {units:,} units" if units > UNITS_SHOWN else "each unit"
    layer = "first hidden layer" if len(layers) > 1 else "output layer"
    weights = picture_heading(f"Weights of {which} of the {layer}", "dark blue: below 0, grey: 0, light: above 0")
    weights += weight_sheet(
        W.reshape(-1, *dataset.pictured.shape), f"Weights of {len(W)} units of the {layer} as images"
    )
    return f'<div class="mbgd-side"><div>{strips}</div><div>{weights}</div></div>'


def _strip(dataset: Dataset, layers: Sequence[Layer], split: str, rows: NDArray[np.intp] | None) -> str:
    X, Y = getattr(dataset, f"X_{split}"), getattr(dataset, f"Y_{split}")
    X, Y = (X[:IMAGES], Y[:IMAGES]) if rows is None else (X[rows], Y[rows])
    predicted, actual = outputs(dataset, layers, X).argmax(axis=1), Y.argmax(axis=1)
    names = dataset.target_names
    captions = [names[p] if p == a else f"{names[p]} ≠ {names[a]}" for p, a in zip(predicted, actual, strict=True)]
    right = list(predicted == actual)
    description = f"{len(X)} images, {sum(right)} of them classified correctly"
    return image_strip(dataset.images(X), captions, right, description)


MORE = {"images": _images, "classes": _matrix}  # by the kind of the data set's picture
