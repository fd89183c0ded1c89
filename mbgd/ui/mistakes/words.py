"""The record of a bug's words, and helpers that the files of bugs/ share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from mbgd.charts.words import count, plural
from mbgd.engine.splits import TrainingData
from mbgd.experiments.mistakes.bug import Bug, Case, Gap, Pair, Proof
from mbgd.experiments.mistakes.proofs import factor_of
from mbgd.experiments.mistakes.side_by_side import Side, SideBySide
from mbgd.ui.kit.claims import Claim
from mbgd.ui.kit.predict import Answer
from mbgd.ui.mistakes.asked import SIDES, nothing

EXACT = 1e-12


def no_note(dataset: TrainingData) -> str:
    """No sentence on the data."""
    return ""


def other_size(B: int, case: Case) -> str:
    """The sentence on a batch size that is not the sidebar's."""
    return f"Both runs use B = {case.B:,} here, not the sidebar's B = {B:,}."


def no_pairs(case: Case) -> tuple[str, ...]:
    """No pairs of numbers."""
    return ()


def no_claims(case: Case, result: SideBySide) -> list[Claim]:
    """No claims."""
    return []


@dataclass(frozen=True)
class Lesson:
    """The words of a bug on the page Common mistakes.

    lines(case): the correct line of code, and the line with the bug.
    prediction(case): the prediction for these settings, with its number.
    question, answers: the question to the learner, and one answer for each outcome that the bug can have.
    try_this: an experiment for the learner to try after the run.
    usual: the outcomes that show the symptom; empty: all do.
    sides: the two runs in a sentence.
    more(result): a sentence that the marking adds to the two losses, and a space before it.
    hidden: one sentence for each key that the bug's hidden_by returns; it may contain {N} and {B}.
    data_note(dataset): a sentence on the data, if they are not just the sidebar's data.
    size_note(B, case): a sentence on the batch size, if it is not the sidebar's B.
    pairs(case), gap: the claim of each number in the bug's proof. run_claims(case, result): the claims of its run.
    """

    lines: Callable[[Case], tuple[str, str]]
    prediction: Callable[[Case], str]
    question: str
    answers: dict[str, Answer]
    try_this: str
    usual: tuple[str, ...] = ()
    sides: tuple[str, str] = SIDES
    more: Callable[[SideBySide], str] = nothing
    hidden: dict[str, str] = field(default_factory=dict)
    data_note: Callable[[TrainingData], str] = no_note
    size_note: Callable[[int, Case], str] = other_size
    pairs: Callable[[Case], tuple[str, ...]] = no_pairs
    gap: str = ""
    run_claims: Callable[[Case, SideBySide], list[Claim]] = no_claims

    @property
    def tries(self) -> str:
        """What to try after the run."""
        return self.try_this[:1].upper() + self.try_this[1:]

    def shows(self, outcome: str) -> bool:
        """Whether a run with this outcome shows the symptom."""
        return not self.usual or outcome in self.usual

    def why_hidden(self, bug: Bug, case: Case) -> str | None:
        """Why these settings hide the bug, and what to change; None if they do not hide it."""
        key = bug.hidden_by(case)
        return None if key is None else self.hidden[key].format(N=case.N, B=case.B)

    def claims(self, case: Case, proof: Proof | None, result: SideBySide | None) -> list[Claim]:
        """The claims of the proof and of the run. Either may be None if it is not complete."""
        found = []
        if proof:
            found = [exactly(says, pair) for says, pair in zip(self.pairs(case), proof.pairs, strict=True)]
            if proof.gap and proof.gap.updates:
                found.append(no_distance(self.gap, proof.gap))
        return found + (self.run_claims(case, result) if result else [])


class Words(NamedTuple):
    """The words of a bug: a short title, what the bug is, its symptom, and its lesson.

    A bug without a lesson is shown on the page Gradient check only. kind: what it is called, before `what`. sides: the
    names of the run of the engine's code and of the other run. codes: the code of these runs in a sentence.
    """

    title: str
    what: str
    symptom: str
    lesson: Lesson | None = None
    kind: str = "The mistake."
    sides: tuple[str, str] = ("correct", "broken")
    codes: tuple[str, str] = ("the correct code", "the broken code")


# --- claims ---


def exactly(says: str, pair: Pair) -> Claim:
    """The claim that a measured number equals the predicted one."""
    close = abs(pair.predicted - pair.measured) <= EXACT * max(1.0, abs(pair.predicted))
    return Claim(says, f"{pair.predicted:.6g}", f"{pair.measured:.6g}", close)


def no_distance(says: str, gap: Gap) -> Claim:
    """The claim that two runs have the same weights."""
    updates = count(gap.updates, "update")
    return Claim(f"{says}, {updates}", "0, except for rounding", f"{gap.largest:.1g}", gap.largest <= EXACT)


def final_loss(side: Side) -> str:
    """The final loss of a run."""
    return "diverges" if side.diverged else f"{side.end:.4g}"


# --- bugs that multiply the gradient by a number ---

SCALED_GAP = "Largest difference from the weights of the correct code with that learning rate"


def scaled_pairs(case: Case) -> tuple[str, ...]:
    """The claim about the gradient."""
    return ("Wrong gradient ÷ correct gradient, first batch",)


def other_rate(bug: Bug, case: Case, why: str) -> str:
    """The prediction that a bug acts as another learning rate. `why` is its factor, as a formula."""
    rate = case.settings.learning_rate
    times = factor_of(bug, case, case.B)
    return (
        f"The broken code with learning rate {rate:.4g} makes the same updates as the correct code with **η = "
        f"{rate * times:.4g}**. The factor between these learning rates is {why}."
    )


# --- bugs that show in the rows ---


def leaving_rows_over(B: int, case: Case) -> str:
    """The batch size of the two runs, and why it is not the sidebar's B."""
    return (
        f"The sidebar's B = {B:,} divides the {case.N:,} training rows, so no rows would be left over. Both runs use "
        f"B = {case.B:,} here, which leaves {count(case.rest, 'row')} over."
    )


def rows_used(result: SideBySide) -> str:
    """What the marking says about the rows that the epochs used."""
    broken = result.broken
    if not broken.unused:
        return ""
    left_out, (smallest, largest) = _span(min(broken.unused), max(broken.unused)), broken.sizes
    if broken.never_used:
        never = f"{count(broken.never_used, 'row')} {plural(broken.never_used, 'is', 'are')}"
        always = f"; {never} used in no epoch"
    else:
        always = ", but each row is used in some epoch"
    sizes = f"{'Every' if smallest == largest else 'A'} batch has {_span(smallest, largest)}"
    return f" In the run “{result.names[1]}”, each epoch leaves out {left_out}{always}. {sizes}."


def _span(low: int, high: int) -> str:
    if low == high:
        return count(low, "row")
    return f"{low:,} {'or' if high == low + 1 else 'to'} {count(high, 'row')}"
