"""Common mistakes: break the training on purpose, see what happens, and catch it."""

import streamlit as st

from mbgd.ui.frame.ending import end_lesson
from mbgd.ui.frame.page import open_page, title
from mbgd.ui.frame.terms import lead
from mbgd.ui.kit.experiment import current_result
from mbgd.ui.kit.state import keep, linked
from mbgd.ui.mistakes.bugs import BUG_WORDS, lessons
from mbgd.ui.mistakes.checks import key_of
from mbgd.ui.mistakes.epochs import epochs_lesson
from mbgd.ui.mistakes.lesson import bug_lesson
from mbgd.ui.mistakes.rate import rate_lesson
from mbgd.ui.mistakes.to_keep import to_keep

OTHERS = {"epochs": ("Epochs confused with updates", epochs_lesson), "rate": ("Learning rate too large", rate_lesson)}

choices, dataset = open_page("Common mistakes")
title("Common mistakes", "break the training on purpose, see what happens, catch it")
lead(
    "Everyone who writes a training loop makes some of these mistakes. Here each one runs beside the correct code, "
    "from the same first weights. Most mistakes give no error message. Some curves diverge, and some look "
    "normal. Learn what each mistake looks like, and which check finds it."
)
names = {name: BUG_WORDS[name].title for name in lessons()} | {name: text for name, (text, _) in OTHERS.items()}
key = linked("mistake", "mistake", next(iter(names)), list(names))
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
found = current_result(key_of(name))
end_lesson("Common mistakes", current_result(f"mistake_{name}"), lambda result: to_keep(name, result, found))
