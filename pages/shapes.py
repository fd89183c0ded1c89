"""Shapes: one real update, array by array, with the letters of every axis."""

from dataclasses import replace

import streamlit as st

from mbgd.engine import trace
from mbgd.engine.dense import dense_backward_batch, dense_forward, parameter_gradients, pre_activation_gradient
from mbgd.experiments.shapes.doubling import doubling
from mbgd.ui.frame.controls import settings_line
from mbgd.ui.frame.ending import end_lesson
from mbgd.ui.frame.menu import page_of
from mbgd.ui.frame.page import heading, open_page, title
from mbgd.ui.frame.terms import lead
from mbgd.ui.kit.draw import note_settings
from mbgd.ui.kit.experiment import complete_job, experiment
from mbgd.ui.kit.source import source_panel
from mbgd.ui.kit.state import keep, linked
from mbgd.ui.shapes.doubling import KEY, QUESTION, TRY, draw_doubling, verdict
from mbgd.ui.shapes.errors import break_it
from mbgd.ui.shapes.to_keep import to_keep
from mbgd.ui.shapes.walk import (
    LETTERS_MEAN,
    NOT_TOLD,
    VIEWS,
    all_steps,
    batch_note,
    chosen_network,
    chosen_walk,
    controls_used,
    example_note,
    letters_style,
    step_through,
)

choices, dataset = open_page("Shapes", controls_used)
letters_style()
title("Shapes of one update", "B rows, n inputs, k outputs")
lead(
    "One update is a few matrix products. If you know the shape of each array, you can write the update yourself. "
    "This page shows a real update of a network, step by step, with its numbers. In the formulas, @ is the matrix "
    "product, .T is the transpose, and dZ is short for dL/dZ."
)
told = complete_job(KEY) is not None
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="shape_choices"):
    shown, dataset, run = chosen_network(choices, dataset)
    which, walk = chosen_walk(shown, dataset, run, told)
    st.segmented_control("View", VIEWS, key=linked("view", "shape_view", VIEWS[0], VIEWS), required=True)
view = keep("shape_view")
settings = shown.settings(len(dataset.X_train))
note_settings(settings_line(shown, len(dataset.X_train), page_of("Shapes").controls))  # of the example, if it is shown
if shown != choices:
    st.caption(example_note(shown))
note = batch_note(shown, dataset, which)
if note:
    st.markdown(note)
st.markdown(LETTERS_MEAN if told else NOT_TOLD[view])
if view == VIEWS[0]:
    short = len(walk.rows) < settings.batch_size and which == "last"
    step_through(walk, dataset, settings.learning_rate, short, told)
else:
    all_steps(walk, told)
heading("What grows with the batch?")
layers = run.training.layers if run else None
about = (replace(shown, epochs=1), which, run.state if run else None)
doubled = experiment(
    KEY,
    lambda: doubling(dataset, settings, which, layers),
    about,
    draw_doubling,
    question=QUESTION,
    verdict=verdict,
    tries=TRY,
    settings=f"batch: {which}" + (" · trained weights" if run else ""),
)
heading("Break it", "wrong expressions, evaluated by NumPy")
break_it(walk, dataset, settings, told)
source_panel(
    "The code of this page",
    dense_forward,
    dense_backward_batch,
    pre_activation_gradient,
    parameter_gradients,
    trace,
    waits=not told,
)
end_lesson("Shapes", doubled, to_keep)
