"""Sweep: batch size × learning rate × seeds as a map of many runs."""

from functools import partial

import streamlit as st

from mbgd.engine.stack import Stack
from mbgd.experiments.sweep.steps import map_steps
from mbgd.experiments.sweep.task import run_task, tasks_of, work
from mbgd.ui.frame.ending import end_lesson
from mbgd.ui.frame.page import heading, open_page, title
from mbgd.ui.frame.terms import lead
from mbgd.ui.kit.experiment import complete_job, experiment
from mbgd.ui.kit.source import source_panel
from mbgd.ui.sweep.controls import data_of_seeds, grid_chosen, made_with, what_acts
from mbgd.ui.sweep.shown import download, draw_map, show_cell
from mbgd.ui.sweep.where import executor
from mbgd.ui.sweep.words import KEY, QUESTION, TRY, to_keep, verdict_of

choices, dataset = open_page("Sweep")
title("Sweep", "which batch size, with which learning rate?")
lead(
    "One run says little about a batch size, because the best learning rate differs from batch size to batch size. "
    "Here each batch size is trained with each learning rate, with several seeds, and the results become a map."
)
left, right = st.columns([7, 4], gap="medium")
right = right.container(key="controls_first")
asking, below = right.container(), right.container()
with below:
    grid = grid_chosen(choices, dataset)
if grid:
    with left:
        experiment(
            KEY,
            partial(map_steps, data_of_seeds(choices), dataset, grid, executor),
            (what_acts(choices), grid),
            partial(draw_map, loss=dataset.loss),
            label="Run the sweep",
            question=QUESTION,
            verdict=verdict_of,
            tries=TRY,
            controls=asking,
        )
job = complete_job(KEY)
if job:
    heading("A cell of the map")
    show_cell(job.result, made_with(job))
    download(job.result)
source_panel("The code of this page", tasks_of, work, run_task, Stack.advance)
end_lesson("Sweep", job.result if job else None, to_keep, done=False)
