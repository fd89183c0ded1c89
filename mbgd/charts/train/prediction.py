"""The network's predictions and the data: a curve, a plane, predicted against actual, or rows by class."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import altair as alt
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mbgd.charts.layers import (
    BLUE,
    CLASS_COLOURS,
    CLASS_SHAPES,
    FRAME,
    GREY,
    RAMP,
    SHORT_LABEL,
    VERMILLION,
    frame,
    layered,
    only,
    stacked,
    tip,
)
from mbgd.data.dataset import Dataset
from mbgd.engine.activations import Array
from mbgd.engine.guards import quiet
from mbgd.engine.losses import softmax
from mbgd.engine.network import Layer, predict

TABLE = "prediction"
TRAIN, VAL, BATCH, MODEL = "training rows", "validation rows", "this batch", "network"
MOST_DRAWN = 2_000  # rows of a split: more points would cover each other
CELLS = 36  # a side of the plane's grid
LEVELS = 32  # colours of a plane from the least value to the largest: neighbours of one colour are drawn as one
FINE_ENOUGH = 1e-5  # of the range of a column: no screen shows less
POINT = ("series", "x", "y")


def outputs(dataset: Dataset, layers: Sequence[Layer], X: Array) -> Array:
    """Predictions (N, k) for standardised inputs (N, n): targets in their units, or probabilities of the classes."""
    with quiet():
        Y = predict(layers, X)
        return softmax(Y) if dataset.classes else dataset.targets.restore(Y)


def _splits(dataset: Dataset, batch: NDArray[np.intp]) -> list[tuple[str, Array, Array]]:
    """(name, X, Y) of the training rows, the validation rows and this batch's rows, all standardised.

    Of a split with more than MOST_DRAWN rows, every second one, or every third and so on, is drawn.
    """
    X, Y = dataset.X_train, dataset.Y_train
    return [
        (name, X[:: _step(X)], Y[:: _step(X)])
        for name, X, Y in ((TRAIN, X, Y), (VAL, dataset.X_val, dataset.Y_val), (BATCH, X[batch], Y[batch]))
    ]


def _step(X: Array) -> int:
    return max(1, -(-len(X) // MOST_DRAWN))


def _drawable(values: Array, low: float, high: float) -> Array:
    """Values limited to low..high. NaN stays NaN, which the chart leaves out."""
    return np.where(np.isnan(values), np.nan, np.clip(values, low, high))


def _widened(values: Array, share: float) -> tuple[float, float]:
    margin = share * (values.max() - values.min() or 1.0)
    return float(values.min() - margin), float(values.max() + margin)


# --- one input: a curve ---


def curve_table(dataset: Dataset, layers: Sequence[Layer], batch: NDArray[np.intp]) -> pa.Table:
    """The table of curve_chart: x and y in their units, and series."""
    parts = [
        (name, dataset.inputs.restore(X)[:, 0], dataset.targets.restore(Y)[:, 0])
        for name, X, Y in _splits(dataset, batch)
    ]
    low, high = _widened(np.concatenate([part[2] for part in parts]), 0.15)
    x = np.linspace(*_widened(np.concatenate([part[1] for part in parts]), 0.02), 200)
    grid = dataset.inputs.standardise(x[:, None])  # (200, 1)
    parts.append((MODEL, x, _drawable(outputs(dataset, layers, grid)[:, 0], low, high)))
    parts.append((FRAME, x[[0, -1]], np.array([low, high])))
    return stacked(POINT, parts)


def curve_chart(x_title: str, y_title: str) -> alt.LayerChart:
    """The data over one input as points, and the network's prediction as a line."""
    rows = _rows(x_title, y_title)
    return layered(
        frame(rows),
        _points(rows, x_title, y_title),
        only(rows, MODEL).mark_line(strokeWidth=3, color=VERMILLION),
        _batch_rings(rows),
    )


# --- two inputs: a plane ---


