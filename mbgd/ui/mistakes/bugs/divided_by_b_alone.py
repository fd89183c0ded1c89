"""The words of ÷ B, not ÷ B·k."""

from mbgd.engine.splits import TrainingData
from mbgd.experiments.mistakes.bugs.divided_by_b_alone import BUG
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.words import SCALED_GAP, Lesson, Words, other_rate, scaled_pairs

NOTES = {
    "mse": "The sidebar has one target y; here the network learns k = 3: y, y² and y³, each standardised.",
    "cross_entropy": "Squared error on the {k:,} one-hot columns (cross-entropy is a mean over B rows by definition).",
}


def data_note(dataset: TrainingData) -> str:
    """Which k targets the network learns here."""
    return NOTES[dataset.loss].format(k=dataset.Y_train.shape[1])


WORDS = Words(
    title="÷ B, not ÷ B·k",
    what=("The loss is a mean over all B·k elements, but its derivative divides by B alone."),
    symptom=(
        "Every step is k times too long. With one output nothing is wrong, so nobody notices until there are more."
    ),
    lesson=Lesson(
        lines=lambda case: ("dL_dY = 2 * (Ŷ - Y) / (B * k)", "dL_dY = 2 * (Ŷ - Y) / B"),
        prediction=lambda case: other_rate(BUG, case, f"k = {case.k:,}"),
        question=("k outputs, and the derivative divides by B alone. What will you see?"),
        answers={
            "explodes": Answer("The loss explodes.", "It does where k times the rate is above the edge."),
            "higher": Answer(
                "It jumps about and ends higher.",
                "Steps k times too long can bounce without running away, most of all with small batches.",
            ),
            "same": Answer(
                "Just as before.",
                "So it looks where the rate has room for a factor k, and that is why this mistake lives long "
                "in real code.",
            ),
            "lower": Answer(
                "It falls faster and ends lower.",
                "A gradient k times too large is a rate k times as large: below the edge that is only faster.",
            ),
        },
        try_this=("compare digits (k = 10) with moons (k = 2): the factor is the number of outputs."),
        data_note=data_note,
        pairs=scaled_pairs,
        gap=SCALED_GAP,
    ),
)
