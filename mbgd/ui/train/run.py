"""A run in the browser: a Training with its choices, its pace, and the curves of the runs before it.

Plain Python without Streamlit. The player keeps one Run in the session and draws it.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import monotonic, perf_counter

import numpy as np
from numpy.typing import NDArray

from mbgd.charts.train.loss import Curve, curve
from mbgd.data.dataset import Dataset
from mbgd.engine.training import Training
from mbgd.share.choices import DEFAULT, LAST_NAMES, Choices, show_hidden
from mbgd.ui.kit.pace import Speed

MOST_GHOSTS = 3
LARGEST_WEIGHT = 1e6  # a run with larger weights is about to diverge
PIECE = 0.015  # seconds of training before the next check for clicks
EVALUATE_SHARE = 0.09  # of the time, for evaluations over all rows
FIRST_SLICE = 0.02  # seconds of training before the first picture after a click on Train


@dataclass
class Run:
    """The run on the page Train. `choices` are the choices it was made from, `chosen` those in the sidebar now."""

    choices: Choices
    dataset: Dataset
    chosen: Choices = field(init=False)
    chosen_dataset: Dataset = field(init=False)
    ghosts: list[Curve] = field(default_factory=list)
    playing: bool = False
    stepped: bool = False
    wall_seconds: float = 0.0
    engine_seconds: float = 0.0

    def __post_init__(self) -> None:
        self.chosen, self.chosen_dataset = self.choices, self.dataset
        self._start()

    def _start(self) -> None:
        settings = self.choices.settings(len(self.dataset.X_train))
        self.training = Training(self.dataset, settings, evaluate_share=EVALUATE_SHARE)
        self.stepped = False
        self.wall_seconds = self.engine_seconds = 0.0
        self._anchor()

    def _anchor(self) -> None:
        self._since, self._updates_then = monotonic(), self.training.updates_done
        self._last_slice_end: float | None = None
        self._speed: Speed | None = None

    # --- the choices of the sidebar ---

    def choose(self, choices: Choices, dataset: Dataset) -> None:
        """Take the choices of the sidebar. Learning rate and epochs act at once; others wait for a fresh network."""
        self.chosen, self.chosen_dataset = choices, dataset
        if self.stale:
            if self.training.updates_done:
                self.playing = False
            else:  # nothing has been trained yet, so nothing is lost by starting over
                self._renew()
        else:
            self.training.learning_rate = choices.rate
            self.training.epochs = max(choices.epochs, self.training.epochs_done + self._within_epoch)
            self.choices = choices

    @property
    def _within_epoch(self) -> bool:
        return self.training.updates_done % self.training.plan.updates > 0

    @property
    def stale(self) -> bool:
        """Whether the sidebar's choices need a fresh network: other data, batches or layers. After divergence, another
        learning rate needs one too."""
        if self.training.diverged and self.chosen.rate != self.training.learning_rate:
            return True
        return self.choices.needs_fresh_network(self.chosen, len(self.dataset.X_train))

    @property
    def trained(self) -> bool:
        """Whether this run has trained the network that the sidebar asks for."""
        return self.training.updates_done > 0 and not self.stale

    @property
    def state(self) -> tuple:
        """What tells its weights from those of other runs, and from its own at other times."""
        training = self.training
        settings = replace(training.settings, epochs=1, learning_rate=1.0)  # the rates stand beside, with their times
        return (self.choices.data_key, settings, training.updates_done, *training.rates)

    @property
    def finite(self) -> bool:
        """Whether the weights are small enough for gradients.

        Below the limit, no loss, gradient or squared gradient overflows in a network that the sidebar can choose.
        """
        return not self.training.diverged and all(
            np.abs(array).max() <= LARGEST_WEIGHT for W, b, _ in self.training.layers for array in (W, b)
        )

    @property
    def comparable(self) -> bool:
        """Whether the run that the sidebar asks for has the same loss function as this run."""
        return self.chosen_dataset.loss == self.dataset.loss

    @property
    def ended(self) -> bool:
        """Whether no update can follow."""
        return self.training.ended

    # --- the buttons ---

    def train(self) -> None:
        """Play, with a fresh network if the choices need one."""
        self._refresh()
        self.playing = not self.ended
        self.stepped = False
        self._anchor()

    def pause(self) -> None:
        """Stop playing; the network stays as it is."""
        self.playing = False

    def step(self, *, updates: int | None = None, epochs: int | None = None) -> None:
        """Make this many updates or epochs, then pause."""
        self._refresh()
        self.playing = False
        self.stepped = True
        self._advance(updates=updates, epochs=epochs)

    def reset(self) -> None:
        """Start a fresh network with the sidebar's choices, and forget the earlier runs."""
        self.playing = False
        self.ghosts = []
        self._renew()

    def _refresh(self) -> None:
        if self.stale:
            others = [ghost for ghost in self.ghosts if ghost.label != self.label]  # one line per name
            kept = [*others, curve(self.training, self.label)][-MOST_GHOSTS:]
            self.ghosts = kept if self.comparable else []
            self._renew()

    def _renew(self) -> None:
        self.choices, self.dataset = self.chosen, self.chosen_dataset
        self._start()

    # --- playing ---

    def play(self, speed: Speed, seconds: float, between: Callable[[], object] = lambda: None) -> None:
        """One slice of training: the updates that the speed asks for since the last slice, in at most these seconds.

        It calls `between` every few milliseconds, which may end the slice with an exception. The updates made until
        then count.
        """
        started = perf_counter()
        if self._last_slice_end is not None:
            self.wall_seconds += started - self._last_slice_end
        self._last_slice_end = started
        pace = speed.updates_a_second(self.training.plan.updates)
        if self._speed not in (None, speed):  # a new speed: its updates are counted from here
            self._since, self._updates_then = monotonic(), self.training.updates_done
        self._speed = speed
        asked = sys.maxsize
        if pace is not None:
            asked = int((monotonic() - self._since) * pace) + 1 - (self.training.updates_done - self._updates_then)
        left = self._play_in_pieces(max(asked, 0), started + seconds, between)
        if left and pace is not None:  # the machine can't keep this pace: don't let the backlog grow
            self._since, self._updates_then = monotonic(), self.training.updates_done
        ended = perf_counter()
        self.wall_seconds += ended - self._last_slice_end
        self._last_slice_end = ended
        if self.ended:
            self.playing = False

    def _play_in_pieces(self, updates: int, until: float, between: Callable[[], object]) -> int:
        """Make this many updates, or as many as there is time for; return how many are still to be made."""
        while updates and not self.ended:
            time_left = until - perf_counter()
            if time_left <= 0:
                break
            updates -= self._advance(updates=updates, seconds=min(PIECE, time_left))
            between()
        return updates

    def _advance(self, **limits: float | None) -> int:
        started = perf_counter()
        done = self.training.advance(**limits)  # pyright: ignore[reportArgumentType]
        self.engine_seconds += perf_counter() - started
        return done

    # --- for the texts of the page ---

    @property
    def updates_a_second(self) -> float | None:
        """The measured pace since play began, in updates per second; None if it is too early to tell."""
        elapsed = monotonic() - self._since
        done = self.training.updates_done - self._updates_then
        return done / elapsed if self.playing and elapsed > 0.5 and done else None

    @property
    def label(self) -> str:
        """The run in a few words: data, batch size, learning rate, and all choices that are not the default."""
        choices = self.choices
        parts = [choices.data, f"B = {self.training.plan.batch_size:,}", f"rate {self.training.learning_rate:g}"]
        for name, title in TITLES.items():
            if name != "data" and getattr(choices, name) != getattr(DEFAULT, name):
                parts.append(f"{title} {_in_words(name, getattr(choices, name))}")
        if choices.noise is not None:
            parts.append(f"noise {choices.noise:g}")
        return ", ".join(parts)

    @property
    def changes(self) -> list[str]:
        """The choices in which the sidebar differs from this run, one phrase each."""
        n_train = len(self.dataset.X_train)
        now, then = self.chosen, self.choices
        phrases = []
        if self.training.diverged and now.rate != self.training.learning_rate:
            phrases.append(f"learning rate {self.training.learning_rate:g} → {now.rate:g}")
        for name, title in TITLES.items():
            old, new = getattr(then, name), getattr(now, name)
            if old != new and then.needs_fresh_network(replace(then, **{name: new}), n_train):
                phrases.append(f"{title} {_in_words(name, old)} → {_in_words(name, new)}")
        if now.data == then.data and now.noise_level != then.noise_level:
            phrases.append(f"noise {then.noise_level:g} → {now.noise_level:g}")
        before, after = then.batch_size(n_train), now.batch_size(len(self.chosen_dataset.X_train))
        if before != after and (now.mode, now.batch) != (then.mode, then.batch):
            phrases.append(f"batch size {before:,} → {after:,}")
        return phrases

    @property
    def batch_rows(self) -> NDArray[np.intp]:
        """The rows of the last batch; none before the first update."""
        last = self.training.last
        return np.arange(0) if last is None else last.rows


TITLES = {
    "data": "data set",
    "size": "rows",
    "validation": "held out",
    "hidden": "hidden layers",
    "activation": "activation",
    "shuffle": "shuffle",
    "last": "last batch",
    "seed": "seed",
}


def _in_words(name: str, value: object) -> str:
    """A choice in the words of its control in the sidebar."""
    if name == "last":
        return LAST_NAMES[str(value)]
    if name == "validation":
        return f"{value}%"
    if isinstance(value, bool):
        return "on" if value else "off"
    return (show_hidden(value) or "none") if isinstance(value, tuple) else str(value)
