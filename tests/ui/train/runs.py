"""Runs, made as on the page Train from a few choices."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from mbgd import Dataset, load
from mbgd.share.choices import Choices
from mbgd.ui.kit.pace import SPEEDS
from mbgd.ui.train.run import Run

FULL, TEN_EPOCHS = SPEEDS["full speed"], SPEEDS["10 epochs/s"]
LONG = 60.0  # seconds: long enough for all that these tests train
DIABETES = {"data": "diabetes", "hidden": (16,), "rate": 0.02}  # 353 rows in 22 batches of 16, and one of 1
PLANE = {"data": "plane", "hidden": (), "rate": 0.01}  # 240 rows in 15 batches


@cache
def _load(options: tuple[tuple[str, Any], ...]) -> Dataset:
    return load(**dict(options))


def data_of(choices: Choices) -> Dataset:
    """The data set of these choices: the same object for the same data, as in the app."""
    return _load(tuple(choices.data_options().items()))


def make_run(**chosen: Any) -> Run:
    """A run with these choices, and those of DIABETES for all others."""
    choices = Choices(**DIABETES | chosen)
    return Run(choices, data_of(choices))


def choose(run: Run, **changes: Any) -> None:
    """Change choices in the sidebar."""
    choices = replace(run.chosen, **changes)
    run.choose(choices, data_of(choices))


def ended_run(**chosen: Any) -> Run:
    """A run trained until it is finished or diverged."""
    run = make_run(**chosen)
    run.training.advance()
    return run


def weights(run: Run) -> np.ndarray:
    """All weights and biases in one vector."""
    return np.concatenate([np.append(W.ravel(), b) for W, b, _ in run.training.layers])
