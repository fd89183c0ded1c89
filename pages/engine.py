"""Engine: the source of the mathematics, module by module in reading order."""

import streamlit as st

from mbgd.engine import activations, batches, core, dense, losses, network, stack, trace, training, updates
from mbgd.ui.frame.page import open_page, title
from mbgd.ui.kit.source import show_source

open_page("Engine")
title("Engine", "all the mathematics: NumPy and the standard library")
st.markdown(
    "Taken from the running modules, to be read from left to right: what a unit does, what a mistake costs, one layer "
    "for a whole batch, a network of layers, who is in which batch, and one update in slow motion. These are the "
    "formulas. **Train** makes the same arithmetic of calls prepared once: the core, the updates, and the run around "
    "them. The batch size appears in one place; stochastic, mini-batch and full batch are the same lines with another "
    "number."
)
modules = {
    "1 Activations": activations,
    "2 Losses": losses,
    "3 Dense layer": dense,
    "4 Network": network,
    "5 Batches": batches,
    "6 Trace": trace,
    "7 Core": core,
    "8 Updates": updates,
    "9 Training": training,
    "10 Stack": stack,
}
for tab, module in zip(st.tabs(list(modules)), modules.values(), strict=True):
    with tab:
        show_source(module)
