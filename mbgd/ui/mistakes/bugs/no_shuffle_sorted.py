"""The words of Sorted, not shuffled."""

from mbgd.experiments.mistakes.bug import Case
from mbgd.experiments.mistakes.bugs.no_shuffle_sorted import BUG
from mbgd.experiments.mistakes.side_by_side import SideBySide
from mbgd.ui.kit.claims import Claim
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.words import Lesson, Words, final_loss


def prediction(case: Case) -> str:
    """How many neighbours a batch holds."""
    return (
        f"Each batch holds {case.B:,} neighbours of {case.N:,} sorted rows; at B = N the paths are "
        "**the same to rounding**."
    )


def run_claims(case: Case, result: SideBySide) -> list[Claim]:
    """The loss ends higher, if the order does something and the right training ended at all."""
    right, broken = result.right, result.broken
    if right.diverged or BUG.hidden_by(case):
        return []
    worse = bool(broken.diverged) or broken.end > right.end
    return [Claim("Final loss, sorted", f"above {right.end:.4g}, shuffled", final_loss(broken), worse)]


WORDS = Words(
    title="Sorted, not shuffled",
    what=("The rows lie sorted by their target, and the batches are taken in that order."),
    symptom=("Each batch pulls the network towards its own few targets: the loss swings, and ends higher."),
    lesson=Lesson(
        lines=lambda case: ("order = rng.permutation(N)", "order = np.arange(N)"),
        prediction=prediction,
        question=("The rows are sorted by target and never shuffled. What will you see?"),
        answers={
            "explodes": Answer(
                "The loss explodes.",
                "The average gradient is the same, its parts come in another order: it explodes near the edge at most.",
            ),
            "higher": Answer(
                "The loss swings and ends higher.",
                "All small targets come first, then all large ones: the network follows each in turn and "
                "forgets the last.",
            ),
            "same": Answer(
                "Just as before.",
                "The order is of no importance where B = N, and of little where an epoch moves the weights but little.",
            ),
            "lower": Answer(
                "It ends lower.",
                "Fixed orders can be lucky, but a sorted one hardly is: each epoch ends on the same last targets.",
            ),
        },
        try_this=("set the batch size to 1, then to full batch: the same order hurts the most, then not at all."),
        hidden={
            "full batch": (
                "With all {N:,} rows in each batch their order does nothing: choose a smaller batch size to see it."
            ),
        },
        data_note=lambda dataset: (
            "The sidebar's training rows, sorted by target; the right side shuffles them, whatever the sidebar says."
        ),
        gap="Full batch: distance of sorted and shuffled",
        run_claims=run_claims,
    ),
)
