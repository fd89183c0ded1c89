"""The words of X and Y shuffled apart."""

from mbgd.experiments.mistakes.bug import Case
from mbgd.experiments.mistakes.side_by_side import SideBySide, constant_loss
from mbgd.ui.kit.claims import Claim
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.words import Lesson, Words, final_loss

CONSTANTS = {"mse": "Var(Y)", "cross_entropy": "the entropy of the classes' shares"}


def prediction(case: Case) -> str:
    """The loss of the best constant."""
    return f"Here that is {CONSTANTS[case.dataset.loss]}, **{constant_loss(case.dataset):.4g}**."


def run_claims(case: Case, result: SideBySide) -> list[Claim]:
    """The loss ends near that of the best constant."""
    broken, constant = result.broken, result.constant
    near = not broken.diverged and abs(broken.end - constant) < 0.15 * constant
    return [Claim("Final loss, shuffled apart", f"{constant:.4g} (within 15%)", final_loss(broken), near)]


WORDS = Words(
    title="X and Y shuffled apart",
    what=("X and Y are shuffled each by itself, so that rows meet the targets of other rows."),
    symptom=("There is nothing left to learn but the mean: the loss stops at the variance of Y."),
    lesson=Lesson(
        lines=lambda case: ("X[order], Y[order]", "X[order], Y[other_order]"),
        prediction=prediction,
        question=("X in one order, Y in another. Where will the loss go?"),
        answers={
            "constant": Answer(
                "It stops near the variance of Y.",
                "X now tells nothing of Y, so the best output is a constant, the mean, and its loss is the "
                "variance of Y (with classes: the entropy of their shares).",
            ),
            "same": Answer(
                "Just as before: each row and each target is still used once.",
                "Counting rows finds nothing wrong, yet what is learnt is the pairing, and that is gone. The "
                "curves look alike only where the rate is too small, or too large, for the right training to "
                "learn either.",
            ),
            "higher": Answer(
                "Higher than the right one, but nowhere near the variance.",
                "So it is while the output is still on its way to the mean, or where noise keeps it far above.",
            ),
            "explodes": Answer(
                "The loss explodes.",
                "The curvature comes from X alone and has not changed: what explodes here is near the edge anyway.",
            ),
            "lower": Answer(
                "It ends lower.",
                "Pairs drawn by lot teach nothing, so the right training must itself have gone wrong, at too "
                "large a rate.",
            ),
        },
        try_this=("look at the data set moons: the loss stops at ln 2 = 0.693, the entropy of two equal classes."),
        more=lambda result: f"; the best constant has {result.constant:.3g}",
        run_claims=run_claims,
    ),
)
