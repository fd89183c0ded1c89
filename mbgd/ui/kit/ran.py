"""Which experiments were run, in the page's address: when a session is lost, the page says what can be run again.

The address then has, under the name `ran`, the key of each experiment whose result is on the page, and the learner's
answer. Data, settings and seed are in the address as well, so the same run can be made again.
"""

import re
from collections.abc import Hashable
from dataclasses import dataclass, field

import streamlit as st

from mbgd.share.address import unusable
from mbgd.ui.kit.state import complain, links, take_asked, write_address

RAN = "ran"
MOST = 8  # experiments that an address names: the last ones
ONE = re.compile(r"(\w{1,40})(?:\.([\w -]{1,60}))?", re.ASCII)


@dataclass
class Runs:
    """Of one page: the experiments whose results are here, and those whose results are lost, each with its answer."""

    here: dict[str, str] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    about: dict[str, Hashable] = field(default_factory=dict)  # what the lost ones were about


def note_run(key: str, about: Hashable, *, known: bool, current: bool, answer: str | None) -> str | None:
    """Note in the address whether an experiment's result is on the page. Call it each time the experiment is drawn.

    known: the session has a run of it; current: with these settings. Returns None, or, if the address says that it was
    run but its result is lost, the answer that was picked: "" if there was none.
    """
    runs = _runs()
    if known:
        runs.lost.pop(key, None)
    elif key in runs.lost and runs.about.setdefault(key, about) != about:
        runs.lost.pop(key)  # other settings were chosen since: it would be another run
    if not current:
        runs.here.pop(key, None)
    elif key not in runs.here:
        runs.here[key] = answer or ""
    text = show_runs(runs.lost | runs.here)
    if text != links().get(RAN, ""):
        links().pop(RAN, None)
        links().update({RAN: text} if text else {})
        write_address()
    return runs.lost.get(key)


def _runs() -> Runs:
    """The runs of this page, after those that its address names were read."""
    runs = st.session_state.setdefault("ran", {}).setdefault(st.session_state["page"], Runs())
    if (text := take_asked(RAN)) is not None:
        try:
            runs.lost, runs.about = read_runs(text), {}
        except ValueError as error:
            complain(unusable(RAN, text, str(error)))
            write_address()
    return runs


def read_runs(text: str) -> dict[str, str]:
    """The keys and answers in the text of an address."""
    parts = [ONE.fullmatch(part) for part in text.split("~")]
    if None in parts or len(parts) > MOST:
        raise ValueError(f"It must name at most {MOST} experiments, as in race.small~noise.half.")
    return {part[1]: part[2] or "" for part in parts if part}


def show_runs(runs: dict[str, str]) -> str:
    """The text of an address that names these experiments with their answers."""
    return "~".join(f"{key}.{answer}" if answer else key for key, answer in [*runs.items()][-MOST:])
