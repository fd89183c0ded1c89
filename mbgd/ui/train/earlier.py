"""The list of the earlier runs on the page Train: each can be named, hidden and deleted."""

from functools import partial
from html import escape

import streamlit as st

from mbgd.charts.batch_sizes import STYLES
from mbgd.ui.kit.html import note
from mbgd.ui.kit.live import action_button, owner
from mbgd.ui.train.ghosts import LONGEST_NAME, MOST_GHOSTS, Ghost
from mbgd.ui.train.run import Run


def earlier_runs(run: Run) -> None:
    """The earlier runs, folded away, if there are any."""
    if not len(run.ghosts):
        return
    full = f", {run.ghosts.dropped.curve.mark} was dropped" if run.ghosts.dropped else ""
    with st.expander(f"Earlier runs ({len(run.ghosts)}{full}): name, hide or delete them", key="earlier_runs"):
        if gone := run.ghosts.dropped:
            title = f"{gone.curve.mark}, {gone.title}" if gone.name else gone.curve.mark
            says = f"Only the last {MOST_GHOSTS} earlier runs are kept: the run <b>{escape(title)}</b> was dropped."
            st.html(note("changed", f"{says} To keep others, first delete those that you don't need."))
        for ghost in run.ghosts:
            _one(run, ghost)
        action_button("Forget all", run.ghosts.forget_all, key="ghosts_forget", icon="delete_sweep")


def _one(run: Run, ghost: Ghost) -> None:
    number, comparable = ghost.number, ghost.comparable(run.choices, run.dataset.loss)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"ghost_{number}"):
        label = escape(ghost.curve.label)
        why = "" if comparable else "<br>of other data or another loss: not drawn here"
        style = STYLES[ghost.curve.style]
        st.html(
            f'<p class="mbgd-ghost" style="--line: {style.colour}; --border: {style.border}"><img '
            f'src="{ghost.picture}" alt="What {label} predicted"/><span><b>{ghost.curve.mark} '
            f"{style.symbol}</b> {label}<br>"
            f"{escape(ghost.numbers)}{why}</span></p>",
            width="stretch",
        )
        name = f"ghost_name_{number}"
        st.session_state.setdefault(name, ghost.name)
        st.text_input(
            f"Name of {ghost.curve.mark}",
            key=name,
            placeholder="a name of your own",
            max_chars=LONGEST_NAME,
            label_visibility="collapsed",
            width=170,
            on_change=lambda: owner().ask(partial(run.ghosts.change, number, name=st.session_state[name])),
        )
        action_button(
            f"{'Show' if ghost.hidden else 'Hide'} {ghost.curve.mark}",
            partial(run.ghosts.change, number, hidden=not ghost.hidden),
            key=f"ghost_hide_{number}",
            icon="visibility" if ghost.hidden else "visibility_off",
            disabled=not comparable,
        )
        action_button(
            f"Delete {ghost.curve.mark}",
            partial(run.ghosts.delete, number),
            key=f"ghost_delete_{number}",
            icon="delete",
        )
