"""Evaluation within its share of the time."""

import math

import pytest

from mbgd import Settings, Training, load
from mbgd.engine import budget, updates
from mbgd.engine import training as training_module
from mbgd.engine.budget import IDLE_COUNTED, Budget
from mbgd.engine.core import Core

AN_UPDATE, AN_EVALUATION = 1e-5, 2e-5  # seconds by the clock below


class Clock:
    """A clock that a test sets, and that goes on by the same for each update and each evaluation of a split."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        self.made = []  # updates in each go
        for module in (budget, training_module, updates):
            monkeypatch.setattr(module, "perf_counter", lambda: self.now)
        run, evaluation = Core.run, training_module.evaluate_split

        def counted_run(core, start, stop):
            run(core, start, stop)
            self.now += AN_UPDATE * (stop - start)
            self.made.append(stop - start)

        def counted_evaluation(layers, split, loss):
            self.now += AN_EVALUATION
            return evaluation(layers, split, loss)

        monkeypatch.setattr(Core, "run", counted_run)
        monkeypatch.setattr(training_module, "evaluate_split", counted_evaluation)


def test_the_first_evaluation_is_due_at_once_and_the_next_when_it_fits(monkeypatch):
    clock, share = Clock(monkeypatch), Budget(0.1)
    assert share.missing <= 0
    assert share.epochs_to_wait() == 1
    clock.now = 1.0
    share.tick(1.0, 1)
    share.spend(0.5)  # half a second: with another one 1 s, which is a tenth of 10 s
    assert share.missing == pytest.approx(9)
    clock.now = 2.0
    share.tick(1.0, 2)
    assert share.missing == pytest.approx(8)
    assert share.epochs_to_wait() == pytest.approx(16)
    clock.now = 10.0
    share.tick(8.0, 16)
    assert share.missing == pytest.approx(0)


@pytest.mark.parametrize(("share", "missing"), [(math.inf, 0.0), (0.0, math.inf)])
def test_it_can_be_after_every_epoch_or_never(share, missing):
    unlimited = Budget(share)
    unlimited.spend(5.0)
    assert max(unlimited.missing, 0.0) == missing


def test_waiting_counts_a_little(monkeypatch):
    clock, share = Clock(monkeypatch), Budget(0.1)
    share.spend(0.001)
    before = share.missing
    clock.now = 60.0
    share.tick(0.0, 1)
    assert share.missing == pytest.approx(before - IDLE_COUNTED)


@pytest.mark.parametrize(("data", "batch_size"), [("sine", 16), ("sine", 1_000), ("diabetes", 1)])
def test_a_run_spends_its_share_on_evaluation(data, batch_size, monkeypatch):
    clock = Clock(monkeypatch)
    training = Training(load(data), Settings(batch_size, 10**9, 1e-3))
    started = clock.now
    training.advance(seconds=1.0)
    history, wall = training.history, clock.now - started
    assert training.evaluation_seconds == pytest.approx(len(history.epoch) * 2 * AN_EVALUATION)
    an_epoch = training.plan.updates * AN_UPDATE
    due_always = 2 * AN_EVALUATION <= 0.08 * an_epoch  # then it is after every epoch
    share = 2 * AN_EVALUATION / (2 * AN_EVALUATION + an_epoch) if due_always else 0.09
    assert share - 0.01 < training.evaluation_seconds / wall <= share + 1e-9
    assert wall - training.evaluation_seconds == pytest.approx(training.updates_done * AN_UPDATE)
    assert training.seconds == pytest.approx(training.updates_done * AN_UPDATE)
    assert history.epoch[0] == 1
    assert (history.epoch_update == history.epoch * training.plan.updates).all()
    assert len(history.epoch) == len(history.train_loss) == len(history.seconds)


@pytest.mark.parametrize("slice_seconds", [0.0, 1e-4, 0.015])
def test_a_slice_of_time_is_kept_in_few_goes(slice_seconds, monkeypatch):
    clock = Clock(monkeypatch)
    training = Training(load("sine"), Settings(16, 10**9, 1e-3), evaluate_share=0)
    training.advance(updates=100)
    clock.made.clear()
    for _ in range(20):
        started = clock.now
        done = training.advance(seconds=slice_seconds)
        assert done == pytest.approx(max(1, slice_seconds / AN_UPDATE), abs=1.5)
        assert clock.now - started <= slice_seconds + 1.001 * AN_UPDATE
    assert len(clock.made) <= 20 * (2 + done / 100)


def test_in_slow_motion_every_epoch_is_evaluated(monkeypatch):
    clock = Clock(monkeypatch)
    training = Training(load("sine"), Settings(16, 50, 1e-3))
    for _ in range(20):
        clock.now += 0.1
        training.advance(epochs=1)
    assert training.history.epoch.tolist() == list(range(1, 21))


def test_the_last_epoch_is_always_evaluated():
    training = Training(load("sine"), Settings(16, 30, 1e-3), evaluate_share=0)
    training.advance()
    assert training.history.epoch.tolist() == [1, 30]


def test_evaluation_changes_nothing_in_the_run():
    often, never = (Training(load("sine"), Settings(7, 9, 0.01), evaluate_share=share) for share in (math.inf, 0.0))
    for training in (often, never):
        training.advance()
    assert often.history.batch_loss.tolist() == never.history.batch_loss.tolist()
    assert often.history.val_loss[-1] == never.history.val_loss[-1]
