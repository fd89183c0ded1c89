"""The loss over two weights as contours, and the path of each batch size on them."""

import altair as alt
import numpy as np
import pyarrow as pa

from mbgd.charts.batch_sizes import batch_name
from mbgd.charts.layers import GREY, layered, only, tip
from mbgd.charts.modes.race import apart, as_table, of_lanes
from mbgd.engine.activations import Array
from mbgd.experiments.modes.surface import Descent

TABLE = "surface"
CONTOUR, LEVEL, PATH, END, NAME, BEST, START = "contour", "level", "path", "end", "name", "best", "start"
LEVELS = 7
REACH = 5  # times the size of the frame: no path is drawn further out
MARGIN = 0.45  # around start and minimum, as a share of their distance
SURFACE_HEIGHT = 430
NAME_GAP = 17 / SURFACE_HEIGHT


def surface_ends(found: Descent) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ends of the axes of W and of b: start and minimum with a margin, however far a path goes.

    If all paths climb, full batch's first step is inside too, so that the direction is seen.
    """
    seen = np.vstack([_first_points(found), found.surface.best])
    margin = MARGIN * np.abs(seen[0] - found.surface.best).max()
    low, high = seen.min(axis=0) - margin, seen.max(axis=0) + margin
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


def _first_points(found: Descent) -> Array:
    """The points (P, 2) that must be visible: the start and, if all paths climb, the first step of full batch."""
    full = max(found.paths, key=lambda path: path.batch_size)
    return full.points[: 2 if found.all_climb else 1]


def _within_reach(points: Array, low: Array, high: Array) -> Array:
    """The points (P, 2), with far ones moved nearer in the same direction: a canvas cannot draw huge numbers."""
    centre, reach = (low + high) / 2, REACH * (high - low).max()
    away = points - centre
    distance = np.abs(away).max(axis=1, keepdims=True)  # (P, 1)
    return np.where(distance > reach, centre + away / np.maximum(distance, reach) * reach, points)


def surface_table(found: Descent, shown: int) -> pa.Table:
    """The table of surface_chart, with paths up to `shown` updates: x (W), y (b), series, lane, text, step, loss."""
    surface, start = found.surface, found.paths[0].points[0]
    low, high = np.array(surface_ends(found)).T  # (2,), (2,)
    rows: list[dict] = []
    rise = float(surface.loss(_first_points(found)).max()) - surface.least
    for level in range(1, LEVELS + 1):
        loss = surface.least + rise * (level / (LEVELS - 2)) ** 2  # evenly spaced, one through the highest point
        ring = surface.contour(loss)
        rows += [{"series": CONTOUR, "x": x, "y": y, "lane": f"{level}", "step": i} for i, (x, y) in enumerate(ring)]
        inside = ((ring > low) & (ring < high)).all(axis=1)
        if level > 1 and inside.any():
            x, y = ring[inside][ring[inside][:, 0].argmax()]  # at the rightmost visible point
            rows.append({"series": LEVEL, "x": x, "y": y, "text": f"{loss:,.0f}" if loss >= 100 else f"{loss:.2g}"})
    rows.append({"series": BEST, "x": surface.best[0], "y": surface.best[1], "text": "minimum"})
    rows.append({"series": START, "x": start[0], "y": start[1], "text": "start"})
    ends = []
    for path in found.paths:
        name, points = batch_name(path.batch_size), path.up_to(shown).points
        losses = surface.loss(points)
        drawn = _within_reach(points, low, high)
        if found.climbs(path):  # only its steps up to the frame: later ones would cross the picture again and again
            drawn = drawn[: int((drawn != points).any(axis=1).argmax() or len(points)) + 1]
        rows += [
            {"series": PATH, "x": x, "y": y, "lane": name, "step": i, "loss": losses[i]}
            for i, (x, y) in enumerate(drawn)
        ]
        x, y = drawn[-1]
        rows.append({"series": END, "x": x, "y": y, "lane": name})
        x, y = np.clip(drawn[min(1, shown)] if found.climbs(path) else [x, y], low, high)
        ends.append((name, x, (y - low[1]) / (high[1] - low[1])))
    heights = apart([(0.0, height) for *_, height in ends], NAME_GAP)
    for (name, x, _), height in zip(ends, heights, strict=True):
        y = low[1] + height * (high[1] - low[1])
        rows.append({"series": NAME, "x": x, "y": y, "lane": name, "text": name})
    return as_table(rows)


def surface_chart(
    lanes: tuple[str, ...], styles: tuple[str, ...], ends_W: tuple[float, float], ends_b: tuple[float, float]
) -> alt.LayerChart:
    """The chart of surface_table; `lanes` are the names of the paths, `styles` those of their styles, ends_W and ends_b
    the ends of the axes."""
    axis = alt.Axis(tickCount=6, format=",.4~r", grid=False)
    rows = alt.Chart(alt.NamedData(TABLE)).encode(
        x=alt.X("x:Q", title="W, the slope of the line", scale=alt.Scale(nice=False, domain=list(ends_W)), axis=axis),
        y=alt.Y("y:Q", title="b, its height at x = 0", scale=alt.Scale(nice=False, domain=list(ends_b)), axis=axis),
    )
    colour, dash, shape = of_lanes(lanes, styles)
    contours = only(rows, CONTOUR).mark_line(strokeWidth=1, color=GREY, opacity=0.6, clip=True)
    contours = contours.encode(detail="lane:N", order="step:Q")
    levels = only(rows, LEVEL).mark_text(fontSize=11, color=GREY, align="right", dx=-3).encode(text="text:N")
    paths = only(rows, PATH).mark_line(strokeWidth=2, clip=True).encode(color=colour, strokeDash=dash, order="step:Q")
    dots = only(rows, PATH).mark_point(filled=True, size=22, opacity=0.85, clip=True)
    dots = dots.encode(
        color=colour,
        shape=shape,
        tooltip=[
            alt.Tooltip("lane:N", title="batch size"),
            tip("after update", "step"),
            tip("W", "x"),
            tip("b", "y"),
            tip("loss over all rows", "loss"),
        ],
    )
    ends = only(rows, END).mark_point(filled=True, size=130, opacity=1, stroke="#FFFFFF", strokeWidth=1, clip=True)
    ends = ends.encode(color=colour, shape=shape)
    names = only(rows, NAME).mark_text(align="left", dx=16, fontSize=13, fontWeight="bold")
    names = names.encode(color=colour, text="text:N")
    best = only(rows, BEST).mark_point(shape="cross", size=150, color=GREY, filled=True, opacity=1)
    marks = (
        only(rows, BEST, START).mark_text(align="right", dx=-12, dy=10, fontSize=13, color=GREY).encode(text="text:N")
    )
    return layered(contours, levels, paths, dots, best, ends, marks, names, height=SURFACE_HEIGHT)
