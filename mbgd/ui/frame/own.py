"""The session's own data: kept in the memory of the session alone, never on disk, and in no cache that others share."""

from collections.abc import Collection
from dataclasses import replace

import streamlit as st

from mbgd.data.dataset import Dataset
from mbgd.data.own import Prepared
from mbgd.data.own.columns import clean_names
from mbgd.share.choices import FINGERPRINT, OWN, Choices
from mbgd.ui.kit.state import forget

PREPARED = "own_data"  # where the session keeps what was chosen of its table
SPLIT = "own_split"  # and the data set of the last split, with what it follows from
TITLES = "own_titles"  # and what it calls each of the data sets that it used, by the part of their fingerprints
NAME = "your own data"  # what a data set itself, charts and files to save call it: a file's name could be anything
LONGEST_PART = 15  # letters of the file's name, and of the target's, in a title
MOST_USED = 10_000  # rows: with more, a full batch or the loss over all rows would hold up every lesson


def own_data() -> Prepared | None:
    """What this session has brought and chosen, None if it has not."""
    return st.session_state.get(PREPARED)


def short_print(prepared: Prepared) -> str:
    """The part of its fingerprint that stands in an address."""
    return prepared.fingerprint[:FINGERPRINT]


def title_of(choices: Choices) -> str:
    """What lists and headings call the data set of these choices: own data that this session knows by file and target.

    It is plain text that may hold anything, and belongs into no cache, chart or address.
    """
    titles: dict[str, str] = st.session_state.get(TITLES, {})
    return titles.get(choices.own, choices.data_title) if choices.data == OWN else choices.data_title


def _named(prepared: Prepared, taken: Collection[str]) -> str:
    """A short title of file and target, which is none of those that are taken."""
    title = f"{_short(prepared.origin)}: {_short(prepared.target)}"
    one, number = title, 2
    while one in taken:
        one, number = f"{title} ({number})", number + 1
    return one


def _short(name: str) -> str:
    """The beginning of a name, in one line of letters that can be seen and don't turn the direction of others."""
    text = "".join(letter for letter in clean_names([name])[0] if letter.isprintable())
    return text if len(text) <= LONGEST_PART else f"{text[: LONGEST_PART - 1]}…"


def own_dataset(choices: Choices) -> Dataset:
    """This session's own data in the split of these choices; ValueError of one sentence if it has none."""
    prepared = own_data()
    if prepared is None or choices.own not in ("", short_print(prepared)):
        raise ValueError(
            "It names data that someone brought, and such data stays in the session that brought it: bring the file "
            "again on the page Data."
        )
    about = (prepared.fingerprint, choices.seed, choices.validation)
    known = st.session_state.get(SPLIT)
    if known is None or known[0] != about:
        known = about, prepared.dataset(choices.seed, choices.validation / 100)
        st.session_state[SPLIT] = known
    return known[1]


def use_own(prepared: Prepared) -> None:
    """Make this the data set of the session; ValueError of one sentence if it can't be, and nothing is changed."""
    prepared = replace(prepared.sampled(MOST_USED), name=NAME)
    before: Choices = st.session_state["choices"]
    prepared.dataset(before.seed, before.validation / 100)
    st.session_state[PREPARED] = prepared
    titles: dict[str, str] = st.session_state.setdefault(TITLES, {})
    if short_print(prepared) not in titles:
        titles[short_print(prepared)] = _named(prepared, titles.values())
    st.session_state.pop(SPLIT, None)
    st.session_state["choices"] = replace(before, data=OWN, own=short_print(prepared), noise=None)
    forget("choose_data")


def forget_own(default: str) -> None:
    """Forget the session's own data, and their names; its data set is then this one."""
    st.session_state.pop(PREPARED, None)
    st.session_state.pop(TITLES, None)
    st.session_state.pop(SPLIT, None)
    before: Choices = st.session_state["choices"]
    if before.data == OWN:
        st.session_state["choices"] = replace(before, data=default, own="")
        forget("choose_data")
