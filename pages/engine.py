"""Engine: the source of the mathematics, module by module in reading order."""

import streamlit as st

from mbgd.engine import activations, batches, core, dense, losses, network, plain, stack, trace, training, updates
from mbgd.ui.frame.page import open_page, title
from mbgd.ui.kit.source import show_source

open_page("Engine")
title("Engine", "all the mathematics: NumPy and the standard library")
st.markdown(
    "This is the source of the modules that run here. **Read the loop first**: one update in one function (forward "
    "pass, loss, backward pass, step), and the loop over the epochs. The next tabs show the functions that it calls, "
    "and one update in slow motion. **Train** does the same arithmetic faster, with calls that are prepared once: see "
    "the core, the updates, and the training around them. The batch size appears in one place only. Stochastic, "
    "mini-batch and full batch are the same lines with another number."
)
modules = {
    "1 The loop": plain,
    "2 Activations": activations,
    "3 Losses": losses,
    "4 Dense layer": dense,
    "5 Network": network,
    "6 Batches": batches,
    "7 Trace": trace,
    "8 Core": core,
    "9 Updates": updates,
    "10 Training": training,
    "11 Stack": stack,
}
for tab, module in zip(st.tabs(list(modules)), modules.values(), strict=True):
    with tab:
        show_source(module)
