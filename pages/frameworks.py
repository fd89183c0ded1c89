"""Frameworks: the same training with our engine, PyTorch and scikit-learn, compared by weights."""

import streamlit as st

from mbgd.engine.plain import plain_update
from mbgd.experiments.frameworks.comparison import compare, planned_updates, recorded
from mbgd.experiments.frameworks.peers import FRAMEWORKS, installed, mbgd_engine, objection, pytorch, scikit_learn
from mbgd.ui.frame.ending import end_lesson
from mbgd.ui.frame.page import open_page, title
from mbgd.ui.frame.terms import lead
from mbgd.ui.frameworks import (
    ADDED,
    BUSY,
    KEY,
    OURS_AS_WRITTEN,
    claims,
    draw_comparison,
    opening,
    programs_table,
    question,
    show_how_to_add,
    show_record,
    things_to_try,
    to_keep,
    verdict,
)
from mbgd.ui.kit.claims import show_claims
from mbgd.ui.kit.experiment import complete_job, experiment
from mbgd.ui.kit.source import folded, source_panel

choices, dataset = open_page("Frameworks")
settings = choices.settings(len(dataset.X_train))
missing = [name for name in FRAMEWORKS if name not in installed()]
objections = [said for name in installed() if (said := objection(name, dataset, choices.activation))]
frameworks = tuple(name for name in installed() if not objection(name, dataset, choices.activation))
updates, asked = planned_updates(dataset, settings)

title("Frameworks", "do they end with the same weights as our engine?")
lead(opening(frameworks))
if missing:
    show_how_to_add(missing)
left, right = st.columns([5, 7], gap="large")
for said in objections:
    left.caption(said)


def draw(result):
    """Draw the result so far."""
    draw_comparison(result, frameworks, updates, dataset.loss)


with right:
    comparison = experiment(
        KEY,
        lambda: compare(dataset, settings, {name: FRAMEWORKS[name].make for name in frameworks}),
        (choices, frameworks),
        draw,
        question=question(updates, frameworks),
        verdict=verdict,
        tries=things_to_try(frameworks),
        controls=left,
    )
if updates < asked:
    left.caption(f"The sidebar asks for {asked:,} updates. Only the first {updates:,} are compared.")
if comparison:
    if comparison.updates:
        st.html(programs_table(comparison))
        st.caption(f"{OURS_AS_WRITTEN} {BUSY}")
    show_claims("frameworks", claims(comparison))
if missing:
    what = "A recorded comparison with PyTorch and scikit-learn: open it after your own run"
    folded(what, "record", lambda: show_record(recorded()), waits=complete_job(KEY) is None)
what = "What frameworks offer in addition (not measured here)"
folded(what, "details_added", lambda: st.markdown(ADDED))
title_of_code = "One update in three programs: our engine, PyTorch and scikit-learn"
source_panel(title_of_code, (mbgd_engine, plain_update), pytorch, scikit_learn, side_by_side=True)
end_lesson("Frameworks", comparison, to_keep)
