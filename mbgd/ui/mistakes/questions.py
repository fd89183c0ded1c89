"""What a learner is asked before a mistake runs: the answers, and why each is right or wrong."""

from mbgd.experiments.mistakes.side_by_side import Side, SideBySide, classify, classify_rows, stops_at_constant
from mbgd.ui.kit.predict import Answer, Question, Verdict

CONSTANT = "constant"
NAMES = {
    "epochs": ("The small batch size", "the large one with as many epochs"),
    "rate": ("Half the limit", "the rate that you set"),
}
OF_ROWS = ("last_dropped", "carried_over")  # mistakes to be seen in the rows, not in the loss


def _question(name: str, text: str, **answers: tuple[str, str]) -> Question:
    return Question(f"mistake_{name}", text, {key: Answer(*answer) for key, answer in answers.items()})


QUESTIONS = {
    "summed": _question(
        "summed",
        "What will the sum do here, beside the average?",
        explodes=(
            "The loss explodes.",
            "It does where the rate times the factor is above the edge: each step overshoots by more than the last.",
        ),
        higher=(
            "It jumps about and ends higher.",
            "Steps too long, but not long enough to run away, bounce from one side of the valley to the other.",
        ),
        same=(
            "Just as before.",
            "That is so where the factor is 1, in batches of one row, or where both have arrived at the same place.",
        ),
        lower=(
            "It falls faster and ends lower.",
            "So it does where the rate was too small: the sum is a larger rate in disguise, and hides until B grows.",
        ),
    ),
    "averaged_twice": _question(
        "averaged_twice",
        "What will a second division by B do here?",
        explodes=(
            "The loss explodes.",
            "Steps that are too short can't run away; only a rate that was far too large already could still explode.",
        ),
        higher=(
            "It creeps, and stays above the right one.",
            "Each step is B times too short, as if the rate were η/B: the larger the batch, the slower.",
        ),
        same=(
            "Just as before.",
            "It is so with one row a batch, where B = 1 divides nothing, or when both had all the time they need.",
        ),
        lower=(
            "It ends lower.",
            "That happens where the right rate is too large: the mistake divides it down, and one fault hides another.",
        ),
    ),
    "divided_by_b_alone": _question(
        "divided_by_b_alone",
        "k outputs, and the derivative divides by B alone. What will you see?",
        explodes=(
            "The loss explodes.",
            "It does where k times the rate is above the edge.",
        ),
        higher=(
            "It jumps about and ends higher.",
            "Steps k times too long can bounce without running away, most of all with small batches.",
        ),
        same=(
            "Just as before.",
            "So it looks where the rate has room for a factor k, and that is why this mistake lives long in real code.",
        ),
        lower=(
            "It falls faster and ends lower.",
            "A gradient k times too large is a rate k times as large: below the edge that is only faster.",
        ),
    ),
    "no_shuffle_sorted": _question(
        "no_shuffle_sorted",
        "The rows are sorted by target and never shuffled. What will you see?",
        explodes=(
            "The loss explodes.",
            "The average gradient is the same, its parts come in another order: it explodes near the edge at most.",
        ),
        higher=(
            "The loss swings and ends higher.",
            "All small targets come first, then all large ones: the network follows each in turn and forgets the last.",
        ),
        same=(
            "Just as before.",
            "The order is of no importance where B = N, and of little where an epoch moves the weights but little.",
        ),
        lower=(
            "It ends lower.",
            "Fixed orders can be lucky, but a sorted one hardly is: each epoch ends on the same last targets.",
        ),
    ),
    "shuffled_apart": _question(
        "shuffled_apart",
        "X in one order, Y in another. Where will the loss go?",
        constant=(
            "It stops near the variance of Y.",
            "X now tells nothing of Y, so the best output is a constant, the mean, and its loss is the variance of Y "
            "(with classes: the entropy of their shares).",
        ),
        same=(
            "Just as before: each row and each target is still used once.",
            "Counting rows finds nothing wrong, yet what is learnt is the pairing, and that is gone. The curves look "
            "alike only where the rate is too small, or too large, for the right training to learn either.",
        ),
        higher=(
            "Higher than the right one, but nowhere near the variance.",
            "So it is while the output is still on its way to the mean, or where noise keeps it far above.",
        ),
        explodes=(
            "The loss explodes.",
            "The curvature comes from X alone and has not changed: what explodes here is near the edge anyway.",
        ),
        lower=(
            "It ends lower.",
            "Pairs drawn by lot teach nothing, so the right training must itself have gone wrong, at too large a rate.",
        ),
    ),
    "last_dropped": _question(
        "last_dropped",
        "Count the rows that the epochs use. What becomes of them?",
        once=(
            "Every row is used once in every epoch.",
            "So it is where B divides N, and nothing remains to be dropped.",
        ),
        others=(
            "Each epoch leaves some out, not always the same ones.",
            "N mod B rows fall off the end of each epoch's order, and a new shuffle puts other rows there: a row may "
            "be left out of several epochs, but by chance alone.",
        ),
        never=(
            "The same rows are left out every time.",
            "So it is without a new order for each epoch; and with a single epoch, which has no other beside it.",
        ),
        larger=(
            "None is lost: another batch takes them in.",
            "That would be carrying over; dropped rows are in no batch.",
        ),
        explodes=(
            "None of that: the loss explodes first.",
            "Dropping rows doesn't make steps longer. If it explodes, the rate is too large for the right code, too.",
        ),
    ),
    "carried_over": _question(
        "carried_over",
        "Count the rows of each batch. What becomes of those that remain?",
        once=(
            "Every batch has B rows, every row is used once an epoch.",
            "So it is where B divides N, and nothing remains to be carried over.",
        ),
        larger=(
            "The first batch of the next epoch holds them as well.",
            "It averages over B + N mod B rows, each of which weighs less than the rows of other batches.",
        ),
        never=(
            "Some rows are never used at all.",
            "Of the last epoch that is true: nobody comes after it to take them in.",
        ),
        others=(
            "They are dropped, other ones in each epoch.",
            "That would be dropping; carried-over rows get their turn, one epoch late.",
        ),
        explodes=(
            "None of that: the loss explodes first.",
            "A somewhat larger average doesn't make steps longer. If it explodes, the rate is too large anyway.",
        ),
    ),
    "epochs": _question(
        "epochs",
        "As many epochs, a much larger batch size. Where will its loss end?",
        explodes=(
            "It explodes.",
            "A larger batch has less noise, so it is not the one that explodes first.",
        ),
        higher=(
            "Clearly higher: it has not come as far.",
            "It made many times fewer steps, each hardly longer than those of the small batch.",
        ),
        same=(
            "At the same loss: it has seen as many rows.",
            "Rows seen don't move weights, updates do. The losses agree only where both have long arrived.",
        ),
        lower=(
            "Lower: its gradients are more exact.",
            "They are, and where the rate is large for the small batch, whose noise keeps it up, that decides; else "
            "the number of steps does.",
        ),
    ),
    "rate": _question(
        "rate",
        "Beside half the limit, where will the rate that you set end?",
        explodes=(
            "It explodes.",
            "Far above the edge each step overshoots by more than the one before. A network may pass the edge of its "
            "first weights all the same, where it finds flatter ground.",
        ),
        higher=(
            "It ends higher.",
            "A rate far below the limit creeps; one near it bounces, and noise of small batches keeps it up.",
        ),
        same=(
            "At about the same loss.",
            "Two rates on the same side of the edge often do, if there are updates enough.",
        ),
        lower=(
            "It ends lower.",
            "Below the edge the larger rate gets further in the same updates; or the smaller has less noise.",
        ),
    ),
}


