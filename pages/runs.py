"""Runs: what was trained in this session, side by side, and as files."""

import streamlit as st

from mbgd.ui.frame.menu import go_to, page_of
from mbgd.ui.frame.page import heading, open_page, title
from mbgd.ui.frame.terms import lead
from mbgd.ui.kit.html import note
from mbgd.ui.kit.state import refuse, write_address
from mbgd.ui.runs.curves import choose_runs, draw_curves
from mbgd.ui.runs.one import follow_to_train, offer_pin, one_run
from mbgd.ui.runs.table import runs_table
from mbgd.ui.runs.upload import upload_run
from mbgd.ui.train.session import current_run

run = current_run(*open_page("Runs"))
follow_to_train()
run.note_ended()
title("Runs", "compare what you have trained")
if len(run.runs):
    lead(
        "Here is each run of this session that **ended**, on its own or in a comparison of batch sizes, and each that "
        "you **pinned** on the page Train. The list ends with the session, as at a reload: download what you want to "
        "keep."
    )
    chosen = choose_runs(run.runs)
    draw_curves(run.runs, chosen)
    heading("All runs", "what differs between those in the chart is marked")
    runs_table(run.runs, chosen)
    offer_pin(run)
    heading("One run", "its name, its files, and on with it")
    one_run(run)
else:
    for name in ("runs", "one"):
        refuse(name, "This session has no runs yet, as after a reload.")
    write_address()
    text = (
        "No run yet. On the page Train, let a run come to its <b>end</b>, or <b>pin</b> it as it is. Then it is here."
    )
    st.html(note("plain", text))
    offer_pin(run)
    go_to(page_of("Train"), "Train a network", icon=":material/arrow_forward:")
heading("A run from a file", "it is made again, compared with the file, and can go on")
upload_run(run)
