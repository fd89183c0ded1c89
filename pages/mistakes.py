"""Common mistakes: break the training on purpose, see what it does, and catch it."""

import streamlit as st

from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.ui.frame.page import open_page, title
from mbgd.ui.kit.state import keep, linked
from mbgd.ui.mistakes.bugs import bug_lesson
from mbgd.ui.mistakes.epochs import epochs_lesson
from mbgd.ui.mistakes.rate import rate_lesson

BROKEN = (
    "summed",
    "averaged_twice",
    "divided_by_b_alone",
    "no_shuffle_sorted",
    "shuffled_apart",
    "last_dropped",
    "carried_over",
)
OTHERS = {"epochs": "Epochs for updates", "rate": "Rate above the edge"}

choices, dataset = open_page("Common mistakes")
title("Common mistakes", "break the training on purpose, see it, catch it")
st.markdown(
    "Nine mistakes that everybody who writes a training loop makes sooner or later, each run beside the right code "
    "from the same first weights. Most show no error message, only a curve that looks a little wrong: learn what each "
    "looks like, and which check finds it."
)
names = {name: BUGS[name].title for name in BROKEN} | OTHERS
key = linked("mistake", "mistake", BROKEN[0], list(names))
st.pills(
    "The mistake to make",
    list(names),
    key=key,
    format_func=names.__getitem__,
    required=True,
    label_visibility="collapsed",
)
name = keep(key)
if name == "epochs":
    epochs_lesson(choices, dataset)
elif name == "rate":
    rate_lesson(choices, dataset)
else:
    bug_lesson(name, choices, dataset)
