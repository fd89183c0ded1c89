"""Train: the live lab, which opening the app shows."""

import streamlit as st

import mbgd
from mbgd.engine.core import Pass
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import descend
from mbgd.ui.frame.page import open_page, title
from mbgd.ui.kit.source import show_source
from mbgd.ui.train.player import player

choices, dataset = open_page("Train")
title("What the batch size does", "one update for each batch, live")
player(choices, dataset)
code = st.expander("The code that just ran", key="code", on_change="rerun")
if code.open:  # closed, it costs a click on Pause nothing
    with code:
        st.markdown(
            "An epoch in the formulas' words: the batches, a layer forward and back, the loss, and the step. **Train** "
            "makes the same arithmetic of calls prepared once, on memory allocated once: the last function holds the "
            "list. Tests keep the weights of both equal."
        )
        loss = LOSSES[dataset.loss].with_derivative
        formulas = (mbgd.minibatches, mbgd.dense_forward, loss, mbgd.dense_backward_batch, descend)
        show_source(*formulas, Pass.calls)
