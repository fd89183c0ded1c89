"""Charts that are built once and then get new rows only: no flicker in the browser, about a millisecond per draw."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from functools import lru_cache
from textwrap import wrap
from typing import Any, NamedTuple

import altair as alt
import pyarrow as pa
import streamlit as st
from altair.utils.schemapi import disable_debug_mode

from mbgd.charts.layers import Picture
from mbgd.charts.numbers import numbers_of
from mbgd.ui.kit.html import unbroken_text
from mbgd.ui.kit.once import show_chart, specification_as_sent
from mbgd.ui.kit.saving import ToSave, numbers_and_files
from mbgd.ui.kit.source import folded
from mbgd.ui.kit.versions import known

INK = {False: "#36424E", True: "#C9D2DC"}  # of the words on axes and in legends, in the light and in the dark theme
CAPTION = {"orient": "bottom", "anchor": "start", "fontSize": 11, "fontWeight": "normal", "offset": 8}
CAPTION_WIDTH = 62  # letters in a line: as many as fit on a phone
LOW = 0.8  # of a chart's own height: where its box is lower, the curves have all of it
LINE = 14  # pixels of a line of a caption, by which the box of the chart grows
# A longer title would take the height of the chart; each number stands beside its line, the lowest one, too.
AXIS_Y = {"titleLimit": {"expr": "height"}, "labelFlush": False}
SETTINGS = "settings_in_words"  # the session's note of the settings that act on the page now
NUMBERS_TITLE = "The numbers of this chart, and files to save"
PRIVATE = "private_charts"  # the charts that a session keeps for itself; none if it shares those of the process
MOST_PRIVATE = 64
LETTER, SYMBOL = 7, 24  # pixels that a letter of a legend takes, and its symbol with the space around it

disable_debug_mode()  # it checks every part of a chart as soon as it is made


class Result(NamedTuple):
    """What the charts of a result are about: its settings in words, and whether it stands, not to be drawn again."""

    settings: str
    stands: bool


_result: ContextVar[Result | None] = ContextVar("result", default=None)


@contextmanager
def charts_of(settings: str, *, stands: bool) -> Iterator[None]:
    """Draw the charts of a result with these settings. Outside, charts are about the settings that the page has now."""
    token = _result.set(Result(settings, stands))
    try:
        yield
    finally:
        _result.reset(token)


def note_settings(words: str) -> None:
    """Note the settings that act on the page now, in words."""
    st.session_state[SETTINGS] = words


def settings_now() -> str:
    """The settings that act on the page now, in words."""
    return st.session_state.get(SETTINGS, "")


def keep_charts_private(private: bool) -> None:
    """Whether the charts drawn from now on have words of the session's own data: then the session alone keeps them."""
    if private:
        st.session_state.setdefault(PRIVATE, {})
    else:
        st.session_state.pop(PRIVATE, None)


@lru_cache(maxsize=256)
def specification(
    chart: Callable[..., alt.LayerChart], arguments: tuple, caption: str = "", dark: bool = False
) -> dict[str, Any]:
    """The Vega-Lite specification of a chart over a named table, without the table, for the light or the dark theme.

    caption: a few words below the chart, which a saved picture of it needs: its settings, and what its lines are.
    """
    return _specified(_built(chart, arguments), caption_lines(caption), dark)


def _specified(built: dict[str, Any], lines: tuple[str, ...], dark: bool) -> dict[str, Any]:
    """The specification of a chart that was built, with the lines of its caption."""
    words = {"labelColor": INK[dark], "titleColor": INK[dark]}
    text = _where_there_is_room(lines, built.get("height"))
    title = {"title": {"text": text, "color": INK[dark], **CAPTION}} if lines else {}
    # A canvas takes a third of the time of a thousand SVG elements. A screen reader can't read single points in a
    # canvas, so they get no descriptions, which would be written again at each draw: the whole chart has its `alt`.
    return (
        built
        | title
        | {
            "usermeta": {"embedOptions": {"renderer": "canvas"}},
            "config": {"aria": False, "axis": words, "axisY": AXIS_Y, "legend": words, "header": words},
        }
    )


@lru_cache(maxsize=256)
def caption_lines(caption: str) -> tuple[str, ...]:
    """The lines of a caption: a chart can't wrap them by itself. Each redraw asks for them."""
    return _wrapped(caption)


def _wrapped(caption: str) -> tuple[str, ...]:
    return tuple(wrap(unbroken_text(caption), CAPTION_WIDTH, break_on_hyphens=False))


def _where_there_is_room(lines: tuple[str, ...], height: int | None) -> list[str] | dict[str, str]:
    """The caption's lines as Vega-Lite takes them: none where a low window leaves too little room for the curves."""
    if height is None:
        return list(lines)
    return {"expr": f"containerSize()[1] < {LOW * height:.0f} ? '' : {json.dumps(lines, ensure_ascii=False)}"}


@lru_cache(maxsize=256)
def _built(chart: Callable[..., alt.LayerChart], arguments: tuple) -> dict[str, Any]:
    return _build(chart, arguments)


def _build(chart: Callable[..., alt.LayerChart], arguments: tuple) -> dict[str, Any]:
    """What a specification has from Altair. Building it takes a hundred times as long as adding the rest.

    Altair's own checks take two thirds of that; the tests make them for each chart.
    """
    spec = chart(*arguments).to_dict(validate=False)
    # Streamlit's theme replaces Altair's configuration, and Streamlit's table replaces the named one.
    spec = {key: value for key, value in spec.items() if key not in ("config", "data", "$schema")}
    _wrap_legends(spec)
    if "layer" in spec:
        _share_encodings(spec)
    return spec


