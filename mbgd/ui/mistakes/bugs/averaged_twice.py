"""Averaged twice: the words."""

from mbgd.experiments.mistakes.bugs.averaged_twice import BUG
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.words import SCALED_GAP, Lesson, Words, other_rate, scaled_pairs

WORDS = Words(
    title="Averaged twice",
    what="dW and db are divided by B, although dL/dŶ has already been divided by B.",
    symptom="The steps shrink as the batch size grows. With large batches the loss hardly falls.",
    lesson=Lesson(
        lines=lambda case: ("dW = dZ.T @ X", "dW = dZ.T @ X / B"),
        prediction=lambda case: other_rate(BUG, case, f"1/B = 1/{case.B:,}"),
        question="dW and db are divided by B a second time. What will the loss do with these settings?",
        answers={
            "explodes": Answer(
                "The loss diverges.",
                "Steps that are too short do not make the loss diverge. It diverges only if even the learning rate "
                "divided by B is too large.",
            ),
            "higher": Answer(
                "It falls slowly and stays above the loss of the correct code.",
                "Each step is 1/B of its right length, as if the learning rate were η/B. The larger the batch, the "
                "slower the training.",
            ),
            "same": Answer(
                "The same as with the correct code.",
                "That happens with one row per batch, because dividing by B = 1 changes nothing. It also happens if "
                "both runs have had enough updates to reach the same loss.",
            ),
            "lower": Answer(
                "It ends lower.",
                "That happens if the learning rate is too large for the correct code. The extra division makes the "
                "steps shorter, so one mistake hides another.",
            ),
        },
        try_this="Set the sidebar to full batch and run again. How far does each run get in the same number of epochs?",
        usual=("higher",),
        hidden={
            "factor 1": "With one row per batch the factor is 1, and the mistake has no effect. Choose a larger batch "
            "size to see it.",
        },
        pairs=scaled_pairs,
        gap=SCALED_GAP,
    ),
)
