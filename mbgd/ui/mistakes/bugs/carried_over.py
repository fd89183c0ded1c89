"""Last batch carried over: the words."""

from mbgd.experiments.mistakes.bug import Case, Pair
from mbgd.experiments.mistakes.side_by_side import SideBySide
from mbgd.ui.kit.claims import Claim
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.words import Lesson, Words, exactly, leaving_rows_over, rows_used


def prediction(case: Case) -> str:
    """The number of rows in the first batch of the next epoch."""
    return (
        f"From the second epoch on, the first batch has {case.B:,} + {case.rest:,} = **{case.B + case.rest:,} rows**."
    )


def rows_used_late(result: SideBySide) -> str:
    """The rows that the epochs used, and why an epoch can leave out fewer rows than are left over."""
    unused = result.broken.unused
    if not unused or min(unused) == max(unused):
        return rows_used(result)
    return (
        f"{rows_used(result)} A carried row can be left over again at the end of the next epoch. It still counts as "
        "used there, because it was in the first batch of that epoch."
    )


def run_claims(case: Case, result: SideBySide) -> list[Claim]:
    """The largest batch is the one that takes in the rows left over."""
    broken = result.broken
    if len(broken.unused) < 2:
        return []
    return [exactly("Largest batch of the run", Pair(case.B + case.rest, broken.sizes[1]))]


WORDS = Words(
    title="Last batch carried over",
    what="If N is not a multiple of B, the rows left over at the end of an epoch wait for the next epoch.",
    symptom="The curve looks normal. But the first batch of an epoch has more than B rows, and the rows left over "
    "are used one epoch late.",
    lesson=Lesson(
        lines=lambda case: ("batch = order[:B]", "batch = [*waiting, *order[:B]]"),
        prediction=prediction,
        question="Count the rows of each batch, and how often each row is used. What do you find with these settings?",
        answers={
            "once": Answer(
                "No batch has more than B rows, and every row is used once per epoch.",
                "That is so only if B divides N, because then no rows are left over.",
            ),
            "larger": Answer(
                "Some batches have more than B rows.",
                "From the second epoch on, the first batch also holds the rows left over from the epoch before. It "
                "averages over B + (N mod B) rows. So each of its rows counts less than a row of another batch.",
            ),
            "never": Answer(
                "Some rows are never used.",
                "Only the rows left over from the last epoch have no later epoch. Each of them has been used in "
                "earlier epochs, unless there is only one epoch.",
            ),
            "others": Answer(
                "No batch has more than B rows, and each epoch leaves some rows out, not always the same ones.",
                "That would be dropping. Rows that are carried over are used, but one epoch late.",
            ),
            "explodes": Answer(
                "None of these can be counted, because the loss diverges first.",
                "A slightly larger batch does not make the steps longer. If the loss diverges, the learning rate is "
                "too large for the correct code, too.",
            ),
        },
        try_this="Choose other batch sizes. How many rows does the largest batch have then? Why does a batch always "
        "have fewer than 2B rows?",
        usual=("larger",),
        hidden={
            "one epoch": "With one epoch there is no next epoch that could use the rows left over. Choose two or more "
            "epochs.",
        },
        size_note=leaving_rows_over,
        more=rows_used_late,
        pairs=lambda case: (
            "Rows in the first batch of the second epoch, N = 250, B = 30",
            f"The same with N = {case.N:,}, B = {case.B:,}",
        ),
        run_claims=run_claims,
    ),
)
