"""What the page Train puts into the list of the page Runs: records of its run, and of the runs of a comparison."""

from dataclasses import replace

import numpy as np

from mbgd.charts.train.loss import rates_of, up_to_now
from mbgd.data.dataset import Dataset
from mbgd.engine.training import Training
from mbgd.experiments.train.comparison import Runner
from mbgd.share.choices import Choices
from mbgd.share.runs.record import History, Record, fingerprint
from mbgd.share.runs.store import Runs
from mbgd.ui.train.compared import Compared


def about_of(choices: Choices, training: Training) -> tuple:
    """What a run follows from: runs with an equal key are the same run, or the same run trained longer."""
    settings = replace(training.settings, epochs=1, learning_rate=1.0)
    return (choices.data_key, settings, rates_of(training))


def note_run(runs: Runs, choices: Choices, dataset: Dataset, training: Training, *, pinned: bool = False) -> None:
    """Put a run into the list, unless it is there; its record is only made if it is new."""
    if runs.wants(about_of(choices, training), training.updates_done, pinned=pinned):
        runs.add(replace(record_of(choices, dataset, training), pinned=pinned))


def note_comparison(runs: Runs, compared: Compared, *, pinned: bool = False) -> None:
    """Put the runs of a comparison into the list, unless they are there."""
    for runner in compared.comparison.runners:
        about, updates = about_of(compared.choices, runner.training), runner.training.updates_done
        if updates and runs.wants(about, updates, pinned=pinned):
            runs.add(replace(record_of_lane(compared.choices, compared.dataset, runner), pinned=pinned))


def record_of(choices: Choices, dataset: Dataset, training: Training) -> Record:
    """The record of a run on these data that was made from these choices."""
    shown = up_to_now(training, "")
    at = shown.position
    history = History(at["updates"], at["epochs"], at["samples"], at["seconds"], shown.train_loss, shown.val_loss)
    return _record(choices, dataset, training, history)


def record_of_lane(choices: Choices, dataset: Dataset, runner: Runner) -> Record:
    """The record of a run of a comparison, whose losses were measured at the ends of epochs that all its runs made."""
    training = runner.training
    columns = runner.epochs, runner.updates, runner.seconds, runner.train_loss, runner.val_loss
    epochs, updates, seconds, train_loss, val_loss = columns
    losses = [training.evaluate(split).loss for split in ("train", "val")]
    if training.updates_done > updates[-1] and np.isfinite(losses).all():  # it stands within an epoch
        now = training.updates_done
        epochs, updates = np.append(epochs, now / training.plan.updates), np.append(updates, now)
        seconds = np.append(seconds, training.seconds)
        train_loss, val_loss = np.append(train_loss, losses[0]), np.append(val_loss, losses[1])
    history = History(updates, epochs, epochs * training.plan.rows, seconds, train_loss, val_loss)
    return _record(choices.with_batch(runner.batch_size, len(dataset.X_train)), dataset, training, history)


def _record(choices: Choices, dataset: Dataset, training: Training, history: History) -> Record:
    layers = training.layers
    finite = all(np.isfinite(array).all() for layer in layers for array in (layer.W, layer.b))
    return Record(
        choices=replace(choices, rate=training.learning_rate, epochs=training.epochs),
        loss=dataset.loss,
        fingerprint=fingerprint(dataset),
        rows_train=len(dataset.X_train),
        rates=rates_of(training),
        updates=training.updates_done,
        failed=training.failure.update if training.failure else None,
        seconds=training.seconds,
        history=history.thinned(),
        layers=layers if finite else None,
        about=about_of(choices, training),
    )
