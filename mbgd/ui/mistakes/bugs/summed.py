"""The words of Summed, not averaged."""

from mbgd.experiments.mistakes.bug import Case
from mbgd.experiments.mistakes.bugs.summed import BUG
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.words import SCALED_GAP, Lesson, Words, other_rate, scaled_pairs

LINES = {
    "mse": ("dL_dY = 2 * (Ŷ - Y) / (B * k)", "dL_dY = 2 * (Ŷ - Y)"),
    "cross_entropy": ("dlogits = (softmax(logits) - Y) / B", "dlogits = softmax(logits) - Y"),
}


def prediction(case: Case) -> str:
    """The rate that the sum amounts to."""
    why = {"mse": f"B·k = {case.B:,}·{case.k:,}", "cross_entropy": f"B = {case.B:,}"}
    return other_rate(BUG, case, why[case.dataset.loss])


WORDS = Words(
    title="Summed, not averaged",
    what=("The derivative of the loss adds up the batch where it should average over it."),
    symptom=("The steps grow with the batch size: training explodes at a rate that was fine before."),
    lesson=Lesson(
        lines=lambda case: LINES[case.dataset.loss],
        prediction=prediction,
        question=("What will the sum do here, beside the average?"),
        answers={
            "explodes": Answer(
                "The loss explodes.",
                "It does where the rate times the factor is above the edge: each step overshoots by more "
                "than the last.",
            ),
            "higher": Answer(
                "It jumps about and ends higher.",
                "Steps too long, but not long enough to run away, bounce from one side of the valley to the other.",
            ),
            "same": Answer(
                "Just as before.",
                "That is so where the factor is 1, in batches of one row, or where both have arrived at the "
                "same place.",
            ),
            "lower": Answer(
                "It falls faster and ends lower.",
                "So it does where the rate was too small: the sum is a larger rate in disguise, and hides "
                "until B grows.",
            ),
        },
        try_this=(
            "halve the batch size in the sidebar, again and again: from which B on does the sum no longer explode?"
        ),
        hidden={
            "factor 1": (
                "With batches of one row the factor is 1 and the mistake can't be seen: choose a larger batch size."
            ),
        },
        pairs=scaled_pairs,
        gap=SCALED_GAP,
    ),
)
