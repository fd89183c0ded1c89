"""Training by gradient descent on batches: one loop, whatever the batch size."""

import math
from collections.abc import Callable
from time import perf_counter
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.batches import plan_epoch
from mbgd.engine.checks import one_of, real_number, whole_number
from mbgd.engine.evaluation import Evaluation, evaluate_split
from mbgd.engine.guards import immutable, quiet
from mbgd.engine.history import Column, History, Thinned, Update
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, copies, predict
from mbgd.engine.settings import Settings, positive_rate
from mbgd.engine.splits import TrainingData, splits
from mbgd.engine.time_share import TimeShare
from mbgd.engine.updates import Updates


class Training:
    """A run: iterate it for one Update a parameter update, or advance() it by updates, epochs or seconds.

    A batch's loss that is not finite ends the run with `diverged` set; `failure` then holds the update that could not
    be made, with the weights as they were before it. After the last epoch a loss over all rows of a split that is not
    finite is a divergence as well, and the last update the failure. Raises ValueError for data without two axes, with
    unequal rows or columns, with values that are not finite, or with targets that the loss can't have.

    Both splits are evaluated after every epoch. With an `evaluate_share` they are evaluated after the first epoch,
    after the last, and after as many between as take at most this share of the time that passes by `clock`, which
    tells seconds. Losses that are not finite are left out: whether a run diverges, and where, must not depend on what
    is evaluated.
    """

    def __init__(
        self,
        dataset: TrainingData,
        settings: Settings,
        *,
        evaluate_share: float = math.inf,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self.dataset = dataset
        self.settings = settings
        self._splits = splits(dataset)
        self._loss_name, self._loss = dataset.loss, LOSSES[dataset.loss]
        X, Y = self._splits["train"]
        self.plan = plan_epoch(len(X), settings.batch_size, settings.last_batch)
        first = settings.first_weights(X.shape[1], Y.shape[1])
        order = settings.order() if settings.shuffle else None
        self._run = Updates(X, Y, dataset.loss, self.plan, order, [first], clock)
        self._layers = self._run.networks[0]
        self._rates = np.array([settings.learning_rate])
        self._epochs = settings.epochs
        self._recorded_updates = Thinned()
        self._epoch, self._train_loss, self._val_loss, self._epoch_seconds = (Column() for _ in range(4))
        if evaluate_share != math.inf:
            real_number("evaluate_share", evaluate_share, 0)
        self._clock = clock
        self._share = TimeShare(evaluate_share, clock())
        self._seconds = 0.0
        self._history: History | None = None  # made when asked for, after each advance
        self._evaluated: dict[str, tuple[int, Evaluation]] = {}  # after how many updates, what
        self.rates = [(0, settings.learning_rate)]
        self.last: Update | None = None
        self.failure: Update | None = None
        self.start = {split: self.evaluate(split) for split in self._splits}

    # --- what may be read ---

    @property
    def layers(self) -> list[Layer]:
        """Copies of the layers, first to last."""
        return copies(self._layers)

    @property
    def updates_done(self) -> int:
        """Parameter updates made so far."""
        return self._run.done

    @property
    def epochs_done(self) -> int:
        """Epochs completed so far."""
        return self.updates_done // self.plan.updates

    @property
    def samples_seen(self) -> int:
        """Rows that updates have seen so far, each epoch counts all rows again."""
        within_epoch = self.updates_done % self.plan.updates
        return self.epochs_done * self.plan.rows + within_epoch * self.plan.batch_size

    @property
    def seconds(self) -> float:
        """Time spent computing updates, in seconds; evaluation and whatever the caller did are left out."""
        return self._seconds

    @property
    def evaluation_seconds(self) -> float:
        """Time spent evaluating both splits at the ends of epochs, in seconds."""
        return self._share.seconds

    @property
    def total_updates(self) -> int:
        """Updates in all epochs together."""
        return self.epochs * self.plan.updates

    @property
    def finished(self) -> bool:
        """Whether all epochs are done."""
        return self.updates_done >= self.total_updates

    @property
    def diverged(self) -> bool:
        """Whether a loss was not finite, which ended the run."""
        return self.failure is not None

    @property
    def ended(self) -> bool:
        """Whether no update can follow."""
        return self.finished or self.diverged

    @property
    def history(self) -> History:
        """Everything recorded so far, as read-only arrays."""
        if self._history is None:
            self._history = self._recorded()
        return self._history

    def _recorded(self) -> History:
        number, batch_loss, update_seconds = self._recorded_updates.columns
        epoch = self._epoch.values.astype(np.int64)
        return History(
            update=immutable(number.astype(np.int64)),
            batch_loss=batch_loss,
            update_seconds=update_seconds,
            epoch=immutable(epoch),
            epoch_update=immutable(epoch * self.plan.updates),
            train_loss=self._train_loss.values,
            val_loss=self._val_loss.values,
            samples=immutable(epoch * self.plan.rows),
            seconds=self._epoch_seconds.values,
        )

    def evaluate(self, split: str) -> Evaluation:
        """Loss, and for classes accuracy, over all rows of "train" or "val" at the current weights."""
        one_of("split", split, self._splits)
        known = self._evaluated.get(split)
        if known is None or known[0] != self.updates_done:  # asked again before the next update, it is known
            now = evaluate_split(self._layers, self._splits[split], self._loss_name)
            known = self._evaluated[split] = self.updates_done, now
        return known[1]

    def loss_of(self, rows: NDArray[np.intp]) -> float:
        """Loss of these training rows at the current weights."""
        X, Y = self._splits["train"]
        with quiet():
            return self._loss.function(Y[rows], predict(self._layers, X[rows]))

    # --- what may be changed between updates ---

    @property
    def learning_rate(self) -> float:
        """The rate of the next update."""
        return float(self._rates[0])

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        rate = positive_rate(value)
        if rate != self.learning_rate:
            self._rates = np.array([rate])
            self.rates.append((self.updates_done, rate))

    @property
    def epochs(self) -> int:
        """Epochs after which the run is finished: more of them let a finished run go on."""
        return self._epochs

    @epochs.setter
    def epochs(self, value: int) -> None:
        self._epochs = whole_number("epochs", value, 1)
        at_an_end = self.updates_done and self.updates_done % self.plan.updates == 0
        if self.finished and at_an_end and not self.diverged and self.history.epoch[-1:] != self.epochs_done:
            self._end_epoch()
            self._history = None

    # --- training ---

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Update:
        if self.advance(updates=1) and self.last is not None:
            return self.last
        raise StopIteration

    def advance(self, *, updates: int | None = None, epochs: int | None = None, seconds: float | None = None) -> int:
        """Do updates until one of the limits is reached, or the run ends; return how many were done.

        epochs counts epoch ends, that of an epoch already begun among them. seconds is wall time; at least one
        update is made.
        """
        self._history = None
        before = self.updates_done
        most = 0 if self.diverged else self.total_updates - before
        if updates is not None:
            most = min(most, whole_number("updates", updates, 0))
        if epochs is not None:
            ends = self.epochs_done + whole_number("epochs", epochs, 0)
            most = min(most, ends * self.plan.updates - before)
        until = math.inf if seconds is None else self._clock() + real_number("seconds", seconds, 0)
        with quiet():  # reported as a divergence
            while most > 0 and not self.diverged:
                most -= self._updates(most, until - self._clock())
                if self._clock() >= until:
                    break
        return self.updates_done - before

    def _updates(self, most: int, seconds: float) -> int:
        """Steps down the gradients of the next batches' losses: `most`, or what is at hand and fits; how many."""
        started, before, an_epoch = self._clock(), self.updates_done, self.plan.updates
        to_evaluation = math.ceil(min(self._share.epochs_to_wait(), self._epochs)) * an_epoch - before % an_epoch
        losses, failed = self._run.make(min(most, to_evaluation), self._rates, seconds)
        count = len(losses)
        if failed is not None:
            self.failure = self._record_of(before + count + 1, failed[0])
        if count:
            self.last = self._record_of(before + count, losses[-1, 0])
            ended = self._clock()
            took = ended - started
            self._recorded_updates.extend(losses[:, 0], self._seconds + took * np.arange(1.0, count + 1) / count)
            self._seconds += took
            self._share = self._share.after(took, count / an_epoch, ended)
            if self.updates_done % an_epoch == 0 and (self._share.missing <= 0 or self.finished):
                self._end_epoch()
        return count

    def _record_of(self, number: int, loss: float) -> Update:
        """The record of the `number`-th update, from 1."""
        return Update(number, (number - 1) // self.plan.updates + 1, self._run.rows_of(number), float(loss))

    def _end_epoch(self) -> None:
        """Evaluate both splits, and note their losses if they are numbers."""
        started = self._clock()
        train, val = self.evaluate("train").loss, self.evaluate("val").loss
        self._share = self._share.after_evaluation(self._clock() - started)
        if not (math.isfinite(train) and math.isfinite(val)):
            if self.finished:
                failed = val if math.isfinite(train) else train
                self.failure = self._record_of(self.updates_done, failed)
            return
        self._epoch.append(self.epochs_done)
        self._train_loss.append(train)
        self._val_loss.append(val)
        self._epoch_seconds.append(self._seconds)
