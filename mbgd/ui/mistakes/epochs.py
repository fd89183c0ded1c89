"""Batch size confused with epochs: a calculator, and a run at equal epochs beside one at equal updates."""

import streamlit as st

from mbgd.data.dataset import Dataset
from mbgd.engine.batches import plan_epoch
from mbgd.experiments.mistakes.epochs import batch_pair, budget_plans, budgets
from mbgd.experiments.mistakes.side_by_side import Plan, SideBySide, side_by_side, updates_of
from mbgd.share.choices import MOST_EPOCHS, Choices
from mbgd.ui.frame.page import heading
from mbgd.ui.kit.claims import Claim, show_claims
from mbgd.ui.kit.html import note
from mbgd.ui.kit.predict import Answer
from mbgd.ui.kit.source import show_source
from mbgd.ui.kit.state import keep, kept
from mbgd.ui.mistakes.asked import Asked, question
from mbgd.ui.mistakes.lesson import lesson_experiment, say_length

MOST_ROWS = 10_000_000
EXPLODED = (
    "A loss exploded, and its training was stopped there: neither updates nor final losses can be compared. "
    "Lower the learning rate in the sidebar and run again."
)
ASKED = Asked(
    question(
        "epochs",
        "As many epochs, a much larger batch size. Where will its loss end?",
        {
            "explodes": Answer(
                "It explodes.",
                "A larger batch has less noise, so it is not the one that explodes first.",
            ),
            "higher": Answer(
                "Clearly higher: it has not come as far.",
                "It made many times fewer steps, each hardly longer than those of the small batch.",
            ),
            "same": Answer(
                "At the same loss: it has seen as many rows.",
                "Rows seen don't move weights, updates do. The losses agree only where both have long arrived.",
            ),
            "lower": Answer(
                "Lower: its gradients are more exact.",
                "They are, and where the rate is large for the small batch, whose noise keeps it up, that decides; "
                "else the number of steps does.",
            ),
        },
    ),
    sides=("The small batch size", "the large one with as many epochs"),
)


def epochs_lesson(choices: Choices, dataset: Dataset) -> None:
    """The lesson that epochs are not updates."""
    N = len(dataset.X_train)
    plans = budget_plans(dataset, choices.settings(N))
    right, small, large = plans[0].settings, plans[0].settings.batch_size, plans[1].settings.batch_size
    fewer = fewer_updates(plans)
    names = (f"B = {small:,}", f"B = {large:,}, as many epochs", f"B = {large:,}, as many updates")
    left, picture = st.columns([5, 7], gap="large")
    with left:
        st.markdown(
            "**The mistake.** The batch size is raised and the number of epochs stays, as if epochs moved weights."
        )
        st.markdown(
            f"**Predicted symptom.** With B = {large:,} in place of {small:,}, the same {right.epochs:,} epochs are "
            f"**{fewer:.3g} times fewer updates**: training looks slow, or stuck."
        )
        _calculator(N, choices)
        st.markdown(
            "**Caught by** counting updates, above. **Try this:** raise the sidebar's learning rate and run again: "
            "with less noise, the larger batch bears a larger rate."
        )
    with picture:
        result = lesson_experiment(ASKED, lambda: side_by_side(*plans), choices, dataset, names)
        say_length(right, choices)
    if result and result.third:
        heading("Predicted and measured")
        if any(side.diverged for side in (result.right, result.broken, result.third)):
            st.html(note("changed", EXPLODED))
        else:
            show_claims(*budget_claims(result, plans))
    code = st.expander("The engine's count of updates", key="code", on_change="rerun")
    if code.open:
        with code:
            show_source(plan_epoch, batch_pair, budgets)


def fewer_updates(plans: tuple[Plan, Plan, Plan]) -> float:
    """How many times fewer updates an epoch has at the large batch size than at the small one."""
    small, large, _ = map(updates_of, plans)
    return small / large


def budget_claims(result: SideBySide, plans: tuple[Plan, Plan, Plan]) -> list[Claim]:
    """The claims on a run of the three plans in which no loss exploded."""
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
            f"Final loss at B = {large:,} with as many updates ({epochs:,} epochs)",
            f"at most {second:.4g}, that with as many epochs",
            f"{third:.4g}",
            third <= second,
        ),
    ]


def _calculator(n_train: int, choices: Choices) -> None:
    heading("How many updates?", "⌈N/B⌉ updates an epoch")
    about = (n_train, choices.batch_size(n_train), choices.epochs)
    fields = zip(("Rows N", "Batch size B", "Epochs"), ("rows", "batch", "epochs"), about, st.columns(3), strict=True)
    most = {"rows": MOST_ROWS, "batch": MOST_ROWS, "epochs": MOST_EPOCHS}
    values = []
    for label, name, value, column in fields:
        key = kept(f"budget_{name}", value)
        column.number_input(label, 1, most[name], key=key)
        values.append(int(keep(key)))
    rows = budgets(*values)
    first = rows[0]
    st.html(
        f'<p class="mbgd-sum"><b>{first.in_all:,} updates</b> = {first.an_epoch:,} an epoch × {values[2]:,} epochs, '
        f"with B = {first.batch_size:,}.<br>"
        + " ".join(
            f"B = {row.batch_size:,}: {row.in_all:,} ({first.in_all / row.in_all:.3g} times fewer; "
            f"{row.epochs_for_as_many:,} epochs for as many).<br>"
            for row in rows[1:]
        )
        + "</p>"
    )
