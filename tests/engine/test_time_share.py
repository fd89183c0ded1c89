"""Evaluation within its share of the time."""

import math

import pytest

from mbgd import Settings, Training, load
from mbgd.engine import training as training_module
from mbgd.engine.core import Core
from mbgd.engine.time_share import IDLE_COUNTED, TimeShare

pytestmark = pytest.mark.thorough

AN_UPDATE, AN_EVALUATION = 1e-5, 2e-5  # seconds by the clock below


class Clock:
    """A clock that a test sets, and that goes on by the same for each update and each evaluation of a split."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        self.made = []  # updates in each go
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

    def __call__(self):
        return self.now


def test_the_first_evaluation_is_due_at_once_and_the_next_when_it_fits():
    share = TimeShare(0.1, at=0.0)
    assert share.missing <= 0
    assert share.epochs_to_wait() == 1
    share = share.after(1.0, 1, now=1.0).after_evaluation(0.5)
    assert share.missing == pytest.approx(9)  # half a second: with another one 1 s, which is a tenth of 10 s
    share = share.after(1.0, 2, now=2.0)
    assert share.missing == pytest.approx(8)
    assert share.epochs_to_wait() == pytest.approx(16)
    assert share.after(8.0, 16, now=10.0).missing == pytest.approx(0)


@pytest.mark.parametrize(("share", "missing"), [(math.inf, 0.0), (0.0, math.inf)])
def test_it_can_be_after_every_epoch_or_never(share, missing):
    assert max(TimeShare(share, at=0.0).after_evaluation(5.0).missing, 0.0) == missing


def test_waiting_counts_a_little():
    share = TimeShare(0.1, at=0.0).after_evaluation(0.001)
    assert share.after(0.0, 1, now=60.0).missing == pytest.approx(share.missing - IDLE_COUNTED)


def test_computing_counts_whatever_the_clock_says():
    """As when a run was copied to another process, whose clock began later."""
    share = TimeShare(0.1, at=1e6).after_evaluation(0.001)
    assert share.after(2.0, 1, now=3.0).missing == pytest.approx(share.missing - 2.0)


def test_by_default_every_epoch_is_evaluated(monkeypatch):
    clock = Clock(monkeypatch)
    training = Training(load("sine"), Settings(1_000, 60, 1e-3), clock=clock)
    training.advance()
    assert training.evaluation_seconds > training.seconds
    assert training.history.epoch.tolist() == list(range(1, 61))


@pytest.mark.parametrize(("data", "batch_size"), [("sine", 16), ("sine", 1_000), ("diabetes", 1)])
def test_a_run_spends_its_share_on_evaluation(data, batch_size, monkeypatch):
    clock = Clock(monkeypatch)
    training = Training(load(data), Settings(batch_size, 10**9, 1e-3), evaluate_share=0.09, clock=clock)
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
    training = Training(load("sine"), Settings(16, 10**9, 1e-3), evaluate_share=0, clock=clock)
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
    training = Training(load("sine"), Settings(16, 50, 1e-3), evaluate_share=0.09, clock=clock)
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
