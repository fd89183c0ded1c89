"""The learning rate above the edge: a run, then a gauge, and a search for the edge by running."""

from dataclasses import replace
from functools import partial
from math import isfinite, log10

import streamlit as st

from mbgd.charts.mistakes import gauge_chart, gauge_table
from mbgd.data.dataset import Dataset
from mbgd.engine.settings import Settings
from mbgd.experiments.mistakes.side_by_side import RunPlan, SideBySide, shortened, side_by_side
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
from mbgd.share.allowed import Between
from mbgd.share.choices import Choices
from mbgd.ui.frame.controls import ALL, settings_line
from mbgd.ui.frame.page import heading
from mbgd.ui.kit.claims import Claim, show_claims
from mbgd.ui.kit.draw import draw, note_settings
from mbgd.ui.kit.experiment import experiment
from mbgd.ui.kit.html import note
from mbgd.ui.kit.pace import SHARE
from mbgd.ui.kit.predict import Answer
from mbgd.ui.kit.source import source_panel
from mbgd.ui.kit.state import choose, forget, keep, linked
from mbgd.ui.mistakes.asked import Asked, question
from mbgd.ui.mistakes.lesson import lesson_experiment, say_length, say_symptom

KINDS = {
    "exact": "The edge of B = {B:,} is **{limit:.4g}**.",
    "local": "That holds at the first weights. With hidden layers, or with cross-entropy, the curvature changes during "
    "training. For smaller batches the edge is usually lower, but no simple formula gives it, so the gauge shows the "
    "edge of full batch.",
}
OF_EDGE = {"exact": "the edge of stability of this linear model", "local": "the edge of stability at the first weights"}
PLACES = {  # where a learning rate is, not what a run will do: that is the question
    "below": "below",
    "edge": "near",
    "above": "above",
}
LOCAL_ABOVE = {  # reasons for a network, whose edge moves during training
    "same": "But the run found a flatter region, where its steps no longer overshoot.",
    "lower": "But the run found a flatter region, where longer steps make more progress.",
}
REASONS = {  # of what a run did, by the place of its learning rate
    "explodes": {
        "half": "Its steps should not overshoot there. So the curvature has grown during training, or it is much "
        "larger for single batches than for all rows together.",
        "below": "Its steps should not overshoot there. So the curvature has grown during training, or it is much "
        "larger for single batches than for all rows together.",
        "edge": "There a run can diverge: some steps overshoot more than the steps before.",
        "above": "So each step jumps further past the minimum than the one before.",
    },
    "higher": {
        "half": "So its steps are shorter, and it made less progress with as many updates.",
        "below": "So its steps are longer. They jump back and forth in the direction of the largest curvature, or the "
        "noise of the batches keeps the loss high.",
        "edge": "So its steps jump over the minimum from side to side, and that keeps the loss high.",
        "above": "So its steps overshoot and keep the loss high, although the run has not diverged in these updates.",
    },
    "same": {
        "half": "Both learning rates are below the edge, and neither run got clearly further with these updates.",
        "below": "Both learning rates are below the edge, and neither run got clearly further with these updates.",
        "edge": "Its steps jump over the minimum from side to side, but not enough to keep the loss clearly higher.",
        "above": "But in these updates, the overshooting has not raised the loss clearly above the other run's.",
    },
    "lower": {
        "half": "So its steps are shorter, and the noise of the batches raises its loss less.",
        "below": "So its steps are longer, and it made more progress with as many updates.",
        "edge": "Its longer steps may have raised the loss in the direction of the largest curvature, but they "
        "lowered it more in the other directions.",
        "above": "Its longer steps raised the loss in the direction of the largest curvature. But in these "
        "updates they lowered it more in the other directions.",
    },
}
RIGHT_DIVERGED = "But the other run diverged, although its learning rate is half of this edge."
SYMPTOM = (
    "In a linear model with squared error, full batch converges if η is below the edge of stability, 2/λ_max. Above "
    "the edge, each step lands farther from the minimum in the direction of the largest curvature, λ_max, and the loss "
    "diverges. For smaller batches the edge is usually lower. In a network the curvature changes during training, so a "
    "run can also train above the edge of its first weights. To find this mistake, compare η with 2/λ_max, as the "
    "gauge does."
)
DIVERGES = ("explodes",)  # the outcomes that show this symptom, above the edge
YOURS = ", yours"  # at the end of the name of the learner's run
GAUGE_AFTER = "*The usual symptom and a gauge of the learning rate appear after the run.*"
TIMES_EDGE = (0.8, 1.2, 2.5)  # of the buttons: below 1 times the edge of this batch size, above 1 times 2/λ_max
TRY = (
    "Clear the field **Hidden layers** in the sidebar: the model is then linear. Set a learning rate just below the "
    "edge, then one just above it."
)
FULL_TOLERANCE = 0.005  # relative, for full batch and a linear model
BATCH_TOLERANCE = (
    0.25  # relative, for smaller batches: the limit is for the mean of all runs, a search makes single ones
)


