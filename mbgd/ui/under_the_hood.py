"""What the page Under the hood asks, says and draws."""

import numpy as np
import streamlit as st

from mbgd.charts.under_the_hood import costs_chart, costs_table, saved
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
    "Every line makes new arrays, and `X[rows]` copies the rows of each batch.",
    "`X[order]` copies all rows once an epoch; the slices of it are views. Only `train` changes: `update` is that of "
    "the plain formulas.",
    "A new array costs a search for memory, and a large one is cleared by the operating system first. Here each "
    "result has its place, operators such as `+=` change it there, and f′ is told from the activation that is still at "
    "hand.",
    "The operator `@` works out what kinds of arrays it was given before it multiplies; the method knows. Only "
    "`multiply` changes: the rest is that of variant 2.",
    "Calls are left out: `+ b`, `dZ.sum(axis=0)`, the step of each `W` and `b`, and the rate are all inside products "
    "that are made anyway.",
    "What Python looked up in every update, which array, which slice, which activation, is looked up once; an update "
    "is `for call in update: call()`. The losses are added up once for many updates, and f′ of ReLU is told from bits. "
    "`Core` prepares the calls: it is what trains in this app.",
]
SHARED = (Memory, activate, times_slope, error_in_place, squared_error_in_place, cross_entropy_in_place)


def question(batch_size: int) -> Question:
    """How many times faster the last variant is than the first."""
    return Question(
        "hood",
        f"At B = {batch_size:,}, how many times faster is an update with all five tricks than by the plain formulas?",
        {
            "hardly": Answer(
                "Less than 1.5 times: the arithmetic is the same.",
                "They bring so little only where the matrix products and other arithmetic take most of the time: no "
                "trick makes a multiplication cheaper.",
            ),
            "two": Answer(
                "1.5 to 3 times.",
                "The tricks bring that much where the arithmetic and the price of the calls and copies around it "
                "both count.",
            ),
            "four": Answer(
                "3 to 6 times.",
                "The tricks bring that much where most of an update is the price of its calls: fewer of them are left, "
                "and each is cheaper.",
            ),
            "more": Answer(
                "More than 6 times.",
                "They bring so much only where nearly all of an update was calls and copies, and the tricks left few "
                "and cheap ones.",
            ),
        },
    )


def verdict(costs: Costs) -> Verdict:
    """Which answer was right, by the measured medians."""
    us, ratio = costs.microseconds, costs.times_faster
    plain, all_tricks = in_microseconds(us[0]), in_microseconds(us[-1])
    return Verdict(
        how_much_faster(ratio),
        f"An update of B = {costs.batch_size:,} took {plain} by the plain formulas and {all_tricks} with all five "
        f"tricks: {short(ratio) if ratio >= 2 else f'{ratio:.2f}'} times as fast.",
        near=nearly(how_much_faster, ratio, OFF),
    )


def draw_costs(costs: Costs | None, tricks_on: int) -> None:
    """The bars, and in words what they show once all is measured."""
    words = "Bars of the microseconds an update takes with each trick, and a line at those of its matrix products."
    if costs is not None and not np.isnan(costs.seconds).any():
        measured = zip(TRICKS, costs.microseconds, strict=True)
        words += "".join(f" {name}: {in_microseconds(us)}." for name, us in measured)
        words += f" The products alone: {in_microseconds(costs.floor)}."
    draw(costs_chart, (), costs_table(costs, tricks_on), key="costs", alt=words)


def show_costs(costs: Costs) -> None:
    """What is left to gain, the claims, and how it was measured."""
    us, floor = costs.microseconds, costs.floor
    st.markdown(
        f"**The least an update can cost here:** its {costs.products[0]} matrix products alone take "
        f"**{in_microseconds(floor)}**. With all tricks it takes {us[-1] / floor:.2f} times that, by the plain "
        f"formulas {us[0] / floor:.2f} times. What lies between is calls, and arithmetic that is no product, such as "
        "the activations."
    )
    calls, products = costs.calls, costs.products
    show_claims(
        Claim(
            f"Largest difference between the six variants' weights after {count(costs.compared, 'update')}",
            "0, but for rounding: below 1e-12",
            f"{costs.difference:.1e}; the largest weight is {costs.largest:.2g}",
            costs.difference <= 1e-12 * max(1.0, costs.largest),
        ),
        Claim(
            "Matrix products in an update: forward and dW for each layer, dX for all but the first",
            f"{products[1]:,}",
            f"{products[0]:,} in the prepared list",
            products[0] == products[1],
        ),
        Claim(
            "NumPy calls in an update: the products, the activations and their slopes, the error, one subtraction",
            f"{calls[1]:,}",
            f"{calls[0]:,} in the prepared list",
            calls[0] == calls[1],
        ),
    )
    st.markdown(measured_how(costs))


def measured_how(costs: Costs) -> str:
    """How the seconds were measured, in a few sentences."""
    updates = "one update" if costs.updates == 1 else count(costs.updates, "update")
    return (
        f"**How it was measured.** Medians of {len(costs.seconds)} rounds; in each round the six variants and the "
        f"products alone take turns of {updates} of B = {costs.batch_size:,} rows, and another one begins. Timed is "
        "all of an update: copying its rows, forward, loss, backward, and the step; of the products, only they. The "
        f"learning rate is {STILL:g} meanwhile: the time doesn't depend on it, and no weight can overflow. "
        f"{how_steady(costs.seconds)} Clock: `time.perf_counter`. {machine()}"
    )


def show_sources(tricks_on: int, costs: Costs | None) -> None:
    """The plain formulas, and beside them the same with so many tricks."""
    names = list(TRICKS)
    shown = [0] if tricks_on == 0 else [0, tricks_on]
    with st.container(key="variants"):
        for column, number in zip(st.columns(2, gap="small"), shown, strict=False):
            with column:
                heading(f"{number} {names[number]}", _cost(costs, number))
                st.markdown(WHY[number])
                show_source(TRICKS[names[number]], wrap_lines=True)


def _cost(costs: Costs | None, number: int) -> str:
    if costs is None:
        return "not measured yet"
    us = costs.microseconds
    before = "" if number == 0 else f", {saved(us[number - 1], us[number])} against {number - 1}"
    return f"{in_microseconds(us[number])} an update{before}"
