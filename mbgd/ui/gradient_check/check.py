"""The controls and the pictures of the page Gradient check."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import altair as alt
import numpy as np
import pyarrow as pa
import streamlit as st

from mbgd.charts.gradient_check import (
    apart_chart,
    apart_table,
    error_chart,
    error_lines,
    error_table,
    measured_lines,
    scatter_chart,
    scatter_table,
)
from mbgd.charts.words import count
from mbgd.engine.activations import ACTIVATIONS, Array
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, backward
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.experiments.gradient_check.check import STEP_SIZES, GradientCheck, affordable, step_name
from mbgd.experiments.gradient_check.verdict import is_right
from mbgd.experiments.gradients import OFF_THE_KINK, parameters
from mbgd.experiments.mistakes.bug import original, replacement
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.checks import GRADIENT
from mbgd.experiments.plain import Parts, first_batch
from mbgd.share.choices import Choices
from mbgd.ui.frame.menu import go_to, page_of
from mbgd.ui.frame.page import heading
from mbgd.ui.gradient_check.in_words import apart_in_words, both_in_words, errors_in_words
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.html import note, table
from mbgd.ui.kit.source import folded
from mbgd.ui.kit.state import keep, linked
from mbgd.ui.mistakes.bugs import BUG_WORDS

WORST = 10  # parameters in the table
FIRST_STEP = 1e-10  # on the slider: neither the best step nor the one with the largest error
NO_BUG = "none"
RELATIVE = "‖a − n‖ ÷ (‖a‖ + ‖n‖): a from backpropagation, n the difference quotients; ‖ ‖ is the length of a vector"


def relevant(choices: Choices) -> Choices:
    """The choices that matter to the gradient of the first batch: not epochs, learning rate and last batch."""
    return replace(choices, epochs=1, rate=1.0, last="keep")


def where_checked(
    data: TrainingData, settings: Settings, layers: list[Layer], parts: Parts, updates: int, check: GradientCheck | None
) -> str:
    """The weights and the rows of the check, in words. The page Train has made so many updates."""
    weights = f"after {count(updates, 'update')} on the page Train" if updates else "at its first weights"
    if check and check.moved:
        weights += (
            f", with each parameter moved by about {OFF_THE_KINK:g}: a ReLU unit was exactly on its kink, where the "
            "loss has no derivative"
        )
    rows = len(first_batch(data, settings, parts)[0])
    checked, _ = affordable(rows, parameters(layers).size)
    batch = f"the first {checked:,} of the {rows:,} rows of the first batch" if checked < rows else "the first batch"
    return f"Checked: the network {weights}, on {batch} of training."


def choose_bug() -> str:
    """The mistake that is chosen: a key of BUGS, or NO_BUG."""
    titles = {NO_BUG: "none: the engine's own gradient"} | {name: words.title for name, words in BUG_WORDS.items()}
    st.selectbox(
        "Mistake",
        list(titles),
        key=linked("mistake", "gradient_check_mistake", NO_BUG, titles),
        format_func=titles.__getitem__,
        width=420,
        help="Common mistakes. Each of them changes one function.",
    )
    return keep("gradient_check_mistake")


def show_what_it_sees(name: str, check: GradientCheck) -> None:
    """Say whether the check has found the mistake, and if it can't, where the checks are that can."""
    words = BUG_WORDS[name]
    if not is_right(check):
        found = "<b>The check has found the mistake.</b> The usual symptom of this mistake:"
        st.html(note("bad", f"{found} {words.symptom}"))
    elif GRADIENT in BUGS[name].checks:
        text = (
            "<b>The gradient is right all the same.</b> With this network and this batch, the mistake changes nothing. "
            "To see it, choose a larger batch, or a hidden layer with an activation other than identity."
        )
        st.html(note("changed", text))
    else:
        text = (
            "<b>The gradient is right. This check can’t see the mistake,</b> because it computes the loss and the "
            "gradient with the same rows, whichever they are. Another check finds it."
        )
        st.html(note("changed", text))
        with st.container(key="other_checks"):
            go_to(page_of("Common mistakes"), "Look for that check on Common mistakes", {"mistake": name})


# --- the pictures ---


class View(NamedTuple):
    """A picture of the points: its button, heading, note on equal derivatives, chart, table, and the chart in words."""

    name: str
    heading: str
    equal: str
    chart: Callable[[int], alt.LayerChart]
    table: Callable[[GradientCheck | None, int], pa.Table]
    words: Callable[[GradientCheck | None, int], str]