def learning_rates(result: SideBySide) -> str:
    """The learning rates of the two runs, which are their names."""
    other, own = (name.removesuffix(YOURS) for name in result.names[:2])
    return f" The other run has {other}, your run has {own}."


ASKED = Asked(
    question(
        "rate",
        "The two runs differ only in their learning rate. Where will the loss of your run end, compared with the other "
        "run?",
        {
            "explodes": Answer(
                "It diverges.",
                "That happens far above the edge, where each step jumps further past the minimum. A network can "
                "stay stable even there, if it finds a flatter region.",
            ),
            "higher": Answer(
                "It ends higher.",
                "That happens far below the edge, where a run makes little progress. Near the edge, a run can "
                "jump over the minimum, and the noise of small batches can keep the loss high.",
            ),
            "same": Answer(
                "At about the same loss.",
                "That happens if both learning rates are below the edge and there are enough updates. It also happens "
                "above the edge, if a network finds a flatter region.",
            ),
            "lower": Answer(
                "It ends lower.",
                "That happens if longer steps make more progress: below the edge, or above it if a network finds a "
                "flatter region. It also happens if a smaller learning rate has less noise at the end.",
            ),
        },
    ),
    sides=("The other run", "your run"),
    more=learning_rates,
)


def place(here: Edge, rate: float) -> str:
    """The place of a learning rate, as the gauge shows it; below the edge "half" if it is less than half the edge."""
    return "half" if rate < here.half else here.zone(rate)


def reason(here: Edge, rate: float, result: SideBySide) -> str:
    """The reason for the outcome of a run with this learning rate: where the rate is, and what follows."""
    at, outcome = place(here, rate), ASKED.outcome(result)
    where = f"below half of {OF_EDGE[here.kind]}" if at == "half" else says_zone(here, rate)
    why = REASONS[outcome][at]
    if result.right.diverged and not result.broken.diverged:
        why = RIGHT_DIVERGED
    elif at == "above" and here.kind == "local":
        why = LOCAL_ABOVE.get(outcome, why)
    return f"Your learning rate is {where}. {why} What this edge is, stands under “Usual symptom”."


def says_zone(here: Edge, rate: float) -> str:
    """Where a learning rate is, in words."""
    zone, apart = here.zone(rate), f"{abs(rate / here.full - 1):.0%}"
    of_all = here.here == here.full  # one edge: that of full batch
    side = "above" if rate > here.full else "below"
    near = f" ({apart} {side} it)" if zone == "edge" and of_all and apart != "0%" else ""
    return f"{PLACES[zone]} {OF_EDGE[here.kind]}{near}"


def rate_lesson(choices: Choices, dataset: Dataset) -> None:
    """The lesson of the edge of stability."""
    settings = shortened(replace(choices.settings(len(dataset.X_train)), last_batch="keep"), len(dataset.X_train))
    here = _edge(dataset, settings, choices)
    if here is None:
        return
    left, picture = st.columns([5, 7], gap="large")
    with left:
        st.markdown(
            "**The mistake.** A learning rate that is too large. But how large is too large? Choose the learning rate "
            f"η of your run with the slider, or with a button. The other run has η = {here.half:.3g}. A picture after "
            "the run shows why."
        )
        rate = _rate(choices, here, named=begun(ASKED.question.key))
    plans = [RunPlan(dataset, replace(settings, learning_rate=value)) for value in (here.half, rate)]
    # The runs have learning rates of their own, which their names say.
    made = replace(choices, epochs=settings.epochs)
    note_settings(settings_line(made, len(dataset.X_train), set(ALL) - {"rate"}))
    names = (f"η = {here.half:.3g}", f"η = {rate:.4g}{YOURS}")
    asked = ASKED._replace(why=partial(reason, here, rate))
    with picture:
        about = (choices, rate)
        result = lesson_experiment(asked, lambda: side_by_side(*plans, names=names), about, dataset, names, TRY, left)
        say_length(settings, choices)
    if begun(asked.question.key):
        with picture:
            _gauge(here, rate, settings)
        if result:
            outcome = asked.outcome(result)
            unusual = place(here, rate) == "above" and outcome not in DIVERGES
            with left:
                say_symptom(SYMPTOM, asked.question.answers[outcome].text if unusual else "")
        _measure_edge(here, dataset, settings, choices)
    else:
        left.markdown(GAUGE_AFTER)
    code = (curvature, largest_curvature, mean_square_limit, safe_bound)
    source_panel("The code", *code, waits=not begun(asked.question.key))


