"""The controls of a sweep: batch sizes, learning rates, seeds and budget, and how long it will take."""

from dataclasses import replace
from functools import partial
from typing import cast

import numpy as np
import streamlit as st

from mbgd.charts.words import count, duration
from mbgd.data.catalogue import load
from mbgd.data.dataset import Dataset
from mbgd.data.own import Prepared
from mbgd.experiments.sweep import Grid
from mbgd.experiments.sweep.grid import MOST_SEEDS, MOST_VALUES
from mbgd.experiments.sweep.task import DataOf, seconds_of_runs
from mbgd.share.allowed import CAPS, Between, Several
from mbgd.share.choices import OWN, RATES, Choices, batch_sizes
from mbgd.ui.frame.own import own_data
from mbgd.ui.kit.experiment import Job
from mbgd.ui.kit.html import refusal, summed
from mbgd.ui.kit.pace import ENGINE_SHARE
from mbgd.ui.kit.state import keep, linked, remembered
from mbgd.ui.sweep.where import place

FULL = 0  # stands for all training rows among the batch sizes to choose from
SIZES = (4, 16, 64, FULL)
FEWEST = 2  # batch sizes, or learning rates
ENDS = {"cross_entropy": (0.01, 5.0), "mse": (0.001, 1.0)}  # learning rates, by the loss
BUDGET_NAMES = {"epochs": "epochs", "updates": "updates", "samples": "rows"}
AMOUNTS = {
    "epochs": (1, 2, 5, 10, 20, 50, 100, 200, 500),
    "updates": (50, 100, 200, 500, 1_000, 2_000, 5_000),
    "samples": (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000),
}
USUAL = {"epochs": 20, "updates": 500, "samples": 5_000}
MOST_SECONDS = 600.0
MOST_RATE, LEAST_RATE = max(RATES), min(RATES)


def what_acts(choices: Choices) -> Choices:
    """The sidebar's choices with one fixed value for those that don't act on a sweep."""
    return replace(choices, mode="mini", batch=1, epochs=1, rate=1.0)


def made_with(job: Job) -> Choices:
    """The choices with which a map was made."""
    choices, _ = cast(tuple[Choices, Grid], job.about)
    return choices


def data_of_seeds(choices: Choices) -> DataOf:
    """A function that makes the data set of a seed, and that can be pickled."""
    if choices.data == OWN and (prepared := own_data()):
        return partial(_split_of, prepared, choices.validation / 100)
    options = choices.data_options()
    name, _ = options.pop("name"), options.pop("seed")
    return partial(load, name, **options)


def _split_of(prepared: Prepared, validation: float, seed: int) -> Dataset:
    return prepared.dataset(seed, validation)


def grid_chosen(choices: Choices, dataset: Dataset) -> Grid | None:
    """Draw the controls; return the grid that they ask for, or None with a sentence if there is none."""
    n_train = len(dataset.X_train)
    sizes = _sizes(choices, n_train)
    rates = _rates(dataset.loss)
    left, right = st.columns([2, 3], gap="small")
    left.slider(
        "Seeds",
        1,
        MOST_SEEDS,
        key=linked("seeds", "sweep_seeds", 3, Between(1, MOST_SEEDS, whole=True)),
        help="Runs for each batch size and learning rate. Each seed decides data, first weights and order of rows, as "
        "on the page Train. The first is the sidebar's seed.",
    )
    seeds = keep("sweep_seeds")
    right.segmented_control(
        "Each run gets the same",
        list(BUDGET_NAMES),
        key=linked("budget", "sweep_budget", "epochs", BUDGET_NAMES),
        format_func=BUDGET_NAMES.__getitem__,
        required=True,
    )
    budget = keep("sweep_budget")
    key = f"sweep_of_{budget}"
    st.select_slider(
        "How much each run gets",
        AMOUNTS[budget],
        key=linked(f"of_{budget}", key, USUAL[budget], AMOUNTS[budget]),
        format_func=lambda amount: f"{amount:,} {BUDGET_NAMES[budget]}",
        label_visibility="collapsed",
    )
    amount = keep(key)
    if len(sizes) < FEWEST:
        st.html(refusal("A sweep here needs at least two batch sizes. Choose 2 to 12 under “Batch sizes”.", "sizes"))
        return None
    if not rates:
        st.html(refusal("The lowest learning rate must be below the highest one. Move one of the two.", "low"))
        return None
    own = [(choices.seed + i) % (CAPS.seed + 1) for i in range(seeds)]
    settings = replace(choices.settings(n_train), batch_size=1, epochs=1, learning_rate=1.0, seed=0)
    grid = Grid(tuple(sizes), rates, tuple(own), settings, budget, amount)
    return _affordable(grid, dataset)


