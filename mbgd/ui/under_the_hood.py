"""The question, the texts and the chart of the page Under the hood."""

import numpy as np
import streamlit as st

from mbgd.charts.under_the_hood import costs_chart, costs_table
from mbgd.charts.words import count, in_microseconds, short
from mbgd.experiments.compare import nearly
from mbgd.experiments.under_the_hood.tricks import (
    TRICKS,
    Memory,
    activate,
    cross_entropy_in_place,
    error_in_place,
    squared_error_in_place,
    times_slope,
)
from mbgd.experiments.under_the_hood.update_costs import OFF, STILL, Costs, how_much_faster
from mbgd.ui.frame.page import heading
from mbgd.ui.kit.claims import Claim, show_claims
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.predict import Answer, Question, Verdict
from mbgd.ui.kit.source import show_source
from mbgd.ui.loop.ways import how_steady, machine

WHY = [
    "Every line makes new arrays. `X[rows]` copies the rows of each batch.",
    "`X[order]` copies all rows once per epoch. Its slices are views, which copy nothing. Only `train` changes: "
    "`update` is still that of the plain formulas.",
    "For a new array, NumPy has to find memory. For a large array, the operating system first fills the "
    "memory with zeros. Here each result has its own array, allocated once, and operators such as `+=` change it in "
    "place. The derivative f′ of the activation f is computed from A = f(Z), which is still in memory.",
    "Before the operator `@` multiplies, it checks the types of its arrays. The method `dot` skips most of this. Only "
    "`multiply` changes: the rest is that of variant 2.",
    "This variant needs fewer calls. `+ b`, `dZ.sum(axis=0)`, the step of each `W` and `b`, and the learning rate have "
    "no calls of their own: matrix products that are needed anyway compute them, too.",
    "The other variants look up arrays, slices and activations in every update. Here Python looks them up once, and "
    "an update is `for call in update: call()`. The losses are added up once for many updates, and f′ of ReLU is "
    "computed with bits. The class `Core` prepares the calls. It is the code that trains in this app.",
]
IN_SHORT = (  # what each trick does, from the first
    "the rows are copied once per epoch, not once per batch",
    "the memory of the results is allocated once, not in every update",
    "the method dot checks less than the operator @",
    "biases and steps need no NumPy calls of their own",
    "Python looks up arrays and functions once, not in every update",
)
TRY = (
    "Choose a larger batch in the sidebar, or hidden layers of 64, 64, and measure again. With either, each call does "
    "more arithmetic, so the tricks save a smaller share of the time."
)
SHARED = (Memory, activate, times_slope, error_in_place, squared_error_in_place, cross_entropy_in_place)


def question(batch_size: int) -> Question:
    """The question: how many times faster is the last variant than the first?"""
    return Question(
        "hood",
        f"At B = {batch_size:,}, how many times faster is an update with all five tricks than with the plain formulas?",
        {
            "hardly": Answer(
                "Less than 1.5 times: the arithmetic is the same.",
                "That happens if matrix products and other arithmetic take most of the time. No trick makes a "
                "multiplication faster.",
            ),
            "two": Answer(
                "1.5 to 3 times.",
                "That happens if arithmetic takes one large part of the time, and calls and copies take another. The "
                "tricks save only calls and copies.",
            ),
            "four": Answer(
                "3 to 6 times.",
                "That happens if calls and copies take most of the time of a plain update. With the tricks, fewer "
                "calls are left, and each takes less time.",
            ),
            "more": Answer(
                "More than 6 times.",
                "That happens if calls and copies take nearly all of the time of a plain update. With the tricks, few "
                "calls are left, and each takes little time.",
            ),
        },
    )


def verdict(costs: Costs) -> Verdict:
    """The right answer by the measured medians, and the sentence with the numbers."""
    us, ratio = costs.microseconds, costs.times_faster
    plain, all_tricks = in_microseconds(us[0]), in_microseconds(us[-1])
    return Verdict(
        how_much_faster(ratio),
        f"At B = {costs.batch_size:,}, an update took {plain} with the plain formulas and {all_tricks} with all five "
        f"tricks: {short(ratio) if ratio >= 2 else f'{ratio:.2f}'} times as fast.",
        near=nearly(how_much_faster, ratio, OFF),
    )


