"""A watched run is the run of Training, with both losses of every epoch, the best network kept, and early stopping."""

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.experiments.diagnose.problem import lesson_problem
from mbgd.experiments.diagnose.watch import Watcher, watch
from mbgd.experiments.step import finish

SMALL = Settings(16, 12, 0.05, hidden=(8,))


@pytest.mark.parametrize("name", ["sine", "moons", "diabetes"])
def test_its_losses_are_those_of_training(name):
    dataset = load(name)
    run, training = finish(watch(dataset, SMALL)), Training(dataset, SMALL)
    training.advance()
    np.testing.assert_array_equal(run.train[1:], training.history.train_loss)
    np.testing.assert_array_equal(run.val[1:], training.history.val_loss)
    assert (run.train[0], run.val[0]) == tuple(training.start[split].loss for split in ("train", "val"))
    assert run.epoch.tolist() == list(range(13))
    assert run.finished
    assert not run.stopped
    assert run.updates == training.updates_done == 12 * run.updates_an_epoch
    for layer, other in zip(run.layers, training.layers, strict=True):
        np.testing.assert_array_equal(layer.W, other.W)


def test_the_kept_network_is_that_of_the_lowest_validation_loss():
    problem = lesson_problem(3)
    run = finish(watch(problem.dataset, problem.settings))
    training = Training(problem.dataset, problem.settings)
    training.advance(epochs=run.diagnosis.since)
    assert training.evaluate("val").loss == run.val.min() == run.diagnosis.lowest
    for layer, other in zip(run.best_layers, training.layers, strict=True):
        np.testing.assert_array_equal(layer.W, other.W)
        np.testing.assert_array_equal(layer.b, other.b)


@pytest.mark.parametrize("patience", [5, 20])
def test_early_stopping_waits_for_its_patience_and_no_longer(patience):
    problem = lesson_problem(1)
    whole = finish(watch(problem.dataset, problem.settings))
    run = finish(watch(problem.dataset, problem.settings, patience))
    lowest = np.minimum.accumulate(whole.val)
    since = np.array([np.flatnonzero(whole.val == low)[0] for low in lowest])
    expected = int(np.flatnonzero(whole.epoch - since >= patience)[0])
    assert run.stopped
    assert run.epoch[-1] == expected == run.diagnosis.since + patience
    np.testing.assert_array_equal(run.val, whole.val[: expected + 1])


def test_patience_that_is_never_used_up_changes_nothing():
    run = finish(watch(load("sine"), SMALL, 500))
    assert not run.stopped
    assert run.epoch[-1] == SMALL.epochs


def test_a_divergence_ends_it_with_its_epoch():
    run = finish(watch(load("diabetes"), Settings(16, 20, 10.0, hidden=(8, 8))))
    assert run.failed is not None
    assert run.finished
    assert len(run.epoch) <= run.failed
    assert np.isfinite(run.val).all()


def test_an_epoch_can_take_several_turns():
    watcher = Watcher(load("digits"), Settings(1, 1, 0.01, hidden=(32,)))
    shares = []
    while not watcher.ended:
        watcher.go_on(0.001)
        shares.append(watcher.share)
    assert len(shares) > 2
    assert shares == sorted(shares)
    assert watcher.so_far().epoch.tolist() == [0, 1]


def test_a_result_never_changes_after_it_is_yielded():
    problem = lesson_problem(0)
    steps = watch(problem.dataset, problem.settings)
    first = next(steps).result
    val, W = first.val.copy(), first.layers[0].W.copy()
    next(steps)
    np.testing.assert_array_equal(first.val, val)
    np.testing.assert_array_equal(first.layers[0].W, W)
