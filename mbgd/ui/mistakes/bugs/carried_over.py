"""The words of Last batch carried over."""

from mbgd.experiments.mistakes.bug import Case, Pair
from mbgd.experiments.mistakes.side_by_side import SideBySide
from mbgd.ui.kit.claims import Claim
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.words import Lesson, Words, exactly, rows_used


def prediction(case: Case) -> str:
    """How many rows the first batch of the next epoch has."""
    return (
        f"From the second epoch on, the first batch has {case.B:,} + {case.rest:,} = **{case.B + case.rest:,} rows**."
    )


def run_claims(case: Case, result: SideBySide) -> list[Claim]:
    """The largest batch is that which takes in the rows left over."""
    broken = result.broken
    if len(broken.unused) < 2:
        return []
    return [exactly("Largest batch of the run", Pair(case.B + case.rest, broken.sizes[1]))]


WORDS = Words(
    title="Last batch carried over",
    what=("The rows that don't fill a last batch are added to the first batch of the next epoch."),
    symptom=("The loss looks fine, but an epoch's first batch is larger than B, and the last rows come an epoch late."),
    lesson=Lesson(
        lines=lambda case: ("batch = order[:B]", "batch = [*waiting, *order[:B]]"),
        prediction=prediction,
        question=("Count the rows of each batch. What becomes of those that remain?"),
        answers={
            "once": Answer(
                "Every batch has B rows, every row is used once an epoch.",
                "So it is where B divides N, and nothing remains to be carried over.",
            ),
            "larger": Answer(
                "The first batch of the next epoch holds them as well.",
                "It averages over B + N mod B rows, each of which weighs less than the rows of other batches.",
            ),
            "never": Answer(
                "Some rows are never used at all.",
                "Of the last epoch that is true: nobody comes after it to take them in.",
            ),
            "others": Answer(
                "They are dropped, other ones in each epoch.",
                "That would be dropping; carried-over rows get their turn, one epoch late.",
            ),
            "explodes": Answer(
                "None of that: the loss explodes first.",
                "A somewhat larger average doesn't make steps longer. If it explodes, the rate is too large anyway.",
            ),
        },
        try_this=("choose a batch size that divides the number of training rows: there is nothing to carry."),
        hidden={
            "no rest": (
                "{N:,} rows fill batches of {B:,} with none left over: choose a batch size that doesn't divide {N:,}."
            ),
            "one epoch": ("With one epoch there is no next one to carry rows to: choose two epochs or more."),
        },
        more=rows_used,
        pairs=lambda case: (
            "Rows in the second epoch's first batch, N = 250, B = 30",
            f"The same with N = {case.N:,}, B = {case.B:,}",
        ),
        run_claims=run_claims,
    ),
)
