"""Divided by B, not by B·k: the words."""

from mbgd.engine.splits import TrainingData
from mbgd.experiments.mistakes.bugs.divided_by_b_alone import BUG
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.words import SCALED_GAP, Lesson, Words, other_rate, scaled_pairs

NOTES = {
    "mse": "The data set has one target y. Here the network learns k = 3 targets: y, y² and y³, each standardised.",
    "cross_entropy": "Here the loss is the mean squared error, with k = {k:,} target columns, one per class: the value "
    "is 1 for the row's own class, and 0 for the others. (Cross-entropy is a mean over the B rows by definition, so it "
    "cannot have this mistake.)",
}


def data_note(dataset: TrainingData) -> str:
    """The k targets that the network learns here."""
    return NOTES[dataset.loss].format(k=dataset.Y_train.shape[1])


WORDS = Words(
    title="Divided by B, not by B·k",
    what="The network has k outputs. The loss is the mean of all B·k squared elements of Ŷ − Y, but dL/dŶ is divided "
    "by B only.",
    symptom="Each step is k times too long. With one output nothing is wrong, so the mistake shows only with "
    "several outputs.",
    lesson=Lesson(
        lines=lambda case: ("dL_dY = 2 * (Ŷ - Y) / (B * k)", "dL_dY = 2 * (Ŷ - Y) / B"),
        prediction=lambda case: other_rate(BUG, case, f"k = {case.k:,}"),
        question="The network has k outputs, and dL/dŶ is divided by B only. What will the loss do with these "
        "settings?",
        answers={
            "explodes": Answer(
                "The loss diverges.",
                "That happens if each step jumps further past the minimum than the one before: k times the learning "
                "rate is then too large for every region that the network reaches.",
            ),
            "higher": Answer(
                "It does not diverge, but it ends higher.",
                "The steps are k times too long. A run can then jump over the minimum again and again. Or its first "
                "steps lead to a flat region, where the loss is high and the gradient is almost 0.",
            ),
            "same": Answer(
                "The same as with the correct code.",
                "That happens if a learning rate k times as large works equally well. So this mistake can stay "
                "unnoticed in real code for a long time.",
            ),
            "lower": Answer(
                "It falls faster and ends lower.",
                "A gradient that is k times too large acts as a learning rate that is k times as large. Below the "
                "edge of stability, this only makes training faster.",
            ),
        },
        try_this="Compare the data sets digits (k = 10) and moons (k = 2). The factor is the number of outputs.",
        data_note=data_note,
        pairs=scaled_pairs,
        gap=SCALED_GAP,
    ),
)
