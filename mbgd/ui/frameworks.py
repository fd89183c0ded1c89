"""The page Frameworks: its question, its picture, its claims, and the record shown where no framework is installed."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from mbgd.charts.frameworks import (
    difference_chart,
    difference_table,
    loss_chart,
    loss_table,
    seconds_chart,
    seconds_table,
)
from mbgd.charts.words import count, times
from mbgd.experiments.frameworks.comparison import AS_FAR, OURS, RENUMBERED, SLIGHTLY_FASTER, Comparison, size_of
from mbgd.experiments.frameworks.peers import import_seconds, version
from mbgd.ui.frame.page import heading
from mbgd.ui.kit.claims import Claim
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.html import note, table
from mbgd.ui.kit.predict import Answer, Question, Verdict

ANSWERS = {
    "none": Answer(
        "Nowhere: every digit is the same.",
        "That takes every sum to be added up in the same order, as happens where sums are short. Programs order and "
        "group long sums as suits them, and each order rounds the 16th digit in its own way.",
    ),
    "rounding": Answer(
        "In their last digits: the first ten are the same.",
        "The last digits alone differ where the mathematics is the same: then only the order of the sums can differ, "
        "and with it the rounding of the 16th digit, as long as training does not multiply it.",
    ),
    "visible": Answer(
        "Somewhere from the fourth digit to the tenth.",
        "A difference of that size takes other mathematics, such as another rate, or single precision; or a rate so "
        "large that the run blows its own rounding up.",
    ),
    "other": Answer(
        "Everywhere: the weights end at other values.",
        "Other values take other mathematics, or a run so unstable that each update multiplies the rounding of the one "
        "before: there the engine parts from itself, too, with nothing but its sums in another order. Such weights are "
        "other ones, not better ones.",
    ),
}
ADDED = """
| A framework adds | What for | Here |
|---|---|---|
| automatic derivatives | any formula of yours gets its gradient, without a line of calculus | each layer's derivative is written by hand |
| GPUs and compiled kernels | many sums at once: large networks take less time | NumPy on one processor core |
| many kinds of layers and optimisers, tested by thousands of users | you build instead of deriving | dense layers and plain descent |
| data loading | batches from files larger than memory, read ahead in parallel | the whole table in memory |
| mixed precision | shorter numbers, which take less memory, where training can bear their rounding | float64 throughout |
| saving, sharing, serving | a trained network leaves the program that trained it | nothing of it |
"""  # noqa: E501


REORDERED = f"{OURS} with its sums reordered"


def question(updates: int, frameworks: Sequence[str]) -> Question:
    """What the comparison with these frameworks decides, or that of the engine with itself where there is none."""
    if len(frameworks) > 1:
        others, whose = f"{' and '.join(frameworks)} start", "do the weights of the farther one"
    elif frameworks:
        others, whose = f"{frameworks[0]} starts", "do its weights"
    else:
        others, whose = "Our own engine, its sums added up in another order, starts", "do its weights"
    return Question(
        "frameworks",
        f"{others} from the same weights, with the same batches and rate. In which digits {whose} differ from ours "
        f"after {updates:,} updates?",
        ANSWERS,
    )


def opening(frameworks: Sequence[str]) -> str:
    """What the page is about, and what the run compares."""
    rule = "PyTorch and scikit-learn can train by the very update rule of this app. "
    if frameworks:
        return (
            f"{rule}Give them the same first weights, batches and rate: do they end where ours does, digit by digit, "
            "and how long does each take?"
        )
    return f"{rule}Before asking how far apart they end: how far does the order of the sums alone lead?"


def things_to_try(frameworks: Sequence[str]) -> str:
    """What to change and what to watch, of the seconds in programs_table."""
    ask = "whose seconds an update grow least?" if frameworks else "does an update take 8 times as long?"
    return (
        "**Try this:** run it, write 64, 64 under *Hidden layers* and run again; then take a batch 8 times as large: "
        f"{ask}"
    )


def verdict(comparison: Comparison) -> Verdict:
    """The answer that the comparison found right, with its numbers."""
    farthest, _ = comparison.farthest
    name = REORDERED if farthest == RENUMBERED else farthest
    others = ", the farthest," if len(comparison.frameworks) > 1 else ""
    relative, largest = comparison.relative(), float(comparison.largest_weights[-1])
    own = (
        f" With its sums in another order our own engine ends {relative[RENUMBERED]:.1e} from itself."
        if comparison.frameworks
        else ""
    )
    after = count(comparison.updates, "update")
    return Verdict(
        size_of(comparison),
        f"{_blown_up(comparison)}After {after} no weight of {name}{others} is further from ours than "
        f"{relative[farthest]:.1e} of the largest weight, {largest:.3g}.{own}{_unstable(comparison)}",
    )


def _blown_up(comparison: Comparison) -> str:
    """Where the run ended early, if it did."""
    if not comparison.diverged:
        return ""
    return (
        f"The run blew up at update {comparison.updates + 1:,}: its loss was past the largest number the computer can "
        "hold. "
    )


def _unstable(comparison: Comparison) -> str:
    """What an unstable run can tell, and what it can't."""
    if comparison.steady:
        return ""
    return (
        " This run is unstable: each update multiplies the rounding of the one before, in any program, so where the "
        "weights end says nothing about a program. The claims below judge its first update only; a smaller learning "
        "rate steadies the run."
    )