def begun(key: str) -> bool:
    """Whether a run of this experiment has begun: from then on, the answer to its question is recorded."""
    return key in st.session_state.get("jobs", {})


def _measure_edge(here: Edge, dataset: Dataset, settings: Settings, choices: Choices) -> None:
    """The search for the edge: its button, the learning rates tried, and what was found."""
    heading("Measure the edge by running", "each run tries one learning rate: is it stable, or does it diverge?")
    found = experiment(
        "edge_search", lambda: search_edge(dataset, settings, here.here), choices, _tried, label="Measure the edge"
    )
    if found:
        _say_found(here, found, dataset, settings)


def _edge(dataset: Dataset, settings: Settings, choices: Choices) -> Edge | None:
    """The edge: computed at once if that is quick, otherwise by an experiment with a button."""
    if quick(dataset, settings):
        found = _quick_edge(dataset, settings, choices)
    else:
        st.markdown(
            "The learning rate of the other run depends on the curvature of the loss. This network is large, so "
            "measuring its curvature takes a while."
        )
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
        with SHARE.turn(ahead=True):
            found = finish(edge(dataset, settings))
        st.session_state["edge_found"] = (choices, found)
    return found


def _rate(choices: Choices, here: Edge, *, named: bool) -> float:
    """The learning rate set on the page. It starts with the sidebar's value and follows when that changes.

    named: whether the buttons say how far from the edge they are, which gives an answer away.
    """
    key = "edge_rate"
    if st.session_state.get("edge_rate_of") != choices.rate:
        forget(key)
        st.session_state["edge_rate_of"] = choices.rate
    linked("eta", key, choices.rate, Between(1e-12, 1e9))
    low, high = log10(min(here.edge_begins / 100, choices.rate)), log10(max(here.edge_ends * 4, choices.rate))
    stops = {float(f"{10 ** (low + (high - low) * i / 80):.3g}") for i in range(81)}
    stops = sorted(stops | {st.session_state[key], choices.rate})
    st.select_slider(
        "Learning rate η of your run (it starts with the sidebar's value)",
        stops,
        key=key,
        format_func="{:.4g}".format,
    )
    with st.container(horizontal=True, gap="small"):
        for times in TIMES_EDGE:
            to = float(f"{times * (here.here if times < 1 else here.full):.3g}")
            label = f"η = {to:g}" + (f" ({times:g} × edge)" if named else "")
            st.button(label, key=f"rate_{times}", on_click=choose, args=(key, to))
    return keep(key)


def _gauge(here: Edge, rate: float, settings: Settings) -> None:
    words = says_zone(here, rate)
    limit = KINDS[here.kind].format(B=settings.batch_size, limit=here.here)
    alt = f"Gauge: the learning rate {rate:.4g} is {words}, which is {here.full:.4g} for full batch."
    draw(gauge_chart, (), gauge_table(here, rate), key="gauge", alt=alt, caption="Where the learning rate is stable")
    below, *above = (f"{times:g}" for times in TIMES_EDGE)
    buttons = f"{below}, {' and '.join(above)} times this edge"
    if here.here != here.full:
        buttons = f"{below} times the edge of this batch size, and {' and '.join(above)} times 2/λ_max"
    st.markdown(
        f"**η = {rate:.4g} is {words}.** λ_max is the largest curvature of the loss, here {here.curvature:.4g}. So the "
        f"predicted edge of stability of full batch is 2/λ_max = **{here.full:.4g}**. {limit} The other run has half "
        f"the edge, η = {here.half:.3g}. The buttons set {buttons}."
    )


def _tried(search: Search | None) -> None:
    if search and search.tried:
        st.markdown("The last learning rates tried: " + " · ".join(tried(search)[-6:]))


def tried(search: Search) -> list[str]:
    """The learning rates tried, each with its outcome, with as many digits as tell all of them apart."""
    rates = [rate for rate, _ in search.tried]
    digits = next((n for n in range(4, 17) if len({f"{rate:.{n}g}" for rate in rates}) == len(rates)), 17)
    marks = {True: "✕ diverged", False: "✓ stable"}
    return [f"{rate:.{digits}g} {marks[ran_away]}" for rate, ran_away in search.tried]


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
        show_claims("edge", [Claim(says, predicted, beyond(found), False)])
        return
    limit = Claim(says, predicted, measured, abs(found.rate / here.here - 1) <= tolerance)
    bound = safe_bound(dataset.X_train, k, B, here.curvature)
    safe = Claim(
        "It is at least the safe learning rate 2B/(β + (B−1)·λ_max)",
        f"{bound:.5g} or more",
        measured,
        found.rate >= bound,
    )
    show_claims("edge", [limit, safe])
