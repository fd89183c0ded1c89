"""Under the hood: one update from plain formulas to prepared calls, one trick at a time, with the time of each."""

import streamlit as st

from mbgd.engine.core import Chunk, Core, Pass
from mbgd.experiments.loop.timing import RATE
from mbgd.experiments.under_the_hood.tricks import TRICKS, ProductsAlone, predicted_calls, task_of
from mbgd.experiments.under_the_hood.update_costs import TimedVariant, measure_costs
from mbgd.ui import under_the_hood
from mbgd.ui.frame.ending import end_lesson
from mbgd.ui.frame.page import heading, open_page, title
from mbgd.ui.frame.terms import lead
from mbgd.ui.kit.experiment import experiment
from mbgd.ui.kit.source import source_panel
from mbgd.ui.kit.state import keep, linked

choices, dataset = open_page("Under the hood")
settings = choices.settings(len(dataset.X_train))
task = task_of(dataset, settings, RATE)
title("Under the hood", "the same update without tricks, then with one more trick each time")
lead(
    "Besides its arithmetic, an update spends time on **calling NumPy functions** and on **copying arrays**. The "
    "tricks on this page save calls and copies, and the results stay the same. Trick by trick, the plain formulas "
    "become the code that trains in this app. The line in the chart is the time of the **matrix products alone**. "
    "No trick can save this time. Variant 0 has no trick, and each variant has one trick more than the one before."
)
left, right = st.columns([2, 3], gap="large")
with left:
    numbers = list(range(len(TRICKS)))
    names = [f"{number} {name}" for number, name in enumerate(TRICKS)]
    tricks_on = st.select_slider(
        "Number of tricks",
        numbers,
        key=linked("tricks", "tricks_on", 2, numbers),
        format_func=names.__getitem__,
        help="Each variant has all tricks up to its number.",
    )
    keep("tricks_on")
about = (choices.data_key, settings.hidden, settings.activation, task.batch_size)
with right:
    costs = experiment(
        "costs",
        lambda: measure_costs(task, settings.order().permutation(len(task.X))),
        about,
        lambda result: under_the_hood.draw_costs(result, tricks_on),
        label="Measure",
        question=under_the_hood.question(task.batch_size),
        verdict=under_the_hood.verdict,
        tries=under_the_hood.TRY,
        controls=left,
    )
if costs:
    under_the_hood.show_costs(costs)

heading("Without and with tricks", "the timed code: choose the variant with the slider “Number of tricks”")
under_the_hood.show_sources(tricks_on, costs)

shared = (*under_the_hood.SHARED, Core, Pass, Chunk)
timed = (ProductsAlone, predicted_calls, TimedVariant, measure_costs)
source_panel("The code that the variants share, the engine's core, and the timing", *shared, *timed)
end_lesson("Under the hood", costs, under_the_hood.to_keep)
