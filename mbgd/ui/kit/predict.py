"""Predict before you run: the learner picks an answer, and the run marks it and says why."""

import re
from html import escape
from typing import NamedTuple

import streamlit as st

from mbgd.ui.kit.html import announcement
from mbgd.ui.kit.state import choose, keep, kept, opens_page, remembered

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

    @property
    def all_right(self) -> tuple[str, ...]:
        """All right answers: usually one."""
        return self.right, *self.also


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
    picked = keep(key)
    asks = "" if disabled or picked else f"New question: {in_one_sentence(question)}"
    st.html(announcement(asks, of=key, new=not opens_page()))
    return picked


def unanswer(question: Question) -> None:
    """Take the picked answer away: call it before the question is drawn."""
    choose(f"predict_{question.key}", None)


def in_one_sentence(question: Question) -> str:
    """What is asked, without the sentences around it."""
    sentences = re.split(r"(?<=[.?!]) ", re.sub(r"[*`$]", "", question.text))
    return next((sentence for sentence in sentences if sentence.endswith("?")), sentences[-1])


def picked_now(question: Question) -> str | None:
    """The name of the answer that is picked at this moment, even if the page has not been drawn with it yet."""
    key = f"predict_{question.key}"
    return st.session_state.get(key) or remembered(key)


def mark(question: Question, picked: str, verdict: Verdict) -> tuple[str, str]:
    """The marking of an answer: the kind of note (good, bad or plain) and its HTML."""
    answers, measured = question.answers, escape(verdict.measured)
    kind, said = _mark_of(picked, verdict)
    if picked in verdict.all_right:
        return kind, f"<b>{said}</b> {measured} {escape(verdict.why or answers[picked].why)}"
    right = [answers[name] for name in verdict.all_right]
    texts = "<br>".join(f"<b>{escape(one.text)}</b> {escape(verdict.why or one.why)}" for one in right)
    answer = f"{measured} {'The answer:' if len(right) == 1 else 'Each of these is right:<br>'} {texts}"
    if kind != "bad":
        return kind, f"<b>{said}</b> {answer}" if said else answer
    chosen = answers[picked]
    return kind, f"<b>{said}</b> {answer}<br>You said “{escape(chosen.text)}” {escape(chosen.why)}"


def mark_aloud(question: Question, picked: str, verdict: Verdict) -> str:
    """What a screen reader hears of the marking: whether the answer is right, and what was measured."""
    _, said = _mark_of(picked, verdict)
    right = " Or: ".join(question.answers[name].text for name in verdict.all_right)
    answer = "" if picked in verdict.all_right else f"The answer: {right}"
    return " ".join(filter(None, [said.lstrip("✓≈✕ "), verdict.measured, answer]))


def _mark_of(picked: str, verdict: Verdict) -> tuple[str, str]:
    """The kind of note of an answer, and what is said of it first."""
    if picked in verdict.all_right:
        return "good", "✓ Right."
    if picked == verdict.near:
        return "good", "≈ Too close to tell: your answer may be right, too."
    return ("plain", "") if picked == UNSURE else ("bad", "✕ Not this time.")