def claims(comparison: Comparison) -> list[Claim]:
    """The claim for each program, and the check that a change of the mathematics would have shown."""
    at = comparison.judged
    largest, relative = float(comparison.largest_weights[at]) or 1.0, comparison.relative(at)
    most = AS_FAR * comparison.yardstick / largest
    updates = int(comparison.checkpoints[at])
    made = []
    for name in comparison.frameworks or [RENUMBERED]:
        seen = float(comparison.differences[name][at])
        program = REORDERED if name == RENUMBERED else name
        says = f"{program}: largest difference from our weights ÷ largest weight, after {count(updates, 'update')}"
        bound, measured = f"rounding alone: at most {most:.0e}", f"{relative[name]:.1e}"
        made.append(Claim(says, bound, measured, comparison.is_rounding(seen)))
    slight = comparison.farthest_until_judged(SLIGHTLY_FASTER)
    says = "a change of the mathematics would show: our engine with a rate one millionth larger, until then"
    shows = not comparison.is_rounding(slight)
    return [*made, Claim(says, f"more than rounding: above {most:.0e}", f"{slight / largest:.1e}", shows)]


def draw_comparison(comparison: Comparison | None, frameworks: tuple[str, ...], updates: int, loss_name: str) -> None:
    """The picture: differences of the weights, the losses one on top of the other, and the seconds."""
    broken = comparison.broken if comparison else {}
    frameworks = tuple(name for name in frameworks if name not in broken)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        heading("How far the weights are from ours", "the lower, the more alike")
        draw(
            difference_chart,
            (frameworks,),
            difference_table(comparison, updates),
            key="differences",
            alt="Largest difference of a weight from the engine's, relative to the largest weight, for each program "
            "and for the engine itself with its sums in another order and with a rate a millionth larger.",
        )
    with right:
        names = (OURS, *(frameworks or (RENUMBERED,)))
        heading("The losses that each program reports", "lines on top of each other")
        draw(
            loss_chart,
            (names, loss_name),
            loss_table(comparison, names, updates),
            key="losses",
            alt="Loss of the batches over the updates, as each program reports it.",
        )
    if frameworks:
        timed = (OURS, *frameworks)
        rounds = len(comparison.seconds[OURS]) if comparison else 0
        heading("The seconds of each", f"median of {rounds} rounds, one thread each" if rounds else "after each round")
        draw(
            seconds_chart,
            (timed,),
            seconds_table(comparison.seconds if comparison else {}),
            key="seconds",
            alt="Seconds that each program spent computing updates.",
        )
    for name, why in broken.items():
        st.html(note("bad", f"{name} is installed here, but its import fails, so it is left out: {escape(why)}"))


OURS_AS_WRITTEN = (
    "mbgd is measured here by its formulas as they are written, as the others are by theirs. The prepared calls that "
    "train on the page Train take a fraction of that time: see the page Under the hood."
)


def programs_table(comparison: Comparison) -> str:
    """What was measured of each program: version, seconds computing, and seconds its import took in this process.

    The engine alone has nothing to be set against, and no import to be timed.
    """
    columns = 4 if len(comparison.seconds) == 1 else None
    updates = comparison.updates or 1
    ours = float(np.median(comparison.seconds[OURS]))
    rows = []
    for name, seconds in comparison.seconds.items():
        median = float(np.median(seconds))
        about = [f"NumPy {np.__version__}", "–"] if name == OURS else [version(name), f"{import_seconds(name):.2f} s"]
        an_update = f"{1e6 * median / updates:,.0f} µs"
        rows.append([name, about[0], f"{median:.3g} s", an_update, times(median / ours), about[1]][:columns])
    head = ["program", "version", f"{comparison.updates:,} updates", "an update", "against ours", "importing it, once"]
    return table(head[:columns], rows, width=40)


def show_record(record: dict[str, Any]) -> None:
    """The recorded comparison, dated."""
    st.caption(f"Measured on {record['date']}: Python {record['python']}, {record['machine']}.")
    rows = []
    for case in record["cases"]:
        ours = case["programs"][OURS]["seconds"]
        for name, seen in case["programs"].items():
            if name != OURS:
                difference, seconds = f"{seen['difference']:.1e}", f"{seen['seconds']:.3g} s"
                title = f"{case['case']}, {case['updates']:,} updates"
                beside = [f"{case['rounding']:.1e}", seconds, f"{ours:.3g} s", times(seen["seconds"] / ours)]
                rows.append([title, f"{name} {record['versions'][name]}", difference, *beside])
    head = ["case", "framework", "weights differ by", "ours, sums reordered", "its seconds", "ours", "against ours"]
    st.html(table(head, rows, width=40))
    imports = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in record["imports"].items())
    st.caption(f"Seconds to import each, in a fresh interpreter: {imports}. {OURS_AS_WRITTEN}")


def show_how_to_add(missing: Sequence[str]) -> None:
    """How to get the frameworks that are not installed, in one line."""
    st.html(
        note(
            "changed",
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed here. To compare: "
            "<code>.venv/bin/pip install -r requirements-frameworks.txt</code>, and start the app again.",
        )
    )
