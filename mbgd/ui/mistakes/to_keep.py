"""What to keep of a mistake, by the two runs that were made."""

from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.side_by_side import ALIKE, SideBySide
from mbgd.ui.mistakes import epochs, rate
from mbgd.ui.mistakes.asked import FINAL_LOSS, Asked
from mbgd.ui.mistakes.bugs import lessons, question_of

OTHERS = {"epochs": epochs.ASKED, "rate": rate.ASKED}


def to_keep(name: str, result: SideBySide) -> list[str]:
    """Where the runs of this mistake ended, what that shows, and the check for it."""
    asked = OTHERS[name] if name in OTHERS else question_of(name)
    sentences = [asked.verdict(result).measured.removesuffix(FINAL_LOSS).strip(), shown(asked, result)]
    if name in lessons():
        sentences.append(f"The check that is made for this mistake: “{BUGS[name].check}”.")
    return sentences


def shown(asked: Asked, result: SideBySide) -> str:
    """What the losses of the two runs show, and what they do not."""
    right, broken = result.right, result.broken
    first, second = (f"{side[0].lower()}{side[1:]}" for side in asked.sides)
    if right.diverged and broken.diverged:
        return "Both diverged, so their losses do not tell them apart. Try a smaller learning rate."
    if right.diverged or broken.diverged:
        alone = first if right.diverged else second
        return f"Only {alone} diverged, from the same first weights. Divergence alone does not say why."
    ratio = broken.end / right.end
    if ratio > ALIKE:
        return f"The final loss of {second} is {ratio:.3g} times as high. A loss alone does not say why."
    if ratio < 1 / ALIKE:
        return f"The final loss of {second} is lower, {ratio:.3g} times the other. A lower loss proves no code correct."
    return f"Both losses are alike ({ratio:.3g} times at the end), so they do not tell the two runs apart."
