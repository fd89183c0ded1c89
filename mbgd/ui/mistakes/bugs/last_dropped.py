"""Last batch dropped: the words. With a shuffle it is a trade-off, which only the words after the run say."""

from mbgd.charts.words import count
from mbgd.experiments.mistakes.bug import Case, Pair
from mbgd.experiments.mistakes.side_by_side import SideBySide
from mbgd.ui.kit.claims import Claim
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.words import Lesson, Words, exactly, leaving_rows_over, rows_used


def prediction(case: Case) -> str:
    """The number of rows that an epoch leaves out."""
    always = "" if case.settings.shuffle else ", the same ones every time"
    rows = count(case.rest, "row")
    return f"Here N = {case.N:,} and B = {case.B:,}: each epoch leaves out N mod B = **{rows}**{always}."


def run_claims(case: Case, result: SideBySide) -> list[Claim]:
    """An epoch leaves out the rows that are left over."""
    unused = result.broken.unused
    return [exactly("Rows left out of the first epoch", Pair(case.rest, unused[0]))] if unused else []


WORDS = Words(
    title="Last batch dropped",
    kind="The change.",
    sides=("kept", "dropped"),
    codes=("the code that keeps the leftover rows", "the code that drops the leftover rows"),
    what="If N is not a multiple of B, the rows left over at the end of an epoch are dropped. You can choose this in "
    "the sidebar, under *Last batch*.",
    symptom="The curve looks normal, but every epoch leaves some rows out. With a shuffle, this is a trade-off and not "
    "a mistake: all batches have the same size, and each epoch leaves out rows at random. Without a shuffle, it is a "
    "mistake: the same rows are never used.",
    lesson=Lesson(
        lines=lambda case: ("range(0, N, B)", "range(0, N - B + 1, B)"),
        prediction=prediction,
        question="Count the rows that each epoch uses. Are the same rows left out in every epoch, with these settings?",
        answers={
            "once": Answer(
                "No row is left out: each one is used once in every epoch.",
                "That is so only if B divides N, because then no rows are left over.",
            ),
            "others": Answer(
                "No: each epoch leaves out some rows, but not always the same ones.",
                "The last N mod B rows of each epoch's order are left out. A new shuffle puts other rows there. So a "
                "row can miss several epochs, but only by chance.",
            ),
            "never": Answer(
                "Yes: the same rows are left out every time.",
                "That is so without a shuffle. It is also so with a single epoch, because no other epoch follows.",
            ),
            "larger": Answer(
                "No row is left out: another batch takes the leftover rows.",
                "That would be carrying over. Rows that are dropped are in no batch.",
            ),
            "explodes": Answer(
                "None of these, because the loss diverges first.",
                "Leaving rows out does not make the steps longer. If the loss diverges, the learning rate is too large "
                "for both runs.",
            ),
        },
        try_this="Choose a batch size that leaves more rows over, and turn the shuffle off. Now the same rows are "
        "left out every time.",
        usual=("others", "never"),
        hidden={
            "one epoch": "With one epoch you cannot see that the shuffle leaves out other rows each time. Choose two "
            "or more epochs.",
        },
        size_note=leaving_rows_over,
        more=rows_used,
        sides=("The run that keeps the leftover rows", "the run that drops the leftover rows"),
        pairs=lambda case: (
            "If the short batch is kept, each of its r rows counts B/r times as much as a row of another batch",
            "If the short batch is kept: mean of all batch losses, minus the loss over all training rows",
        ),
        run_claims=run_claims,
    ),
)
