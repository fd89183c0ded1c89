"""The bug lab: one mistake at a time, beside the correct code, with the checks."""

from collections.abc import Callable
from dataclasses import replace
from html import escape
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mbgd.charts.layers import LOSS_NAMES
from mbgd.charts.mistakes import sides_chart, sides_table
from mbgd.charts.words import count
from mbgd.data.dataset import Dataset
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.experiments.mistakes.bug import Bug, Case, Proof, original, replacement
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.proofs import quick_proof
from mbgd.experiments.mistakes.side_by_side import RunPlan, SideBySide, side_by_side
from mbgd.experiments.step import Steps, finish
from mbgd.share.choices import Choices
from mbgd.ui.frame.controls import ALL, settings_line
from mbgd.ui.frame.page import heading
from mbgd.ui.kit.claims import show_claims
from mbgd.ui.kit.draw import draw, note_settings
from mbgd.ui.kit.experiment import complete_job, experiment
from mbgd.ui.kit.html import note
from mbgd.ui.kit.pace import SHARE
from mbgd.ui.kit.source import folded, show_source
from mbgd.ui.mistakes.asked import FINAL_LOSS, Asked, ending
from mbgd.ui.mistakes.bugs import BUG_WORDS, lessons, question_of
from mbgd.ui.mistakes.checks import show_checks

AFTER_THE_RUN = "*The usual symptom and the checks appear after the run.*"
AFTER_THE_CHECKS = "*The theory of this mistake and its measured values appear after the checks have run.*"


def bug_lesson(name: str, choices: Choices, dataset: Dataset) -> None:
    """The lesson of one bug. All that gives the answer to a question away comes after its marking."""
    bug, words, lesson, asked = BUGS[name], BUG_WORDS[name], lessons()[name], question_of(name)
    case = bug.case(dataset, choices.settings(len(dataset.X_train)))
    data, settings = case
    left, right = st.columns([5, 7], gap="large")
    with left:
        correct, broken = lesson.lines(case)
        st.markdown(f"**{words.kind}** {words.what}")
        st.code(f"{correct}  # {words.sides[0]}\n{broken}  # {words.sides[1]}", language="python", wrap_lines=True)
        if text := lesson.data_note(dataset):
            st.caption(text)
        B = choices.batch_size(case.N)
        if B != case.B:
            st.caption(lesson.size_note(B, case))

    made = replace(choices, mode="mini", batch=case.B, epochs=settings.epochs)
    note_settings(settings_line(made, case.N, ALL))  # the runs may be shorter than the sidebar's, with another batch

    def make() -> Steps[SideBySide]:
        plans = RunPlan(data, settings), RunPlan(data, settings, bug.parts(data, settings))
        return side_by_side(*plans, names=words.sides)

    with right:
        result = lesson_experiment(asked, make, (name, choices), data, words.sides, lesson.tries, left)
        say_length(settings, choices)
    found = None  # by the checks
    if result:
        with left:
            outcome = bug.outcome(result)
            instead = "" if lesson.shows(outcome) else lesson.answers[outcome].text
            say_symptom(f"{words.symptom} {lesson.prediction(case)}", instead)
        found = show_checks(name, (name, choices), case)
        if found:
            say_invisible(lesson.why_hidden(bug, case))  # which may be why no check finds it
            show_proof(name, (name, choices), case, result)
        else:
            st.markdown(AFTER_THE_CHECKS)
    else:
        left.markdown(AFTER_THE_RUN)

    def show_both() -> None:
        parts = bug.parts(data, settings)
        show_source(original(parts, data.loss), replacement(parts))

    folded("The engine's function and its replacement", "code", show_both, waits=found is None)


def lesson_experiment(
    asked: Asked,
    make: Callable[[], Steps[SideBySide]],
    about: Any,
    data: TrainingData,
    names: tuple[str, ...],
    tries: str = "",
    controls: DeltaGenerator | None = None,
) -> SideBySide | None:
    """The question, the run and the chart of a mistake. Returns the result when it is complete.

    names: those of the runs to come. The picture of a result has the result's own names and loss. controls: where the
    question, the buttons and the marking are; above the chart if it is None.
    """

    question = asked.question

    def picture(result: SideBySide | None) -> None:
        loss_name = f"{LOSS_NAMES[result.loss if result else data.loss]} over all training rows"
        looks = zip(result.names if result else names, ("solid", "dashed", "dotted"), strict=False)
        lines = ", ".join(f"{name} ({look})" for name, look in looks)
        alt = (
            f"{loss_name.capitalize()}, on a logarithmic axis, against the number of updates: "
            f"{lines}, and the loss of the best constant prediction."
        )
        if result and complete_job(question.key):  # a description that changes during a run builds the chart again
            alt += ends_in_words(result)
        caption = f"{loss_name.capitalize()} · {lines}"
        draw(sides_chart, (loss_name,), sides_table(result), key="sides", alt=alt, caption=caption)

    result = experiment(
        question.key,
        make,
        about,
        picture,
        question=question,
        verdict=asked.verdict,
        tries=tries,
        controls=controls,
    )
    if result:
        st.caption(FINAL_LOSS)
    return result


def ends_in_words(result: SideBySide) -> str:
    """How each run of a finished result ended, and the loss of the best constant, in sentences."""
    sides = zip(result.names, (result.right, result.broken, result.third), strict=False)
    ends = "".join(f" {name}: {count(side.done, 'update')}, {ending(side)}." for name, side in sides if side)
    return f"{ends} The best constant prediction: a loss of {result.constant:.3g}."


def say_symptom(symptom: str, instead: str) -> None:
    """The usual symptom. If this run does not show it, `instead` is the right answer to its question, else empty.

    It comes after the run, because it gives the answer away.
    """
    st.markdown(f"**Usual symptom.** {symptom}")
    if instead:
        text = f"Here the usual symptom does not appear. What happened: “{escape(instead)}”"
        st.html(f'<p class="mbgd-sum mbgd-unusual">{text}</p>')


def say_invisible(sentence: str | None) -> None:
    """A note that these settings hide the mistake, if they do."""
    if sentence:
        st.html(note("changed", escape(sentence)))


def say_length(settings: Settings, choices: Choices) -> None:
    """The number of epochs, if it is smaller than in the sidebar."""
    if settings.epochs < choices.epochs:
        st.caption(
            f"To save time, training stops here after {settings.epochs:,} of the sidebar's {choices.epochs:,} epochs."
        )


def show_proof(name: str, about: Any, case: Case, result: SideBySide) -> None:
    """The claims of a mistake. For a large network the numbers take a while, so a button measures them."""
    bug = BUGS[name]
    quick = quick_proof(bug, case)
    known = _quick_proof(bug, about, case) if quick else None
    if not quick:
        heading("Theory and measurement")
        st.markdown("This network is large, so measuring these numbers takes a while.")
        key = f"proof_{name}"
        known = experiment(key, lambda: bug.prove(bug, case), about, lambda _: None, label="Measure")
    if found := lessons()[name].claims(case, known, result):
        show_claims(name, found)


def _quick_proof(bug: Bug, about: Any, case: Case) -> Proof:
    """The proof, measured once for the same settings."""
    of, known = st.session_state.get("proved", (None, None))
    if of != about or known is None:
        with SHARE.turn(ahead=True):
            known = finish(bug.prove(bug, case))
        st.session_state["proved"] = (about, known)
    return known
