"""The page Frameworks: its question, charts and claims, and the record to show if a framework is not installed."""

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
from mbgd.charts.layers import LOSS_NAMES
from mbgd.charts.words import count, times
from mbgd.experiments.frameworks.comparison import (
    AS_FAR,
    INTERLEAVED,
    OURS,
    RENUMBERED,
    SLIGHTLY_FASTER,
    Comparison,
    size_of,
)
from mbgd.experiments.frameworks.peers import import_seconds, version
from mbgd.ui.frame.page import heading
from mbgd.ui.kit.claims import Claim
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.experiment import complete_job
from mbgd.ui.kit.html import note, table
from mbgd.ui.kit.predict import Answer, Question, Verdict

KEY = "frameworks"  # of the question, and of its run
ANSWERS = {
    "none": Answer(
        "Nowhere: every digit is the same.",
        "This happens if both runs add the numbers of every sum in the same order. With short sums this is common. "
        "For long sums, each program may choose its own order, and each order rounds the 16th digit differently.",
    ),
    "rounding": Answer(
        "In their last digits: the first ten are the same.",
        "The mathematics is the same. Only the order of the additions differs, so the last digits are rounded "
        "differently. The difference stays in the last digits, unless training amplifies it.",
    ),
    "visible": Answer(
        "Somewhere from the fourth digit to the tenth.",
        "A difference of this size has one of two causes. The mathematics differs, for example by another learning "
        "rate or by single precision. Or the learning rate is so large that training multiplies the rounding errors.",
    ),
    "other": Answer(
        "Everywhere: the weights end at other values.",
        "This has one of two causes. The mathematics differs. Or the run is unstable: each update multiplies the "
        "rounding errors of the updates before it. In an unstable run, even our own engine ends at other weights if "
        "only the order of its sums changes. Such weights are different, not better.",
    ),
}
ADDED = """
| A framework adds | What for | Here |
|---|---|---|
| automatic derivatives | you write a formula, and the framework computes its gradient | each layer's derivative is written by hand |
| GPUs and compiled kernels | they compute many sums at once, so large networks take less time | NumPy on one processor core |
| many kinds of layers and optimisers, tested by thousands of users | you combine ready parts instead of deriving formulas | dense layers and plain gradient descent |
| data loading | batches from files larger than memory, read in parallel before they are needed | the whole table in memory |
| mixed precision | shorter numbers take less memory; they are used where training tolerates their rounding | float64 everywhere |
| saving, sharing, serving | other programs can use a trained network | none of this |
"""  # noqa: E501


REORDERED = "our engine with its sums reordered"


def question(updates: int, frameworks: Sequence[str]) -> Question:
    """The question on these frameworks, or on the engine compared with itself if there are none."""
    after = f"After {count(updates, 'update')}, in which digits do"
    if not frameworks:
        text = (
            "We train twice with our engine: once as it is, and once with its sums added up in another order. "
            f"Everything else is the same. {after} the two sets of weights differ?"
        )
    else:
        start, whose = (
            ("starts", "its weights") if len(frameworks) == 1 else ("start", "the weights of the farther one")
        )
        text = (
            f"{' and '.join(frameworks)} {start} from the same weights as our engine, with the same batches and the "
            f"same learning rate. {after} {whose} differ from those of our engine?"
        )
    return Question(KEY, text, ANSWERS)


def opening(frameworks: Sequence[str]) -> str:
    """The first lines of the page: its subject, and what the run compares."""
    rule = "PyTorch and scikit-learn can train with the same update rule as our engine, mbgd. "
    if frameworks:
        return (
            f"{rule}Here they get the same first weights, batches and learning rate. Do they end at the same weights "
            "as our engine, digit by digit? And how long does each take?"
        )
    return f"{rule}But first: how much do the weights change if only the order of the numbers inside each sum changes?"


def things_to_try(frameworks: Sequence[str]) -> str:
    """What to change, and which seconds of programs_table to watch."""
    ask = "Whose time per update grows least?" if frameworks else "Does an update take 8 times as long?"
    return f"Write 64, 64 under *Hidden layers* and run again. Then choose a batch 8 times as large. {ask}"