def _sizes(choices: Choices, n_train: int) -> list[int]:
    options = [*(size for size in batch_sizes(n_train, choices.batch) if size < n_train), FULL]
    key = "sweep_sizes"
    suggestion = [size for size in SIZES if size in options]
    allowed = Several(options, lambda size: "all" if size == FULL else str(size), MOST_VALUES)
    linked("sizes", key, suggestion, allowed)
    st.session_state[key] = [value for value in remembered(key, suggestion) if value in options]
    chosen = st.multiselect(
        "Batch sizes",
        options,
        key=key,
        on_change=keep,
        args=(key,),
        format_func=lambda size: f"{n_train:,}, all rows" if size == FULL else f"{size:,}",
        max_selections=MOST_VALUES,
        help="Choose 2 to 12.",
    )
    return sorted(size or n_train for size in chosen)


def _rates(loss: str) -> tuple[float, ...]:
    """The learning rates, equally far apart on a logarithmic axis, with three digits; none if the ends are swapped."""
    left, right, third = st.columns(3, gap="small")
    for place_, name, label, usual in zip(
        (left, right), ("low", "high"), ("Lowest rate", "Highest rate"), ENDS[loss], strict=True
    ):
        place_.number_input(
            label,
            LEAST_RATE,
            MOST_RATE,
            key=linked(name, f"sweep_{name}_{loss}", usual, Between(LEAST_RATE, MOST_RATE)),
            step=None,
            format="%.3g",
        )
    third.number_input(
        "Rates",
        FEWEST,
        MOST_VALUES,
        key=linked("rates", "sweep_rates", 8, Between(FEWEST, MOST_VALUES, whole=True)),
        help="So many learning rates from the lowest to the highest, each the same factor above the one before.",
    )
    low, high, number = keep(f"sweep_low_{loss}"), keep(f"sweep_high_{loss}"), keep("sweep_rates")
    rates = tuple(float(f"{rate:.3g}") for rate in np.geomspace(low, high, number))
    return rates if low < high and len(set(rates)) == len(rates) else ()


def _affordable(grid: Grid, dataset: Dataset) -> Grid | None:
    n_train, each = len(dataset.X_train), seconds_of_runs(dataset, grid)
    per_size = len(grid.rates) * len(grid.seeds)
    seconds = sum(each.values()) * per_size / ENGINE_SHARE
    updates = sum(grid.updates(size, n_train) for size in grid.batch_sizes) * per_size
    runs = (
        f"{len(grid.batch_sizes)} batch sizes × {len(grid.rates)} learning rates × {count(len(grid.seeds), 'seed')} = "
        f"<b>{grid.runs:,} runs</b>, {updates:,} updates in all"
    )
    if seconds > MOST_SECONDS:
        st.html(
            refusal(
                f"This sweep would take about {duration(seconds)}, and at most {duration(MOST_SECONDS)} are allowed: "
                "choose fewer runs, or shorter ones.",
                "sizes",
            )
        )
        return None
    st.html(summed(f"{runs}. They are made {place()}. In one process this takes about <b>{duration(seconds)}</b>."))
    return grid
