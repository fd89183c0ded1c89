"""Buttons that save a chart as a picture, and its numbers as CSV. The work is done when a button is pressed."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import altair as alt
import pandas as pd
import pyarrow as pa
import streamlit as st

from mbgd.share.csv_text import csv_text, for_spreadsheets, without_formulas
from mbgd.share.figures import INSTALL, can_save, figure
from mbgd.ui.kit.versions import has_threads

ABOUT_PICTURES = "A picture is 16 cm wide, on white, with its title and settings."
HOW_TO_GET_PICTURES = (
    f"To save this chart as PNG or SVG, the app needs one more package: `{INSTALL}`, and start the app again."
)


class ToSave(NamedTuple):
    """A chart with its rows, and the words that a saved picture has above it and below it."""

    chart: Callable[..., alt.LayerChart]
    arguments: tuple
    table: pa.Table
    title: str
    caption: str


def numbers_and_files(key: str, drawn: ToSave, numbers: pd.DataFrame) -> None:
    """Numbers of a chart as a table, which can be sorted and searched, and below it the buttons that save both."""
    if numbers.empty:
        st.caption("It has no numbers yet.")
    else:
        height = min(280, 36 * (len(numbers) + 1))
        st.dataframe(without_formulas(numbers), hide_index=True, height=height, key=f"table_{key}")
    with st.container(horizontal=True, gap="small", key=f"files_{key}"):
        if can_save():
            for kind, mime in (("png", "image/png"), ("svg", "image/svg+xml")):
                words = {"title": drawn.title, "caption": drawn.caption}
                make = partial(figure, drawn.chart, drawn.arguments, drawn.table, kind, **words)
                save(f"Save as {kind.upper()}", make, f"{key}.{kind}", mime, key=f"{kind}_{key}", help=ABOUT_PICTURES)
        if not numbers.empty:
            save("Save as CSV", partial(_csv, numbers), f"{key}.csv", "text/csv", key=f"csv_{key}")
    if not can_save() and has_threads():  # in a browser, the package can't be had
        st.caption(HOW_TO_GET_PICTURES)


def save(label: str, make: Callable[[], str | bytes], file_name: str, mime: str, *, key: str, **options: Any) -> None:
    """A button that saves what make() returns. It runs in another thread: it must not read the session."""
    st.download_button(label, make, file_name, mime, key=key, icon=":material/download:", on_click="ignore", **options)


def _csv(numbers: pd.DataFrame) -> bytes:
    return for_spreadsheets(csv_text(list(numbers.columns), numbers.itertuples(index=False)))
