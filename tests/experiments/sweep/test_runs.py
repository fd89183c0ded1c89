"""Each run of a sweep is the Training with its settings, in whatever order and process it is made."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import islice
from time import perf_counter

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.experiments.sweep import Grid, Sweep, run_sweep
from mbgd.experiments.sweep.task import Task, run_task, work

SETTINGS = Settings(1, 1, 1.0, (6,), "tanh")


def grid(**options):
    chosen = {"batch_sizes": (16, 7, 500), "rates": (0.02, 0.2), "seeds": (0, 3), "settings": SETTINGS, "amount": 3}
    return Grid(**(chosen | options))


def runs_of(cells):
    return {run[:3]: run for cell in cells for run in cell.runs}


def same(one, other):
    return all(
        np.array_equal(a, b, equal_nan=True)
        for name, a, b in zip(one._fields, one, other, strict=True)
        if name not in ("seconds", "diverged")
    )


@pytest.mark.parametrize("last", ["keep", "drop"])
@pytest.mark.parametrize(("budget", "amount"), [("epochs", 4), ("updates", 9), ("samples", 130)])
@pytest.mark.parametrize("name", ["sine", "moons", "penguins"])
def test_a_run_is_the_training_of_its_settings(name, budget, amount, last):
    data = partial(load, name, **({} if name == "penguins" else {"n": 73}))
    asked = grid(settings=replace(SETTINGS, last_batch=last), budget=budget, amount=amount)
    runs = runs_of(run_sweep(data, asked))
    assert len(runs) == asked.runs == 12
    for (batch_size, rate, seed), run in runs.items():
        dataset = data(seed)
        updates = asked.updates(batch_size, len(dataset.X_train))
        training = Training(dataset, asked.settings_of(batch_size, rate, seed, len(dataset.X_train)))
        training.advance(updates=updates)
        assert run.updates == training.updates_done == updates
        assert run.diverged is None
        for split, loss, accuracy in (
            ("train", run.train_loss, run.train_accuracy),
            ("val", run.val_loss, run.val_accuracy),
        ):
            found = training.evaluate(split)
            assert loss[-1] == pytest.approx(found.loss, rel=1e-12, abs=1e-12)
            assert np.isnan(accuracy[-1]) if found.accuracy is None else accuracy[-1] == found.accuracy


def test_a_run_that_diverges_says_at_which_update():
    dataset = load("plane", n=70)
    asked = grid(batch_sizes=(16,), rates=(0.05, 20.0), settings=replace(SETTINGS, hidden=()), amount=300, seeds=(0,))
    runs = runs_of(run_sweep(dataset, asked))
    training = Training(dataset, asked.settings_of(16, 20.0, 0, len(dataset.X_train)))
    training.advance()
    assert training.failure is not None
    failed, stable = runs[16, 20.0, 0], runs[16, 0.05, 0]
    assert failed.diverged is not None
    assert failed.diverged == training.failure.update
    assert failed.updates == failed.diverged - 1
    gone = failed.update >= failed.diverged
    assert gone.any()
    assert np.isinf(failed.train_loss[gone]).all()
    assert np.isinf(failed.val_loss[gone]).all()
    assert np.isfinite(failed.train_loss[~gone]).all()
    until_then = replace(asked, rates=(20.0,), budget="updates", amount=failed.diverged)
    (last,) = runs_of(run_sweep(dataset, until_then)).values()
    assert last.update[-1] == last.diverged == failed.diverged
    assert np.isinf(last.train_loss[-1])
    assert np.isinf(last.val_loss[-1])
    assert stable.diverged is None
    assert np.isfinite(stable.train_loss).all()


def test_a_run_whose_last_update_leaves_no_finite_loss_has_diverged():
    dataset = load("plane", n=70)
    asked = grid(batch_sizes=(16,), rates=(1e200,), settings=replace(SETTINGS, hidden=()), seeds=(0,))
    for amount in range(1, 8):
        (run,) = runs_of(run_sweep(dataset, replace(asked, budget="updates", amount=amount))).values()
        assert (run.diverged is None) == bool(np.isfinite(run.train_loss[-1]))


def test_the_order_changes_no_digit():
    data, asked = partial(load, "moons", n=60), grid()
    runs = runs_of(run_sweep(data, asked))
    with ThreadPoolExecutor(3) as threads:
        by_threads = runs_of(run_sweep(data, asked, threads))
    assert by_threads.keys() == runs.keys()
    assert all(same(runs[key], by_threads[key]) for key in runs)


def test_runs_stacked_otherwise_are_the_same_to_rounding():
    data, asked = partial(load, "moons", n=60), grid()
    together = run_task(data, asked, Task(16, (0.02, 0.2), (0,)))
    (alone,) = run_task(data, asked, Task(16, (0.2,), (0,)))
    np.testing.assert_allclose(together[1].train_loss, alone.train_loss, rtol=1e-12)


def test_a_sweep_that_was_stopped_goes_on_with_what_is_left():
    data, asked = partial(load, "moons", n=60), grid()
    sweep = Sweep(data, asked)
    for _ in sweep.go():
        if sweep.runs_done:
            break
    assert 0 < sweep.runs_done < asked.runs
    before = dict(sweep.cells)
    for _ in sweep.go():
        pass
    assert sweep.finished
    assert sweep.runs_done == asked.runs
    assert len(sweep.cells) == 6
    assert all(sweep.cells[key] is cell for key, cell in before.items())
    runs = runs_of(run_sweep(data, asked))
    assert all(same(runs[key], run) for key, run in runs_of(sweep.cells.values()).items())


def test_the_first_cells_come_before_the_last_are_made():
    cells = list(islice(run_sweep(load("moons", n=60), grid(amount=50)), 1))
    assert len(cells) == 1


def test_a_cell_has_its_runs_in_the_order_of_the_seeds():
    cells = list(run_sweep(partial(load, "moons", n=60), grid(seeds=(3, 0, 5))))
    assert all([run.seed for run in cell.runs] == [3, 0, 5] for cell in cells)
    assert all({run[:2] for run in cell.runs} == {cell[:2]} for cell in cells)


def test_no_step_takes_long():
    data, asked = load("moons", n=2_000), grid(settings=replace(SETTINGS, hidden=(128, 128)), seeds=(0,), amount=2)
    took, before = [], perf_counter()
    for _ in work(data, asked, Task(500, tuple(map(float, np.geomspace(0.01, 1, 12))), (0,))):
        now = perf_counter()
        took.append(now - before)
        before = now
    assert np.median(took) < 0.08  # one update of all twelve runs, or 30 ms of looking at them
