"""X and Y shuffled apart: the words."""

from mbgd.experiments.constant import constant_loss
from mbgd.experiments.mistakes.bug import Case
from mbgd.experiments.mistakes.bugs.shuffled_apart import BUG
from mbgd.experiments.mistakes.side_by_side import NEAR, SideBySide, classify
from mbgd.ui.kit.claims import Claim
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.words import Lesson, Words, final_loss

USUAL = ("constant",)
CONSTANTS = {"mse": "Var(Y)", "cross_entropy": "the entropy of the class shares"}


def prediction(case: Case) -> str:
    """The loss of the best constant."""
    constant = f"{CONSTANTS[case.dataset.loss]}, **{constant_loss(case.dataset):.4g}**"
    return f"With enough epochs, the loss stops near the loss of the best constant prediction: {constant}."


def run_claims(case: Case, result: SideBySide) -> list[Claim]:
    """The loss ends near the loss of the best constant. Nothing is claimed if the correct run does not end below it."""
    right, broken, constant = result.right, result.broken, result.constant
    if right.diverged or classify(right, broken) not in ("higher", "explodes"):
        return []
    predicted = f"{constant:.4g} (within {NEAR:.0%})"
    at_constant = BUG.outcome(result) in USUAL
    return [Claim("Final loss with X and Y shuffled apart", predicted, final_loss(broken), at_constant)]


WORDS = Words(
    title="X and Y shuffled apart",
    what="X and Y are shuffled separately, so rows get the targets of other rows.",
    symptom="X says nothing about Y any more, so the network can only learn a constant.",
    lesson=Lesson(
        lines=lambda case: ("X[order], Y[order]", "X[order], Y[other_order]"),
        prediction=prediction,
        question="X is shuffled in one order, Y in another. Where will the loss end? (A constant prediction is "
        "the same for every row. The best one has the lowest loss.)",
        answers={
            "constant": Answer(
                "It stops near the loss of the best constant prediction.",
                "X says nothing about Y any more, so the best prediction is a constant. With squared error, it is the "
                "mean of Y, and its loss is the variance of Y. With classes, it is the share of each class, and its "
                "cross-entropy is called the entropy of these shares. With enough epochs, the loss comes near that "
                "of this prediction.",
            ),
            "same": Answer(
                "The same as with the correct code: each row and each target is still used once.",
                "Counting the rows finds nothing wrong. But the network learns from pairs of a row and its target, "
                "and the pairs are wrong. The curves are alike only if the learning rate is too small or too large, "
                "so that the correct code learns nothing either.",
            ),
            "higher": Answer(
                "Higher than with the correct code, but far from the loss of the best constant prediction.",
                "That happens if the prediction is not yet near the best constant, or if noise keeps the loss far "
                "above that of the best constant.",
            ),
            "explodes": Answer(
                "The loss diverges.",
                "X has not changed, and in a linear model X alone decides how strongly the loss curves. So the loss "
                "diverges only if the learning rate is almost too large for the correct code, too.",
            ),
            "lower": Answer(
                "It ends lower.",
                "Random pairs teach nothing. So the correct code must have failed, because the learning rate is too "
                "large.",
            ),
        },
        try_this="Choose another data set, such as penguins, whose classes have different sizes. Where does the loss "
        "stop then?",
        usual=USUAL,
        more=lambda result: f" The best constant prediction has a loss of {result.constant:.3g}.",
        run_claims=run_claims,
    ),
)
