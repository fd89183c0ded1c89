"""Engine: the source of the mathematics, module by module in reading order."""

import streamlit as st

from mbgd.engine import activations, batches, dense, losses, network, trace, training
from mbgd.ui.page import open_page, title
from mbgd.ui.source import show_source

open_page("Engine")
title("Engine", "all the mathematics: NumPy and the standard library")
st.markdown(
    "This is the code that runs when you press **Train**, taken from the running modules. Read it from left to "
    "right: what a unit does, what a mistake costs, one layer for a whole batch, a network of layers, who is in "
    "which batch, and the loop; last, one update in slow motion, for the page Shapes. The batch size appears in one "
    "place; stochastic, mini-batch and full batch are the same lines with another number."
)
modules = {
    "1 Activations": activations,
    "2 Losses": losses,
    "3 Dense layer": dense,
    "4 Network": network,
    "5 Batches": batches,
    "6 Training": training,
    "7 Trace": trace,
}
for tab, module in zip(st.tabs(list(modules)), modules.values(), strict=True):
    with tab:
        show_source(module)
