"""The run of the page Train to take home: as a Python script, and as a notebook."""

from functools import partial

import streamlit as st

from mbgd.share.choices import OWN
from mbgd.share.notebook import notebook
from mbgd.share.script import SPLITS, Taken, file_name, prepared, script
from mbgd.ui.kit.saving import save
from mbgd.ui.kit.source import folded
from mbgd.ui.train.again import stages_of
from mbgd.ui.train.run import Run

WHAT_IT_IS = (
    "These files train the run above again: the same data, first weights, batches and learning rates, up to the same "
    "update. They are plain code of about 110 lines. They need NumPy alone, and not this app."
)
HOW_TO_RUN = (
    "Run the script with `python {name}`. Open the notebook in Jupyter; it also draws the losses. "
    "Both say how far their losses are from those above. Only rounding differs, but where a loss jumps up and down for "
    "long, such differences grow from update to update."
)
OWN_DATA = (
    "Your own data are not in these files, which hold the name and the fingerprint of a third file. Save it, too, in "
    "the same folder. It has the rows as the network sees them: numbers, standardised."
)


def take_home(run: Run) -> None:
    """Offer the run as files, once it stands."""
    if run.stands:
        folded("Take this run home", "take_home", lambda: _offer(taken(run)))


def taken(run: Run) -> Taken:
    """The run as it is now. It may go on before the button is pressed: the files hold what the page has shown."""
    training = run.training
    losses = {split: training.evaluate(split).loss for split in SPLITS}
    stages = [(stage.until, stage.rate) for stage in stages_of(training)]
    return Taken(run.choices, run.dataset, stages, losses, run.label, training.diverged)


def _offer(run: Taken) -> None:
    st.markdown(WHAT_IT_IS)
    name = file_name(run, "py")
    with st.container(horizontal=True, gap="small", key="files_home"):
        save("Python script", partial(script, run), name, "text/x-python", key="save_script")
        save(
            "Notebook", partial(notebook, run), file_name(run, "ipynb"), "application/x-ipynb+json", key="save_notebook"
        )
        if run.choices.data == OWN:
            mime = "application/octet-stream"
            save("The data for both", partial(prepared, run), file_name(run, "npy"), mime, key="save_rows")
    if run.choices.data == OWN:
        st.caption(OWN_DATA)
    st.caption(HOW_TO_RUN.format(name=name))
