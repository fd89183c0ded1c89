"""Which experiments were run, in the page's address: when a session is lost, the page says what can be run again.

The address then has, under the name `ran`, the key of each experiment whose result is on the page. Data, settings and
seed are in the address as well, so the same run can be made again. A teacher may share this address with a class, so it
never has the answer that was picked.
"""

import re
from collections.abc import Hashable
from dataclasses import dataclass, field

import streamlit as st

from mbgd.share.address import unusable
from mbgd.ui.kit.state import complain, links, take_asked, write_address, write_link

RAN = "ran"
MOST = 8  # experiments that an address names: the last ones
ONE = re.compile(r"\w{1,40}", re.ASCII)


@dataclass
class Runs:
    """Of one page: the experiments whose results are here, and those whose results are lost, first to last."""

    here: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    about: dict[str, Hashable] = field(default_factory=dict)  # what the lost ones were about


def note_run(key: str, about: Hashable, *, known: bool, current: bool) -> bool:
    """Note in the address whether an experiment's result is on the page. Call it each time the experiment is drawn.

    known: the session has a run of it; current: with these settings. Returns whether the address says that it was run,
    but its result is not here.
    """
    runs = _runs()
    # If other settings were chosen since, it would be another run.
    if key in runs.lost and (known or runs.about.setdefault(key, about) != about):
        runs.lost.remove(key)
    if not current and key in runs.here:
        runs.here.remove(key)
    elif current and key not in runs.here:
        runs.here.append(key)
    text = show_runs([*runs.lost, *runs.here])
    if text != links().get(RAN, ""):
        write_link(RAN, text or None)
    return key in runs.lost


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


def read_runs(text: str) -> list[str]:
    """The keys in the text of an address."""
    keys = text.split("~")
    if len(keys) > MOST or not all(ONE.fullmatch(key) for key in keys):
        raise ValueError(f"It must name at most {MOST} experiments, as in race~noise.")
    return keys


def show_runs(keys: list[str]) -> str:
    """The text of an address that names these experiments."""
    return "~".join(dict.fromkeys(keys[-MOST:]))
