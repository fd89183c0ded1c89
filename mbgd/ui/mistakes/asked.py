"""A question about two runs side by side: asked before they run, decided by their result."""

from collections.abc import Callable
from typing import NamedTuple

from mbgd.experiments.mistakes.side_by_side import ALIKE, Side, SideBySide, outcome_of_losses
from mbgd.ui.kit.predict import Answer, Question, Verdict

SIDES = ("The correct run", "the broken run")
FINAL_LOSS = (
    "Final loss: the mean over the last tenth of a run. Final losses that differ by a factor of at most "
    f"{ALIKE:g} count as the same."
)


def nothing(result: SideBySide) -> str:
    """Nothing."""
    return ""


ONLY_THE_CORRECT_RUN = (
    "Only the correct run diverged: this learning rate is too large for it. Here the mistake makes the steps shorter, "
    "or the other run happened to find a flatter region."
)


def only_the_correct_run(result: SideBySide) -> str:
    """The reason if the broken run ends lower because the correct run diverged; else empty."""
    return ONLY_THE_CORRECT_RUN if result.right.diverged and not result.broken.diverged else ""


class Asked(NamedTuple):
    """A question that two runs decide.

    outcome(result): the key of the right answer. sides: the names of the two runs in a sentence.
    more(result): a sentence with more measured numbers, and a space before it.
    why(result): the reason in this run; empty if the right answer's own reason says it.
    """

    question: Question
    outcome: Callable[[SideBySide], str] = outcome_of_losses
    sides: tuple[str, str] = SIDES
    more: Callable[[SideBySide], str] = nothing
    why: Callable[[SideBySide], str] = nothing

    def verdict(self, result: SideBySide) -> Verdict:
        """The right answer, and the sentence with the measured numbers."""
        first, second = self.sides
        measured = f"{first} {ending(result.right)}, and {second} {ending(result.broken)}.{self.more(result)}"
        return Verdict(self.outcome(result), measured, why=self.why(result))


def question(name: str, text: str, answers: dict[str, Answer]) -> Question:
    """The question of the lesson `name`."""
    return Question(f"mistake_{name}", text, answers)


def ending(side: Side) -> str:
    """How a run ended, after its name in a sentence: its final loss is a mean (Side.end), not the last point drawn."""
    return f"diverges at update {side.diverged:,}" if side.diverged else f"has a final loss of {side.end:.3g}"
