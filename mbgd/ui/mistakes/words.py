"""The record that a bug is, in words, and what the files of bugs/ share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from mbgd.engine.splits import TrainingData
from mbgd.experiments.mistakes.bug import Bug, Case, Gap, Pair, Proof
from mbgd.experiments.mistakes.proofs import factor_of
from mbgd.experiments.mistakes.side_by_side import Side, SideBySide
from mbgd.ui.kit.claims import Claim
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.asked import nothing

EXACT = 1e-12


def no_note(dataset: TrainingData) -> str:
    """The data need no words."""
    return ""


def no_pairs(case: Case) -> tuple[str, ...]:
    """The proof has no pairs of numbers."""
    return ()


def no_claims(case: Case, result: SideBySide) -> list[Claim]:
    """The run proves nothing more."""
    return []


@dataclass(frozen=True)
class Lesson:
    """What the page Common mistakes says of a bug.

    lines(case): the line of code that is at stake, as it should be and with the bug.
    prediction(case): what is predicted for these settings, with its number.
    question, answers: what the learner is asked; an answer for each outcome that the bug's run may have.
    more(result): what the marking says beyond the two losses.
    hidden: for each key of the bug's hidden_by, the sentence that says what to change; it may name {N} and {B}.
    data_note(dataset): a sentence on the data where they are not the sidebar's as they are.
    pairs(case), gap: what the numbers of its proof say. run_claims(case, result): the claims of its run.
    """

    lines: Callable[[Case], tuple[str, str]]
    prediction: Callable[[Case], str]
    question: str
    answers: dict[str, Answer]
    try_this: str
    more: Callable[[SideBySide], str] = nothing
    hidden: dict[str, str] = field(default_factory=dict)
    data_note: Callable[[TrainingData], str] = no_note
    pairs: Callable[[Case], tuple[str, ...]] = no_pairs
    gap: str = ""
    run_claims: Callable[[Case, SideBySide], list[Claim]] = no_claims

    def why_hidden(self, bug: Bug, case: Case) -> str | None:
        """A sentence where these settings hide the bug, and what to change."""
        key = bug.hidden_by(case)
        return None if key is None else self.hidden[key].format(N=case.N, B=case.B)

    def claims(self, case: Case, proof: Proof | None, result: SideBySide | None) -> list[Claim]:
        """The claims of its proof, and those of its run once that is complete."""
        found = []
        if proof:
            found = [exactly(says, pair) for says, pair in zip(self.pairs(case), proof.pairs, strict=True)]
            if proof.gap and proof.gap.updates:
                found.append(no_distance(self.gap, proof.gap))
        return found + (self.run_claims(case, result) if result else [])


class Words(NamedTuple):
    """A bug in words: a short title, what it is, its symptom, and its lesson.

    Without a lesson it stands on the page Gradient check alone.
    """

    title: str
    what: str
    symptom: str
    lesson: Lesson | None = None


# --- claims ---


def exactly(says: str, pair: Pair) -> Claim:
    """The claim that a number is the one predicted."""
    close = abs(pair.predicted - pair.measured) <= EXACT * max(1.0, abs(pair.predicted))
    return Claim(says, f"{pair.predicted:.6g}", f"{pair.measured:.6g}", close)


def no_distance(says: str, gap: Gap) -> Claim:
    """The claim that two trainings are the same."""
    updates = f"{gap.updates:,} update{'s' * (gap.updates != 1)}"
    return Claim(f"{says}, {updates}", "0, but for rounding", f"{gap.largest:.1g}", gap.largest <= EXACT)


def final_loss(side: Side) -> str:
    """The final loss of a training."""
    return "explodes" if side.diverged else f"{side.end:.4g}"


# --- bugs that multiply the gradient by a number ---

SCALED_GAP = "Distance to the right code at that rate"


def scaled_pairs(case: Case) -> tuple[str, ...]:
    """What their proof says of the gradient."""
    return ("Wrong gradient ÷ right gradient, first batch",)


def other_rate(bug: Bug, case: Case, why: str) -> str:
    """The prediction that a bug is another learning rate."""
    rate = case.settings.learning_rate
    times = factor_of(bug, case, case.B)
    return f"It is the right training with η × {why}: **η = {rate * times:.4g}** in place of {rate:.4g}."


# --- bugs that show in the rows ---


def rows_used(result: SideBySide) -> str:
    """What the marking says of the rows that the epochs used."""
    broken = result.broken
    if not broken.unused:
        return ""
    left_out = _span(min(broken.unused), max(broken.unused))
    return (
        f". Of the rows, an epoch of the broken one left {left_out} out, and {broken.never_used:,} of all "
        f"its epochs; its batches held {_span(*broken.sizes)}"
    )


def _span(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
