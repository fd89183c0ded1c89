"""Runs for the tests of records: trained from a few choices, with the data of the app."""

from dataclasses import replace
from functools import cache
from typing import Any

from mbgd import Dataset, Training
from mbgd.share.choices import Choices
from mbgd.share.runs.record import Record
from mbgd.ui.train.kept import record_of
from tests.ui.train.runs import data_of

SMALL = {"size": 40, "hidden": (4,), "epochs": 60}


def trained(updates: int | None = None, *, rates: tuple[tuple[int, float], ...] = (), **chosen: Any):
    """A run with these choices after so many updates, its data and its choices; rates: changes of its rate."""
    choices = Choices(**SMALL | chosen)
    dataset = data_of(choices)
    training = Training(dataset, choices.settings(len(dataset.X_train)))
    for at, rate in rates:
        training.advance(updates=at - training.updates_done)
        training.learning_rate = rate
    training.advance(updates=None if updates is None else updates - training.updates_done)
    return training, dataset, choices


def record(updates: int | None = None, **chosen: Any) -> Record:
    """The record of such a run."""
    training, dataset, choices = trained(updates, **chosen)
    return record_of(choices, dataset, training)


@cache
def usual() -> Record:
    """A record of a run of 20 updates in a small network."""
    return record(20, batch=8)


def fresh(run: Record, dataset: Dataset) -> Training:
    """The run of a record before its first update."""
    return Training(dataset, replace(run.settings, learning_rate=run.rates[0][1]))
