"""Predict before you run: the learner picks an answer, and the run marks it and says why."""

from html import escape
from typing import NamedTuple

import streamlit as st

from mbgd.ui.kit.state import keep, kept, remembered

UNSURE = "unsure"
IN_A_ROW = 42  # answers of at most so many letters each stand in a row
UNSURE_TEXT = "I can't tell yet: show me"


class Answer(NamedTuple):
    """An answer to choose, and why it is right or wrong, which is shown after the run."""

    text: str
    why: str


class Question(NamedTuple):
    """A question that a run decides. Each answer has a name, and the verdict on the run gives the right one."""

    key: str
    text: str
    answers: dict[str, Answer]


class Verdict(NamedTuple):
    """What a run decided: the name of the right answer, and a sentence with the measured numbers.

    near: another answer, if the numbers are so close to it that this measurement can't tell the two apart.
    why: the reason in this run, if the answer's own `why` does not say it; empty otherwise.
    also: the names of other answers that are right, too.
    """

    right: str
    measured: str
    near: str | None = None
    why: str = ""
    also: tuple[str, ...] = ()


def ask(question: Question, *, disabled: bool = False) -> str | None:
    """Show the question; return the name of the picked answer, or None if there is none yet."""
    key = f"predict_{question.key}"
    texts = {name: answer.text for name, answer in question.answers.items()} | {UNSURE: UNSURE_TEXT}
    st.markdown(f"**Predict before you run.** {question.text}")
    st.radio(
        "Your answer",  # the name of the group for a screen reader; page.js says that the question describes it
        list(texts),
        index=None,
        key=kept(key, None, [None, *texts]),
        format_func=texts.__getitem__,
        disabled=disabled,
        label_visibility="collapsed",
        horizontal=all(len(text) <= IN_A_ROW for text in texts.values()),
    )
    return keep(key)


def answered(question: Question) -> bool:
    """Whether an answer has been picked: until then, the page must not give the right one away."""
    key = f"predict_{question.key}"
    return (st.session_state.get(key) or remembered(key)) is not None


def mark(question: Question, picked: str, verdict: Verdict) -> tuple[str, str]:
    """The marking of an answer: the kind of note (good, bad or plain) and its HTML."""
    names, measured = (verdict.right, *verdict.also), escape(verdict.measured)
    if picked in names:
        return "good", f"<b>✓ Right.</b> {measured} {escape(verdict.why or question.answers[picked].why)}"
    right = [question.answers[name] for name in names]
    texts = "<br>".join(f"<b>{escape(answer.text)}</b> {escape(verdict.why or answer.why)}" for answer in right)
    answer = f"{measured} {'The answer:' if len(right) == 1 else 'Each of these is right:<br>'} {texts}"
    if picked == verdict.near:
        return "good", f"<b>≈ Too close to tell: your answer may be right, too.</b> {answer}"
    if picked == UNSURE:
        return "plain", answer
    chosen = question.answers[picked]
    return "bad", f"<b>✕ Not this time.</b> {answer}<br>You said “{escape(chosen.text)}” {escape(chosen.why)}"
