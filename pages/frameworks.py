"""Do frameworks add intelligence? The same training by this engine, PyTorch and scikit-learn, weight for weight."""

import streamlit as st

from mbgd.experiments.frameworks import compare, planned_updates, recorded
from mbgd.experiments.peers import FRAMEWORKS, installed, mbgd_engine, objection, pytorch, scikit_learn
from mbgd.ui.experiment import experiment
from mbgd.ui.frameworks import (
    ADDED,
    claims,
    draw_comparison,
    programs_table,
    question,
    show_how_to_add,
    show_record,
    verdict,
)
from mbgd.ui.page import heading, open_page, title
from mbgd.ui.proof import show_claims
from mbgd.ui.source import show_source

choices, dataset = open_page("Frameworks")
settings = choices.settings(len(dataset.X_train))
missing = [name for name in FRAMEWORKS if name not in installed()]
objections = [said for name in installed() if (said := objection(name, dataset))]
frameworks = tuple(name for name in installed() if not objection(name, dataset))
updates, asked = planned_updates(dataset, settings)

title("Do frameworks add intelligence?", "Frameworks add engineering, not mathematics")
st.markdown(
    "PyTorch and scikit-learn train by the very update rule of this app, so from the same first weights, with the same "
    "batches and rate, they should reach the same weights. Run it to see how near they come, and how long each takes."
)


def draw(result):
    """The picture of a result so far."""
    draw_comparison(result, frameworks, updates, "cross-entropy" if dataset.classes else "mean squared error")


comparison = experiment(
    "frameworks",
    lambda: compare(dataset, settings, {name: FRAMEWORKS[name].make for name in frameworks}),
    (choices, frameworks),
    draw,
    question=question(updates),
    verdict=verdict,
)
if comparison:
    show_claims(*claims(comparison))
    if comparison.frameworks:
        st.html(programs_table(comparison))
st.markdown(
    "**Try this:** run it, then write 64, 64 under *Hidden layers*, take a larger batch and run again: whose seconds "
    "grow least?"
)
if updates < asked:
    st.caption(f"The first {updates:,} of the {asked:,} updates that the sidebar asks for are compared.")
for said in objections:
    st.caption(said)
if missing:
    show_how_to_add(missing)
    show_record(recorded())
heading("What frameworks do add")
st.markdown(ADDED)
code = st.expander("The same update, three times: ours, PyTorch's, scikit-learn's", key="code", on_change="rerun")
if code.open:
    with code:
        for column, peer in zip(st.columns(3), (mbgd_engine, pytorch, scikit_learn), strict=True):
            with column:
                show_source(peer)
