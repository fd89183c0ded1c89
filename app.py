"""Train: the live lab, which opening the app shows."""

import streamlit as st

import mbgd
from mbgd.engine.training import Training
from mbgd.ui.page import open_page
from mbgd.ui.player import player
from mbgd.ui.source import show_source

choices, dataset = open_page("Train")
st.html('<h1 class="mbgd-title">What the batch size does <span>one update for each batch, live</span></h1>')
player(choices, dataset)
with st.expander("The code that just ran"):
    st.markdown("Taken from the running engine: one epoch's batches, one layer forward and back, the loss, the update.")
    loss = mbgd.cross_entropy_derivative if dataset.classes else mbgd.mse_derivative
    show_source(mbgd.minibatches, mbgd.dense_forward, loss, mbgd.dense_backward_batch, Training._update)
