"""The checks of a mistake: which one catches it is asked, then all of them run on both codes and mark the answer."""

from collections.abc import Sequence
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from mbgd.experiments.mistakes.bug import Case
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.checks import (
    CHECKS,
    DUPLICATED,
    GRADIENT,
    ORDER,
    PAIRS,
    ROWS,
    Finding,
    Findings,
    caught_by,
    run_checks,
)
from mbgd.experiments.plain import Parts
from mbgd.ui.frame.page import heading
from mbgd.ui.kit.experiment import experiment
from mbgd.ui.kit.html import Cell, table
from mbgd.ui.kit.predict import Answer, Question, Verdict
from mbgd.ui.mistakes.bugs import BUG_WORDS

NONE = "none"  # the answer that no check catches the mistake
FINDS = {
    GRADIENT: "“Loss against gradient” compares the loss of one batch with the gradient of the same batch. So it "
    "finds a wrong gradient, but it cannot find a wrong choice of rows.",
    DUPLICATED: "The mean over equal rows does not depend on their number. So “duplicated rows” finds a factor that "
    "changes with B, but it cannot find another wrong factor.",
    ROWS: "It only looks at which rows are in which batch. So it finds rows that are left out, or added to another "
    "batch, but it cannot find a wrong gradient.",
    PAIRS: "It follows each row to its target. So it finds rows with another row's target, but it cannot find a wrong "
    "order or a wrong gradient.",
    ORDER: "It only looks at the order of the targets. So it finds rows that are not shuffled, but it cannot find lost "
    "rows or a wrong gradient.",
    NONE: "With these settings, the mistake changes nothing that these checks look at.",
}
MARKS = {
    True: ("mbgd-differs", "✕ fails"),
    False: ("mbgd-agrees", "✓ passes"),
    None: ("", "– cannot tell"),
}  # the CSS class of a finding's cell, and its text


def key_of(name: str) -> str:
    """The key of the checks of a mistake: of their question, and of their run."""
    return f"check_{name}"


def show_checks(name: str, about: Any, case: Case) -> Findings | None:
    """Ask which check catches a mistake, run all checks on both codes, and mark the answer by what they found.

    Returns what they found, or None as long as the question is open.
    """
    words = BUG_WORDS[name]
    question = question_of_checks(name, words.codes)
    heading("Which check catches it?", "each check runs on both versions of the code")

    def draw(found: Findings | None) -> None:
        if found:
            st.html(checks_table(found, words.sides))

    return experiment(
        question.key,
        lambda: run_checks(*case, Parts(), BUGS[name].parts(*case)),
        about,
        draw,
        label="Run the checks",
        question=question,
        verdict=partial(verdict, codes=words.codes),
    )


def question_of_checks(name: str, codes: tuple[str, str]) -> Question:
    """The question which check catches a mistake, with the checks as answers. codes: the two codes in a sentence."""
    first, second = codes
    text = (
        f"Which check finds the difference? {_begun(first)} must pass it, and {second} must fail it. If several checks "
        "find it, each of them is a right answer."
    )
    answers = {check: Answer(f"{check.capitalize()}. {what_it_does(check)}", FINDS[check]) for check in CHECKS}
    return Question(key_of(name), text, answers | {NONE: Answer("None of them.", FINDS[NONE])})


def what_it_does(check: str) -> str:
    """What a check does: the first line of its docstring."""
    return (CHECKS[check].__doc__ or "").strip().splitlines()[0]


def verdict(found: Findings, *, codes: tuple[str, str]) -> Verdict:
    """The right answers, and what the checks found: each check that catches the mistake is right."""
    right, *also = caught_by(found) or [NONE]
    return Verdict(right, what_they_found(found, codes), also=tuple(also))


def what_they_found(found: Findings, codes: tuple[str, str]) -> str:
    """Which checks catch the mistake. If none does: which of them fail for both codes, and which cannot tell."""
    first, second = codes
    if caught := caught_by(found):
        them = "it" if len(caught) == 1 else "them"
        return f"{_begun(first)} passes {in_quotes(caught)}, and {second} fails {them}."
    sentences = [f"With these settings, there is no check that {first} passes and {second} fails."]
    if both := [check for check, (right, broken) in found.items() if right.caught and broken.caught]:
        sentences.append(f"Both fail {in_quotes(both)}. Turn the shuffle on in the sidebar.")
    for check, (_, broken) in found.items():
        if broken.caught is None:
            sentences.append(f"{in_quotes([check])} cannot tell: {broken.saw}. Choose more rows.")
    return " ".join(sentences)


def _begun(sentence: str) -> str:
    return f"{sentence[0].upper()}{sentence[1:]}"


def in_quotes(checks: Sequence[str]) -> str:
    """The names of checks in a sentence: “a”, “b” and “c”."""
    *others, last = [f"“{check}”" for check in checks]
    return f"{', '.join(others)} and {last}" if others else last


def checks_table(found: Findings, sides: tuple[str, str]) -> str:
    """All checks as an HTML table. Those that catch the mistake come first."""
    caught = caught_by(found)
    order = [*caught, *(check for check in found if check not in caught)]
    rows = [[Cell(f"<b>{check}</b>") if check in caught else check, *map(_finding, found[check])] for check in order]
    return table(("check", *sides), rows, kind="mbgd-claims mbgd-checks")


def _finding(finding: Finding) -> Cell:
    kind, word = MARKS[finding.caught]
    return Cell(f"{word}: {escape(finding.saw)}", kind)
