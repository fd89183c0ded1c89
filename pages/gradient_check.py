"""Gradient check: each parameter's derivative by backpropagation, compared with a difference quotient of the loss."""

import numpy as np
import streamlit as st

from mbgd.experiments.gradient_check.check import Landscape, check_gradient
from mbgd.experiments.gradients import loss_and_gradient
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.plain import Parts, start
from mbgd.ui.frame.ending import end_lesson
from mbgd.ui.frame.page import open_page, title
from mbgd.ui.frame.terms import lead
from mbgd.ui.gradient_check.check import (
    NO_BUG,
    TRY,
    choose_bug,
    draw_check,
    relevant,
    show_what_it_sees,
    sources,
    where_checked,
)
from mbgd.ui.gradient_check.claims import (
    STEP_QUESTION,
    bug_claims,
    bug_question,
    bug_verdict,
    right_claims,
    step_verdict,
)
from mbgd.ui.gradient_check.to_keep import to_keep
from mbgd.ui.kit.claims import show_claims
from mbgd.ui.kit.experiment import experiment
from mbgd.ui.kit.source import source_panel
from mbgd.ui.mistakes.bugs import BUG_WORDS
from mbgd.ui.train.session import trained_run

choices, dataset = open_page("Gradient check")
settings = choices.settings(len(dataset.X_train))
title("Gradient check", "does backpropagation compute the slope of the loss?")
lead(
    "A mistake in backpropagation is easy to miss. But the gradient that it computes can be checked: change one "
    "parameter by a small difference h, up and down, and divide the change of the loss by 2h. The check does this for "
    "each parameter, and compares this difference quotient with the derivative from backpropagation."
)
left, right = st.columns([5, 7], gap="large")
with left:
    name = choose_bug()
    if name != NO_BUG:
        st.html(f'<p class="mbgd-says"><b>The mistake.</b> {BUG_WORDS[name].what}</p>')
bug = None if name == NO_BUG else BUGS[name]
data = bug.data(dataset) if bug else dataset
parts = bug.parts(data, settings) if bug else Parts()
run = trained_run(choices, dataset) if data is dataset else None
layers = run.training.layers if run else start(data, settings)
with right:
    check = experiment(
        "gradient_check",
        lambda: check_gradient(data, settings, layers, np.random.default_rng(choices.seed), parts),
        (relevant(choices), name, run.state if run else None),
        lambda result: draw_check(result, layers),
        question=bug_question(name) if bug else STEP_QUESTION,
        verdict=bug_verdict if bug else step_verdict,
        tries=TRY,
        controls=left,
        settings=f"with the mistake “{BUG_WORDS[name].title}”" if bug else "without a mistake",
    )
if check and bug:
    show_what_it_sees(name, check)
    show_claims("gradient_check", bug_claims(name, check, data.loss, choices.activation))
elif check:
    show_claims("gradient_check", right_claims(check))
done = run.training.updates_done if run else 0
st.caption(where_checked(data, settings, layers, parts, done, check))
checked = sources(name, parts, data.loss)
hidden = bug is not None and check is None  # its docstring says by which factor the derivatives are wrong
source_panel("The code that checks, and what it checks", Landscape, loss_and_gradient, *checked, waits=hidden)
end_lesson("Gradient check", check, lambda result: to_keep(result, BUG_WORDS[name].title if bug else ""))
