"""Three batch sizes side by side: one row, a batch, and all rows. One loop trains each; only its batch size differs."""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import numpy as np

from mbgd.data.dataset import Dataset
from mbgd.engine.activations import Array
from mbgd.engine.evaluation import Evaluation
from mbgd.engine.history import Column
from mbgd.engine.network import Layer
from mbgd.engine.settings import Settings
from mbgd.engine.training import Training
from mbgd.experiments.constant import constant_loss
from mbgd.experiments.train.seen import Lane

USUAL = 16  # rows of the batch in the middle, if the chosen batch size is one of the two ends
MOST_LOOKS = 1_000  # epoch ends at which all rows are evaluated: each of up to so many, then every second, third, ...
PIECE = 0.015  # seconds of training before the next check for clicks


def three_sizes(n_train: int, chosen: int) -> tuple[int, ...]:
    """The batch sizes to compare: 1, a size between, and all rows.

    The size between is the chosen one if it lies between. Otherwise it is 16, or on small data the power of two near
    the square root of the number of rows. With fewer than three rows there are fewer sizes.
    """
    middle = chosen if 1 < chosen < n_train else USUAL
    if middle > n_train // 2 and middle != chosen:
        middle = 2 ** round(np.log2(n_train) / 2)
    return tuple(sorted({1, min(middle, n_train), n_train}))


class Runner:
    """The run of one batch size, and its losses over all rows, measured at the same epoch ends as those of the others.

    epochs, updates, seconds, train_loss, val_loss: a value per measurement; the first is before any update. layers
    and now: the weights and the evaluations of the last measurement.
    """

    def __init__(self, dataset: Dataset, settings: Settings) -> None:
        self.training = Training(dataset, settings, evaluate_share=0)
        self.batch_size = self.training.plan.batch_size
        self._columns = {name: Column() for name in ("epochs", "updates", "seconds", "train_loss", "val_loss")}
        self.layers: list[Layer] = []
        self.now: dict[str, Evaluation] = {}
        self.measure(0)

    def __getattr__(self, name: str) -> Array:
        if name.startswith("_") or name not in self._columns:
            raise AttributeError(name)
        return self._columns[name].values

    def advance(self, epoch: int) -> bool:
        """Train towards the end of this epoch for a moment; whether it is reached, or never will be."""
        training = self.training
        training.epochs = max(training.epochs, epoch)
        left = epoch * training.plan.updates - training.updates_done
        if left > 0 and not training.diverged:
            training.advance(updates=left, seconds=PIECE)
        return training.diverged or training.updates_done >= epoch * training.plan.updates

    def measure(self, epoch: int) -> None:
        """Note the losses over all rows at the end of this epoch, unless the run has diverged before it."""
        training = self.training
        now = {split: training.evaluate(split) for split in ("train", "val")}
        self.now, self.layers = now, training.layers
        losses = now["train"].loss, now["val"].loss
        if training.updates_done == epoch * training.plan.updates and np.isfinite(losses).all():
            values = epoch, training.updates_done, training.seconds, *losses
            for column, value in zip(self._columns.values(), values, strict=True):
                column.append(value)

    @property
    def lane(self) -> Lane:
        """What its verdict depends on."""
        failure = self.training.failure
        return Lane(
            self.batch_size,
            self.batch_size == len(self.training.dataset.X_train),
            self.epochs,
            self.train_loss,
            constant_loss(self.training.dataset),
            self.now["train"].accuracy,
            failure.update if failure else None,
            int(self.updates[-1]),
        )


class Comparison:
    """Runs of several batch sizes on one clock of epochs: same data, first weights, learning rate and epochs."""

    def __init__(self, dataset: Dataset, settings: Settings) -> None:
        sizes = three_sizes(len(dataset.X_train), settings.batch_size)
        self.dataset, self.settings = dataset, settings
        self.runners = [Runner(dataset, replace(settings, batch_size=size)) for size in sizes]
        self.epochs = settings.epochs
        self.done = 0  # epochs that all runs have finished
        self._stride = -(-settings.epochs // MOST_LOOKS)

    @property
    def ended(self) -> bool:
        """Whether all epochs are done, or all runs have diverged."""
        return self.done >= self.epochs or all(runner.training.diverged for runner in self.runners)

    @property
    def lanes(self) -> list[Lane]:
        """What was measured of each run."""
        return [runner.lane for runner in self.runners]

    def advance(self, epochs: int, until: float, between: Callable[[], object] = lambda: None) -> bool:
        """Train until so many epochs are done in all runs, or until this time; whether they are done.

        until: a time of `perf_counter`. between() is called every few milliseconds and may end this with an exception.
        """
        while self.done < min(epochs, self.epochs) and not self.ended:
            target = min(self.done + self._stride, self.epochs)
            for runner in self.runners:
                while not runner.advance(target):
                    between()
                    if perf_counter() >= until:
                        return False
            for runner in self.runners:
                runner.measure(target)
            self.done = target
            between()
            if perf_counter() >= until:
                break
        return self.done >= min(epochs, self.epochs) or self.ended
