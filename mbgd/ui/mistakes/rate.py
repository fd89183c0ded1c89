"""The learning rate above the edge: a gauge, a run at the rate set, and a search for the edge by running."""

from dataclasses import replace
from math import isfinite, log10

import streamlit as st

from mbgd.charts.mistakes import gauge_chart, gauge_table
from mbgd.data.dataset import Dataset
from mbgd.engine.settings import Settings
from mbgd.experiments.mistakes.side_by_side import Plan, shortened, side_by_side
from mbgd.experiments.mistakes.stability import (
    Edge,
    Search,
    curvature,
    edge,
    largest_curvature,
    mean_square_limit,
    quick,
    safe_bound,
    search_edge,
)
from mbgd.experiments.step import finish
from mbgd.share.choices import Choices
from mbgd.ui.frame.page import heading
from mbgd.ui.kit.claims import Claim, show_claims
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.experiment import experiment
from mbgd.ui.kit.html import note
from mbgd.ui.kit.pace import SHARE
from mbgd.ui.kit.predict import Answer
from mbgd.ui.kit.source import show_source
from mbgd.ui.kit.state import seeded
from mbgd.ui.mistakes.asked import Asked, question
from mbgd.ui.mistakes.lesson import lesson_experiment, say_length

KINDS = {
    "exact": "the exact limit of the mean square",
    "local": "so it is at the first weights: with hidden layers or classes the curvature changes as it trains, and no "
    "formula gives the limit of smaller batches",
}
WORDS = {
    "exact": {
        "stable": "stable: steps bring the loss nearer to its floor",
        "edge": "at the edge: runs may bounce for long, or run away",
        "diverges": "above the edge: each step overshoots by more than the last",
    },
    "local": {
        "stable": "below the edge of these first weights: no step overshoots yet, but curvature may grow in training",
        "edge": "at the edge of these first weights: steps along the steepest direction bounce from side to side",
        "diverges": "above the edge of these first weights: the first steps overshoot, but the run may still find "
        "flatter ground",
    },
}
FULL_TOLERANCE = 0.005  # of the edge of full batch, a linear model
BATCH_TOLERANCE = 0.25  # of the limit for smaller batches: one run, while the limit is for the mean of all runs
ASKED = Asked(
    question(
        "rate",
        "Beside half the limit, where will the rate that you set end?",
        {
            "explodes": Answer(
                "It explodes.",
                "Far above the edge each step overshoots by more than the one before. A network may pass the edge of "
                "its first weights all the same, where it finds flatter ground.",
            ),
            "higher": Answer(
                "It ends higher.",
                "A rate far below the limit creeps; one near it bounces, and noise of small batches keeps it up.",
            ),
            "same": Answer(
                "At about the same loss.",
                "Two rates on the same side of the edge often do, if there are updates enough.",
            ),
            "lower": Answer(
                "It ends lower.",
                "Below the edge the larger rate gets further in the same updates; or the smaller has less noise.",
            ),
        },
    ),
    sides=("Half the limit", "the rate that you set"),
)


def rate_lesson(choices: Choices, dataset: Dataset) -> None:
    """The lesson of the edge of stability."""
    settings = shortened(replace(choices.settings(len(dataset.X_train)), last_batch="keep"), len(dataset.X_train))
    here = _edge(dataset, settings, choices)
    if here is None:
        return
    left, picture = st.columns([5, 7], gap="large")
    with left:
        st.markdown(
            "**The mistake.** The learning rate is above the edge. **Predicted symptom.** In a linear model with "
            "squared error the loss settles below 2/λ_max, λ_max being the largest curvature, and explodes above; "
            "small batches have to stay lower still."
        )
        rate = _rate(choices, here)
        _gauge(here, rate, settings)
    plans = [Plan(dataset, replace(settings, learning_rate=value)) for value in (here.here / 2, rate)]
    names = (f"half the limit, {here.here / 2:.3g}", f"η = {rate:.4g}")
    with picture:
        about = (choices, rate)
        lesson_experiment(ASKED, lambda: side_by_side(*plans), about, dataset, names)
        say_length(settings, choices)
    heading("Measure the edge by running", "closer with every run: which rates stay, which run away?")
    found = experiment(
        "edge_search", lambda: search_edge(dataset, settings, here.here), choices, _tried, label="Measure the edge"
    )
    if found:
        _say_found(here, found, dataset, settings)
    code = st.expander("How the edge is computed", key="code", on_change="rerun")
    if code.open:
        with code:
            show_source(curvature, largest_curvature, mean_square_limit, safe_bound)


def _edge(dataset: Dataset, settings: Settings, choices: Choices) -> Edge | None:
    """The edge: at once where that takes a moment, else by an experiment of its own."""
    if quick(dataset, settings):
        found = _quick_edge(dataset, settings, choices)
    else:
        st.markdown("This network is large: its curvature takes a while to measure.")
        found = experiment(
            "curvature", lambda: edge(dataset, settings), choices, lambda _: None, label="Measure the curvature"
        )
        if found is None:
            return None
    if found is None or not isfinite(found.here):
        st.html(
            note(
                "changed",
                "At the first weights the loss does not bend upwards in any direction, so no edge can be predicted: "
                "take a data set or a network with another start, such as another seed.",
            )
        )
    return found


