"""The rules of the race that the learner chooses, and how long the race will take."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import streamlit as st

from mbgd.charts.words import count, duration
from mbgd.data.dataset import Dataset
from mbgd.engine.batches import EpochPlan, plan_epoch
from mbgd.engine.settings import Settings
from mbgd.experiments.modes.cost import LaneCost, expected_seconds, lane_costs
from mbgd.experiments.modes.rules import FEWEST_LANES, MOST_LANES, MOST_SEEDS, Rules
from mbgd.share.allowed import YES_OR_NO, Between, Several
from mbgd.share.choices import RATES, Choices, batch_sizes
from mbgd.ui.kit.html import summed
from mbgd.ui.kit.pace import ENGINE_SHARE, SHARE
from mbgd.ui.kit.state import keep, linked, remembered

MOST_COSTS = 500  # of lanes, that the server keeps
FULL = 0  # stands for all training rows among the batch sizes to choose from
# On the app's first data set and network, these make the trade-off plain: B = 240 needs the fewest updates, B = 1 the
# fewest epochs and B = 8 the least time. At larger learning rates, single rows never settle; with the squared error
# they diverge earlier.
LANES = (1, 8, FULL)
RATE_FOR = {"cross_entropy": 0.15, "mse": 0.02}
MOST_SECONDS = 30.0  # of computing, for all runs together
MOST_UPDATES = 2_000_000  # of all runs together, because each update is kept in memory
MOST_PRODUCTS = 5e10  # of a number of a row and a weight, in all forward passes together: half a minute of a usual core


class Limit(NamedTuple):
    """What ends each run: its name, the number's name in a link, its unit, its usual number, and those offered."""

    name: str
    linked: str
    unit: str
    usual: float
    offered: tuple[float, ...]


# Only the last depends on the machine, so it isn't the first: who wins would depend on how busy the server is.
LIMITS = {
    "updates": Limit(
        "updates", "run_updates", "updates", Rules.most, (50, 100, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000)
    ),
    "epochs": Limit("epochs", "run_epochs", "epochs", 30, (1, 2, 5, 10, 20, 30, 50, 100, 200, 500)),
    "seconds": Limit("computing time", "run_seconds", "s of computing", 0.4, (0.1, 0.2, 0.4, 0.8, 1.5, 3.0)),
}


