"""What a learner is asked before two trainings run side by side, and how the run decides it."""

from collections.abc import Callable
from typing import NamedTuple

from mbgd.experiments.mistakes.side_by_side import Side, SideBySide, outcome_of_losses
from mbgd.ui.kit.predict import Answer, Question, Verdict


def nothing(result: SideBySide) -> str:
    """No words."""
    return ""


class Asked(NamedTuple):
    """A question that a run decides, and how.

    outcome(result): the key of the answer that is right. sides: what the two trainings are called in a sentence.
    more(result): what the sentence with the numbers goes on to say.
    """

    question: Question
    outcome: Callable[[SideBySide], str] = outcome_of_losses
    sides: tuple[str, str] = ("The right training", "the broken one")
    more: Callable[[SideBySide], str] = nothing

    def verdict(self, result: SideBySide) -> Verdict:
        """The marking of a run: the right answer, and what was measured."""
        first, second = self.sides
        measured = f"{first} {_end(result.right)}, {second} {_end(result.broken)}{self.more(result)}."
        return Verdict(self.outcome(result), measured)


def question(name: str, text: str, answers: dict[str, Answer]) -> Question:
    """The question of the lesson with this name."""
    return Question(f"mistake_{name}", text, answers)


def _end(side: Side) -> str:
    return (
        f"explodes at update {side.diverged:,}"
        if side.diverged
        else f"ends at a loss of {side.end:.3g} (mean of its last tenth)"
    )