def symptom(name: str, result: SideBySide) -> str:
    """The name of the answer that a run decides for a mistake."""
    kind = classify(result.right, result.broken)
    if name in OF_ROWS:
        return "explodes" if kind == "explodes" else classify_rows(result.right, result.broken)
    if name == "shuffled_apart" and stops_at_constant(result):
        return CONSTANT
    return kind


def verdict(name: str, result: SideBySide) -> Verdict:
    """The marking of a run: the right answer, and what was measured."""
    right, broken = result.right, result.broken
    first, second = NAMES.get(name, ("The right training", "the broken one"))
    measured = f"{first} {_end(right)}, {second} {_end(broken)}"
    if name == "shuffled_apart":
        measured += f"; the best constant has {result.constant:.3g}"
    if name in OF_ROWS and broken.unused:
        left_out = _span(min(broken.unused), max(broken.unused))
        measured += (
            f". Of the rows, an epoch of the broken one left {left_out} out, and {broken.never_used:,} of all "
            f"its epochs; its batches held {_span(*broken.sizes)}"
        )
    return Verdict(symptom(name, result), f"{measured}.")


def _end(side: Side) -> str:
    return (
        f"explodes at update {side.diverged:,}"
        if side.diverged
        else f"ends at a loss of {side.end:.3g} (mean of its last tenth)"
    )


def _span(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