def verdict(comparison: Comparison) -> Verdict:
    """The right answer by this comparison, and the sentence with its numbers."""
    farthest, _ = comparison.farthest
    others = " (the farthest)" if len(comparison.frameworks) > 1 else ""
    relative, largest = comparison.relative(), float(comparison.largest_weights[-1])
    own = (
        f" If only the order of its sums changes, our engine's weights differ by at most {relative[RENUMBERED]:.1e} "
        "times the largest weight."
        if comparison.frameworks
        else ""
    )
    after = count(comparison.updates, "update")
    return Verdict(
        size_of(comparison),
        f"{_blown_up(comparison)}After {after}, {_two_sets(farthest, others)} differ by at most "
        f"{relative[farthest]:.1e} times the largest weight, which is {largest:.3g}.{own}{_unstable(comparison)}",
    )


def _two_sets(farthest: str, others: str = "") -> str:
    """The two sets of weights that are compared."""
    return (
        "our engine's weights with and without reordered sums"
        if farthest == RENUMBERED
        else f"the weights of {farthest}{others} and of our engine"
    )


def _blown_up(comparison: Comparison) -> str:
    """A sentence on a run that diverged, or nothing."""
    if not comparison.diverged:
        return ""
    return (
        f"The run diverged at update {comparison.updates + 1:,}: its loss was larger than any number the computer can "
        "hold. "
    )


def _unstable(comparison: Comparison) -> str:
    """What an unstable run says about a program, or nothing if the run is stable."""
    if comparison.steady:
        return ""
    return (
        " This run is unstable: in any program, each update multiplies the rounding errors of the updates before it. "
        "So the last weights say nothing about a program. The claims below judge the first update only. A smaller "
        "learning rate makes the run stable."
    )


def to_keep(comparison: Comparison) -> list[str]:
    """What to keep of the comparison: how far the weights are apart, and why."""
    farthest, _ = comparison.farthest
    programs = "our engine and its reordered copy" if farthest == RENUMBERED else f"our engine and {farthest}"
    relative = comparison.relative()
    sentences = [
        f"{_blown_up(comparison)}After {count(comparison.updates, 'update')}, {_two_sets(farthest)} differ by at most "
        f"{relative[farthest]:.1e} times the largest weight."
    ]
    if not comparison.steady:
        return [*sentences, "The run is unstable, so this number says nothing about a program."]
    if comparison.is_rounding(float(comparison.differences[farthest][-1])):
        sentences.append(f"That is no more than rounding: {programs} computed the same updates.")
    else:
        sentences.append(f"That is more than rounding: {programs} did not compute the same updates.")
    rate = "For comparison: a learning rate larger by one millionth changed the weights of our engine by at most"
    return [*sentences, f"{rate} {relative[SLIGHTLY_FASTER]:.1e} times the largest weight."]


def claims(comparison: Comparison) -> list[Claim]:
    """One claim for each program, and one that a change of the mathematics would be seen."""
    at = comparison.judged
    largest, relative = float(comparison.largest_weights[at]) or 1.0, comparison.relative(at)
    most = AS_FAR * comparison.yardstick / largest
    updates = int(comparison.checkpoints[at])
    made = []
    for name in comparison.frameworks or [RENUMBERED]:
        seen = float(comparison.differences[name][at])
        program = REORDERED if name == RENUMBERED else name
        after = count(updates, "update")
        says = f"{program}: largest difference from our engine's weights ÷ largest weight, after {after}"
        bound, measured = f"rounding only: at most {most:.0e}", f"{relative[name]:.1e}"
        made.append(Claim(says, bound, measured, comparison.is_rounding(seen)))
    slight = comparison.farthest_until_judged(SLIGHTLY_FASTER)
    says = "Other mathematics would be seen: our engine with a learning rate one millionth larger, same updates"
    shows = not comparison.is_rounding(slight)
    return [*made, Claim(says, f"more than rounding: above {most:.0e}", f"{slight / largest:.1e}", shows)]


