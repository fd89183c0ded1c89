"""The session's own data: kept in the memory of the session alone, never on disk, and in no cache that others share."""

from dataclasses import replace

import streamlit as st

from mbgd.data.dataset import Dataset
from mbgd.data.own import Prepared
from mbgd.share.choices import FINGERPRINT, OWN, Choices
from mbgd.ui.kit.state import forget

PREPARED = "own_data"  # where the session keeps what was chosen of its table
SPLIT = "own_split"  # and the data set of the last split, with what it follows from
NAME = "your own data"  # what pages call it: the name of a file could be anything
MOST_USED = 10_000  # rows: with more, a full batch or the loss over all rows would hold up every lesson


def own_data() -> Prepared | None:
    """What this session has brought and chosen, None if it has not."""
    return st.session_state.get(PREPARED)


def short_print(prepared: Prepared) -> str:
    """The part of its fingerprint that stands in an address."""
    return prepared.fingerprint[:FINGERPRINT]


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
    st.session_state.pop(SPLIT, None)
    st.session_state["choices"] = replace(before, data=OWN, own=short_print(prepared), noise=None)
    forget("choose_data")


def forget_own(default: str) -> None:
    """Forget the session's own data; its data set is then this one."""
    st.session_state.pop(PREPARED, None)
    st.session_state.pop(SPLIT, None)
    before: Choices = st.session_state["choices"]
    if before.data == OWN:
        st.session_state["choices"] = replace(before, data=default, own="")
        forget("choose_data")
