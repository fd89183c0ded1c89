"""The session's run, which other pages may use too."""

import streamlit as st

from mbgd.data.dataset import Dataset
from mbgd.share.choices import Choices
from mbgd.ui.train.run import Run


def current_run(choices: Choices, dataset: Dataset) -> Run:
    """The session's run, after it has taken the choices that the sidebar has now."""
    run: Run | None = st.session_state.get("run")
    if run is None:
        run = st.session_state["run"] = Run(choices, dataset)
    run.choose(choices, dataset)
    return run


def trained_run(choices: Choices, dataset: Dataset, *, finite: bool = True) -> Run | None:
    """The session's run, for its weights; None if it has not trained the network that the sidebar asks for.

    Also None if its weights are too large for gradients, unless `finite` is False.
    """
    if "run" not in st.session_state:
        return None
    run = current_run(choices, dataset)
    return run if run.trained and (run.finite or not finite) else None
