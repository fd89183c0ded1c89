"""Training by gradient descent on batches: one loop, whatever the batch size."""

import math
from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.batches import plan_epoch
from mbgd.engine.checks import one_of, real_number, whole_number
from mbgd.engine.core import Copyable
from mbgd.engine.evaluation import Evaluation, evaluate_split
from mbgd.engine.guards import immutable, quiet
from mbgd.engine.history import Column, History, Thinned, Update
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, copies, predict
from mbgd.engine.settings import Settings, positive_rate
from mbgd.engine.splits import TrainingData, splits
from mbgd.engine.time_share import TimeShare
from mbgd.engine.updates import Updates

ONE_RUN = np.ones(1, dtype=bool)  # whose losses must be finite


class Progress(NamedTuple):
    """How far a run has come. It is replaced as a whole, in one assignment, when all that belongs to a step is done: so
    whatever interrupts a run, what it says of itself agrees.

    `changes` and `ends` tell how many of the noted changes of the rate and ends of epochs count.
    """

    updates: int
    epochs: int  # after which the run is finished
    rate: Array  # (1,), which nobody changes
    changes: int
    seconds: float
    share: TimeShare
    recorded: Thinned
    ends: int
    last: Update | None
    failure: Update | None
    evaluated: dict[str, Evaluation]  # at these weights


