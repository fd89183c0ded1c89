"""What to keep of a mistake, by the two runs that were made."""

from mbgd.experiments.mistakes.checks import Findings
from mbgd.experiments.mistakes.side_by_side import ALIKE, SideBySide
from mbgd.ui.mistakes import epochs, rate
from mbgd.ui.mistakes.asked import Asked
from mbgd.ui.mistakes.bugs import BUG_WORDS, question_of
from mbgd.ui.mistakes.checks import what_they_found

WHY = "The loss alone does not show the cause."
OTHERS = {"epochs": epochs.ASKED, "rate": rate.ASKED}


def to_keep(name: str, result: SideBySide, found: Findings | None = None) -> list[str]:
    """Where the runs of this mistake ended, what that shows, and what the checks found, once they have run."""
    asked = OTHERS[name] if name in OTHERS else question_of(name)
    lower = "A lower loss does not prove that the code is correct."
    seen = shown(asked, result, *((lower, WHY) if name in BUG_WORDS else ("", "")))
    sentences = [asked.verdict(result).measured, seen]
    if found:
        sentences.append(what_they_found(found, BUG_WORDS[name].codes))
    return sentences


def shown(asked: Asked, result: SideBySide, if_lower: str, if_higher: str) -> str:
    """What the losses of the two runs show. if_lower, if_higher: what they do not show if the second run ends so."""
    right, broken = result.right, result.broken
    first, second = (f"{side[0].lower()}{side[1:]}" for side in asked.sides)
    if right.diverged and broken.diverged:
        return "Both diverged, so their losses do not tell them apart. Try a smaller learning rate."
    if right.diverged or broken.diverged:
        alone = first if right.diverged else second
        return f"Only {alone} diverged, from the same first weights. Divergence alone does not show the cause."
    ratio = broken.end / right.end
    if ratio > ALIKE:
        return f"The final loss of {second} is {ratio:.3g} times that of {first}. {if_higher}".strip()
    if ratio < 1 / ALIKE:
        return f"The final loss of {second} is lower: {ratio:.3g} times that of {first}. {if_lower}".strip()
    much = "the same as" if right.end == broken.end else f"{ratio:.3g} times"
    return f"The final loss of {second} is {much} that of {first}, so the loss does not tell the two runs apart."