def to_keep(costs: Costs) -> list[str]:
    """What to keep of the costs: what the tricks saved, and what is left."""
    us, floor = costs.microseconds, costs.floor
    saves = [us[i] - us[i + 1] for i in range(len(us) - 1)]
    best = int(np.argmax(saves))
    trick = list(TRICKS)[best + 1]
    most = (
        f"The largest saving came with trick {best + 1}, “{trick}”: {in_microseconds(saves[best])} per update, because "
        f"{IN_SHORT[best]}."
    )
    return [
        f"At B = {costs.batch_size:,}, an update took {in_microseconds(us[0])} with the plain formulas and "
        f"{in_microseconds(us[-1])} with all tricks, {costs.times_faster:.2f} times as fast. After "
        f"{count(costs.compared, 'update')}, the weights of the six variants differ by at most {costs.difference:.1e}; "
        f"the largest weight is {costs.largest:.2g}.",
        most if saves[best] > 0 else "No single trick saved time here.",
        f"The matrix products of an update alone take {in_microseconds(floor)}. An update with all tricks takes "
        f"{us[-1] / floor:.2f} times as long.",
    ]


def draw_costs(costs: Costs | None, tricks_on: int) -> None:
    """Draw the bars. After the run, their alt text says the numbers."""
    words = "Bars: the microseconds of an update with each trick. A line: those of the matrix products alone."
    if costs is not None and not np.isnan(costs.seconds).any():
        measured = zip(TRICKS, costs.microseconds, strict=True)
        words += "".join(f" {name}: {in_microseconds(us)}." for name, us in measured)
        words += f" The products alone: {in_microseconds(costs.floor)}."
    draw(
        costs_chart,
        (),
        costs_table(costs, tricks_on),
        key="costs",
        alt=words,
        caption="Microseconds per update with each trick · pale: off · green: matrix products alone",
    )


def show_costs(costs: Costs) -> None:
    """Show how much time the tricks could still save, the claims, and how the times were measured."""
    us, floor = costs.microseconds, costs.floor
    st.markdown(
        f"**The least time of an update here:** the {costs.products[0]} matrix products alone take "
        f"**{in_microseconds(floor)}**. With all tricks, an update takes {us[-1] / floor:.2f} times as long as that, "
        f"and with the plain formulas {us[0] / floor:.2f} times. The rest of the time goes into calls, and into "
        "arithmetic other than matrix products, such as the activations."
    )
    show_claims("costs", claims(costs), measured_how(costs))


def claims(costs: Costs) -> list[Claim]:
    """The claims that the variants compute the same, and on what the prepared calls are."""
    calls, products = costs.calls, costs.products
    return [
        Claim(
            f"Largest difference between the six variants' weights after {count(costs.compared, 'update')}",
            "0, except for rounding: below 1e-12",
            f"{costs.difference:.1e}; the largest weight is {costs.largest:.2g}",
            costs.difference <= 1e-12 * max(1.0, costs.largest),
        ),
        Claim(
            "Matrix products per update: the forward pass and dW for each layer, and dX for all layers but the first",
            f"{products[1]:,}",
            f"{products[0]:,} in the prepared list",
            products[0] == products[1],
        ),
        Claim(
            "NumPy calls per update: the products, the activations and their derivatives, the error, one subtraction",
            f"{calls[1]:,}",
            f"{calls[0]:,} in the prepared list",
            calls[0] == calls[1],
        ),
    ]


def measured_how(costs: Costs) -> str:
    """A few sentences on how the seconds were measured."""
    updates = "one update" if costs.updates == 1 else count(costs.updates, "update")
    return (
        f"**How it was measured.** The times are medians of {len(costs.seconds)} rounds. In each round, the six "
        f"variants and the products alone take turns. A turn is {updates} of B = {costs.batch_size:,} rows. Each round "
        "starts with another variant. The time of a variant is that of whole updates: copying the rows, forward pass, "
        "loss, backward pass and step. The time of the products is that of the products only. The learning rate is "
        f"{STILL:g}, so no weight can overflow. The time does not depend on the learning rate. "
        f"{how_steady(costs.seconds)} Clock: `time.perf_counter`. {machine()}"
    )


def show_sources(tricks_on: int, costs: Costs | None) -> None:
    """Show the plain formulas and, beside them, the variant with so many tricks."""
    names = list(TRICKS)
    shown = [0] if tricks_on == 0 else [0, tricks_on]
    with st.container(key="variants"):
        for column, number in zip(st.columns(2, gap="small"), shown, strict=False):
            with column:
                heading(f"{number} {names[number]}", _cost(costs, number), level=3)
                st.markdown(WHY[number])
                show_source(TRICKS[names[number]], wrap_lines=True)


def _cost(costs: Costs | None, number: int) -> str:
    if costs is None:
        return "not measured yet"
    us = costs.microseconds
    if number == 0:
        return f"{in_microseconds(us[0])} per update"
    before, after = us[number - 1], us[number]
    change = f"{in_microseconds(abs(before - after))} {'less' if after <= before else 'more'} than variant {number - 1}"
    return f"{in_microseconds(after)} per update, {change} ({before / after:.2f} times as fast)"