class Grid(NamedTuple):
    """The cells of a plane, row by row from the bottom: their edges in the units of the inputs, each (CELLS,), and the
    standardised middles (cells, 2)."""

    left: NDArray[np.floating]
    right: NDArray[np.floating]
    bottom: NDArray[np.floating]
    top: NDArray[np.floating]
    middles: Array
    names: pa.Array  # of the two classes, or of the target


def _new_grid(dataset: Dataset) -> Grid:
    inputs = dataset.inputs.restore(np.concatenate([dataset.X_train, dataset.X_val]))  # (N, 2)
    edges = [np.linspace(*_widened(inputs[:, i], 0.06), CELLS + 1) for i in (0, 1)]
    middles = np.meshgrid(*((side[:-1] / 2 + side[1:] / 2) for side in edges))
    lighter = _lighter(*inputs.T)
    (left, right), (bottom, top) = (  # cells overlap, so no seams show
        (side[:-1].astype(lighter), (side[1:] + 0.15 * (side[1] - side[0])).astype(lighter)) for side in edges
    )
    standardised = dataset.inputs.standardise(np.column_stack([middle.ravel() for middle in middles]))
    names = list(dict.fromkeys([dataset.target_names[0], dataset.target_names[-1]]))
    return Grid(left, right, bottom, top, standardised, pa.array(names, pa.string()))


def _lighter(*columns: Array) -> type[np.floating]:
    """The type for what is drawn of these columns: float32 where it tells their values apart well enough."""
    with quiet():
        small = all(
            np.abs(values.astype(np.float32) - values).max() <= FINE_ENOUGH * np.ptp(values) for values in columns
        )
    return np.float32 if small else np.float64


GRIDS: WeakKeyDictionary[Dataset, Grid] = WeakKeyDictionary()  # a plane is drawn several times a second


def _bars(grid: Grid, predicted: Array, low: float, high: float) -> tuple[NDArray[Any], ...]:
    """Cells of one colour beside each other as one bar: left, bottom, right, top and mean value, each (bars,).

    predicted (cells,): values from low to high, or NaN, where nothing is drawn. A plane has two to ten times fewer bars
    than cells, and the browser draws each of them at each redraw.
    """
    known = ~np.isnan(predicted)
    shares = (np.where(known, predicted, low) - low) / ((high - low) or 1.0)
    level = np.where(known, np.rint(shares * LEVELS), -1).reshape(CELLS, CELLS)  # (rows, columns)
    begins = np.ones((CELLS, CELLS), dtype=bool)
    begins[:, 1:] = level[:, 1:] != level[:, :-1]
    first = np.flatnonzero(begins)  # (bars,)
    last = np.append(first[1:], CELLS**2) - 1
    drawn = known[first]
    means = np.add.reduceat(np.where(known, predicted, 0.0), first) / (last - first + 1)
    row, column = np.divmod(first, CELLS)
    sides = grid.left[column], grid.bottom[row], grid.right[last % CELLS], grid.top[row]
    return *(side[drawn] for side in sides), np.clip(means[drawn], low, high)


