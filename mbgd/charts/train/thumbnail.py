"""A data set's picture as a small image: what a network predicts, cheap enough for three of them at every redraw."""

import base64
import io
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw

from mbgd.charts.layers import RAMP
from mbgd.charts.train.prediction import outputs
from mbgd.data.dataset import Dataset
from mbgd.engine.activations import Array
from mbgd.engine.network import Layer

SIDE = 150  # pixels
CELLS = 30  # a side of the plane's grid
DARK = ["#0B4F80", "#9A3F00", "#00563F", "#7A2F60", "#6B4A00", "#1F5F86"]  # of classes, in their order
MOST_POINTS = 300


def thumbnail(dataset: Dataset, layers: Sequence[Layer]) -> str:
    """The picture as the address of an image that holds it: for the attribute src."""
    image = PICTURES[dataset.pictured.kind].of(dataset, layers)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def blend(shares: Array, ramp: Sequence[str] = RAMP) -> NDArray[np.uint8]:
    """Colours (..., 3) for shares from 0 to 1, from the first colour of the ramp to its last. NaN is white."""
    shares = np.clip(shares, 0, 1)[..., None]
    low, middle, high = (np.array(ImageColor.getrgb(colour), dtype=float) for colour in ramp)
    lower, upper = low + (middle - low) * 2 * shares, middle + (high - middle) * (2 * shares - 1)
    return np.nan_to_num(np.where(shares < 0.5, lower, upper), nan=255.0).astype(np.uint8)


def _plane(dataset: Dataset, layers: Sequence[Layer]) -> Image.Image:
    X, Y = dataset.X_train, dataset.Y_train
    low, high = _ends(X)
    x, y = (np.linspace(low[i], high[i], CELLS) for i in (0, 1))
    grid = np.column_stack([values.ravel() for values in np.meshgrid(x, y[::-1])])  # (cells, 2)
    predicted = outputs(dataset, layers, grid)[:, -1]
    actual = Y[:, -1] if dataset.classes else dataset.targets.restore(Y)[:, 0]
    if not dataset.classes:
        span = np.ptp(actual) or 1.0
        predicted, actual = (predicted - actual.min()) / span, (actual - actual.min()) / span
    colours = blend(predicted.reshape(CELLS, CELLS))
    image = Image.fromarray(colours).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    _points(image, _scaled(X, low, high), actual > 0.5)
    return image


def _curve(dataset: Dataset, layers: Sequence[Layer]) -> Image.Image:
    x, y = dataset.X_train[:, 0], dataset.Y_train[:, -1] if dataset.classes else dataset.Y_train[:, 0]
    grid = np.linspace(x.min(), x.max(), SIDE)
    predicted = outputs(dataset, layers, grid[:, None])
    line = predicted[:, -1] if dataset.classes else dataset.targets.standardise(predicted)[:, 0]
    image = _blank()
    low, high = _ends(np.column_stack([x, y]))
    _points(image, _scaled(np.column_stack([x, y]), low, high), np.zeros(len(x), dtype=bool))
    points = _scaled(np.column_stack([grid, np.clip(line, low[1], high[1])]), low, high)
    drawn = [tuple(point) for point in points[np.isfinite(points).all(axis=1)].tolist()]
    if len(drawn) > 1:
        ImageDraw.Draw(image).line(drawn, fill="#D55E00", width=3)
    return image


def _actual(dataset: Dataset, layers: Sequence[Layer]) -> Image.Image:
    actual = dataset.targets.restore(dataset.Y_train)[:, :1]
    predicted = outputs(dataset, layers, dataset.X_train)[:, :1]
    low, high = actual.min(), actual.max()
    image = _blank()
    ImageDraw.Draw(image).line([(0, SIDE), (SIDE, 0)], fill="#7F93A8", width=1)
    points = _scaled(np.hstack([actual, np.clip(predicted, low, high)]), np.array([low] * 2), np.array([high] * 2))
    _points(image, points, np.zeros(len(points), dtype=bool))
    return image


def _confusion(dataset: Dataset, layers: Sequence[Layer]) -> Image.Image:
    k = len(dataset.target_names)
    actual = dataset.Y_train.argmax(axis=1)
    predicted = outputs(dataset, layers, dataset.X_train).argmax(axis=1)
    counts = np.bincount(actual * k + predicted, minlength=k * k).reshape(k, k)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)  # (k, k)
    shown = np.where(np.eye(k, dtype=bool), 0.5 - share / 2, 0.5 + share / 2)  # right: blue, wrong: orange
    return Image.fromarray(blend(shown)).resize((SIDE, SIDE), Image.Resampling.NEAREST)


class Drawn(NamedTuple):
    """How one kind of picture is drawn small, and what it shows; empty where the lines beside it say so."""

    of: Callable[[Dataset, Sequence[Layer]], Image.Image]
    shows: str = ""


MATRIX = Drawn(
    _confusion,
    "Each row of squares is an actual class, each column a predicted one. On the diagonal the prediction is right "
    "(blue), elsewhere wrong (orange). The darker a square, the more rows of its class are there.",
)
PICTURES = {
    "curve": Drawn(_curve),
    "plane": Drawn(_plane),
    "actual": Drawn(_actual, "The predicted target against the actual one. On the diagonal the prediction is right."),
    "classes": MATRIX,
    "confusion": MATRIX,
    "images": MATRIX,
}


def what_it_shows(dataset: Dataset) -> str:
    """What the small picture of a data set shows, in a sentence or a few; empty where that is plain."""
    return PICTURES[dataset.pictured.kind].shows


def _blank() -> Image.Image:
    return Image.new("RGB", (SIDE, SIDE), "#F6F4F0")


def _ends(points: Array) -> tuple[Array, Array]:
    """Where the picture of points (N, 2) begins and ends, with a margin."""
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.06 * np.where(high > low, high - low, 1.0)
    return low - margin, high + margin


def _scaled(points: Array, low: Array, high: Array) -> Array:
    """Points (N, 2) in pixels."""
    return (points - low) / np.where(high > low, high - low, 1.0) * [SIDE, -SIDE] + [0, SIDE]


def _points(image: Image.Image, points: Array, second: np.ndarray) -> None:
    """Draw points: those of the second class as triangles, all others as circles."""
    draw = ImageDraw.Draw(image)
    every = -(-len(points) // MOST_POINTS)
    for (x, y), other in zip(points[::every].tolist(), second[::every].tolist(), strict=True):
        if not (np.isfinite(x) and np.isfinite(y)):
            continue
        if other:
            draw.polygon([(x, y - 2.6), (x - 2.4, y + 2), (x + 2.4, y + 2)], fill=DARK[1])
        else:
            draw.ellipse([x - 1.9, y - 1.9, x + 1.9, y + 1.9], fill=DARK[0])
