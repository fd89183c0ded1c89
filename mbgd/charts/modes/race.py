"""A race of batch sizes in one chart: one line per lane with a band over its seeds, and the loss to reach."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pyarrow as pa

from mbgd.charts.batch_sizes import STYLES, batch_name
from mbgd.charts.layers import FRAME, HEIGHT, X_AXES, frame, layered, only, tip
from mbgd.charts.thinning import thin
from mbgd.engine.activations import Array
from mbgd.experiments.modes.lanes import Lane
from mbgd.experiments.modes.prices import decide, fate, start_loss
from mbgd.experiments.modes.race import Race

TABLE = "race"
LANE, NAME, TARGET, PRICE, STAR = "lane", "name", "target", "price", "star"
ROOM = 0.25  # of the width, on the right, for the names at the lines' ends
NAME_GAP = 24 / HEIGHT  # between two names, as a share of the height: a low window takes a third of it away
LOST_ROOM = 0.4  # of the width, for a name with a longer text
QUARTILES_FROM = 4  # seeds: fewer have no quarters
HOVER_POINTS = 60  # per line
FATES = {"diverged": "diverged", "diverges": "diverges", "rose": "above its start"}  # of a lane that is lost


def middle_and_band(lane: Lane, axis: str, split: str) -> tuple[Array, Array, Array, Array]:
    """x, the median loss over the seeds, and the bottom and top of its band, each (C,); infinite after divergence.

    The band holds the middle half of the seeds, or all of them if there are fewer than four.
    """
    losses = np.sort(lane.losses(split), axis=1)  # (C, S)
    last = losses.shape[1] - 1
    low, high = (round(last / 4), round(3 * last / 4)) if last + 1 >= QUARTILES_FROM else (0, last)
    x = np.median(lane.position(axis), axis=1)
    return x, np.median(losses, axis=1), losses[:, low], losses[:, high]


def band_name(seeds: int) -> str:
    """A description of the band over this number of seeds."""
    if seeds == 1:
        return "one seed, so no band"
    if seeds < QUARTILES_FROM:
        return f"band: all {seeds} seeds, lowest to highest"
    return f"band: the middle half of {seeds} seeds, without the lowest and the highest quarter"


def race_ends(race: Race, axis: str, split: str, log_x: bool, log_y: bool) -> tuple[float, float, float, float]:
    """The ends of the axes: left, right, bottom, top. They grow in steps while the race goes on.

    The top is a little above the loss at the start. A lane with a higher loss is drawn along the edge.
    """
    drawn = [middle_and_band(lane, axis, split) for lane in race.lanes]
    positive = [x[x > 0] for x, *_ in drawn]
    left = min((x[0] for x in positive if len(x)), default=0.5) if log_x else 0.0
    right = max(max((x[-1] for x in positive if len(x)), default=1.0), left * 2)
    if not race.finished:
        right = float(2 ** np.ceil(np.log2(right)))
    right = right * (right / left) ** ROOM if log_x else right * (1 + ROOM)
    start = max(start_loss(race, split), 1e-12)
    lowest = max(min(low[np.isfinite(low)].min() for _, _, low, _ in drawn), start * 1e-6)
    bottom = 10 ** (np.floor(4 * np.log10(0.9 * lowest)) / 4) if log_y else 0.0
    return float(left), float(right), float(bottom), _top(race, split, log_y)


def above_the_top(race: Race, split: str, log_y: bool) -> tuple[float, list[str]]:
    """The top of the loss axis, and the names of the lanes whose line is drawn along it for a while."""
    top = _top(race, split, log_y)
    high = [lane for lane in race.lanes if (np.median(lane.losses(split), axis=1) > top).any()]
    return top, [batch_name(lane.batch_size) for lane in high]


def _top(race: Race, split: str, log_y: bool) -> float:
    return max(start_loss(race, split), 1e-12) * (1.5 if log_y else 1.08)


def race_table(race: Race, axis: str, split: str, target: float, log_x: bool, log_y: bool) -> pa.Table:
    """The table of race_chart: x, y, low and high (limited to the axes), loss, lane, text, series, hover."""
    left, right, bottom, top = race_ends(race, axis, split, log_x, log_y)
    rows: list[dict] = [
        {"series": FRAME, "x": left, "y": bottom},
        {"series": FRAME, "x": right, "y": top},
        {"series": TARGET, "x": left, "y": np.clip(target, bottom, top), "text": f"loss to reach: {target:.3g}"},
    ]
    lines, lost = {}, {}
    for lane in race.lanes:
        name = batch_name(lane.batch_size)
        x, middle, low, high = middle_and_band(lane, axis, split)
        if ended := fate(lane):
            lost[name] = f"✕ {name} {FATES[ended]}"
        drawn = np.isfinite(middle) & ((x > 0) if log_x else True)
        x, middle, low, high = (values[drawn] for values in (x, middle, low, high))
        if not len(x):
            continue
        kept = thin(middle)
        pointed_at = set(thin(middle, HOVER_POINTS))
        for i in kept:
            y, y_low, y_high = np.clip([middle[i], low[i], high[i]], bottom, top)
            rows.append(
                {"series": LANE, "x": x[i], "y": y, "low": y_low, "high": y_high, "loss": middle[i]}
                | {"lane": name, "hover": i in pointed_at}
            )
        lines[name] = x, np.clip(middle, bottom, top)
    rows += _names(lines, lost, (left, right, bottom, top), log_x, log_y)
    decision = decide(race, target, split)
    for price in decision.prices:
        x = getattr(price, axis)
        if np.isfinite(x) and (x > 0 or not log_x):
            here = {"x": x, "y": np.clip(target, bottom, top), "lane": batch_name(price.batch_size)}
            rows.append({"series": PRICE, "loss": target} | here)
            if race.finished and price.batch_size in decision.winners[axis]:  # before, another lane may still win
                rows.append({"series": STAR, "text": "★"} | here)
    return as_table(rows)


def _names(
    lines: dict[str, tuple[Array, Array]],
    lost: dict[str, str],
    ends: tuple[float, float, float, float],
    log_x: bool,
    log_y: bool,
) -> list[dict]:
    """A name at the end of each line, moved where it would stand on another; `lost`: those that diverged."""
    left, right, bottom, top = ends

    def share(values: Array, start: float, end: float, log: bool) -> Array:
        return np.log(values / start) / np.log(end / start) if log else (values - start) / (end - start)

    shares = [(share(x, left, right, log_x), share(y, bottom, top, log_y)) for x, y in lines.values()]
    places = [(across[-1], clear(across[-1], heights[-1], shares)) for across, heights in shares]
    rows, heights = [], apart(places, NAME_GAP, LOST_ROOM if lost else ROOM)
    for (name, (x, _)), height in zip(lines.items(), heights, strict=True):
        y = bottom * (top / bottom) ** height if log_y else bottom + height * (top - bottom)
        rows.append({"series": NAME, "x": x[-1], "y": min(y, top), "lane": name, "text": lost.get(name, name)})
    return rows


def clear(across: float, height: float, lines: Sequence[tuple[Array, Array]]) -> float:
    """The height of a name at a line's end: the line's own, or the nearest that no other line goes through.

    All numbers are shares of the chart. A line is its horizontal positions and their heights.
    """
    passing = np.concatenate([heights[(x > across) & (x < across + ROOM)] for x, heights in lines])
    beside = [other + side * NAME_GAP for other in passing for side in (-1, 1)]
    free = [
        place
        for place in (height, *beside)
        if 0 <= place <= 1 and (np.abs(passing - place) >= NAME_GAP * (1 - 1e-9)).all()
    ]
    return min(free, key=lambda place: abs(place - height), default=0.0)


def apart(places: Sequence[tuple[float, float]], gap: float, room: float = ROOM) -> list[float]:
    """Heights for names at places (across, height), in shares of the chart: names within `room` are `gap` apart.

    They are moved up, and down again if they would leave the chart.
    """
    heights = [height for _, height in places]

    def near(i: int, others: Sequence[int]) -> list[float]:
        return [heights[other] for other in others if abs(places[i][0] - places[other][0]) < room]

    done: list[int] = []
    for i in sorted(range(len(places)), key=heights.__getitem__):
        heights[i] = max([heights[i], *(height + gap for height in near(i, done))])
        done.append(i)
    moved: list[int] = []
    for i in reversed(done):
        heights[i] = min([heights[i], 1.0, *(height - gap for height in near(i, moved))])
        moved.append(i)
    return heights


def as_table(rows: Sequence[dict]) -> pa.Table:
    """One table of rows given as dictionaries; missing values are empty."""
    columns = {"series": "", "lane": "", "text": "", "hover": False}
    columns |= dict.fromkeys(("x", "y", "low", "high", "loss", "step"), np.nan)
    return pa.table({name: [row.get(name, default) for row in rows] for name, default in columns.items()})


def of_lanes(lanes: Sequence[str], styles: Sequence[str]) -> tuple[alt.Color, alt.StrokeDash, alt.Shape]:
    """The colours, dashes and shapes of lanes with these names, from the names of their styles."""
    looks = [STYLES[style] for style in styles]
    ranges = [look.colour for look in looks], [list(look.dash) for look in looks], [look.shape for look in looks]
    colour, dash, shape = (alt.Scale(domain=list(lanes), range=values) for values in ranges)
    return (
        alt.Color("lane:N", scale=colour, legend=None),
        alt.StrokeDash("lane:N", scale=dash, legend=None),
        alt.Shape("lane:N", scale=shape, legend=None),
    )


def race_chart(
    axis: str, log_x: bool, log_y: bool, loss_name: str, lanes: tuple[str, ...], styles: tuple[str, ...]
) -> alt.LayerChart:
    """The chart of race_table; `lanes` are the names of the lanes, `styles` those of their styles, `loss_name` is the
    title of the loss axis."""
    scale = {"nice": False, "type": "log" if log_x else "linear"}
    ticks = alt.Axis(tickCount=6, format=",.4~r", grid=False, labelFlush=True, labelOverlap=True)
    x = alt.X("x:Q", title=X_AXES[axis], scale=alt.Scale(**scale), axis=ticks)
    y = alt.Y(
        "y:Q",
        title=loss_name,
        scale=alt.Scale(type="log", nice=False) if log_y else alt.Scale(zero=True, nice=False),
        axis=alt.Axis(tickCount=5, format=".6~g"),
    )
    colour, dash, shape = of_lanes(lanes, styles)
    rows = alt.Chart(alt.NamedData(TABLE)).encode(x=x, y=y)

    bands = only(rows, LANE).mark_area(opacity=0.07)
    bands = bands.encode(y=alt.Y("low:Q", title=loss_name), y2="high:Q", color=colour)
    lines = only(rows, LANE).mark_line(strokeWidth=2.5).encode(color=colour, strokeDash=dash)
    target = only(rows, TARGET).encode(x=alt.value(0), x2=alt.value("width"))
    rule = target.mark_rule(strokeDash=[3, 3], strokeWidth=1.5, color="#8A929C")
    # With a logarithmic x-axis, lines are high at the left; with a linear one they are low at the right.
    label = only(rows, TARGET).encode(x=alt.value(0) if log_x else alt.value("width"), text="text:N")
    side = {"align": "left", "dx": 6} if log_x else {"align": "right", "dx": -6}
    label = label.mark_text(**side, dy=-8, fontSize=12, color="#8A929C")
    paid = only(rows, PRICE).mark_point(filled=True, size=90, opacity=1, stroke="#FFFFFF", strokeWidth=1)
    paid = paid.encode(color=colour, shape=shape)
    stars = only(rows, STAR).mark_text(fontSize=20, dy=-14).encode(color=colour, text="text:N")
    names = only(rows, NAME).mark_text(align="left", dx=6, fontSize=13, fontWeight="bold")
    names = names.encode(color=colour, text="text:N")
    hover = only(rows, LANE).transform_filter("datum.hover").mark_point(size=90, opacity=0, filled=True)
    hover = hover.encode(
        tooltip=[
            alt.Tooltip("lane:N", title="batch size"),
            tip(X_AXES[axis], "x"),
            tip("median loss over the seeds", "loss"),
            tip("band from", "low"),
            tip("band to", "high"),
        ]
    )
    return layered(frame(rows), bands, rule, label, lines, paid, stars, names, hover)
