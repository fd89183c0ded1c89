"""The switches of a chart of losses: what its x-axis counts, and which of its axes are logarithmic."""

from typing import NamedTuple

import streamlit as st

from mbgd.charts.layers import AXIS_NAMES, X_AXES
from mbgd.share.allowed import YES_OR_NO
from mbgd.ui.kit.state import keep, linked

SPLIT_NAMES = {"train": "training", "val": "validation"}


class Scales(NamedTuple):
    """What the x-axis of a chart of losses counts, and which of its axes are logarithmic."""

    axis: str
    log_x: bool
    log_y: bool


class Switches(NamedTuple):
    """The keys of a chart's three switches, the scales that it begins with, and the name of log y in an address."""

    axis: str
    log_x: str
    log_y: str
    begins: Scales
    link: str = "logy"

    def ask(self, help_y: str | None = None) -> None:
        """Draw the switches. help_y: what a logarithmic loss axis is good for."""
        st.segmented_control(
            "x-axis",
            list(X_AXES),
            key=linked("x", self.axis, self.begins.axis, X_AXES),
            format_func=AXIS_NAMES.__getitem__,
            required=True,
            label_visibility="collapsed",
        )
        st.toggle("log x", key=linked("logx", self.log_x, self.begins.log_x, YES_OR_NO))
        st.toggle("log y", key=linked(self.link, self.log_y, self.begins.log_y, YES_OR_NO), help=help_y)

    def chosen(self) -> Scales:
        """The scales that are chosen: call it after all switches of the row are drawn."""
        return Scales(keep(self.axis), keep(self.log_x), keep(self.log_y))


def ask_split(key: str, first: str) -> None:
    """Draw the choice between training and validation rows. It begins at `first`; its value is kept under `key`."""
    splits = sorted(SPLIT_NAMES, key=lambda split: split != first)
    st.segmented_control(
        "Rows",
        splits,
        key=linked("split", key, first, splits),
        format_func=SPLIT_NAMES.__getitem__,
        required=True,
        label_visibility="collapsed",
    )
