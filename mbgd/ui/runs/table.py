"""The table of the runs: sorted, and with what differs between the chosen ones marked."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from mbgd.charts.words import computing_time
from mbgd.share.allowed import YES_OR_NO
from mbgd.share.runs.record import Record
from mbgd.share.runs.store import MOST_RUNS, Runs
from mbgd.ui.kit.html import Cell, note, table
from mbgd.ui.kit.state import keep, linked
from mbgd.ui.runs.words import ORDERS, Setting, alike, apart, in_order, in_words, length, loss_in_words

SPARSE = (
    "The best loss is the lowest of those that were measured. At full speed, Train measures the losses over all rows "
    "only from time to time: the chart then has straight lines between."
)
APART = "≠"  # before a value in which the chosen runs differ


def runs_table(runs: Runs, chosen: Sequence[Record]) -> None:
    """Draw the table of all runs, its order, and in what the chosen ones differ."""
    if gone := runs.dropped:
        says = (
            f"This session keeps at most {MOST_RUNS} runs: <b>{escape(str(gone.number))}: {escape(in_words(gone))}</b>"
        )
        st.html(note("changed", f"{says} was dropped, the oldest that is not pinned. Pin the runs that you need."))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="runs_order"):
        key = linked("sort", "runs_sort", "number", ORDERS)
        st.selectbox("Sort by", list(ORDERS), key=key, format_func=lambda name: ORDERS[name].title, width=240)
        st.toggle("Largest first", key=linked("falling", "runs_falling", False, YES_OR_NO))
    listed = in_order(list(runs), keep("runs_sort"), falling=keep("runs_falling"))
    shown, differ = apart(listed), apart(chosen)
    head = [
        "run",
        *(setting.title for setting in shown),
        "length",
        "training loss",
        "validation loss",
        "computing time",
    ]
    st.html(table(head, [row(run, shown, differ if run in chosen else []) for run in listed], name="Runs"))
    if same := alike(listed):
        st.html(f'<p class="mbgd-uses">{"All runs have" if len(listed) > 1 else "It has"}: {escape(same)}.</p>')
    if any(sparse(run) for run in listed):
        st.html(f'<p class="mbgd-uses">{SPARSE}</p>')
    if len(chosen) > 1:
        st.html(f'<p class="mbgd-uses">{escape(differences(chosen, differ))}</p>')


def sparse(run: Record) -> bool:
    """Whether the losses over all rows were not measured after each epoch of a run."""
    return len(run.history.epochs) <= int(run.history.epochs[-1])


def row(run: Record, shown: Sequence[Setting], differ: Sequence[Setting]) -> list[str | Cell]:
    """A row of the table: the settings that are `shown`, with a mark on those that `differ` between chosen runs."""
    name = f" {escape(run.name)}" if run.name else ""
    cells: list[str | Cell] = [Cell(f"<b>{run.number}</b>{name}{' <small>pinned</small>' if run.pinned else ''}")]
    for setting in shown:
        text = escape(setting.text(run))
        cells.append(Cell(f"<mark>{APART} {text}</mark>" if setting in differ else text))
    losses = [Cell(loss_in_words(run, split)) for split in ("train", "val")]
    return [*cells, length(run), *losses, computing_time(run.seconds)]


def differences(chosen: Sequence[Record], differ: Sequence[Setting]) -> str:
    """In what the chosen runs differ, as a sentence."""
    which = " and ".join([", ".join(str(run.number) for run in chosen[:-1]), str(chosen[-1].number)])
    if not differ:
        return f"The runs {which} in the chart differ in no setting, only in their length."
    titles = ", ".join(setting.title for setting in differ)
    return f"The runs {which} in the chart differ in: {titles}. The table marks these values with {APART}."
