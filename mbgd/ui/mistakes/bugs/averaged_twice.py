"""The words of Averaged twice."""

from mbgd.experiments.mistakes.bugs.averaged_twice import BUG
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.words import SCALED_GAP, Lesson, Words, other_rate, scaled_pairs

WORDS = Words(
    title="Averaged twice",
    what=("The way back divides by B, though the derivative of the loss has divided already."),
    symptom=("The steps shrink with the batch size: the larger the batches, the more training seems to freeze."),
    lesson=Lesson(
        lines=lambda case: ("dW = dZ.T @ X", "dW = dZ.T @ X / B"),
        prediction=lambda case: other_rate(BUG, case, f"1/B = 1/{case.B:,}"),
        question=("What will a second division by B do here?"),
        answers={
            "explodes": Answer(
                "The loss explodes.",
                "Steps that are too short can't run away; only a rate that was far too large already could "
                "still explode.",
            ),
            "higher": Answer(
                "It creeps, and stays above the right one.",
                "Each step is B times too short, as if the rate were η/B: the larger the batch, the slower.",
            ),
            "same": Answer(
                "Just as before.",
                "It is so with one row a batch, where B = 1 divides nothing, or when both had all the time they need.",
            ),
            "lower": Answer(
                "It ends lower.",
                "That happens where the right rate is too large: the mistake divides it down, and one fault "
                "hides another.",
            ),
        },
        try_this=(
            "set the sidebar to full batch: with one update an epoch the right code is slower, the broken one freezes."
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
