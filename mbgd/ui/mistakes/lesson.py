"""The bug lab: one mistake at a time, beside the correct code, with the check that catches it."""

from collections.abc import Callable
from html import escape
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mbgd.charts.layers import LOSS_NAMES
from mbgd.charts.mistakes import sides_chart, sides_table
from mbgd.data.dataset import Dataset
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.experiments.mistakes.bug import Bug, Case, Proof, original, replacement
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.checks import CHECKS, Finding
from mbgd.experiments.mistakes.proofs import quick_proof
from mbgd.experiments.mistakes.side_by_side import RunPlan, SideBySide, side_by_side
from mbgd.experiments.plain import Parts
from mbgd.experiments.step import Steps, finish
from mbgd.share.choices import Choices
from mbgd.ui.frame.page import heading
from mbgd.ui.kit.claims import show_claims
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.experiment import experiment
from mbgd.ui.kit.html import Cell, note, table
from mbgd.ui.kit.pace import SHARE
from mbgd.ui.kit.source import folded, show_source
from mbgd.ui.mistakes.asked import Asked
from mbgd.ui.mistakes.bugs import BUG_WORDS, lessons, question_of

MARKS = {
    True: ("mbgd-differs", "✕ fails"),
    False: ("mbgd-agrees", "✓ passes"),
    None: ("", "– cannot tell"),
}  # the CSS class of a finding's cell, and its text
AFTER_THE_RUN = "*The usual symptom and the check that finds it appear after the run.*"


def bug_lesson(name: str, choices: Choices, dataset: Dataset) -> None:
    """The lesson of one bug. All that gives the answer away comes after the marking."""
    bug, words, lesson, asked = BUGS[name], BUG_WORDS[name], lessons()[name], question_of(name)
    case = bug.case(dataset, choices.settings(len(dataset.X_train)))
    data, settings = case
    left, right = st.columns([5, 7], gap="large")
    with left:
        correct, broken = lesson.lines(case)
        st.markdown(f"**{words.kind}** {words.what}")
        st.code(f"{correct}  # {words.sides[0]}\n{broken}  # {words.sides[1]}", language="python")
        if text := lesson.data_note(dataset):
            st.caption(text)

    def make() -> Steps[SideBySide]:
        plans = RunPlan(data, settings), RunPlan(data, settings, bug.parts(data, settings))
        return side_by_side(*plans, names=words.sides)

    with right:
        result = lesson_experiment(asked, make, (name, choices), data, words.sides, lesson.tries, left)
        say_length(settings, choices)
    if result:
        with left:
            say_symptom(f"{words.symptom} {lesson.prediction(case)}", lesson.shows(bug.outcome(result)))
            say_invisible(lesson.why_hidden(bug, case))
        show_check(name, (name, choices), case)
        show_proof(name, (name, choices), case, result)
    else:
        left.markdown(AFTER_THE_RUN)

    def show_both() -> None:
        parts = bug.parts(data, settings)
        show_source(original(parts, data.loss), replacement(parts))

    folded("The engine's function and its replacement", "code", show_both)


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

    def picture(result: SideBySide | None) -> None:
        loss_name = f"{LOSS_NAMES[result.loss if result else data.loss]} over all training rows"
        # These words never change during a run. If they did, the browser would build the chart again at each redraw.
        looks = zip(result.names if result else names, ("solid", "dashed", "dotted"), strict=False)
        alt = (
            f"{loss_name.capitalize()}, on a logarithmic axis, against the number of updates: "
            f"{', '.join(f'{name} ({look})' for name, look in looks)}, and the loss of the best constant."
        )
        draw(sides_chart, (loss_name,), sides_table(result), key="sides", alt=alt)

    question = asked.question
    return experiment(
        question.key,
        make,
        about,
        picture,
        question=question,
        verdict=asked.verdict,
        tries=tries,
        controls=controls,
    )


def say_symptom(symptom: str, shown: bool) -> None:
    """The usual symptom, and whether this run shows it. It comes after the run, because it gives the answer away."""
    st.markdown(f"**Usual symptom.** {symptom}")
    if not shown:
        st.html('<p class="mbgd-sum mbgd-unusual">This run does not show it. The marking says what happened here.</p>')


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
        heading("Predicted and measured")
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


def show_check(name: str, about: Any, case: Case) -> None:
    """The check that catches a mistake. A button runs all checks on the correct and on the broken code."""
    bug = BUGS[name]
    heading("The check that catches it", bug.check)
    if st.button("Run the checks", key=f"check_{name}", icon=":material/fact_check:"):
        both = (Parts(), bug.parts(*case))
        found = {check: [run(*case, parts) for parts in both] for check, run in CHECKS.items()}
        st.session_state.setdefault("checked", {})[name] = (about, found)
    of, found = st.session_state.get("checked", {}).get(name, (None, {}))
    if of != about:
        explained = inspect_first_line(CHECKS[bug.check])
        st.html(note("plain", f"<b>{escape(bug.check.capitalize())}.</b> {escape(explained)}"))
        return
    st.html(checks_table(bug.check, found))
    st.html(note(*outcome(bug.check, *found[bug.check])))


def inspect_first_line(check: Callable[..., Any]) -> str:
    """The first line of the check's docstring: what the check does."""
    return (check.__doc__ or "").strip().splitlines()[0]


def checks_table(named: str, found: dict[str, list[Finding]]) -> str:
    """All checks as an HTML table. The check that catches the mistake comes first."""
    order = [named, *(check for check in found if check != named)]
    rows = [[Cell(f"<b>{named}</b>") if check == named else check, *map(_finding, found[check])] for check in order]
    return table(("check", "correct code", "broken code"), rows, kind="mbgd-claims mbgd-checks")


def _finding(finding: Finding) -> Cell:
    kind, word = MARKS[finding.caught]
    return Cell(f"{word}: {escape(finding.saw)}", kind)


def outcome(check: str, right: Finding, broken: Finding) -> tuple[str, str]:
    """The kind of note and its HTML: whether the check catches the broken code and passes the correct code."""
    name = f"“{escape(check)}”"
    if broken.caught and not right.caught:
        return "good", f"<b>✓ Caught.</b> The correct code passes the check {name}, and the broken code fails it."
    if broken.caught:
        return "bad", (
            f"<b>✕ Both fail.</b> With these settings the correct code fails the check {name}, too. "
            "Turn the shuffle on in the sidebar."
        )
    if broken.caught is None:
        return "changed", f"<b>Too few rows to tell:</b> {escape(broken.saw)}. Choose more rows."
    return "changed", (
        f"<b>Not caught.</b> With these settings the broken code passes the check {name}. "
        "With other settings it may fail."
    )
