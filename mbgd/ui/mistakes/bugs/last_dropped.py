"""The words of Last batch dropped."""

from mbgd.experiments.mistakes.bug import Case, Pair
from mbgd.experiments.mistakes.side_by_side import SideBySide
from mbgd.ui.kit.claims import Claim
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.words import Lesson, Words, exactly, rows_used


def prediction(case: Case) -> str:
    """How many rows an epoch leaves out."""
    always = "" if case.settings.shuffle else ", always the same"
    rows = f"{case.rest:,} row{'s' * (case.rest != 1)}"
    return f"Each epoch leaves out {case.N:,} mod {case.B:,} = **{rows}**{always}."


def run_claims(case: Case, result: SideBySide) -> list[Claim]:
    """The rows left out are those left over."""
    unused = result.broken.unused
    return [exactly("Rows left out of the first epoch", Pair(case.rest, unused[0]))] if unused else []


WORDS = Words(
    title="Last batch dropped",
    what=("The rows that don't fill a last batch are left out of the epoch."),
    symptom=("The loss looks fine, but some rows get no turn in an epoch; without a shuffle they never get one."),
    lesson=Lesson(
        lines=lambda case: ("range(0, N, B)", "range(0, N - B + 1, B)"),
        prediction=prediction,
        question=("Count the rows that the epochs use. What becomes of them?"),
        answers={
            "once": Answer(
                "Every row is used once in every epoch.",
                "So it is where B divides N, and nothing remains to be dropped.",
            ),
            "others": Answer(
                "Each epoch leaves some out, not always the same ones.",
                "N mod B rows fall off the end of each epoch's order, and a new shuffle puts other rows "
                "there: a row may be left out of several epochs, but by chance alone.",
            ),
            "never": Answer(
                "The same rows are left out every time.",
                "So it is without a new order for each epoch; and with a single epoch, which has no other beside it.",
            ),
            "larger": Answer(
                "None is lost: another batch takes them in.",
                "That would be carrying over; dropped rows are in no batch.",
            ),
            "explodes": Answer(
                "None of that: the loss explodes first.",
                "Dropping rows doesn't make steps longer. If it explodes, the rate is too large for the "
                "right code, too.",
            ),
        },
        try_this=("take a batch size that leaves more rows over, and turn the shuffle off: it is the same rows now."),
        hidden={
            "no rest": (
                "{N:,} rows fill batches of {B:,} with none left over: choose a batch size that doesn't divide {N:,}."
            ),
            "one epoch": (
                "With one epoch it can't be seen that a shuffle leaves out other rows each time: choose two or more."
            ),
        },
        more=rows_used,
        pairs=lambda case: (
            "Kept: weight of a row in the last batch ÷ in the others (B/r)",
            "Kept: mean of the batch losses − loss of the data",
        ),
        run_claims=run_claims,
    ),
)