def rules_chosen(choices: Choices, dataset: Dataset) -> tuple[Settings, Rules | None]:
    """Draw the controls of the race; return the settings of its lanes and its rules, None for fewer than two lanes."""
    n_train = len(dataset.X_train)
    options = [*(size for size in batch_sizes(n_train, choices.batch) if size < n_train), FULL]
    chosen = st.multiselect(
        "Batch sizes",
        options,
        key=_sizes_linked(LANES, options),
        on_change=keep,
        args=("race_sizes",),
        format_func=lambda size: f"{n_train:,}, all rows" if size == FULL else f"{size:,}",
        max_selections=MOST_LANES,
        help="Choose two to six. All of them have the same data and the same first weights.",
    )
    sizes = tuple(sorted(size or n_train for size in chosen))
    rate_key = f"race_rate_{dataset.loss}"
    rate = st.select_slider(
        "Learning rate of the race",
        RATES,
        key=linked("race_rate", rate_key, RATE_FOR[dataset.loss], RATES),
        help="Only for the race. Other pages use the learning rate in the sidebar.",
    )
    keep(rate_key)
    settings = replace(choices.settings(n_train), batch_size=1, epochs=1, learning_rate=rate)
    left, right = st.columns([2, 3], gap="small")
    seeds = left.slider(
        "Seeds",
        1,
        MOST_SEEDS,
        key=linked("seeds", "race_seeds", 5, Between(1, MOST_SEEDS, whole=True)),
        help="Runs per batch size. Each seed of the race gives other first weights, the same for all batch sizes. The "
        "sidebar's seed decides the split and the order of the rows, the same in all runs.",
    )
    right.segmented_control(
        "Each run gets the same",
        list(LIMITS),
        key=linked("limit", "race_limit", "updates", LIMITS),
        format_func=lambda limit: LIMITS[limit].name,
        required=True,
        help="With equal epochs, all runs see the same number of rows. Computing time counts only the updates, and "
        "depends on the machine.",
    )
    keep("race_seeds")
    limit = keep("race_limit")
    left, right = st.columns([2, 3], gap="small", vertical_alignment="bottom")
    with right:
        most = _most(limit, sizes, seeds, settings, dataset)
    scaled = left.toggle(
        "Learning rate grows with B",
        key=linked("scaled", "race_scaled", False, YES_OR_NO),
        help="Off: all batch sizes have the same learning rate. On: the middle batch size keeps this learning rate; if "
        "two are in the middle, the smaller one keeps it. The others get a learning rate proportional to their B. This "
        "is the linear scaling rule (Goyal et al. 2017, arXiv 1706.02677).",
    )
    keep("race_scaled")
    if len(sizes) < FEWEST_LANES:
        return settings, None
    rules = Rules(sizes, seeds, limit, most, sizes[(len(sizes) - 1) // 2] if scaled else None)
    st.html(summed(_length(rules, choices, dataset, settings)))
    return settings, rules


def _most(limit: str, sizes: Sequence[int], seeds: int, settings: Settings, dataset: Dataset) -> float:
    """Ask how long each run may go; lengths that would take too long for all runs together are not offered."""
    asked, key = LIMITS[limit], f"race_{limit}"
    offered = [
        most
        for most in asked.offered
        if len(sizes) < FEWEST_LANES or _is_short(Rules(tuple(sizes), seeds, limit, most), settings, dataset)
    ]
    offered = offered or list(asked.offered[:1])
    linked(asked.linked, key, asked.usual, asked.offered)
    last = remembered(key, asked.usual)
    st.session_state[key] = max((most for most in offered if most <= last), default=offered[0])
    return st.select_slider(
        "How much each run gets",
        offered,
        key=key,
        on_change=keep,
        args=(key,),
        format_func=lambda most: f"{most:,g} {asked.unit}",
        label_visibility="collapsed",
    )


def _is_short(rules: Rules, settings: Settings, dataset: Dataset) -> bool:
    """Whether all runs together stay within what a page may ask of its server."""
    if rules.limit == "seconds":
        return rules.most * rules.seeds * len(rules.batch_sizes) <= MOST_SECONDS
    plans = _plans(rules, settings, dataset)
    updates = [(rules.updates(plan) or 0) * rules.seeds for plan in plans]
    rows = sum(made * plan.batch_size for made, plan in zip(updates, plans, strict=True))
    widths = [dataset.X_train.shape[1], *settings.hidden, dataset.Y_train.shape[1]]
    weights = sum(n * k for n, k in pairwise(widths))
    return sum(updates) <= MOST_UPDATES and rows * weights <= MOST_PRODUCTS


def _plans(rules: Rules, settings: Settings, dataset: Dataset) -> list[EpochPlan]:
    """The plan of an epoch of each lane."""
    return [plan_epoch(len(dataset.X_train), size, settings.last_batch) for size in rules.batch_sizes]


def _length(rules: Rules, choices: Choices, dataset: Dataset, settings: Settings) -> str:
    """A sentence on what the race will take, shown before it runs."""
    each = [rules.settings(settings, size, 0) for size in rules.batch_sizes]
    runs = f"{len(each)} batch sizes × {count(rules.seeds, 'seed')}"
    rates = [f"{one.learning_rate:.3g}" for one in each]
    rate = (
        f"All runs have learning rate {rates[0]}"
        if rules.rate_for is None
        else f"The learning rates of the batch sizes are {', '.join(rates)}"
    )
    plans = _plans(rules, settings, dataset)
    costs = _costs(replace(choices, seed=0).data_key, dataset, settings, rules)
    seconds = expected_seconds(plans, costs, rules) / ENGINE_SHARE
    takes = f"about <b>{duration(max(seconds, 1))}</b> here"
    if rules.limit == "seconds":
        return (
            f"First seed: {len(each)} batch sizes × {rules.most:g} s = <b>{len(each) * rules.most:.3g} s of "
            f"updates</b>. In the table, the times are those of this seed. {rate}. The whole race "
            f"({count(rules.seeds, 'seed')}, and the losses for the chart) takes {takes}, longer if others train, too."
        )
    updates = sum(rules.updates(plan) or 0 for plan in plans)
    return f"{runs}: <b>{updates * rules.seeds:,} updates</b> in all. This takes {takes}. {rate}."


def _costs(data_key: tuple, dataset: Dataset, settings: Settings, rules: Rules) -> list[LaneCost]:
    """The cost of each lane. The server measures it once for each data set, network, batch size and number of seeds.

    To measure it takes 0.3 s: too long for each learner of a class. Other sessions may train meanwhile, so each piece
    of a lane is measured in a turn of its own.
    """
    known = _known_costs()
    settings = replace(settings, seed=0)  # another seed draws other rows, which cost as much
    ones = {size: replace(rules.settings(settings, size, 0), epochs=1) for size in rules.batch_sizes}
    keys = {size: (data_key, one, rules.seeds) for size, one in ones.items()}
    costs = {key: cost for key, cost in dict(known).items() if key in keys.values()}
    new = [size for size, key in keys.items() if key not in costs]
    for size, cost in zip(new, lane_costs(dataset, settings, rules, new, SHARE.turn), strict=True):
        known[keys[size]] = costs[keys[size]] = cost
    for key in list(known)[: max(len(known) - MOST_COSTS, 0)]:  # another session may do the same now
        known.pop(key, None)
    return [costs[key] for key in keys.values()]


@st.cache_resource(show_spinner=False)
def _known_costs() -> dict[tuple, LaneCost]:
    """The costs that this server has measured, the oldest first. They depend on their keys and on the machine alone."""
    return {}


def _sizes_linked(suggestion: Sequence[int], options: Sequence[int]) -> str:
    """Give the widget the batch sizes last chosen, without those no longer offered; at first, a suggestion."""
    key, suggestion = "race_sizes", [size for size in suggestion if size in options]
    allowed = Several(options, lambda size: "all" if size == FULL else str(size), MOST_LANES)
    linked("lanes", key, suggestion, allowed)
    st.session_state[key] = [value for value in remembered(key, suggestion) if value in options]
    return key