def plane_table(dataset: Dataset, layers: Sequence[Layer], batch: NDArray[np.intp]) -> pa.Table:
    """The table of plane_chart: bars of cells (x, y to x2, y2, value) and points (x, y, value, predicted, class).

    value is what is predicted for a cell, and the target of a point; predicted is what the network predicts for it.

    Its numbers are float32 if that is enough for a chart: half as much goes to the browser at each redraw.
    """
    grid = GRIDS.get(dataset) or GRIDS.setdefault(dataset, _new_grid(dataset))
    splits = _splits(dataset, batch)
    actual = [Y[:, -1] if dataset.classes else dataset.targets.restore(Y)[:, 0] for _, _, Y in splits]
    seen = np.concatenate(actual)
    # the colour scale is that of the data, so colours keep their meaning
    low, high = (0.0, 1.0) if dataset.classes else (float(seen.min()), float(seen.max()))
    of_rows = [X for name, X, _ in splits if name != BATCH]
    everywhere = outputs(dataset, layers, np.concatenate([grid.middles, *of_rows]))[:, -1]
    predicted = _drawable(everywhere[: len(grid.middles)], low, high)
    left, bottom, right, top, predicted = _bars(grid, predicted, low, high)
    points = [(name, *dataset.inputs.restore(X).astype(left.dtype).T) for name, X, _ in splits]
    table = stacked(POINT, [*points, (MODEL, left, bottom)])
    at_points = everywhere[len(grid.middles) :]
    at_points[~np.isfinite(at_points)] = np.nan
    rest = np.full(len(seen) - len(at_points) + len(predicted), np.nan)  # the rings and the bars
    nothing = np.full(len(seen), np.nan, dtype=left.dtype)
    values = np.concatenate([seen, predicted])
    values = values.astype(_lighter(values[: len(nothing)]))
    last = (values > 0.5) & dataset.classes
    of_class = pa.DictionaryArray.from_arrays(pa.array(last.astype(np.int8)), grid.names)
    return (
        table.append_column("x2", pa.array(np.concatenate([nothing, right])))
        .append_column("y2", pa.array(np.concatenate([nothing, top])))
        .append_column("value", pa.array(values))
        .append_column("predicted", pa.array(np.concatenate([at_points, rest]).astype(_lighter(at_points))))
        .append_column("class", of_class)
    )


def plane_chart(x_title: str, y_title: str, value_title: str, classes: tuple[str, ...]) -> alt.LayerChart:
    """The plane of two inputs, coloured by prediction, with the rows on it. Without classes it is a regression."""
    rows = _rows(x_title, y_title)
    domain = [0, 1] if classes else alt.Undefined
    scale = alt.Scale(range=list(RAMP), interpolate="lab", domain=domain)
    legend = alt.Legend(title=value_title, orient="right", gradientLength=120)
    cells = only(rows, MODEL).mark_rect(opacity=1, strokeWidth=0)
    cells = cells.encode(x2="x2:Q", y2="y2:Q", fill=alt.Fill("value:Q", scale=scale, legend=legend))
    points = only(rows, TRAIN, VAL).mark_point(filled=True, size=34, strokeWidth=0.8, stroke="#FFFFFF", opacity=1)
    if classes:
        of_class = alt.Legend(title="actual", symbolSize=90, symbolStrokeColor=GREY)
        dots = points.encode(
            color=alt.Color("class:N", scale=alt.Scale(domain=classes, range=["#0B4F80", "#9A3F00"]), legend=of_class),
            shape=alt.Shape("class:N", scale=alt.Scale(domain=classes, range=CLASS_SHAPES[:2]), legend=of_class),
        )
    else:
        dots = points.encode(fill=alt.Fill("value:Q", scale=scale, legend=legend))
    actual = alt.Tooltip("class:N", title="actual") if classes else tip(value_title, "value", 3)
    predicted = tip(value_title if classes else f"predicted {value_title}", "predicted", 3)
    here = (tip(x_title, "x", 3), tip(y_title, "y", 3))
    dots = dots.encode(tooltip=[*here, actual, predicted, alt.Tooltip("series:N", title="set")])
    return layered(cells, dots, _batch_rings(rows))


# --- a table of measurements: predicted against actual, or classes over two of them ---


def actual_table(dataset: Dataset, layers: Sequence[Layer], batch: NDArray[np.intp]) -> pa.Table:
    """The table of actual_chart: x the actual target and y the predicted one, in the target's unit."""
    splits = _splits(dataset, batch)
    actual = [dataset.targets.restore(Y)[:, 0] for _, _, Y in splits]
    low, high = _widened(np.concatenate(actual), 0.05)
    parts = [
        (name, x, _drawable(outputs(dataset, layers, X)[:, 0], low, high))
        for (name, X, _), x in zip(splits, actual, strict=True)
    ]
    ends = np.array([low, high])
    return stacked(POINT, [*parts, (MODEL, ends, ends)])


