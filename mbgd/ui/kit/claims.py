"""Claims with two numbers each: what was predicted, and what was measured in front of the learner."""

from html import escape
from typing import NamedTuple

import streamlit as st


class Claim(NamedTuple):
    """A claim in words, the number predicted, the number measured, and whether they agree."""

    says: str
    predicted: str
    measured: str
    agrees: bool


def claims_table(claims: list[Claim]) -> str:
    """The claims as an HTML table."""
    rows = "".join(
        f'<tr><th scope="row">{escape(claim.says)}</th><td>{escape(claim.predicted)}</td>'
        f'<td>{escape(claim.measured)}</td><td class="mbgd-{"agrees" if claim.agrees else "differs"}">'
        f"{'✓ agrees' if claim.agrees else '✕ differs'}</td></tr>"
        for claim in claims
    )
    return (
        '<div class="mbgd-wide" tabindex="0"><table class="mbgd-claims">'
        '<thead><tr><th scope="col">claim</th><th scope="col">predicted</th>'
        f'<th scope="col">measured here</th><th scope="col"></th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def show_claims(*claims: Claim) -> None:
    """Show the claims, predicted beside measured."""
    st.html(claims_table(list(claims)))
