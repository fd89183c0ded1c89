"""Sorted, not shuffled: the words."""

from mbgd.experiments.mistakes.bug import Case
from mbgd.experiments.mistakes.bugs.no_shuffle_sorted import BUG
from mbgd.experiments.mistakes.side_by_side import ALIKE, SideBySide
from mbgd.ui.kit.claims import Claim
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.words import Lesson, Words, final_loss

USUAL = ("higher", "explodes")


def prediction(case: Case) -> str:
    """The number of neighbours in a batch."""
    return (
        f"Each batch holds {case.B:,} consecutive rows of the {case.N:,} sorted ones. With B = N the order has no "
        "effect: both runs have **the same weights, except for rounding**."
    )


def run_claims(case: Case, result: SideBySide) -> list[Claim]:
    """The loss ends higher. Nothing is claimed if both end alike, or if the correct run diverges."""
    right, outcome = result.right, BUG.outcome(result)
    if right.diverged or outcome == "same":
        return []
    least = f"more than {ALIKE:g} × {right.end:.4g} (shuffled)"
    return [Claim("Final loss with sorted rows", least, final_loss(result.broken), outcome in USUAL)]


WORDS = Words(
    title="Sorted, not shuffled",
    what="The rows are sorted by their target, and every epoch takes its batches in that order.",
    symptom="The targets in a batch are similar (with classes: mostly one class), so each update fits only this batch. "
    "The loss swings and ends higher.",
    lesson=Lesson(
        lines=lambda case: ("order = rng.permutation(N)", "order = np.arange(N)"),
        prediction=prediction,
        question="The rows are sorted by target and never shuffled. What will the loss do with these settings?",
        answers={
            "explodes": Answer(
                "The loss diverges.",
                "An epoch uses the same rows, only in another order. So the loss diverges only if the learning rate "
                "is near the edge of stability.",
            ),
            "higher": Answer(
                "It ends higher.",
                "The rows come in order of their target, or class after class. The network follows each group in turn "
                "and forgets the group before.",
            ),
            "same": Answer(
                "The same as with the correct code.",
                "The order has no effect if B = N. It has little effect if an epoch changes the weights only a little, "
                "or if both runs have had enough updates.",
            ),
            "lower": Answer(
                "It ends lower.",
                "A fixed order can be a lucky one, but a sorted order rarely is. Every epoch ends with the same last "
                "targets.",
            ),
        },
        try_this="Set the batch size to 1, then to full batch. With which of them does the sorted order do "
        "more harm, and why?",
        usual=USUAL,
        hidden={
            "full batch": "With all {N:,} rows in each batch, their order has no effect. Choose a smaller batch size "
            "to see the mistake.",
        },
        data_note=lambda dataset: (
            "The data are the sidebar's training rows, sorted by target. The correct code always shuffles them."
        ),
        gap="Full batch: largest difference between the weights of the sorted and the shuffled run",
        run_claims=run_claims,
    ),
)