def _quick_edge(dataset: Dataset, settings: Settings, choices: Choices) -> Edge | None:
    about, found = st.session_state.get("edge_found", (None, None))
    if about != choices:
        with SHARE.turn():
            found = finish(edge(dataset, settings))
        st.session_state["edge_found"] = (choices, found)
    return found


def _rate(choices: Choices, here: Edge) -> float:
    """The rate set on the page: it begins as the sidebar's, and follows when that changes."""
    of, value = st.session_state.get("edge_rate_of"), st.session_state.get("edge_rate_value", choices.rate)
    if of != choices.rate:
        value = choices.rate
        st.session_state["edge_rate_of"] = choices.rate
    low, high = log10(min(here.edge_begins / 100, choices.rate)), log10(max(here.edge_ends * 4, choices.rate))
    stops = sorted({float(f"{10 ** (low + (high - low) * i / 80):.3g}") for i in range(81)} | {value})
    key = seeded("edge_rate", value, stops)
    st.select_slider("**Learning rate** (begins at the sidebar's)", stops, key=key, format_func="{:.4g}".format)
    with st.container(horizontal=True, gap="small"):
        for times in (0.8, 1.2, 2.5):
            to = float(f"{times * (here.here if times < 1 else here.full):.3g}")
            of = "limit" if times < 1 else "edge"
            st.button(f"{times:g} × {of}", key=f"rate_{times}", on_click=_set_rate, args=(to,))
    st.session_state["edge_rate_value"] = st.session_state["edge_rate"]
    return st.session_state["edge_rate"]


def _set_rate(value: float) -> None:
    st.session_state["edge_rate_value"] = value
    st.session_state.pop("edge_rate", None)  # the slider then begins at this value


def _gauge(here: Edge, rate: float, settings: Settings) -> None:
    words = WORDS[here.kind][here.zone(rate)]
    limit = f"for B = {settings.batch_size:,} the limit is **{here.here:.4g}**, {KINDS[here.kind]}"
    if here.kind == "local":
        limit = KINDS["local"]
    draw(gauge_chart, (), gauge_table(here, rate), key="gauge", alt=f"Gauge: the rate {rate:.4g} is {words}.")
    st.markdown(
        f"**η = {rate:.4g} is {words}.** Predicted: λ_max = {here.curvature:.4g}, so full batch has its edge at "
        f"2/λ_max = **{here.full:.4g}**; {limit}."
    )
    st.markdown(
        "**Caught by** the gauge, η against 2/λ_max. **Try this:** a rate just below the edge, and one just above."
    )


def _tried(search: Search | None) -> None:
    if search and search.tried:
        last = [f"{rate:.4g} {'✕ ran away' if ran_away else '✓ stayed'}" for rate, ran_away in search.tried[-6:]]
        st.markdown("Tried, the last six: " + " · ".join(last))


def beyond(found: Search) -> str:
    """What a search that met no edge has found: a rate that all edges are above, or below."""
    stayed = not found.tried[-1][1]
    return f"no rate up to {found.stays:.4g} ran away" if stayed else f"no rate down to {found.runs_away:.4g} stayed"


def _found_words(here: Edge, found: Search, says: str) -> str:
    """The start of the sentence on a search where there is no prediction."""
    if found.met:
        return f"**{says}: {found.rate:.5g}**, that is {found.rate / here.full:.3g} times 2/λ_max = {here.full:.4g}"
    at = found.tried[-1][0]
    words = beyond(found)
    return f"**{words[0].upper()}{words[1:]}**, {at / here.full:.3g} times 2/λ_max = {here.full:.4g}"


def _say_found(here: Edge, found: Search, dataset: Dataset, settings: Settings) -> None:
    """The edge measured beside the one predicted, where there is a prediction."""
    N, k = dataset.Y_train.shape
    B = min(settings.batch_size, N)
    says, measured = f"Largest rate at which a run stays, B = {B:,}", f"{found.rate:.5g}"
    if here.kind == "local":
        st.markdown(
            f"{_found_words(here, found, says)} at the first weights. Only for a linear model and squared error is "
            "λ_max the same everywhere: on a regression, empty the sidebar's hidden layers, and the prediction must "
            "hold."
        )
        return
    tolerance = FULL_TOLERANCE if B == N else BATCH_TOLERANCE
    predicted = f"{here.here:.5g} (within {tolerance:.1%})"
    if not found.met:
        show_claims(Claim(says, predicted, beyond(found), False))
        return
    limit = Claim(says, predicted, measured, abs(found.rate / here.here - 1) <= tolerance)
    bound = safe_bound(dataset.X_train, k, B, here.curvature)
    safe = Claim(
        "A safe rate, 2B/(β + (B−1)·λ_max), is below it", f"{bound:.5g} or more", measured, found.rate >= bound
    )
    show_claims(limit, safe)
