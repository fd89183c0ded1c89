"""Summed, not averaged: the words."""

from mbgd.experiments.mistakes.bug import Case
from mbgd.experiments.mistakes.bugs.summed import BUG
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.words import SCALED_GAP, Lesson, Words, other_rate, scaled_pairs

LINES = {
    "mse": ("dL_dY = 2 * (Ŷ - Y) / (B * k)", "dL_dY = 2 * (Ŷ - Y)"),
    "cross_entropy": ("dlogits = (softmax(logits) - Y) / B", "dlogits = softmax(logits) - Y"),
}


def prediction(case: Case) -> str:
    """The learning rate that the sum acts as."""
    why = {"mse": f"B·k = {case.B:,}·{case.k:,}", "cross_entropy": f"B = {case.B:,}"}
    return other_rate(BUG, case, why[case.dataset.loss])


WORDS = Words(
    title="Summed, not averaged",
    what="The derivative of the loss sums over the batch. It should average over the batch.",
    symptom="The steps grow with the batch size. Training diverges at a learning rate that worked before.",
    lesson=Lesson(
        lines=lambda case: LINES[case.dataset.loss],
        prediction=prediction,
        question="The gradient is summed over the batch instead of averaged. What will the loss do with these "
        "settings?",
        answers={
            "explodes": Answer(
                "The loss diverges.",
                "This happens if the learning rate times the factor is above the edge of stability. Then each step "
                "overshoots more than the step before.",
            ),
            "higher": Answer(
                "It jumps up and down and ends higher.",
                "This happens if the steps are too long, but not long enough to diverge. They jump from one side of "
                "the valley to the other.",
            ),
            "same": Answer(
                "The same as with the correct code.",
                "This happens if the factor is 1 (one row per batch), or if both runs have had enough updates to "
                "reach the same loss.",
            ),
            "lower": Answer(
                "It falls faster and ends lower.",
                "This happens if the learning rate was too small. The sum acts as a larger learning rate, and the "
                "mistake stays hidden until B grows.",
            ),
        },
        try_this="Halve the batch size in the sidebar several times. From which B on does the broken code end as "
        "low as the correct one?",
        usual=("explodes",),
        hidden={
            "factor 1": "With one row per batch the factor is 1, and the mistake has no effect. Choose a larger batch "
            "size to see it.",
        },
        pairs=scaled_pairs,
        gap=SCALED_GAP,
    ),
)
