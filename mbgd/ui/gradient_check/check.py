"""The page Gradient check: its controls and its pictures."""

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
    lines_to_come,
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
from mbgd.ui.frame.page import heading
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.html import note, table
from mbgd.ui.kit.state import keep, kept
from mbgd.ui.mistakes.bugs import BUG_WORDS

WORST = 10  # parameters in the table
NO_BUG = "none"


def relevant(choices: Choices) -> Choices:
    """The choices without what makes no difference to a gradient."""
    return replace(choices, epochs=1, rate=1.0)


def where_checked(
    data: TrainingData, settings: Settings, layers: list[Layer], parts: Parts, updates: int, check: GradientCheck | None
) -> str:
    """At which weights and on which rows the network is checked, `updates` of the page Train having been made."""
    weights = f"after {count(updates, 'update')} on the page Train" if updates else "at its first weights"
    if check and check.moved:
        weights += (
            f", each parameter moved by about {OFF_THE_KINK:g}, because a ReLU unit stood on its kink, where the loss "
            "has no derivative"
        )
    rows = len(first_batch(data, settings, parts)[0])
    checked, _ = affordable(rows, parameters(layers).size)
    batch = f"the first {checked:,} of the {rows:,} rows of the first batch" if checked < rows else "the first batch"
    return f"The network is checked {weights}, on {batch} of training."


def choose_bug() -> str:
    """The mistake that is on, a key of BUGS, or NO_BUG."""
    titles = {NO_BUG: "none: the engine's own gradient"} | {name: words.title for name, words in BUG_WORDS.items()}
    st.selectbox(
        "Mistake",
        list(titles),
        key=kept("gradient_check_mistake", NO_BUG),
        format_func=titles.__getitem__,
        width=420,
        help="Mistakes of the kind that happen, each of them in one function.",
    )
    return keep("gradient_check_mistake")


def show_what_it_sees(name: str, check: GradientCheck) -> None:
    """Whether the check has found the mistake, and what else would."""
    bug, words = BUGS[name], BUG_WORDS[name]
    if is_right(check):
        text = (
            "<b>The gradient is right; this check can’t see the mistake.</b> Loss and gradient are of the same batch, "
            f"whichever rows are in it. What catches this mistake: {bug.check}."
            if bug.check != GRADIENT
            else "<b>The gradient is right.</b> With this network and batch the mistake changes nothing, so there "
            "is nothing to see: choose more rows in a batch, or a hidden layer that bends."
        )
        st.html(note("changed", text))
    else:
        st.html(note("bad", f"<b>The check has found it.</b> {words.what} {words.symptom}"))


# --- the pictures ---


class View(NamedTuple):
    """A picture of the points: its heading, where equal derivatives lie in it, its chart and table, and its words."""

    heading: str
    equal: str
    chart: Callable[[int], alt.LayerChart]
    table: Callable[[GradientCheck | None, int], pa.Table]
    words: str


BOTH, APART = "both derivatives", "how far apart"
VIEWS = {
    BOTH: View(
        "Each parameter: analytic over numerical",
        "on the dashed line they are equal",
        scatter_chart,
        scatter_table,
        "Analytic derivative of each parameter over its numerical one; equal ones lie on the dashed diagonal.",
    ),
    APART: View(
        "Each parameter: how far the two are apart",
        "the lower, the more digits agree",
        apart_chart,
        apart_table,
        "Relative error of each parameter's numerical derivative, on a logarithmic axis, over the analytic one.",
    ),
}
WHAT_A_KINK_IS = (
    "A ReLU unit is switched off where its output is 0, and on where it passes its input on. Between the two the loss "
    "has a kink: a corner, with no derivative. A step h that moves a unit across it, for some row, has “switched” it."
)


def draw_check(check: GradientCheck | None, layers: Sequence[Layer], loss: str) -> None:
    """The points, the error at each step, the choice of view and step under them, and the worst parameters."""
    done = check.step_sizes if check else np.empty(0)
    check = check if len(done) else None
    left, right = st.columns([3, 2], gap="medium")
    with right:
        heading("The error at each step h", _so_far(done))
        place = st.container()
        st.select_slider(
            "Step h of the points and of the table",
            STEP_SIZES[::-1],  # from small to large, as on the axis above
            key=kept("gradient_check_h", 1e-5),
            format_func=step_name,
        )
        h = keep("gradient_check_h")
        at = min(STEP_SIZES.index(h), max(len(done) - 1, 0))
        with place:
            table = error_table(check, at)
            complete = len(done) == len(STEP_SIZES)
            draw(
                error_chart,
                (error_lines(table) if complete else lines_to_come(layers, loss),),
                table,
                key="errors",
                alt="Relative error of the numerical derivatives over the step h, both on logarithmic axes.",
            )
    with left:
        above = st.container()
        st.segmented_control(
            "View of the points",
            list(VIEWS),
            key=kept("gradient_check_view", BOTH),
            required=True,
            help="On the diagonal differences of a millionth can’t be seen; as relative errors they can.",
        )
        view = VIEWS[keep("gradient_check_view")]
        with above:
            heading(view.heading, _counts(check, at, view.equal))
            depth = check.layers if check else len(layers)
            draw(view.chart, (depth,), view.table(check, at), key="scatter", alt=view.words)
    if any(ACTIVATIONS[layer.activation].has_kink for layer in layers):
        st.caption(WHAT_A_KINK_IS)
    if check:
        if check.switched[at].any():
            st.html(_kinks(check, at))
        heading(f"The {min(WORST, len(check.names))} worst parameters", f"h = {step_name(STEP_SIZES[at])}")
        st.html(worst_table(check, at))


def _so_far(done: Array) -> str:
    if 0 < len(done) < len(STEP_SIZES):
        return f"so far the largest {len(done)} of {len(STEP_SIZES)}, down to {step_name(done[-1])}: the points, too"
    return "the circle is at the step chosen"


def _counts(check: GradientCheck | None, at: int, equal: str) -> str:
    if check is None:
        return equal
    drawn = " drawn at random" if len(check.names) < check.of else ""
    return f"{len(check.names):,} of {check.of:,}{drawn}, {count(check.rows, 'row')}, h = {step_name(STEP_SIZES[at])}"


def _kinks(check: GradientCheck, at: int) -> str:
    marked = count(int(np.count_nonzero(check.switched[at])), "parameter")
    switches = count(int(check.switched[at].sum()), "switch", "switches")
    return note(
        "changed",
        f"<b>✕</b> marks {marked} whose step switches a ReLU unit on or off ({switches}, counted row by row). "
        "Across such a kink the difference quotient is wrong, not the gradient.",
    )


def worst_table(check: GradientCheck, at: int) -> str:
    """The parameters with the largest relative errors at a step."""
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
    return table(["parameter", "layer", "analytic", "numerical", "relative error", "units switched"], rows, width=40)


def sources(name: str, parts: Parts, loss: str) -> list[Callable[..., Any]]:
    """What is checked: the engine's functions, or the mistaken one after the one in whose place it stands."""
    return [LOSSES[loss].with_derivative, backward] if name == NO_BUG else [original(parts, loss), replacement(parts)]
