"""The bug lab: one mistake at a time, run beside the right code, with the check that catches it."""

from collections.abc import Callable
from html import escape
from typing import Any

import streamlit as st

from mbgd.charts.mistakes import sides_chart, sides_table
from mbgd.data.dataset import Dataset
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.experiments.mistakes.bug import Bug, Case, Proof, original, replacement
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.checks import CHECKS, Finding
from mbgd.experiments.mistakes.proofs import quick_proof
from mbgd.experiments.mistakes.side_by_side import Plan, SideBySide, side_by_side
from mbgd.experiments.plain import Parts
from mbgd.experiments.step import finish
from mbgd.share.choices import Choices
from mbgd.ui.frame.page import heading
from mbgd.ui.kit.claims import show_claims
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.experiment import experiment
from mbgd.ui.kit.html import note
from mbgd.ui.kit.pace import SHARE
from mbgd.ui.kit.predict import answered
from mbgd.ui.kit.source import show_source
from mbgd.ui.mistakes.asked import Asked
from mbgd.ui.mistakes.bugs import BUG_WORDS, lessons, question_of

MARKS = {
    True: ("mbgd-differs", "✕ alarm"),
    False: ("mbgd-agrees", "✓ passes"),
    None: ("", "– can't tell"),
}  # the class of a finding's cell in the table, and the word
AFTER_THE_ANSWER = "*Pick your own answer first: what theory foretells, with its number, then stands here.*"
LOSS_NAMES = {"mse": "mean squared error, all training rows", "cross_entropy": "cross-entropy, all training rows"}


def bug_lesson(name: str, choices: Choices, dataset: Dataset) -> None:
    """The lesson of one of the bugs that have one."""
    bug, words, lesson, asked = BUGS[name], BUG_WORDS[name], lessons()[name], question_of(name)
    case = bug.case(dataset, choices.settings(len(dataset.X_train)))
    data, settings = case
    left, right = st.columns([5, 7], gap="large")
    with left:
        should_be, is_now = lesson.lines(case)
        st.markdown(f"**The mistake.** {words.what}")
        st.code(f"{should_be}  # right\n{is_now}  # broken", language="python")
        foretold = f"{words.symptom} {lesson.prediction(case)}"
        st.markdown(f"**Predicted symptom.** {foretold if answered(asked.question) else AFTER_THE_ANSWER}")
        say_invisible(lesson.why_hidden(bug, case))
        if text := lesson.data_note(dataset):
            st.caption(text)
        st.markdown(f"**Caught by** {bug.check}. **Try this:** {lesson.try_this}")

    def make():
        return side_by_side(Plan(data, settings), Plan(data, settings, bug.parts(data, settings)))

    with right:
        result = lesson_experiment(asked, make, (name, choices), data, ("right", "broken"))
        say_length(settings, choices)
    show_check(name, (name, choices), case)
    if answered(asked.question):  # the numbers would give the answer away
        show_proof(name, (name, choices), case, result)
    code = st.expander("The engine's function, and the one that takes its place", key="code", on_change="rerun")
    if code.open:
        with code:
            parts = bug.parts(data, settings)
            show_source(original(parts, data.loss), replacement(parts))


def lesson_experiment(
    asked: Asked, make: Callable[[], Any], about: Any, data: TrainingData, names: tuple[str, ...]
) -> SideBySide | None:
    """The question, the run and the picture of a mistake; its result once it is complete."""

    # The same words all the time: with others the browser would build the chart anew at each draw.
    looks = zip(names, ("solid", "dashed", "dotted"), strict=False)
    alt = (
        f"{LOSS_NAMES[data.loss].capitalize()}, on a logarithmic axis, against updates: "
        f"{', '.join(f'{name} ({look})' for name, look in looks)}, and the loss of the best constant."
    )

    def picture(result: SideBySide | None) -> None:
        draw(sides_chart, (LOSS_NAMES[data.loss],), sides_table(result, names), key="sides", alt=alt)

    question = asked.question
    return experiment(question.key, make, about, picture, question=question, verdict=asked.verdict)


def say_invisible(sentence: str | None) -> None:
    """The sentence that says why a mistake can't be seen with these settings."""
    if sentence:
        st.html(note("changed", escape(sentence)))


def say_length(settings: Settings, choices: Choices) -> None:
    """How long both sides train, where that is less than the sidebar asks for."""
    if settings.epochs < choices.epochs:
        st.caption(
            f"Both sides train for {settings.epochs:,} of the sidebar's {choices.epochs:,} epochs: enough to see."
        )


def show_proof(name: str, about: Any, case: Case, result: SideBySide | None) -> None:
    """The claims of a mistake. Of a large network their numbers take a while, and are measured when asked for."""
    bug = BUGS[name]
    quick = quick_proof(bug, case)
    known = _quick_proof(bug, about, case) if quick else None
    if not quick:
        heading("Predicted and measured")
        st.markdown("This network is large: what is predicted takes a while to measure.")
        key = f"proof_{name}"
        known = experiment(key, lambda: bug.prove(bug, case), about, lambda _: None, label="Measure")
    if found := lessons()[name].claims(case, known, result):
        if quick:
            heading("Predicted and measured")
        show_claims(*found)


def _quick_proof(bug: Bug, about: Any, case: Case) -> Proof:
    """The proof, measured once for the settings it is about."""
    of, known = st.session_state.get("proved", (None, None))
    if of != about or known is None:
        with SHARE.turn():
            known = finish(bug.prove(bug, case))
        st.session_state["proved"] = (about, known)
    return known


def show_check(name: str, about: Any, case: Case) -> None:
    """The check that catches a mistake, to be run by the learner on the right and on the broken code."""
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
    """What a check does: the first sentence of its own description."""
    return (check.__doc__ or "").strip().splitlines()[0]


def checks_table(named: str, found: dict[str, list[Finding]]) -> str:
    """All checks as an HTML table, the one that is meant to catch the mistake first."""
    order = [named, *(check for check in found if check != named)]
    rows = "".join(
        f'<tr><th scope="row">{f"<b>{check}</b>" if check == named else check}</th>'
        + "".join(
            f'<td class="{MARKS[one.caught][0]}">{MARKS[one.caught][1]}: {escape(one.saw)}</td>' for one in found[check]
        )
        + "</tr>"
        for check in order
    )
    return (
        '<table class="mbgd-claims mbgd-checks"><thead><tr><th scope="col">check</th><th scope="col">right code</th>'
        f'<th scope="col">broken code</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def outcome(check: str, right: Finding, broken: Finding) -> tuple[str, str]:
    """The kind of note and its HTML: whether the check caught the broken code and let the right code pass."""
    if broken.caught and not right.caught:
        return "good", f"<b>✓ Caught.</b> The check {escape(check)} passes the right code and stops the broken one."
    if broken.caught:
        return "bad", (
            f"The check {escape(check)} stops both: with these settings the right code does it, too "
            "(in the sidebar, turn the shuffle on)."
        )
    if broken.caught is None:
        return "changed", f"<b>Too few rows to tell.</b> {escape(broken.saw)}: take more of them."
    return "changed", (
        f"<b>Not caught.</b> With these settings the check {escape(check)} sees nothing wrong in the broken code, "
        "which it does not clear: with others it may."
    )
