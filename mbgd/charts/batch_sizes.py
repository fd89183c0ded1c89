"""How a batch size is named and drawn: one name, colour, dash and symbol on every page, in both themes."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from mbgd.charts.layers import BLUE, GREEN, VERMILLION


class Style(NamedTuple):
    """How a batch size is drawn: its colour, its dash in charts and in HTML, and its symbol in charts and in texts.

    The dash and the symbol tell it from others without colour.
    """

    colour: str
    dash: tuple[int, ...]
    border: str
    shape: str
    symbol: str


HEXAGON = "M-1,0L-0.5,-0.87L0.5,-0.87L1,0L0.5,0.87L-0.5,0.87Z"
PENTAGON = "M0,-1L0.95,-0.31L0.59,0.81L-0.59,0.81L-0.95,-0.31Z"
# Each colour stands out from the white and from the dark background. Of the batch sizes from 2 to N - 1, the powers of
# two have a style each. A size between two of them has colour and symbol of the lower one, and a dash of its own.
STYLES = {
    "1": Style(VERMILLION, (2, 3), "dotted", "triangle-up", "▲"),
    "2": Style("#A87400", (10, 3, 2, 3), "dashed", "diamond", "◆"),
    "4": Style("#C2459B", (4, 2), "dashed", "cross", "✚"),
    "8": Style("#7D6BE0", (14, 4), "dashed", "triangle-down", "▼"),
    "16": Style(BLUE, (1, 0), "solid", "circle", "●"),
    "32": Style("#5F8A8B", (12, 3, 5, 3), "dashed", "triangle-right", "▶"),
    "64": Style("#9C6B4E", (6, 6), "dashed", "triangle-left", "◀"),
    "128": Style("#C96A8A", (3, 6), "dotted", HEXAGON, "⬢"),
    "256": Style("#6B7F2A", (18, 3, 2, 3), "dashed", PENTAGON, "⬟"),
    "all": Style(GREEN, (8, 4), "dashed", "square", "■"),
}
BETWEEN = (1, 2)  # added to the dash of a batch size that is no power of two
STYLES |= {
    f"{name}+": style._replace(dash=(*style.dash, *BETWEEN))
    for name, style in STYLES.items()
    if name not in ("1", "all")
}
LARGEST = 256
# Dashes of further runs on one chart, which would otherwise look like a run of the same batch size.
AGAIN = {
    "again 1": (1, 4),
    "again 2": (20, 6),
    "again 3": (8, 2, 1, 2, 1, 2),
    "again 4": (10, 10),
    "again 5": (16, 2, 4, 2, 4, 2),
    "again 6": (4, 8),
}
DASHES = {name: style.dash for name, style in STYLES.items()} | AGAIN


def dashed_in_css(dash: Sequence[int]) -> str:
    """A line of this dash as a background in CSS, in the colour of the variable --line."""
    ends = [sum(dash[: i + 1]) for i in range(len(dash))]
    stops = ", ".join(
        f"{'transparent' if i % 2 else 'var(--line)'} {start}px {end}px"
        for i, (start, end) in enumerate(zip([0, *ends], ends, strict=False))
    )
    return f"repeating-linear-gradient(90deg, {stops})"


def apart(styles: Sequence[str], taken: Collection[str]) -> list[str]:
    """A dash of DASHES for each run of these styles, none twice and none that is taken: its own if that is free."""
    used, names = set(taken), []
    for style in styles:
        free = [name for name in (style, *AGAIN) if name not in used]
        names.append(free[0] if free else style)
        used.add(names[-1])
    return names


def style_name(batch_size: int, n_train: int) -> str:
    """The name of a batch size's style among STYLES: it depends on nothing but the two numbers."""
    if batch_size == 1:
        return "1"
    if batch_size >= n_train:
        return "all"
    power = min(2 ** (batch_size.bit_length() - 1), LARGEST)
    return f"{power}" if power == batch_size else f"{power}+"


def batch_name(batch_size: int) -> str:
    """What every page calls a batch size."""
    return f"B = {batch_size:,}"


def mode_name(batch_size: int, n_train: int) -> str:
    """What else a batch size is called: SGD for one row, full batch for all rows; empty for the others."""
    return "SGD" if batch_size == 1 else "full batch" if batch_size >= n_train else ""
