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
    "and one update, array by array. The page **Train** does the same arithmetic faster: see the tabs Fast core, "
    "Updates and Training. The batch size is set in one place: in the call of `minibatches`. SGD, mini-batch and full "
    "batch run the same lines; only the batch size differs."
)
modules = {
    "1 The loop": plain,
    "2 Activations": activations,
    "3 Losses": losses,
    "4 Dense layer": dense,
    "5 Network": network,
    "6 Batches": batches,
    "7 One update": trace,
    "8 Fast core": core,
    "9 Updates": updates,
    "10 Training": training,
    "11 Many runs": stack,
}
for tab, module in zip(st.tabs(list(modules)), modules.values(), strict=True):
    with tab:
        show_source(module)
