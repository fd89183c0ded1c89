"""A grid is checked when it is made, and divides its runs into tasks."""

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.experiments.sweep import Grid
from mbgd.experiments.sweep.task import looks, tasks_of

SETTINGS = Settings(1, 1, 1.0, (6,))


def grid(**options):
    return Grid(**({"batch_sizes": (4, 32), "rates": (0.01, 0.1), "seeds": (0, 1), "settings": SETTINGS} | options))


@pytest.mark.parametrize(
    "options",
    [
        {"seeds": ()},
        {"seeds": tuple(range(21))},
        {"seeds": (0, 0)},
        {"seeds": (-1,)},
        {"batch_sizes": ()},
        {"batch_sizes": (0,)},
        {"batch_sizes": (2.5,)},
        {"batch_sizes": tuple(range(1, 1_000_001))},
        {"batch_sizes": 4},
        {"rates": (float("nan"),)},
        {"rates": (0.1, float("inf"))},
        {"rates": (0.0,)},
        {"rates": "0.1"},
        {"rates": (0.1, 0.1)},
        {"budget": "days"},
        {"amount": 0},
        {"amount": 10**9},
    ],
)
def test_a_bad_value_gets_one_sentence(options):
    with pytest.raises(ValueError, match=r"^[^\n]{20,300}\.$"):
        grid(**options)


@pytest.mark.parametrize(
    ("budget", "amount", "updates"),
    [("epochs", 3, {4: 45, 32: 6}), ("updates", 10, {4: 10, 32: 10}), ("samples", 100, {4: 26, 32: 4})],
)
@pytest.mark.parametrize("batch_size", [4, 32])
def test_the_updates_of_a_budget(budget, amount, updates, batch_size):
    # 58 rows: 15 batches of 4 (the last of 2), 2 of 32 (the last of 26)
    assert grid(budget=budget, amount=amount).updates(batch_size, 58) == updates[batch_size]


def test_every_run_is_in_one_task():
    asked = grid(batch_sizes=(1, 16), rates=tuple(np.geomspace(1e-3, 1, 12)), seeds=tuple(range(20)), amount=200)
    tasks = tasks_of(load("moons"), asked)
    runs = [(task.batch_size, rate, seed) for task in tasks for rate in task.rates for seed in task.seeds]
    assert len(runs) == len(set(runs)) == asked.runs == 480
    assert len(tasks) > 4


@pytest.mark.parametrize("updates", [1, 2, 10, 47, 48, 10_000])
def test_looks_begin_before_the_first_update_and_end_after_the_last(updates):
    at = looks(updates)
    assert at[0] == 0
    assert at[-1] == updates
    assert at == sorted(set(at))
    assert len(at) <= 48
