"""What is trained: the lesson's own problem, on which a network overfits, or the data and settings of the sidebar."""

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.data.catalogue import load
from mbgd.data.dataset import Dataset
from mbgd.engine.settings import Settings

# Few rows that overlap, and a network with 4,482 parameters. Measured with the seeds 0 to 19: the validation loss is
# lowest after 2 to 57 epochs (median 15), at 0.41 (median), and ends 1.7 to 5.5 times as high (median 2.9). From that
# epoch on, the training loss falls to at most 0.36 of its value. A run computes for 0.5 s.
DATA, NOISE = "moons", 0.4
TRAIN_ROWS, MORE_ROWS, VALIDATION_ROWS = 30, 120, 200
BATCH, EPOCHS, RATE = 10, 2_000, 0.01
HIDDEN, ACTIVATION = (64, 64), "relu"
FEWEST = 4  # training rows of which half can be taken


class Problem(NamedTuple):
    """A data set and the settings of a run, and the same data with more training rows, or with fewer.

    other: its validation rows and its units are those of dataset, so that all losses can be compared; None if there are
    too few rows.
    """

    dataset: Dataset
    settings: Settings
    other: Dataset | None


def with_rows(dataset: Dataset, rows: NDArray[np.intp]) -> Dataset:
    """The data set with these of its training rows only, in the units that it has."""
    return replace(
        dataset,
        X_train=dataset.X_train[rows],
        Y_train=dataset.Y_train[rows],
        rows_train=dataset.rows_train[rows],
    )


@lru_cache(maxsize=16)
def lesson_problem(seed: int) -> Problem:
    """The lesson's own problem. Its other data set has four times as many training rows, the same ones among them."""
    size = MORE_ROWS + VALIDATION_ROWS
    more = load(DATA, seed, n=size, noise=NOISE, validation=VALIDATION_ROWS / size)
    settings = Settings(BATCH, EPOCHS, RATE, hidden=HIDDEN, activation=ACTIVATION, seed=seed)
    return Problem(with_rows(more, np.arange(TRAIN_ROWS)), settings, more)


def own_problem(dataset: Dataset, settings: Settings) -> Problem:
    """A problem of any data and settings. Its other data set has half of the training rows, drawn by the seed."""
    N = len(dataset.X_train)
    if N < FEWEST:
        return Problem(dataset, settings, None)
    rng = np.random.default_rng((settings.seed, N))
    rows = np.sort(rng.choice(N, N // 2, replace=False))
    return Problem(dataset, settings, with_rows(dataset, rows))
