"""Claims with two numbers each: the predicted one, and the one measured in front of the learner."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import streamlit as st

from mbgd.ui.kit.html import Cell, table
from mbgd.ui.kit.source import folded


class Claim(NamedTuple):
    """A claim in words, the number predicted, the number measured, and whether they agree."""

    says: str
    predicted: str
    measured: str
    agrees: bool


def claims_table(claims: Iterable[Claim]) -> str:
    """The claims as an HTML table."""
    agrees, differs = Cell("✓ agrees", "mbgd-agrees"), Cell("✕ differs", "mbgd-differs")
    rows = [(claim.says, claim.predicted, claim.measured, agrees if claim.agrees else differs) for claim in claims]
    return table(("claim", "predicted", "measured here", ""), rows)


def outcome(claims: Sequence[Claim]) -> str:
    """How many of the claims agree, in a few words."""
    return f"{sum(claim.agrees for claim in claims)} of {len(claims)} agree"


def show_claims(key: str, claims: Sequence[Claim], more: str = "") -> None:
    """Fold the claims away, each measured number beside its prediction. The title of the fold says whether they agree.

    more: Markdown below the table, such as how it was measured.
    """
    if not claims:
        return

    def draw() -> None:
        st.html(claims_table(claims))
        if more:
            st.markdown(more)

    folded(f"Theory and measurement: {outcome(claims)}", f"claims_{key}", draw)