BOTH, APART = "both derivatives", "how far apart"
VIEWS = {
    BOTH: View(
        BOTH,
        "Each parameter: backpropagation against difference quotient",
        "on the dashed line both are equal",
        scatter_chart,
        scatter_table,
        both_in_words,
    ),
    APART: View(
        "relative error",
        "Each parameter: the relative error between its two derivatives",
        "lower: more digits agree",
        apart_chart,
        apart_table,
        apart_in_words,
    ),
}
TRY = (
    f"Choose the view *{VIEWS[APART].name}* under the points. Then move h from 1e-12 to 1e-1. Where do the points "
    "sink, where do they rise, and why? Then choose something else under *Mistake*."
)
WHAT_A_KINK_IS = (
    "A ReLU unit is off if its input is negative: then its output is 0. It is on if its input is positive: then it "
    "passes its input on. Between the two, the loss has a kink: a corner, where it has no derivative. A change "
    "of a parameter by h “switches” a unit if the unit goes from off to on, or from on to off, for some row."
)


def draw_check(check: GradientCheck | None, layers: Sequence[Layer]) -> None:
    """Draw the points and the error at each step, with the choices of view and step, and list the worst parameters."""
    done = check.step_sizes if check else np.empty(0)
    check = check if len(done) else None
    points = st.container()
    heading("The relative error at each h", _so_far(done))
    curve = st.container()
    st.select_slider(
        "h for the points and the table",
        STEP_SIZES[::-1],  # from small to large, as on the axis above
        key=linked("h", "gradient_check_h", FIRST_STEP, STEP_SIZES),
        format_func=step_name,
    )
    h = keep("gradient_check_h")
    at = min(STEP_SIZES.index(h), max(len(done) - 1, 0))
    complete = len(done) == len(STEP_SIZES)
    described = check if complete else None
    with curve:
        table = error_table(check, at)
        draw(
            error_chart,
            (error_lines(table) if complete else measured_lines(layers),),
            table,
            key="errors",
            alt=errors_in_words(described),
            caption=f"The relative error at each h · {RELATIVE}",
        )
    with points:
        above = st.container()
        st.segmented_control(
            "View of the points",
            list(VIEWS),
            key=linked("view", "gradient_check_view", BOTH, VIEWS),
            format_func=lambda key: VIEWS[key].name,
            required=True,
            help="The view “both derivatives” can’t show an error of one millionth. The view “relative error” can.",
        )
        view = VIEWS[keep("gradient_check_view")]
        with above:
            heading(view.heading, _counts(check, at, view.equal))
            depth = check.layers if check else len(layers)
            words, table = view.words(described, at), view.table(check, at)
            draw(view.chart, (depth,), table, key="scatter", alt=words, caption=view.heading)
    if any(ACTIVATIONS[layer.activation].has_kink for layer in layers):
        folded("What a kink is", "details_kink", lambda: st.markdown(WHAT_A_KINK_IS))
    if check:
        if check.switched[at].any():
            st.html(_kinks(check, at))
        folded(f"The {min(WORST, len(check.names))} worst parameters", "details_worst", lambda: _list_worst(check, at))


def _list_worst(check: GradientCheck, at: int) -> None:
    heading("The worst first", f"h = {step_name(STEP_SIZES[at])}")
    st.html(worst_table(check, at))


def _so_far(done: Array) -> str:
    if 0 < len(done) < len(STEP_SIZES):
        return f"so far {len(done)} of {len(STEP_SIZES)} values, from 1e-1 down to {step_name(done[-1])}"
    return f"{RELATIVE} · the circle marks the chosen h"


def _counts(check: GradientCheck | None, at: int, equal: str) -> str:
    if check is None:
        return equal
    drawn = ", chosen at random" if len(check.names) < check.of else ""
    return f"{len(check.names):,} of {check.of:,}{drawn}, {count(check.rows, 'row')}, h = {step_name(STEP_SIZES[at])}"


def _kinks(check: GradientCheck, at: int) -> str:
    marked = count(int(np.count_nonzero(check.switched[at])), "parameter")
    switches = count(int(check.switched[at].sum()), "switch", "switches")
    return note(
        "changed",
        f"<b>✕</b> marks {marked} for which h switches a ReLU unit on or off ({switches}, one for each row and unit). "
        "Across such a kink, the difference quotient is wrong, and says nothing about the gradient.",
    )


def worst_table(check: GradientCheck, at: int) -> str:
    """The HTML table of the parameters with the largest relative errors at one step."""
    errors = check.errors(at)
    rows = [
        [
            check.names[i],
            f"layer {check.layer[i]}",
            f"{check.analytic[i]:+.10f}",
            f"{check.numerical[at, i]:+.10f}",
            f"{errors[i]:.1e}",
            f"{check.switched[at, i]:,}",
        ]
        for i in np.argsort(-errors, kind="stable")[:WORST]
    ]
    return table(
        ["parameter", "layer", "backpropagation", "difference quotient", "relative error", "units switched"],
        rows,
        width=40,
    )


def sources(name: str, parts: Parts, loss: str) -> list[Callable[..., Any]]:
    """The functions that are checked: the engine's own, or the one with the mistake, after the one it replaces."""
    return [LOSSES[loss].with_derivative, backward] if name == NO_BUG else [original(parts, loss), replacement(parts)]
