"""Three modes: SGD, mini-batch and full batch compared in a race, on the loss surface, and by the noise of a batch."""

import streamlit as st

from mbgd.engine.batches import epoch_order, minibatches
from mbgd.engine.core import Core
from mbgd.engine.plain import plain_epochs
from mbgd.engine.updates import Updates
from mbgd.experiments.gradients import batch_gradient, sample_errors, sample_gradients
from mbgd.experiments.modes.exhaustion import all_batches
from mbgd.share.allowed import Among
from mbgd.ui.frame.ending import end_lesson
from mbgd.ui.frame.page import open_page, title
from mbgd.ui.frame.terms import lead
from mbgd.ui.kit.experiment import complete_job, current_result
from mbgd.ui.kit.source import source_panel
from mbgd.ui.kit.state import keep, linked
from mbgd.ui.modes.exhaustion import exhaustion_section
from mbgd.ui.modes.noise import noise_section
from mbgd.ui.modes.race import race_section
from mbgd.ui.modes.surface import surface_section
from mbgd.ui.modes.to_keep import OF_PARTS, to_keep

OF_WEIGHTS = ("data", "network", "seed")  # the controls that decide the first weights and the rows
PARTS = {  # each part of the page, the controls of the sidebar that act on it, and the code that it runs
    "The race": (
        race_section,
        ("data", "network", "last", "seed", "shuffle"),
        (epoch_order, Updates.make, Core.run),
    ),
    "On the loss surface": (surface_section, ("data", "batch", "seed"), (minibatches, plain_epochs)),
    "The noise of a batch": (noise_section, OF_WEIGHTS, (batch_gradient, sample_gradients, sample_errors)),
    "Six rows": (exhaustion_section, OF_WEIGHTS, (all_batches, batch_gradient)),
}

RENAMED = {"proof-by-exhaustion": "six-rows"}  # parts that old links name, and their names today


def shown() -> str:
    """The part that is shown: chosen before, or by the address."""
    return st.session_state[linked("part", "modes_part", next(iter(PARTS)), Among(list(PARTS), renamed=RENAMED))]


choices, dataset = open_page("Three modes", lambda: PARTS[shown()][1])
title("Three modes", "stochastic (SGD), mini-batch and full batch, from the same first weights")
lead(
    "SGD, mini-batch and full batch are the same loop. They differ in one number: how many rows the loop reads before "
    "it updates the weights. How fast each reaches a given loss can be counted in updates, epochs, rows or seconds."
)
st.segmented_control(
    "Part",
    list(PARTS),
    key="modes_part",
    required=True,
    label_visibility="collapsed",
)
section, _, source = PARTS[keep("modes_part")]  # only the open part runs
section(choices, dataset)
source_panel("The code of this page", *source)
complete = {key: result for key in OF_PARTS if (result := current_result(key)) is not None}
here = dict(zip(PARTS, OF_PARTS, strict=True))[shown()]
elsewhere = {key: job.settings for key in complete if key != here and (job := complete_job(key))}
end_lesson("Three modes", complete or None, lambda results: to_keep(results, elsewhere), done="race" in complete)
