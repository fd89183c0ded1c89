"""The learning rate above the edge: a gauge, a run, and a search for the edge by running."""

from dataclasses import replace
from math import isfinite, log10

import streamlit as st

from mbgd.charts.mistakes import gauge_chart, gauge_table
from mbgd.data.dataset import Dataset
from mbgd.engine.settings import Settings
from mbgd.experiments.mistakes.side_by_side import RunPlan, shortened, side_by_side
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
    "exact": "For B = {B:,} the edge of stability is **{limit:.4g}**. Above it, the mean squared distance "
    "to the minimum grows.",
    "local": "This holds at the first weights. With hidden layers or classes, the curvature changes during training, "
    "and there is no formula for the edge of smaller batches.",
}
WORDS = {
    "exact": {
        "stable": "stable: the steps bring the loss closer to its minimum",
        "edge": "at the edge: a run may jump about for a long time, or diverge",
        "diverges": "above the edge: each step overshoots more than the step before",
    },
    "local": {
        "stable": "below the edge of these first weights: no step overshoots yet, but the curvature may grow during "
        "training",
        "edge": "at the edge of these first weights: in the direction of the largest curvature, steps jump from side "
        "to side",
        "diverges": "above the edge of these first weights: the first steps overshoot, but the run may still find "
        "a flatter region",
    },
}
FULL_TOLERANCE = 0.005  # relative, for full batch and a linear model
BATCH_TOLERANCE = (
    0.25  # relative, for smaller batches: the limit is for the mean of all runs, a search makes single ones
)
ASKED = Asked(
    question(
        "rate",
        "The learning rate of one run is half the edge of stability. The other run has the learning rate that you set. "
        "Where will the loss of your run end, compared with the other?",
        {
            "explodes": Answer(
                "It diverges.",
                "Far above the edge, each step overshoots more than the step before. A network can still stay stable "
                "above the edge of its first weights, if it finds a flatter region.",
            ),
            "higher": Answer(
                "It ends higher.",
                "A learning rate far below the edge makes little progress. Near the edge, the run jumps about, and "
                "the noise of small batches keeps its loss up.",
            ),
            "same": Answer(
                "At about the same loss.",
                "This happens if both learning rates are below the edge, or if the network found a flatter region, and "
                "there are enough updates.",
            ),
            "lower": Answer(
                "It ends lower.",
                "A larger learning rate makes more progress with the same number of updates if it is below the edge, "
                "or if the network found a flatter region. But a smaller learning rate has less noise at the end.",
            ),
        },
    ),
    sides=("The run with half the edge", "the run with your learning rate"),
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
            "**The mistake:** a learning rate above the edge of stability. The edge is the learning rate above which "
            "full-batch steps overshoot more each time. The button **2.5 × 2/λ_max** makes the mistake."
        )
        st.markdown(
            "**Predicted symptom.** In a linear model with squared error, the edge is 2/λ_max, where λ_max is the "
            "largest curvature of the loss. Below the edge the loss settles, above it the loss diverges. Small batches "
            "have a lower edge."
        )
        rate = _rate(choices, here)
        _gauge(here, rate, settings)
    plans = [RunPlan(dataset, replace(settings, learning_rate=value)) for value in (here.here / 2, rate)]
    names = (f"half the edge, {here.here / 2:.3g}", f"η = {rate:.4g}")
    with picture:
        about = (choices, rate)
        lesson_experiment(ASKED, lambda: side_by_side(*plans), about, dataset, names)
        say_length(settings, choices)
    heading("Measure the edge by running", "each run tries one learning rate: is it stable, or does it diverge?")
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
    """The edge: computed at once if that is quick, otherwise by an experiment with a button."""
    if quick(dataset, settings):
        found = _quick_edge(dataset, settings, choices)
    else:
        st.markdown("This network is large, so measuring its curvature takes a while.")
        found = experiment(
            "curvature", lambda: edge(dataset, settings), choices, lambda _: None, label="Measure the curvature"
        )
        if found is None:
            return None
    if found is None or not isfinite(found.here):
        st.html(
            note(
                "changed",
                "At the first weights the loss does not curve upwards in any direction, so no edge can be predicted. "
                "Choose another seed, another network or another data set.",
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
    """The learning rate set on the page. It starts with the sidebar's value and follows when that changes."""
    of, value = st.session_state.get("edge_rate_of"), st.session_state.get("edge_rate_value", choices.rate)
    if of != choices.rate:
        value = choices.rate
        st.session_state["edge_rate_of"] = choices.rate
    low, high = log10(min(here.edge_begins / 100, choices.rate)), log10(max(here.edge_ends * 4, choices.rate))
    stops = sorted({float(f"{10 ** (low + (high - low) * i / 80):.3g}") for i in range(81)} | {value})
    key = seeded("edge_rate", value, stops)
    st.select_slider("**Learning rate** (starts with the sidebar's value)", stops, key=key, format_func="{:.4g}".format)
    with st.container(horizontal=True, gap="small"):
        for times in (0.8, 1.2, 2.5):
            to = float(f"{times * (here.here if times < 1 else here.full):.3g}")
            of = "edge" if times < 1 else "2/λ_max"
            st.button(f"{times:g} × {of}", key=f"rate_{times}", on_click=_set_rate, args=(to,))
    st.session_state["edge_rate_value"] = st.session_state["edge_rate"]
    return st.session_state["edge_rate"]


def _set_rate(value: float) -> None:
    st.session_state["edge_rate_value"] = value
    st.session_state.pop("edge_rate", None)  # so the slider starts with this value


def _gauge(here: Edge, rate: float, settings: Settings) -> None:
    words = WORDS[here.kind][here.zone(rate)]
    limit = KINDS[here.kind].format(B=settings.batch_size, limit=here.here)
    draw(gauge_chart, (), gauge_table(here, rate), key="gauge", alt=f"Gauge: the learning rate {rate:.4g} is {words}.")
    st.markdown(
        f"**η = {rate:.4g} is {words}.** Predicted: λ_max = {here.curvature:.4g}, so the edge of full batch is "
        f"2/λ_max = **{here.full:.4g}**. {limit} The run to compare with has half the edge, η = {here.here / 2:.3g}."
    )
    st.markdown(
        "**Caught by** comparing η with 2/λ_max, as the gauge does. **Try this:** First empty **Hidden layers** in the "
        "sidebar: that is a linear model. Set a learning rate just below the edge, then one just above it."
    )


def _tried(search: Search | None) -> None:
    if search and search.tried:
        last = [f"{rate:.4g} {'✕ diverged' if ran_away else '✓ stable'}" for rate, ran_away in search.tried[-6:]]
        st.markdown("The last learning rates tried: " + " · ".join(last))


def beyond(found: Search) -> str:
    """The result of a search that did not find the edge: all learning rates were stable, or all diverged."""
    stayed = not found.tried[-1][1]
    return (
        f"no learning rate up to {found.stays:.4g} diverged"
        if stayed
        else f"no learning rate down to {found.runs_away:.4g} was stable"
    )


def _found_words(here: Edge, found: Search, says: str) -> str:
    """The start of the sentence on a search, if there is no prediction."""
    if found.met:
        return f"**{says}: {found.rate:.5g}**, which is {found.rate / here.full:.3g} times 2/λ_max = {here.full:.4g}"
    at = found.tried[-1][0]
    words = beyond(found)
    return f"**{words[0].upper()}{words[1:]}**, which is {at / here.full:.3g} times 2/λ_max = {here.full:.4g}"


def _say_found(here: Edge, found: Search, dataset: Dataset, settings: Settings) -> None:
    """The measured edge, beside the predicted one if there is a prediction."""
    N, k = dataset.Y_train.shape
    B = min(settings.batch_size, N)
    says, measured = f"Largest stable learning rate, B = {B:,}", f"{found.rate:.5g}"
    if here.kind == "local":
        st.markdown(
            f"{_found_words(here, found, says)} at the first weights. λ_max is the same at all weights only for a "
            "linear model with squared error. To see a prediction that holds, choose a regression data set and remove "
            "the hidden layers in the sidebar."
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
        "It is at least the safe learning rate 2B/(β + (B−1)·λ_max)",
        f"{bound:.5g} or more",
        measured,
        found.rate >= bound,
    )
    show_claims(limit, safe)
