"""A run in the browser: a Training with its choices, its pace, and the curves of the runs before it.

Plain Python without Streamlit. The player keeps one Run in the session and draws it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.charts.batch_sizes import style_name
from mbgd.charts.train.loss import Look, look, rates_of, up_to_now
from mbgd.charts.train.thumbnail import thumbnail
from mbgd.data.dataset import Dataset
from mbgd.engine.training import Training
from mbgd.experiments.train.seen import TIED
from mbgd.share.choices import Choices
from mbgd.share.runs.record import rows_of
from mbgd.share.runs.store import Runs
from mbgd.ui.kit.pace import Speed
from mbgd.ui.train.advice import Advice
from mbgd.ui.train.compared import Compared, at_end, key_of
from mbgd.ui.train.ghosts import Ghosts
from mbgd.ui.train.kept import about_of, note_comparison, note_run
from mbgd.ui.train.pacer import Pacer
from mbgd.ui.train.words import changes_in_words, run_in_words

MOST_STOPPED = 3  # comparisons that can go on
MOST_LOOKS = 200  # at the losses within epochs, in single steps
LARGEST_WEIGHT = 1e6  # a run with larger weights is about to diverge
EVALUATE_SHARE = 0.09  # of the time, for evaluations over all rows
FIRST_SLICE = 0.02  # seconds of training before the first picture after a click on Train
STEP_SLICE = 0.03  # seconds of training in a click on a step; what is left of a long step is trained as a run is


class Stage(NamedTuple):
    """A part of a run: until which update it has which learning rate."""

    until: int
    rate: float


@dataclass
class Run:
    """The run on the page Train. `choices` are the choices it was made from, `chosen` those in the sidebar now."""

    choices: Choices
    dataset: Dataset
    chosen: Choices = field(init=False)
    chosen_dataset: Dataset = field(init=False)
    ghosts: Ghosts = field(default_factory=Ghosts)
    runs: Runs = field(default_factory=Runs)  # that have ended, or were pinned: those of the page Runs
    compared: Compared | None = None
    stopped: dict[tuple, Compared] = field(default_factory=dict)  # comparisons that can go on, by their keys
    playing: bool = False
    stepped: bool = False
    goal: int | None = None  # the updates at which a long step ends, while it is under way
    stages: list[Stage] = field(default_factory=list)  # of a run that is made again, from the one under way

    def __post_init__(self) -> None:
        self.chosen, self.chosen_dataset = self.choices, self.dataset
        self._start()

    def _start(self, rate: float | None = None) -> None:
        settings = self.choices.settings(len(self.dataset.X_train))
        settings = replace(settings, learning_rate=rate or settings.learning_rate)
        self.training = Training(self.dataset, settings, evaluate_share=EVALUATE_SHARE)
        self.stepped = False
        self.goal = None
        self.looks: list[Look] = []
        self.advice: Advice | None = None
        self.pacer = Pacer(self.training)

    # --- the choices of the sidebar ---

    def choose(self, choices: Choices, dataset: Dataset) -> None:
        """Take the choices of the sidebar. Learning rate and epochs act at once; others wait for a fresh network."""
        self.chosen, self.chosen_dataset = choices, dataset
        if self.compared and self.compared_stale:
            self.compared.pause()
        if self.stale:
            if self.training.updates_done:
                self.playing, self.goal = False, None
            else:  # nothing has been trained yet, so nothing is lost by starting over
                self._renew()
        else:
            if not self.made_again:
                self.training.learning_rate = choices.rate
            self.training.epochs = max(choices.epochs, self.training.epochs_done + self._within_epoch)
            self.choices = choices

    @property
    def _within_epoch(self) -> bool:
        return self.training.updates_done % self.training.plan.updates > 0

    @property
    def stale(self) -> bool:
        """Whether the sidebar's choices need a fresh network: other data, batches or layers, or another learning rate
        after the last update."""
        if self._made_all_updates and self.chosen.rate != self.training.learning_rate:
            return True
        return self.choices.needs_fresh_network(self.chosen, len(self.dataset.X_train))

    @property
    def _made_all_updates(self) -> bool:
        """Whether the run has no update left: it has diverged, or is finished, and no more epochs are chosen."""
        return self.training.diverged or (self.training.finished and self.chosen.epochs <= self.training.epochs_done)

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
    def stands(self) -> bool:
        """Whether it has trained and does not play: its results may then change a chart's words."""
        return self.training.updates_done > 0 and not self.playing

    @property
    def finite(self) -> bool:
        """Whether the weights are small enough for gradients.

        Below the limit, no loss, gradient or squared gradient overflows in a network that the sidebar can choose.
        """
        return not self.training.diverged and all(
            np.abs(array).max() <= LARGEST_WEIGHT for W, b, _ in self.training.layers for array in (W, b)
        )

    @property
    def compared_stale(self) -> bool:
        """Whether the sidebar now asks for another comparison than the one shown."""
        return self.compared is not None and self.compared.key != key_of(self.chosen, self.chosen_dataset)

    @property
    def comparable(self) -> bool:
        """Whether the curve of this run may be drawn beside that of the run that the sidebar asks for."""
        return self.chosen_dataset.loss == self.dataset.loss and rows_of(self.chosen) == rows_of(self.choices)

    @property
    def ended(self) -> bool:
        """Whether no update can follow."""
        return self.training.ended

    @property
    def grown(self) -> float:
        """The training loss now ÷ that before the first update; 1 if they are alike, or if the run has not ended."""
        if not self.training.finished:
            return 1.0
        now, first = self.training.evaluate("train").loss, self.training.start["train"].loss
        return now / first if now > TIED * first else 1.0

    # --- the buttons ---

    def train(self) -> None:
        """Play, with a fresh network if the choices need one."""
        self._refresh()
        self.playing = not self.ended
        self.stepped = False
        self.goal = None
        self.pacer.begin()

    def compare(self) -> None:
        """Train three batch sizes side by side, or go on with them if they were stopped.

        What was trained before stays as a curve.
        """
        if self.compared and not self.compared_stale and not self.compared.ended:
            self.compared.go_on()
            return
        key = key_of(self.chosen, self.chosen_dataset)
        self._put_comparison_away()
        self.playing = False
        self._keep_curve()
        self._renew()
        self.compared = self.stopped.pop(key, None) or Compared(self.choices, self.dataset)
        if self.compared.comparison.done:
            self.compared.go_on()
        for about in self.compared.abouts:  # its curves are drawn as themselves, not a second time
            self.ghosts.set_aside(about)

    @property
    def goes_on_comparing(self) -> bool:
        """Whether a comparison with the sidebar's choices was stopped, and can go on."""
        if self.compared and not self.compared_stale:
            return not (self.compared.playing or self.compared.ended)
        return key_of(self.chosen, self.chosen_dataset) in self.stopped

    @property
    def compares_again(self) -> bool:
        """Whether the comparison with the sidebar's choices has ended, so that another one begins at its start."""
        return self.compared is not None and not self.compared_stale and self.compared.ended

    def pause(self) -> None:
        """Stop playing; the networks stay as they are."""
        self.playing = False
        self.goal = None
        if self.compared:
            self.compared.pause()

    def step(self, *, updates: int = 0, epochs: int = 0) -> None:
        """Make this many updates, or train to the end of so many epochs, then pause.

        A step that takes long is begun here and goes on as a run does, at full speed: others' clicks don't wait for
        it, and it can be paused. A second step before the first has ended comes after it.
        """
        self._refresh()
        per_epoch = self.training.plan.updates
        begins = self.training.updates_done if self.made_again or self.goal is None else self.goal
        self.goal = begins + updates if updates else (begins // per_epoch + epochs) * per_epoch
        self.stepped, self.stages = True, []
        self._go_to_goal(perf_counter() + STEP_SLICE, lambda: None)
        self.playing = self.goal is not None

    def train_again(self, stages: Sequence[Stage]) -> None:
        """Make a run again with a fresh network, through its stages at full speed, then pause."""
        self._refresh()
        self._renew(stages[0].rate)
        self.stages, self.goal = list(stages), stages[0].until
        self.playing = True
        self._go_to_goal(perf_counter() + STEP_SLICE, lambda: None)

    @property
    def made_again(self) -> bool:
        """Whether a run is being made again, with its own learning rates."""
        return self.goal is not None and bool(self.stages)

    def _go_to_goal(self, until: float, between: Callable[[], object]) -> None:
        """Train until the goal of a step, or of a stage, or this time; at the last goal, note the losses."""
        assert self.goal is not None
        left = self.pacer.play_in_pieces(self.goal - self.training.updates_done, until, between)
        if left and not self.ended:
            return
        self.stages = self.stages[1:]
        if self.stages and not self.ended:
            self.goal, self.training.learning_rate = self.stages[0]
            return
        self.goal, self.playing = None, False
        if len(self.looks) < MOST_LOOKS:
            self.looks.append(look(self.training))

    def reset(self) -> None:
        """Start a fresh network with the sidebar's choices. The earlier runs stay.

        The run so far becomes one of them, unless the fresh network would only make it again.
        """
        self.playing = False
        self._put_comparison_away()
        if self.stale or rates_of(self.training) != ((0, self.chosen.rate),):
            self._keep_curve()
        self._renew()

    def _refresh(self) -> None:
        self._put_comparison_away()
        if self.stale:
            self._keep_curve()
            self._renew()

    def note_ended(self) -> None:
        """Put what has ended into the list of the page Runs: the run, or the runs of the comparison.

        It is called before anything takes their place, and before the list is read.
        """
        if self.training.ended and self.training.updates_done:
            note_run(self.runs, self.choices, self.dataset, self.training)
        if self.compared and self.compared.ended:
            note_comparison(self.runs, self.compared)

    @property
    def not_noted(self) -> int:
        """The updates of the run that the page shows, if it has not ended and is not in the list; else 0."""
        training = self.training
        if self.compared or training.ended or self.runs.same(self.label_key, training.updates_done):
            return 0
        return training.updates_done

    def pin(self) -> None:
        """Put what the page shows into the list of the page Runs, as it is now, to stay there."""
        if self.compared:
            note_comparison(self.runs, self.compared, pinned=True)
        elif self.training.updates_done:
            note_run(self.runs, self.choices, self.dataset, self.training, pinned=True)

    def bring_back(self, choices: Choices, dataset: Dataset, stages: Sequence[Stage]) -> None:
        """Make a run of the page Runs again, to go on with it. What is shown now stays as a curve."""
        self._put_comparison_away()
        self._keep_curve()
        self.chosen, self.chosen_dataset = choices, dataset
        self._renew()
        self.train_again(stages)

    def _keep_curve(self) -> None:
        """Keep the curve of this run, if it has one."""
        if self.training.updates_done:
            self.ghosts.add(
                replace(
                    up_to_now(self.training, self.label, self.looks),
                    style=style_name(self.training.plan.batch_size, len(self.dataset.X_train)),
                ),
                self.choices,
                self.dataset.loss,
                picture=thumbnail(self.dataset, self.training.layers),
                numbers=at_end(*self.training.evaluate("train")),
                about=self.label_key,
            )

    def _put_comparison_away(self) -> None:
        """Keep the curves of the comparison, each with its small picture."""
        self.note_ended()
        if not self.compared or not self.compared.comparison.done:
            self.compared = None
            return
        compared, self.compared = self.compared, None
        compared.pause()
        if not compared.ended:
            self.stopped = dict([*self.stopped.items(), (compared.key, compared)][-MOST_STOPPED:])
        compared.keep_as_ghosts(self.ghosts)

    def _renew(self, rate: float | None = None) -> None:
        self.choices, self.dataset = self.chosen, self.chosen_dataset
        self._start(rate)

    # --- playing ---

    def play(self, speed: Speed, seconds: float, between: Callable[[], object] = lambda: None) -> None:
        """One slice of training: the updates that the speed asks for since the last slice, in at most these seconds.

        It calls `between` every few milliseconds, which may end the slice with an exception. The updates made until
        then count.
        """
        if self.goal is not None:
            self._go_to_goal(perf_counter() + seconds, between)
            return
        self.pacer.play(speed, seconds, between)
        if self.ended:
            self.playing = False

    def seek_advice(self) -> None:
        """After a divergence, begin to look for a learning rate that does not diverge; once for each run."""
        if self.training.diverged and self.advice is None:
            settings = replace(self.training.settings, learning_rate=self.training.learning_rate)
            settings = replace(settings, epochs=self.training.epochs)
            self.advice = Advice(self.dataset, settings)

    # --- for the texts of the page ---

    @property
    def updates_a_second(self) -> float | None:
        """The measured pace since play began, in updates per second; None if it is too early to tell."""
        return self.pacer.updates_a_second if self.playing else None

    @property
    def label(self) -> str:
        """The run in a few words: data, batch size, learning rate, and all choices that are not the default."""
        return run_in_words(self.choices, self.training)

    @property
    def label_key(self) -> tuple:
        """What tells its curve from others: runs with an equal key are the same run, or the same run trained longer."""
        return about_of(self.choices, self.training)

    @property
    def changes(self) -> list[str]:
        """The choices in which the sidebar differs from this run, one phrase each."""
        phrases = changes_in_words(
            self.choices, self.chosen, len(self.dataset.X_train), len(self.chosen_dataset.X_train)
        )
        # A new rate acts at once on a run that goes on; beside other changes, it is one more of the new network.
        if (phrases or self._made_all_updates) and self.chosen.rate != self.training.learning_rate:
            phrases.append(f"learning rate {self.training.learning_rate:g} → {self.chosen.rate:g}")
        return phrases

    @property
    def batch_rows(self) -> NDArray[np.intp]:
        """The rows of the last batch; none before the first update."""
        last = self.training.last
        return np.arange(0) if last is None else last.rows