def actual_chart(target: str) -> alt.LayerChart:
    """The predicted target against the actual one: on the diagonal the prediction is right."""
    rows = _rows(f"actual {target}", f"predicted {target}")
    diagonal = only(rows, MODEL).mark_line(strokeDash=[4, 4], color=GREY)
    return layered(diagonal, _points(rows, f"actual {target}", f"predicted {target}"), _batch_rings(rows))


def classes_table(
    dataset: Dataset, layers: Sequence[Layer], batch: NDArray[np.intp], features: tuple[int, int]
) -> pa.Table:
    """The table of classes_chart: two features in their units, actual class, predicted class, and right or wrong."""
    splits = _splits(dataset, batch)
    names = np.array(dataset.target_names)
    actual = np.concatenate([names[Y.argmax(axis=1)] for _, _, Y in splits])
    predicted = np.concatenate([names[outputs(dataset, layers, X).argmax(axis=1)] for _, X, _ in splits])
    table = stacked(POINT, [(name, *dataset.inputs.restore(X)[:, features].T) for name, X, _ in splits])
    answer = np.where(actual == predicted, "right", "wrong")
    for column, values in (("class", actual), ("predicted", predicted), ("answer", answer)):
        table = table.append_column(column, pa.array(values))
    return table


def classes_chart(x_title: str, y_title: str, classes: tuple[str, ...]) -> alt.LayerChart:
    """Rows over two features, coloured by class; wrong predictions are crossed out."""
    rows = _rows(x_title, y_title)
    domain = list(classes)
    colour = alt.Color("class:N", scale=alt.Scale(domain=domain, range=CLASS_COLOURS[: len(domain)]))
    shape = alt.Shape("class:N", scale=alt.Scale(domain=domain, range=CLASS_SHAPES[: len(domain)]))
    legend = alt.Legend(title=None, orient="top")
    points = only(rows, TRAIN, VAL)
    marks = points.mark_point(filled=True, size=40, opacity=0.75)
    marks = marks.encode(
        color=colour.legend(legend),
        shape=shape.legend(legend),
        tooltip=[
            tip(x_title, "x", 3),
            tip(y_title, "y", 3),
            alt.Tooltip("class:N"),
            alt.Tooltip("predicted:N"),
            alt.Tooltip("series:N", title="set"),
        ],
    )
    wrong = points.transform_filter(alt.datum.answer == "wrong").mark_text(text="✕", fontSize=15, fontWeight="bold")
    wrong = wrong.encode(color=alt.value(VERMILLION))
    return layered(marks, wrong, _batch_rings(rows))


# --- shared helpers ---


def _rows(x_title: str, y_title: str) -> alt.Chart:
    scale = alt.Scale(zero=False, nice=False)
    axis = alt.Axis(tickCount=5, labelExpr=SHORT_LABEL)
    return alt.Chart(alt.NamedData(TABLE)).encode(
        x=alt.X("x:Q", title=x_title, scale=scale, axis=axis), y=alt.Y("y:Q", title=y_title, scale=scale, axis=axis)
    )


def _points(rows: alt.Chart, x_title: str, y_title: str) -> alt.Chart:
    """Training rows as filled circles, validation rows as hollow triangles."""
    domain = [TRAIN, VAL]
    legend = alt.Legend(title=None, orient="top")
    return (
        only(rows, *domain)
        .mark_point(size=26, opacity=0.7)
        .encode(
            color=alt.Color("series:N", scale=alt.Scale(domain=domain, range=[BLUE, VERMILLION]), legend=legend),
            shape=alt.Shape("series:N", scale=alt.Scale(domain=domain, range=["circle", "triangle-up"]), legend=legend),
            fill=alt.Fill("series:N", scale=alt.Scale(domain=domain, range=[BLUE, "transparent"]), legend=None),
            tooltip=[tip(x_title, "x", 3), tip(y_title, "y", 3), alt.Tooltip("series:N", title="set")],
        )
    )


def _batch_rings(rows: alt.Chart) -> alt.Chart:
    return only(rows, BATCH).mark_point(size=130, strokeWidth=2, color="#E69F00", filled=False, opacity=1)
