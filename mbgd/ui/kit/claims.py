"""Claims with two numbers each: the predicted one, and the one measured in front of the learner."""

from collections.abc import Iterable
from typing import NamedTuple

import streamlit as st

from mbgd.ui.kit.html import Cell, table


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


def show_claims(*claims: Claim) -> None:
    """Show the claims, each measured number beside its prediction."""
    st.html(claims_table(claims))
