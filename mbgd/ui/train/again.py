"""The run of the page Train in its address, under the name `trained`: a session that is lost can train it again.

The address has the data, the settings and the seed. Besides them, a run follows from the number of its updates and from
its changes of the learning rate: 600-0.2_1500 means that the rate was 0.2 until update 600, and the sidebar's rate
from there to update 1,500. `compared` means that batch sizes were trained side by side.
"""

from collections.abc import Sequence
from itertools import pairwise
from time import monotonic
from typing import NamedTuple

import streamlit as st

from mbgd.charts.train.loss import changes_of_rate
from mbgd.engine.training import Training
from mbgd.share.address import unusable
from mbgd.share.allowed import Between
from mbgd.share.choices import RATES, Choices
from mbgd.ui.kit.html import note
from mbgd.ui.kit.live import Action, action_button
from mbgd.ui.kit.state import complain, links, take_asked, write_address, write_link
from mbgd.ui.train.run import Run, Stage

TRAINED, COMPARED = "trained", "compared"
MOST_STAGES = 20
SECONDS = 2.0  # from one note in the address to the next, during a run
RATE = Between(min(RATES), max(RATES))


class Lost(NamedTuple):
    """What the address says of a run that is not here: its text, its stages, none for a comparison, and its choices."""

    text: str
    stages: list[Stage]
    choices: Choices


def offer_again(run: Run, compare: Action) -> None:
    """Say that the address names a run that is not here, and offer to make it again; compare() compares batch sizes."""
    lost = _lost(run)
    if lost and lost.stages:
        until = lost.stages[-1].until
        _offer(
            f"a run of {until:,} updates",
            f"Train again to update {until:,}",
            lambda: run.train_again(lost.stages),
            "train_again",
        )
    elif lost:
        _offer("a comparison of batch sizes", "Compare again", compare, "compare_again")


def _offer(what: str, label: str, action: Action, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lost"):
        text = (
            f"The address of this page names {what}. This session does not have it, because the page was loaded anew. "
            "It can be made again, with the same numbers."
        )
        st.html(note("changed", text), width="stretch")
        action_button(label, action, key=key, icon="replay")


def note_trained(run: Run) -> None:
    """Write into the address what was trained; during a run not at each redraw.

    A run that is being made again is in the address until it is done.
    """
    playing = run.playing or (run.compared is not None and run.compared.playing)
    lately = monotonic() < st.session_state.get("trained_noted", 0.0) + SECONDS
    if run.made_again or (playing and lately and TRAINED in links()):
        return
    st.session_state["trained_noted"] = monotonic()
    lost = _lost(run)
    text = lost.text if lost else in_address(run)
    if text != links().get(TRAINED, ""):
        write_link(TRAINED, text or None)


def in_address(run: Run) -> str:
    """The text of the address for this run; empty if nothing was trained with the sidebar's choices."""
    if run.compared:
        return "" if run.compared_stale else COMPARED
    return show_stages(stages_of(run.training)) if run.trained else ""


def stages_of(training: Training) -> list[Stage]:
    """The stages of a run: until which update it had which learning rate. The update that failed is one of them."""
    changes = changes_of_rate(training)
    made = min(training.updates_done + training.diverged, training.total_updates)
    rates = [dict(training.rates)[0], *(rate for _, rate in changes)]
    return [Stage(*stage) for stage in zip([*(at for at, _ in changes), made], rates, strict=True)]


def show_stages(stages: Sequence[Stage]) -> str:
    """The text of the address; empty for a run with too many changes of the rate. The last rate is the sidebar's."""
    *before, last = stages
    return "_".join(
        [*(f"{until}-{RATE.write(rate)}" for until, rate in before), f"{last.until}"] * (len(stages) <= MOST_STAGES)
    )


def read_stages(text: str, rate: float, most: int) -> list[Stage]:
    """The stages in the text of an address, for the sidebar's learning rate and a run of at most so many updates."""
    *before, last = text.split("_")
    updates = Between(1, most, whole=True)
    pairs = [part.partition("-") for part in before]
    stages = [Stage(updates.read(until), RATE.read(own)) for until, _, own in pairs] + [Stage(updates.read(last), rate)]
    if len(stages) > MOST_STAGES or any(one.until >= after.until for one, after in pairwise(stages)):
        raise ValueError(f"It must name updates in rising order, with at most {MOST_STAGES - 1} changes of the rate.")
    return stages


def _lost(run: Run) -> Lost | None:
    """The run that the address names, as long as nothing was trained here and the sidebar has its choices."""
    if (text := take_asked(TRAINED)) is not None:
        try:
            stages = [] if text == COMPARED else read_stages(text, run.chosen.rate, run.training.total_updates)
        except ValueError as error:
            complain(unusable(TRAINED, text, str(error)))
            write_address()
        else:
            st.session_state["lost_run"] = Lost(text, stages, run.chosen)
            write_link(TRAINED, text)  # at once: a quick click on the offer ends this run of the script
    lost: Lost | None = st.session_state.get("lost_run")
    here = run.training.updates_done > 0 or run.compared is not None
    if lost and (here or lost.choices != run.chosen):
        lost = st.session_state["lost_run"] = None
    return lost