def _wrap_legends(spec: Any) -> None:
    """Let each legend above a chart have as many columns as the chart has room for."""
    if isinstance(spec, dict):
        legend = spec.get("legend")
        names = spec.get("scale", {}).get("domain")
        if legend and names and legend.get("orient") == "top":
            entry = SYMBOL + LETTER * max(len(str(name)) for name in names)
            legend.setdefault("columns", {"expr": f"max(1, floor(width / {entry}))"})
    if isinstance(spec, dict | list):
        for part in spec.values() if isinstance(spec, dict) else spec:
            _wrap_legends(part)


def _share_encodings(spec: dict[str, Any]) -> None:
    """State once, for all layers, what they all have in common: it is sent to the browser at each redraw."""
    encodings = [layer.get("encoding", {}) for layer in spec["layer"]]
    shared = {key: value for key, value in encodings[0].items() if all(one.get(key) == value for one in encodings)}
    shared.pop("tooltip", None)  # it says which layers have numbers to read (numbers_of)
    if shared and not any("layer" in layer for layer in spec["layer"]):
        spec["encoding"] = shared
        spec["layer"] = [
            {**layer, "encoding": {key: value for key, value in one.items() if key not in shared}}
            for layer, one in zip(spec["layer"], encodings, strict=True)
        ]


def draw(
    chart: Callable[..., alt.LayerChart],
    arguments: tuple,
    table: pa.Table,
    *,
    key: str = "",
    alt: str,
    caption: str = "",
    explained: bool = False,
    on_pick: Callable[[], None] | None = None,
) -> None:
    """Show `table` in the chart that `chart(*arguments)` builds, and its numbers, folded, once its result stands.

    The browser builds the chart again if `alt` or `caption` changes: they must stay the same during a run. `caption`
    says what the picture shows and what its lines are; the settings of the result are added to it. explained: `caption`
    has the settings already, and the page has a table of its own. A single chart fills a box of its height, which
    style.css makes less high in a low window. on_pick: called after a click that picks something in a chart that has a
    selection of its own; it is then in the session's state, under picks_ and the key.
    """
    result = _result.get() or Result(settings_now(), stands=True)
    words = caption if explained or not (caption and result.settings) else f"{caption} · {result.settings}"
    drawn = (chart, arguments, words, st.context.theme.type == "dark")
    spec, as_sent, lines = _drawn(*drawn)
    height: int | None = spec.get("height") if "layer" in spec else None
    if height and words:  # a chart that is explained has two lines of its own
        height += LINE * (max(0, len(lines) - 2) if explained else len(lines) + 1)
    size = height or "content"
    with st.container(key=key, height=size, border=False) if key else nullcontext():
        high = "stretch" if key and height else size
        if on_pick:
            looks = known(st.vega_lite_chart, alt=alt)
            st.vega_lite_chart(table, spec, height=high, key=f"picks_{key}", on_select=on_pick, **looks)
        else:
            show_chart(table, spec, as_sent, alt=alt, height=high)
    if result.stands and not explained:
        title, _, rest = (words or alt).partition(" · ")
        saved = ToSave(chart, arguments, table, title, rest)
        folded(NUMBERS_TITLE, f"numbers_{key}", lambda: numbers_and_files(key, saved, numbers_of(spec, table)))


class Drawn(NamedTuple):
    """A chart's specification, the same as JSON, and the lines of its caption."""

    spec: dict[str, Any]
    as_sent: str | None
    lines: tuple[str, ...]


def _drawn(chart: Callable[..., alt.LayerChart], arguments: tuple, caption: str, dark: bool) -> Drawn:
    """What is drawn of a chart, as the process knows it, or as the session alone does."""
    about = (chart, arguments, caption, dark)
    private: dict[tuple, Drawn] | None = st.session_state.get(PRIVATE)
    if private is None:
        return Drawn(specification(*about), _as_sent(*about), caption_lines(caption))
    if about not in private:
        if len(private) >= MOST_PRIVATE:
            private.clear()
        lines = _wrapped(caption)
        spec = _specified(_build(chart, arguments), lines, dark)
        private[about] = Drawn(spec, specification_as_sent(spec) if "layer" in spec else None, lines)
    return private[about]


@lru_cache(maxsize=256)
def _as_sent(chart: Callable[..., alt.LayerChart], arguments: tuple, caption: str, dark: bool) -> str | None:
    """The specification as JSON; None for charts side by side, which Streamlit sends by itself."""
    spec = specification(chart, arguments, caption, dark)
    return specification_as_sent(spec) if "layer" in spec else None


def draw_picture(picture: Picture, caption: str = "") -> None:
    """Show a picture. `caption` has the settings of its run; the page shows its numbers with `picture_numbers`."""
    arguments, table, words = picture.arguments, picture.table, picture.description
    draw(picture.chart, arguments, table, alt=words, caption=caption, explained=True)


def picture_numbers(picture: Picture, title: str, caption: str) -> None:
    """The numbers of a picture as a table, and the picture to save with this title and caption."""
    saved = ToSave(picture.chart, picture.arguments, picture.table, title, caption)
    numbers = numbers_of(_drawn(picture.chart, picture.arguments, "", False).spec, picture.table)
    numbers_and_files("picture", saved, numbers)