def draw_comparison(comparison: Comparison | None, frameworks: tuple[str, ...], updates: int, loss: str) -> None:
    """Draw the differences of the weights, the losses in one chart, and the seconds.

    frameworks, updates, loss: those of a run to come. A result has its own.
    """
    broken = comparison.broken if comparison else {}
    complete = comparison if complete_job(KEY) else None
    if comparison:
        frameworks, loss = tuple(comparison.frameworks), comparison.loss
    heading("How far the weights are from those of our engine", "lower: more digits agree")
    draw(
        difference_chart,
        (frameworks,),
        difference_table(comparison, updates),
        key="differences",
        alt="Largest difference of a weight from the engine's, relative to the largest weight: for each program, "
        "for the engine with its sums in another order, and for it with a learning rate one millionth larger."
        + (differences_in_words(complete) if complete else ""),
        caption="Largest difference of a weight from our engine's ÷ largest weight",
    )
    names = (OURS, *(frameworks or (RENUMBERED,)))
    heading("The losses that each program reports", "the lines may cover each other")
    draw(
        loss_chart,
        (names, LOSS_NAMES[loss]),
        loss_table(comparison, names, updates),
        key="losses",
        alt="The loss of each batch, as each program reports it, against the updates."
        + (losses_in_words(complete, names) if complete else ""),
        caption="The losses that each program reports",
    )
    if frameworks:
        timed = (OURS, *frameworks)
        rounds = len(comparison.seconds[OURS]) if comparison else 0
        heading(
            "Seconds of each program", f"median of {rounds} rounds, one thread each" if rounds else "after each round"
        )
        draw(
            seconds_chart,
            (timed,),
            seconds_table(comparison.seconds if comparison else {}),
            key="seconds",
            alt="The seconds that each program spent computing updates."
            + (seconds_in_words(complete) if complete else ""),
            caption="Seconds of each program, the median of its rounds · line: fastest to slowest",
        )
    for name, why in broken.items():
        st.html(note("bad", f"{name} is installed here, but it is left out because its import fails: {escape(why)}"))


def differences_in_words(comparison: Comparison) -> str:
    """The differences after the last update, in a sentence."""
    seen = ", ".join(f"{name} {apart:.1e}" for name, apart in comparison.relative().items() if name != INTERLEAVED)
    return f" After {count(comparison.updates, 'update')}: {seen}."


def losses_in_words(comparison: Comparison, names: Sequence[str]) -> str:
    """The losses of the first and of the last batch, in a sentence."""
    losses = {name: comparison.losses[name] for name in names}
    ends = (f"{name} from {loss[0]:.4g} to {loss[-1]:.4g}" for name, loss in losses.items() if len(loss))
    return f" Over {count(comparison.updates, 'update')}: {', '.join(ends)}."


def seconds_in_words(comparison: Comparison) -> str:
    """The median seconds of each program, in a sentence."""
    medians = (f"{name} {np.median(seconds):.3g} s" for name, seconds in comparison.seconds.items())
    return f" Medians: {', '.join(medians)}."


OURS_AS_WRITTEN = (
    "mbgd is our engine. Here it uses its plain formulas. The page Train uses a faster version: see the page Under the "
    "hood."
)
BUSY = (
    "The page Under the hood measures the same formulas, too. There, many short measurements are made, and the "
    "middle one is "
    "shown. Here, it is the time of all updates divided by their number, so it is longer if the machine is busy."
)


def programs_table(comparison: Comparison) -> str:
    """The HTML table of each program: its version, its seconds of computing, and the seconds of its import.

    If the engine is alone, the columns that compare it and that time an import are left out.
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
    head = ["program", "version", f"{comparison.updates:,} updates", "per update", f"÷ {OURS}", "one import"]
    return table(head[:columns], rows, width=0 if columns else 40)


def show_record(record: dict[str, Any]) -> None:
    """Show the recorded comparison and its date."""
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
    head = [
        "case",
        "framework",
        "weights differ by",
        f"{OURS}, sums reordered",
        "its seconds",
        f"{OURS}, seconds",
        "ratio",
    ]
    st.html(table(head, rows, width=40))
    imports = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in record["imports"].items())
    st.caption(f"Time to import each in a new Python process: {imports}. {OURS_AS_WRITTEN}")


def show_how_to_add(missing: Sequence[str]) -> None:
    """Show how to install the frameworks that are missing."""
    st.html(
        note(
            "changed",
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed here. To compare, run "
            "<code>.venv/bin/pip install -r requirements-frameworks.txt</code> and start the app again.",
        )
    )
