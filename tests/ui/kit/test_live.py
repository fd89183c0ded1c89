"""One owner at a time: with clicks from any thread, the updates of a run form one sequence."""

import random
import threading

import numpy as np
import pytest

from mbgd import Training
from mbgd.ui.kit.live import Owner
from mbgd.ui.train.run import Run
from tests.ui.train.runs import FULL, data_of, make_run

DIGITS = {"data": "digits", "hidden": (8,), "batch": 32, "rate": 0.05, "epochs": 500}
CLICKERS, CLICKS = 4, 60


def plain_history(run: Run) -> Training:
    """The same settings trained in one go, with the same number of updates."""
    plain = Training(data_of(run.choices), run.choices.settings(len(run.dataset.X_train)))
    plain.advance(updates=run.training.updates_done)
    return plain


def test_clicks_from_many_threads_leave_one_sequence_of_updates():
    run, owner, stop = make_run(**DIGITS), Owner(), threading.Event()
    steps, failures, done = [0] * CLICKERS, [], []

    def slices() -> None:
        while not stop.is_set():
            with owner.held():
                before = run.training.updates_done
                run.play(FULL, 0.02, between=lambda: None)
                done.append(run.training.updates_done - before)

    def clicker(number: int) -> None:
        rng = random.Random(number)

        def step() -> None:
            run.step(updates=3)
            steps[number] += 1

        try:
            for _ in range(CLICKS):
                action = rng.choice([step, run.pause, run.train])
                owner.ask(action)
                owner.act()
                stop.wait(rng.random() * 0.01)
        except Exception as error:
            failures.append(error)

    owner.ask(run.train)
    owner.act()
    threads = [threading.Thread(target=clicker, args=(number,)) for number in range(CLICKERS)]
    player = threading.Thread(target=slices)
    for thread in (player, *threads):
        thread.start()
    for thread in threads:
        thread.join(60)
    stop.set()
    player.join(60)

    assert not failures
    assert sum(steps) > CLICKERS * CLICKS // 5
    assert run.training.updates_done >= 3 * sum(steps)
    plain = plain_history(run)
    np.testing.assert_array_equal(run.training.history.batch_loss, plain.history.batch_loss)
    np.testing.assert_array_equal(run.training.history.update, plain.history.update)
    for (W, b, _), (plain_W, plain_b, _) in zip(run.training.layers, plain.layers, strict=True):
        np.testing.assert_array_equal(W, plain_W)
        np.testing.assert_array_equal(b, plain_b)


def test_each_click_acts_once_and_in_order():
    owner, acted = Owner(), []
    for number in range(5):
        owner.ask(lambda number=number: acted.append(number))
    owner.act()
    owner.act()
    assert acted == [0, 1, 2, 3, 4]


def test_a_click_waits_for_the_slice_under_way():
    owner, acted = Owner(), threading.Event()
    owner.ask(acted.set)
    thread = threading.Thread(target=owner.act)
    with owner.held():
        thread.start()
        assert not acted.wait(0.02)
    assert acted.wait(1)
    thread.join(1)


def test_a_click_that_fails_does_not_stop_the_next_one():
    owner, acted = Owner(), []
    owner.ask(lambda: 1 / 0)
    owner.ask(lambda: acted.append("next"))
    with pytest.raises(ZeroDivisionError):
        owner.act()
    owner.act()
    assert acted == ["next"]
