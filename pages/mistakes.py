"""Common mistakes: break the training on purpose, see what it does, and catch it."""

import streamlit as st

from mbgd.ui.frame.page import complain, open_page, title
from mbgd.ui.kit.state import keep, linked, wrong_links
from mbgd.ui.mistakes.bugs import BUG_WORDS, lessons
from mbgd.ui.mistakes.epochs import epochs_lesson
from mbgd.ui.mistakes.lesson import bug_lesson
from mbgd.ui.mistakes.rate import rate_lesson

OTHERS = {"epochs": ("Epochs for updates", epochs_lesson), "rate": ("Rate above the edge", rate_lesson)}

choices, dataset = open_page("Common mistakes")
title("Common mistakes", "break the training on purpose, see it, catch it")
st.markdown(
    "Nine mistakes that everybody who writes a training loop makes sooner or later, each run beside the right code "
    "from the same first weights. Most show no error message, only a curve that looks a little wrong: learn what each "
    "looks like, and which check finds it."
)
names = {name: BUG_WORDS[name].title for name in lessons()} | {name: text for name, (text, _) in OTHERS.items()}
key = linked("mistake", "mistake", next(iter(names)), list(names))
complain(wrong_links())
st.pills(
    "The mistake to make",
    list(names),
    key=key,
    format_func=names.__getitem__,
    required=True,
    label_visibility="collapsed",
)
name = keep(key)
if name in OTHERS:
    OTHERS[name][1](choices, dataset)
else:
    bug_lesson(name, choices, dataset)