class Training(Copyable):
    """A run: iterate it for one Update a parameter update, or advance() it by updates, epochs or seconds.

    A batch's loss that is not finite ends the run with `diverged` set; `failure` then holds the update that could not
    be made, with the weights as they were before it. After the last epoch a loss over all rows of a split that is not
    finite is a divergence as well, and the last update the failure. Raises ValueError for data without two axes, with
    unequal rows or columns, with values that are not finite, or with targets that the loss can't have.

    Both splits are evaluated after every epoch. With an `evaluate_share` they are evaluated after the first epoch,
    after the last, and after as many between as take at most this share of the time that passes by `clock`, which
    tells seconds. Losses that are not finite are left out: whether a run diverges, and where, must not depend on what
    is evaluated.

    A copy (copy.copy, copy.deepcopy, pickle) is another run, which goes on as this one would. An exception that
    interrupts a run, such as Ctrl-C, leaves it between two updates, and it can go on from there.
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
        self._run = Updates(X, Y, dataset.loss, self.plan, order, [first], clock, settings.weight_decay)
        if evaluate_share != math.inf:
            real_number("evaluate_share", evaluate_share, 0)
        self._clock = clock
        self._changes = [(0, settings.learning_rate)]
        self._epoch, self._train_loss, self._val_loss, self._epoch_seconds = (Column() for _ in range(4))
        rate, share = np.array([settings.learning_rate]), TimeShare(evaluate_share, clock())
        self._now = Progress(0, settings.epochs, rate, 1, 0.0, share, Thinned(), 0, None, None, {})
        self._read: tuple[Progress, History] | None = None  # the history, once it was asked for
        self.start = {split: self.evaluate(split) for split in self._splits}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        last, failure = (record and record.protected() for record in (self.last, self.failure))
        self._now = self._now._replace(last=last, failure=failure)

    # --- what may be read ---

    @property
    def layers(self) -> list[Layer]:
        """Copies of the layers, first to last."""
        return copies(self._layers)

    @property
    def _layers(self) -> list[Layer]:
        return self._run.networks(self._now.updates)[0]

    @property
    def updates_done(self) -> int:
        """Parameter updates made so far."""
        return self._now.updates

    @property
    def last(self) -> Update | None:
        """The last update made, None before the first."""
        return self._now.last

    @property
    def failure(self) -> Update | None:
        """The update that could not be made, because its loss was not finite; None if there is none."""
        return self._now.failure

    @property
    def rates(self) -> list[tuple[int, float]]:
        """The learning rates so far: after how many updates, and which."""
        return self._changes[: self._now.changes]

    @property
    def epochs_done(self) -> int:
        """Epochs completed so far."""
        return self.updates_done // self.plan.updates

    @property
    def samples_seen(self) -> int:
        """Rows that updates have seen so far, once in each epoch."""
        within_epoch = self.updates_done % self.plan.updates
        return self.epochs_done * self.plan.rows + within_epoch * self.plan.batch_size

    @property
    def seconds(self) -> float:
        """Time spent computing updates, in seconds; evaluation and whatever the caller did are left out."""
        return self._now.seconds

    @property
    def evaluation_seconds(self) -> float:
        """Time spent evaluating both splits at the ends of epochs, in seconds."""
        return self._now.share.seconds

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
        now = self._now
        if self._read is None or self._read[0] is not now:
            self._read = now, self._recorded(now)
        return self._read[1]

    def _recorded(self, now: Progress) -> History:
        number, batch_loss, update_seconds = now.recorded.columns
        epoch = self._epoch.values[: now.ends].astype(np.int64)
        return History(
            update=immutable(number.astype(np.int64)),
            batch_loss=batch_loss,
            update_seconds=update_seconds,
            epoch=immutable(epoch),
            epoch_update=immutable(epoch * self.plan.updates),
            train_loss=self._train_loss.values[: now.ends],
            val_loss=self._val_loss.values[: now.ends],
            samples=immutable(epoch * self.plan.rows),
            seconds=self._epoch_seconds.values[: now.ends],
        )

    def evaluate(self, split: str) -> Evaluation:
        """Loss, and for classes accuracy, over all rows of "train" or "val" at the current weights."""
        one_of("split", split, self._splits)
        known = self._now.evaluated  # asked again before the next update, it is known
        if split not in known:
            known[split] = evaluate_split(self._layers, self._splits[split], self._loss_name)
        return known[split]

    def loss_of(self, rows: NDArray[np.intp]) -> float:
        """Loss of these training rows at the current weights."""
        X, Y = self._splits["train"]
        with quiet():
            return self._loss.function(Y[rows], predict(self._layers, X[rows]))

    # --- what may be changed between updates ---

    @property
    def learning_rate(self) -> float:
        """The rate of the next update."""
        return float(self._now.rate[0])

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        rate, now = positive_rate(value), self._now
        if rate != self.learning_rate:
            self._changes[now.changes :] = [(now.updates, rate)]
            self._now = now._replace(rate=np.array([rate]), changes=now.changes + 1)

    @property
    def epochs(self) -> int:
        """Epochs after which the run is finished: more of them let a finished run go on."""
        return self._now.epochs

    @epochs.setter
    def epochs(self, value: int) -> None:
        now = self._now._replace(epochs=whole_number("epochs", value, 1))
        epoch, within = divmod(now.updates, self.plan.updates)
        noted = now.ends and self._epoch.values[now.ends - 1] == epoch
        if epoch >= now.epochs and not within and not noted and now.failure is None:
            now = self._at_an_end(now, self._layers)
        self._now = now

    # --- training ---

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Update:
        if self.advance(updates=1) and (last := self._now.last) is not None:
            return last
        raise StopIteration

    def advance(self, *, updates: int | None = None, epochs: int | None = None, seconds: float | None = None) -> int:
        """Do updates until one of the limits is reached, or the run ends; return how many were done.

        epochs counts epoch ends, that of an epoch already begun among them. seconds is wall time; at least one
        update is made.
        """
        now, an_epoch = self._now, self.plan.updates
        most = now.epochs * an_epoch - now.updates if now.failure is None else 0
        if updates is not None:
            most = min(most, whole_number("updates", updates, 0))
        if epochs is not None:
            ends = now.updates // an_epoch + whole_number("epochs", epochs, 0)
            most = min(most, ends * an_epoch - now.updates)
        until = math.inf if seconds is None else self._clock() + real_number("seconds", seconds, 0)
        with quiet():  # reported as a divergence
            while most > 0 and self._now.failure is None:
                most -= self._some(most, until - self._clock())
                if self._clock() >= until:
                    break
        return self._now.updates - now.updates

    def _some(self, most: int, seconds: float) -> int:
        """Make updates: `most`, or as many as are at hand and fit; how many."""
        started, now, an_epoch = self._clock(), self._now, self.plan.updates
        to_evaluation = math.ceil(min(now.share.epochs_to_wait(), now.epochs)) * an_epoch - now.updates % an_epoch
        losses, failed = self._run.make(now.updates, min(most, to_evaluation), now.rate, ONE_RUN, seconds)
        count, done = len(losses), now.updates + len(losses)
        failure = None if failed is None else self._record_of(done + 1, failed[0])
        if not count:
            self._now = now._replace(failure=failure)
            return 0
        ended = self._clock()
        took = ended - started
        now = Progress(
            done,
            now.epochs,
            now.rate,
            now.changes,
            now.seconds + took,
            now.share.after(took, count / an_epoch, ended),
            now.recorded.extended(losses[:, 0], now.seconds + took * np.arange(1.0, count + 1) / count),
            now.ends,
            self._record_of(done, losses[-1, 0]),
            failure,
            {},
        )
        if done % an_epoch == 0 and (now.share.missing <= 0 or done >= now.epochs * an_epoch):
            now = self._at_an_end(now, self._run.networks(done)[0])
        self._now = now
        return count

    def _record_of(self, number: int, loss: float) -> Update:
        """The record of the `number`-th update, from 1."""
        return Update(number, (number - 1) // self.plan.updates + 1, self._run.rows_of(number), float(loss))

    def _at_an_end(self, now: Progress, layers: list[Layer]) -> Progress:
        """The progress at the end of an epoch, with both splits evaluated, and noted if their losses are finite."""
        started = self._clock()
        evaluated = {name: evaluate_split(layers, split, self._loss_name) for name, split in self._splits.items()}
        now = now._replace(share=now.share.after_evaluation(self._clock() - started), evaluated=evaluated)
        losses, epoch = [of_split.loss for of_split in evaluated.values()], now.updates // self.plan.updates
        if all(map(math.isfinite, losses)):
            columns = self._epoch, self._train_loss, self._val_loss, self._epoch_seconds
            for column, value in zip(columns, (epoch, *losses, now.seconds), strict=True):
                column.cut(now.ends)  # what an interrupted step has left
                column.append(value)
            return now._replace(ends=now.ends + 1)
        if epoch >= now.epochs:
            failed = next(loss for loss in losses if not math.isfinite(loss))
            return now._replace(failure=self._record_of(now.updates, failed))
        return now
