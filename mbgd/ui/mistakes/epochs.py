"""Epochs confused with updates: a calculator, and runs with equal epochs and with equal updates."""

import streamlit as st

from mbgd.charts.words import count
from mbgd.data.dataset import Dataset
from mbgd.engine.batches import plan_epoch
from mbgd.experiments.mistakes.epochs import batch_pair, budget_plans, budgets
from mbgd.experiments.mistakes.side_by_side import ALIKE, RunPlan, SideBySide, compare, side_by_side, updates_of
from mbgd.share.allowed import Between
from mbgd.share.choices import MOST_EPOCHS, Choices
from mbgd.ui.frame.page import heading
from mbgd.ui.kit.claims import Claim, show_claims
from mbgd.ui.kit.html import note
from mbgd.ui.kit.predict import Answer
from mbgd.ui.kit.source import source_panel
from mbgd.ui.kit.state import keep, linked
from mbgd.ui.mistakes.asked import Asked, question
from mbgd.ui.mistakes.lesson import lesson_experiment, say_length, say_symptom

MOST_ROWS = 10_000_000
USUAL = ("higher",)
TRY = (
    "Raise the learning rate in the sidebar and run again. Which of the runs gains most from it? Think of the noise of "
    "a batch."
)
DIVERGED = (
    "At least one run diverged and stopped there, so updates and final losses cannot be compared. "
    "Lower the learning rate in the sidebar and run again."
)
ASKED = Asked(
    question(
        "epochs",
        "The batch size is raised a lot, and the number of epochs is kept. Where will the loss end, compared with the "
        "small batch size?",
        {
            "explodes": Answer(
                "It diverges.",
                "A larger batch has less noise. So it usually diverges only if the small batch size diverges, too.",
            ),
            "higher": Answer(
                "Clearly higher, because the large batch size makes fewer updates.",
                "Each of its steps is hardly longer than one of the small batch size, so fewer steps make "
                "less progress.",
            ),
            "same": Answer(
                "At the same loss, because both runs read the same number of rows.",
                "Rows do not change the weights, updates do. The losses agree only if both runs had more than enough "
                "updates.",
            ),
            "lower": Answer(
                "Lower, because its gradients are more exact.",
                "Usually fewer updates leave a higher loss. With a large learning rate, noise stops the small batches "
                "from reaching a low loss. Then the larger batch size does better.",
            ),
        },
    ),
    sides=("The small batch size", "the large batch size with the same number of epochs"),
)


def epochs_lesson(choices: Choices, dataset: Dataset) -> None:
    """The lesson on epochs and updates."""
    N = len(dataset.X_train)
    plans = budget_plans(dataset, choices.settings(N))
    right, small, large = plans[0].settings, plans[0].settings.batch_size, plans[1].settings.batch_size
    names = (f"B = {small:,}", f"B = {large:,}, same epochs", f"B = {large:,}, same updates")
    left, picture = st.columns([5, 7], gap="large")
    with left:
        st.markdown(
            f"**The mistake.** The batch size is raised from {small:,} to {large:,}, and the number of epochs is kept. "
            f"For comparison, a third run has B = {large:,} and as many updates as B = {small:,}."
        )
        say_length(right, choices)
    with picture:
        result = lesson_experiment(ASKED, lambda: side_by_side(*plans, names=names), choices, dataset, names, TRY, left)
    with left:
        if result:
            outcome = ASKED.outcome(result)
            say_symptom(
                f"{symptom(plans)} {third_in_words(result)}",
                "" if outcome in USUAL else ASKED.question.answers[outcome].text,
            )
        _calculator(N, choices, told=result is not None)
    if result and result.third:
        if any(side.diverged for side in (result.right, result.broken, result.third)):
            st.html(note("changed", DIVERGED))
        else:
            show_claims("epochs", budget_claims(result, plans))
    source_panel("The code that counts updates", plan_epoch, batch_pair, budgets)


def symptom(plans: tuple[RunPlan, RunPlan, RunPlan]) -> str:
    """The usual symptom, with its number. It comes after the run."""
    small, large = (plan.settings for plan in plans[:2])
    made, fewer = (count(updates_of(plan), "update") for plan in plans[:2])
    return (
        f"Only updates change the weights. In {count(small.epochs, 'epoch')}, B = {small.batch_size:,} makes {made}, "
        f"and B = {large.batch_size:,} makes only **{fewer}**. Training looks slow, or stuck. To find this mistake, "
        "count the updates, as below."
    )


def third_in_words(result: SideBySide) -> str:
    """Where the third run ended, which has the large batch size and as many updates as the small one."""
    third, name = result.third, result.names[2]
    if third is None:
        return ""
    if third.diverged:
        return f"The third run ({name}) diverged."
    return f"The third run ({name}) ended at a loss of {third.end:.3g}, the first at {result.right.end:.3g}."


def fewer_updates(plans: tuple[RunPlan, RunPlan, RunPlan]) -> float:
    """The ratio of the updates per epoch: small batch size to large batch size."""
    small, large, _ = map(updates_of, plans)
    return small / large


def budget_claims(result: SideBySide, plans: tuple[RunPlan, RunPlan, RunPlan]) -> list[Claim]:
    """The claims on the three runs, none of which diverged."""
    small, large, epochs = plans[0].settings.batch_size, plans[1].settings.batch_size, plans[2].settings.epochs
    fewer, counted = fewer_updates(plans), result.right.done / result.broken.done
    second, third = result.broken.end, result.third.end if result.third else float("nan")
    return [
        Claim(
            f"Updates at B = {small:,} ÷ updates at B = {large:,}, same epochs",
            f"{fewer:.6g}",
            f"{counted:.6g}",
            abs(counted - fewer) < 1e-12,
        ),
        Claim(
            f"Final loss of B = {large:,} after as many updates as B = {small:,} ({count(epochs, 'epoch')})",
            f"at most {ALIKE:g} × its loss after {count(plans[1].settings.epochs, 'epoch')}: {second:.4g}",
            f"{third:.4g}",
            compare(third, second) != "higher",
        ),
    ]


def _calculator(n_train: int, choices: Choices, *, told: bool) -> None:
    """The updates of a run. told: whether it may say those of larger batch sizes, which gives the answer away."""
    heading("How many updates?", "N/B updates per epoch, rounded up")
    about = (n_train, choices.batch_size(n_train), choices.epochs)
    fields = zip(("Rows N", "Batch size B", "Epochs"), ("rows", "batch", "epochs"), about, st.columns(3), strict=True)
    most = {"rows": MOST_ROWS, "batch": MOST_ROWS, "epochs": MOST_EPOCHS}
    values = []
    for label, name, value, column in fields:
        key = linked(f"of_{name}", f"budget_{name}", value, Between(1, most[name], whole=True))
        column.number_input(label, 1, most[name], key=key)
        values.append(int(keep(key)))
    rows = budgets(*values)
    first = rows[0]
    st.html(
        f'<p class="mbgd-sum"><b>{first.in_all:,} updates</b> = {first.an_epoch:,} per epoch × '
        f"{count(values[2], 'epoch')} with B = {first.batch_size:,}.<br>"
        + " ".join(
            f"B = {row.batch_size:,}: {count(row.in_all, 'update')}. For {count(first.in_all, 'update')}, it needs "
            f"{count(row.epochs_for_as_many, 'epoch')}, {first.in_all / row.in_all:.3g} times as many.<br>"
            for row in rows[1:]
            if told
        )
        + "</p>"
    )
