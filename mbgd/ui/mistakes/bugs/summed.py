"""Summed, not averaged: the words."""

from mbgd.engine.splits import TrainingData
from mbgd.experiments.mistakes.bug import Case
from mbgd.experiments.mistakes.bugs.summed import BUG
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.words import SCALED_GAP, Lesson, Words, other_rate, scaled_pairs

LINES = {
    "mse": ("dL_dY = 2 * (Ŷ - Y) / (B * k)", "dL_dY = 2 * (Ŷ - Y)"),
    "cross_entropy": ("dlogits = (softmax(logits) - Y) / B", "dlogits = softmax(logits) - Y"),
}
LOGITS = (
    "logits: the output layer's values before softmax (its Z). softmax turns each row of logits into probabilities. "
    "dlogits: the derivative of the loss with respect to the logits."
)


def data_note(dataset: TrainingData) -> str:
    """What the letters in the lines of code are, where they are not explained elsewhere."""
    return LOGITS if dataset.loss == "cross_entropy" else ""


def prediction(case: Case) -> str:
    """The learning rate that the sum acts as."""
    why = {"mse": f"B·k = {case.B:,}·{case.k:,}", "cross_entropy": f"B = {case.B:,}"}
    return other_rate(BUG, case, why[case.dataset.loss])


WORDS = Words(
    title="Summed, not averaged",
    what="The gradient is the sum over the batch, not the mean: dL/dŶ is not divided by B (with squared error and k "
    "outputs: by B·k).",
    symptom="The larger the batch, the longer the steps. At a learning rate that works for the correct code, the loss "
    "then ends higher, or it diverges.",
    lesson=Lesson(
        lines=lambda case: LINES[case.dataset.loss],
        prediction=prediction,
        question="The gradient is summed over the batch instead of averaged. What will the loss do with these "
        "settings?",
        answers={
            "explodes": Answer(
                "The loss diverges.",
                "That happens if each step jumps further past the minimum than the one before: the learning rate, "
                "multiplied by B (or by B·k), is then too large for every region that the network reaches.",
            ),
            "higher": Answer(
                "It does not diverge, but it ends higher.",
                "The steps are too long. A run can then jump over the minimum again and again. Or its first "
                "steps lead to a flat region, where the loss is high and the gradient is almost 0.",
            ),
            "same": Answer(
                "The same as with the correct code.",
                "That happens if the factor is 1 (one row per batch), or if both runs have had enough updates to "
                "reach the same loss.",
            ),
            "lower": Answer(
                "It falls faster and ends lower.",
                "That happens if the learning rate is small for the correct code. The sum acts as a larger learning "
                "rate, and the mistake stays hidden until B grows.",
            ),
        },
        try_this="Halve the batch size in the sidebar several times. At which B does the broken code end as low as the "
        "correct code?",
        usual=("explodes", "higher"),
        hidden={
            "factor 1": "With one row per batch the factor is 1, and the mistake has no effect. Choose a larger batch "
            "size to see it.",
        },
        data_note=data_note,
        pairs=scaled_pairs,
        gap=SCALED_GAP,
    ),
)
