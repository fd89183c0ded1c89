"""Diagnose: why a lower training loss is not always better, what helps, and what "training loss" means."""

import streamlit as st

from mbgd.engine.network import decayed
from mbgd.engine.plain import plain_update
from mbgd.experiments.diagnose.diagnosis import diagnose
from mbgd.experiments.diagnose.meanings import measure_meanings
from mbgd.experiments.diagnose.remedies import rank, variants_of
from mbgd.experiments.diagnose.watch import Watcher
from mbgd.ui.diagnose.meanings import meanings_section
from mbgd.ui.diagnose.parts import chosen, own_switch, say_problem, used_controls
from mbgd.ui.diagnose.remedies import remedies_section
from mbgd.ui.diagnose.to_keep import OF_PARTS, to_keep
from mbgd.ui.diagnose.watch import watch_section
from mbgd.ui.frame.ending import end_lesson
from mbgd.ui.frame.page import open_page, title
from mbgd.ui.frame.terms import lead
from mbgd.ui.kit.experiment import complete_job, current_result
from mbgd.ui.kit.source import source_panel
from mbgd.ui.kit.state import keep, linked

PARTS = {  # each part of the page, and the code that it runs
    "Two losses": (watch_section, (Watcher, diagnose)),
    "What helps": (remedies_section, (variants_of, rank, plain_update, decayed)),
    "Three training losses": (meanings_section, (measure_meanings,)),
}

choices, dataset = open_page("Diagnose", used_controls)
title("Diagnose", "what training loss and validation loss say about a run")
lead(
    "Training makes the loss over the **training rows** small. What counts is the loss over rows that the network has "
    "not seen, the **validation rows**. Compare the two, and you can tell what is wrong with a run, and what to change."
)
with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
    st.segmented_control(
        "Part",
        list(PARTS),
        key=linked("part", "diagnose_part", next(iter(PARTS)), list(PARTS)),
        required=True,
        label_visibility="collapsed",
    )
    own_switch()
section, source = PARTS[keep("diagnose_part")]  # only the open part runs
what = chosen(choices, dataset)
say_problem(what.problem, choices)
section(what)
source_panel("The code of this page", *source)
complete = {key: result for key in OF_PARTS if (result := current_result(key)) is not None}
here = dict(zip(PARTS, OF_PARTS, strict=True))[st.session_state["diagnose_part"]]
elsewhere = {key: job.settings for key in complete if key != here and (job := complete_job(key))}
end_lesson("Diagnose", complete or None, lambda results: to_keep(results, elsewhere), done="overfit" in complete)
