"""Shapes: one real update, array by array, with the letters of every axis."""

import streamlit as st

from mbgd.engine import trace
from mbgd.engine.dense import dense_backward_batch, dense_forward, parameter_gradients, pre_activation_gradient
from mbgd.experiments.shapes.doubling import doubling
from mbgd.ui.frame.page import heading, open_page, title
from mbgd.ui.kit.experiment import experiment
from mbgd.ui.kit.source import source_panel
from mbgd.ui.kit.state import keep, kept
from mbgd.ui.shapes.doubling import QUESTION, draw_doubling, verdict
from mbgd.ui.shapes.errors import break_it
from mbgd.ui.shapes.walk import VIEWS, all_steps, batch_note, chosen_walk, letters_style, step_through

choices, dataset = open_page("Shapes")
settings = choices.settings(len(dataset.X_train))
letters_style()
title("Shapes of one update", "B rows, n inputs, k outputs")
st.markdown(
    "An update is a few matrix products, and whoever can say the shape of each array can write it. "
    "This is a real one, on your data and network, step by step with its true numbers."
)
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="shape_choices"):
    which, run, walk = chosen_walk(choices, dataset)
    view = st.segmented_control("View", VIEWS, key=kept("shape_view", VIEWS[0]), required=True)
keep("shape_view")
note = batch_note(choices, dataset, which)
if note:
    st.markdown(note)
if view == VIEWS[0]:
    short = len(walk.rows) < settings.batch_size and which == "last"
    step_through(walk, dataset, settings.learning_rate, short)
else:
    all_steps(walk)
st.markdown(
    "**Try this:** go to dW1 and pick the batch B = 1, then B = N. The sum behind each number grows from one product "
    "to N of them; the shape of dW1 stays. Train a little on the page Train, and its weights can be walked through too."
)
heading("What grows with the batch?")
layers = run.training.layers if run else None
about = (choices, which, run.state if run else None)
experiment(
    "doubling",
    lambda: doubling(dataset, settings, which, layers),
    about,
    draw_doubling,
    question=QUESTION,
    verdict=verdict,
)
heading("Break it", "wrong expressions, really evaluated by NumPy")
break_it(walk, dataset, settings)
source_panel(
    "The code that just ran",
    dense_forward,
    dense_backward_batch,
    pre_activation_gradient,
    parameter_gradients,
    trace,
)
