"""A comparison of three batch sizes on the page Train: its pace, its curves and what it showed, in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic, perf_counter

import numpy as np

from mbgd.charts.batch_sizes import batch_name, style_name
from mbgd.charts.train.loss import Curve
from mbgd.charts.train.thumbnail import thumbnail
from mbgd.charts.words import count
from mbgd.data.dataset import Dataset
from mbgd.experiments.train.comparison import Comparison, Runner, three_sizes
from mbgd.experiments.train.seen import (
    DIVERGED,
    FALLING,
    HIGHER,
    SLOW,
    SOLVED,
    SOLVED_ACCURACY,
    SOLVED_LOSS,
    UNSETTLING,
    Lane,
    best,
    seen,
)
from mbgd.share.choices import DEFAULT, Choices, show_hidden
from mbgd.ui.train.ghosts import Ghosts
from mbgd.ui.train.words import settings_in_words

SECONDS = 8.0  # for all epochs, so that a learner can watch
LIMIT = 12.0  # seconds after which it stops, if the machine can't keep that pace
SOON = 0.5  # seconds of play before the time left is told
OFTEN = 0.1  # of the epoch ends: a loss that rises so often is disturbed by noise
LONGEST_GAP = 0.5  # seconds between two slices that count; a cut of the network does not


@dataclass
class Compared:
    """The comparison that the page shows, made from these choices."""

    choices: Choices
    dataset: Dataset
    playing: bool = True
    clock: float = 0.0  # seconds of play
    limit: float = LIMIT
    _last: float | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.comparison = Comparison(self.dataset, self.choices.settings(len(self.dataset.X_train)))
        self.key = key_of(self.choices, self.dataset)

    @property
    def ended(self) -> bool:
        """Whether nothing is left to train."""
        return self.comparison.ended

    @property
    def told(self) -> bool:
        """Whether it stands and has trained long enough to tell the batch sizes apart."""
        return not self.playing and (self.ended or self.comparison.done >= self.comparison.epochs / 2)

    def go_on(self) -> None:
        """Go on after a pause, or for as long again after the limit."""
        self.playing, self._last = not self.ended, None
        if self.clock >= self.limit:
            self.limit = self.clock + LIMIT

    def pause(self) -> None:
        """Stop for now."""
        self.playing = False

    def play(self, seconds: float, between: Callable[[], object] = lambda: None) -> None:
        """One slice: the epochs that are due by now, in at most these seconds."""
        now = monotonic()
        self.clock += min(now - self._last, LONGEST_GAP) if self._last is not None else 0.0
        self._last = now
        due = int(self.clock / SECONDS * self.comparison.epochs) + 1
        self.comparison.advance(due, perf_counter() + seconds, between)
        if self.ended or self.clock >= self.limit:
            self.playing = False

    @property
    def seconds_left(self) -> float | None:
        """The seconds until all epochs are done, at the pace so far; None while it is too early to tell."""
        done = self.comparison.done
        return self.clock * (self.comparison.epochs - done) / done if done and self.clock >= SOON else None

    @property
    def curves(self) -> list[Curve]:
        """The training losses of the runs, in the order of their batch sizes."""
        lanes = zip(self.comparison.runners, self.comparison.lanes, strict=True)
        return [_curve(runner, lane, len(self.dataset.X_train)) for runner, lane in lanes]

    @property
    def abouts(self) -> list[tuple]:
        """What the curves are about, as earlier runs: one for each run."""
        return [(self.key, runner.batch_size, "compared") for runner in self.comparison.runners]

    def keep_as_ghosts(self, ghosts: Ghosts) -> None:
        """Keep the curves among the earlier runs, each with its small picture."""
        for runner, shown, about in zip(self.comparison.runners, self.curves, self.abouts, strict=True):
            lane = runner.lane
            ghosts.add(
                replace(shown, label=settings_in_words(self.choices, shown.label)),
                self.choices,
                self.dataset.loss,
                picture=thumbnail(self.dataset, runner.layers),
                numbers=at_end(lane.last, lane.accuracy),
                about=about,
            )


def key_of(choices: Choices, dataset: Dataset) -> tuple:
    """What a comparison follows from: other choices with the same key make the same one."""
    settings = choices.settings(len(dataset.X_train))
    sizes = three_sizes(len(dataset.X_train), settings.batch_size)
    return (choices.data_key, replace(settings, batch_size=1), sizes)


def button_label(choices: Choices, n_train: int, *, again: bool = False) -> str:
    """The name of the button: the batch sizes that it compares. again: it begins a comparison that has ended."""
    if again:
        return "Compare again"
    sizes = three_sizes(n_train, choices.batch_size(n_train))
    return "Compare " + ", ".join("all" if size == n_train else f"{size:,}" for size in sizes)


def _curve(runner: Runner, lane: Lane, n_train: int) -> Curve:
    plan, epochs = runner.training.plan, lane.epochs
    position = {
        "epochs": epochs,
        "updates": runner.updates,
        "samples": epochs * float(plan.rows),
        "seconds": runner.seconds,
    }
    mark = "all" if lane.full else f"{lane.batch_size:,}"
    style = style_name(lane.batch_size, n_train)
    return Curve(batch_name(lane.batch_size), position, lane.train_loss, runner.updates[:0], (), style, mark)


# --- in words ---


def at_end(loss: float, accuracy: float | None) -> str:
    """The last training loss and the share of the training rows classed right, in words; no share if it is None."""
    return f"loss {loss:.3g}{_right(accuracy)}"


def _right(accuracy: float | None) -> str:
    return "" if accuracy is None else f", accuracy {accuracy:.1%}"


def _unsettled(lane: Lane) -> str:
    low, high = lane.spread
    epochs = count(round(float(lane.epochs[-1] - lane.epochs[-len(lane.tail)])), "epoch")
    no_better = ", which is no better than guessing" if low >= lane.guess else ""
    moved = f"its loss went up and down between {low:.3g} and {high:.3g}{no_better}"
    return f"{_at(lane)}. Not solved: in the last {epochs} {moved}"


def _at(lane: Lane) -> str:
    return at_end(lane.last, lane.accuracy)


def _from_to(lane: Lane) -> str:
    return f"loss {lane.first:.3g} → {lane.last:.3g}{_right(lane.accuracy)}"


def _beside_guessing(lane: Lane) -> str:
    return "above that of guessing" if lane.last > lane.guess else "still more than half of that of guessing"


WORDS: dict[str, Callable[[Lane], str]] = {
    SOLVED: lambda lane: f"{_at(lane)}. Solved",
    UNSETTLING: _unsettled,
    SLOW: lambda lane: f"{_at(lane)}. Not solved: its loss is {_beside_guessing(lane)}",
    HIGHER: lambda lane: f"{_from_to(lane)}. Not solved: the loss is above its start",
    FALLING: lambda lane: f"{_from_to(lane)}. Not solved yet",
}


def _line(lane: Lane) -> str:
    name = f"<b>{batch_name(lane.batch_size)}</b>{' (full batch)' if lane.full else ''}"
    if lane.diverged is not None:
        return f"{name}: diverged at update {lane.diverged:,}."
    return f"{name}: {count(lane.updates, 'update')}, {WORDS[seen(lane)](lane)}."


def _solved(lane: Lane) -> str:
    if lane.accuracy is not None:
        return f"at least {SOLVED_ACCURACY:.0%} of the training rows are predicted correctly"
    return f"in the last tenth of the epochs, the training loss is never above {SOLVED_LOSS:.0%} of that of guessing"


def lesson(lanes: list[Lane], epochs: int) -> str:
    """What the runs showed after so many epochs, a line each, from their measured numbers alone, as HTML."""
    order = sorted(lanes, key=lambda lane: (seen(lane) != SOLVED, lane.batch_size))  # first those that solved it
    terms = (
        f"“Solved” means: {_solved(order[0])}. “Guessing” is the best prediction that is the same for all rows: "
        "its loss "
        f"is {lanes[0].guess:.3g}."
    )
    lines = [f"After {count(epochs, 'epoch')}:", *map(_line, order), terms, why(lanes)]
    return "<br>".join(filter(None, lines))


def why(lanes: Sequence[Lane]) -> str:
    """Why the runs with the most and the fewest updates ended as they did: what noise and a few updates did, as HTML.

    lanes: those of one comparison, in the order of their batch sizes. What is said follows from what was `seen`.
    """
    noisy, exact = lanes[0], lanes[-1]
    reasons = [] if noisy.full else [_of_noise(noisy)]
    if exact.full and len(lanes) > 1:
        reasons.append(_of_few(exact))
    return f"<b>Why:</b> {' '.join(reasons)}" if reasons else ""


def _of_noise(lane: Lane) -> str:
    made = f"{_made(lane)}, each with a noisy (partly random) gradient"
    rose = float((np.diff(lane.train_loss) > 0).mean()) if len(lane.train_loss) > 1 else 0.0
    if seen(lane) == DIVERGED:
        return (
            f"{batch_name(lane.batch_size)} diverged: this learning rate is too large for gradients as noisy as these."
        )
    if seen(lane) == SOLVED:
        return f"{made}, and the noise did little harm."
    return f"{made}, so in {rose:.0%} of the epochs its loss rose." if rose >= OFTEN else f"{made}."


def _of_few(lane: Lane) -> str:
    made = f"{_made(lane)} without noise"
    if seen(lane) == DIVERGED:
        return f"{batch_name(lane.batch_size)} diverged: this learning rate is too large even without noise."
    if seen(lane) == SOLVED:
        return f"{made}, and they were enough."
    if seen(lane) in (UNSETTLING, HIGHER):
        moved = "rose" if seen(lane) == HIGHER else "goes up and down"
        return f"{made}, and its loss {moved} all the same: the learning rate is too large."
    if lane.tail[-1] < lane.tail[0]:
        return f"{made}. Its loss still falls: more updates are needed."
    return f"{made}."


def _made(lane: Lane) -> str:
    return f"{batch_name(lane.batch_size)} made {count(lane.updates, 'update')}"


def caveat(lanes: Sequence[Lane]) -> str:
    """That the best batch sizes of these runs need not be the best elsewhere; empty if none of them is better."""
    leading = [batch_name(lane.batch_size) for lane in best(lanes)]
    if len(leading) in (0, len(lanes)):
        return ""
    return (
        f"This does not show that {' and '.join(leading)} {'is' if len(leading) == 1 else 'are'} always best: the best "
        "batch size depends on the learning rate and on the network."
    )


def comparison_status(compared: Compared, stale: bool) -> tuple[str, str]:
    """The state of the comparison: the kind of note, and its text."""
    comparison = compared.comparison
    if stale:
        return (
            "changed",
            "The settings have changed since this comparison. Press Compare or Train to run with the new settings. "
            "These curves are kept as earlier runs.",
        )
    if compared.playing or not comparison.done:
        return "plain", (
            "Same rows, same first weights, same learning rate: only the batch size differs. Watch which loss falls "
            "furthest, which jumps most, and which hardly moves."
        )
    told = lesson(comparison.lanes, comparison.done)
    if comparison.ended:
        return "good", told
    why = f" This machine got no further in {compared.clock:.0f} s." if compared.clock >= compared.limit else ""
    return "plain", f"{told} Stopped at epoch {comparison.done:,} of {comparison.epochs:,}.{why}"


SECOND_TRY = {"rate": 0.1, "hidden": (32,)}
SECOND_LABEL = "Compare again with learning rate 0.1 and 32 units"
MEASURED = (
    "Measured earlier, with learning rate 0.1 and one hidden layer of 32 units: after 100 epochs, B = 1 had "
    "solved the spiral with 19 of 20 seeds, and B = 16 with none."
)


FIRST_TRY = {name: getattr(DEFAULT, name) for name in SECOND_TRY}
FIRST_LABEL = f"Back to learning rate {DEFAULT.rate:g} and {show_hidden(DEFAULT.hidden)} units"


def is_first_try(choices: Choices) -> bool:
    """Whether these are the choices whose result the second try turns round."""
    like = replace(choices, mode=DEFAULT.mode, batch=DEFAULT.batch, seed=DEFAULT.seed)
    return like == DEFAULT


def is_second_try(choices: Choices) -> bool:
    """Whether these are the choices of the second try."""
    return is_first_try(replace(choices, **FIRST_TRY)) and choices == replace(choices, **SECOND_TRY)


def is_measured(compared: Compared) -> bool:
    """Whether MEASURED speaks of the batch sizes that were compared."""
    return DEFAULT.batch in [lane.batch_size for lane in compared.comparison.lanes]
