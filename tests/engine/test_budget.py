"""Evaluation within its share of the time."""

import math
from time import perf_counter

import pytest

from mbgd import Settings, Training, load
from mbgd.engine import budget
from mbgd.engine.budget import IDLE_COUNTED, Budget


class Clock:
    """A clock that a test sets."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(budget, "perf_counter", lambda: self.now)


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
def test_a_run_spends_about_its_share_on_evaluation(data, batch_size):
    training = Training(load(data), Settings(batch_size, 10**9, 1e-3))
    started = perf_counter()
    training.advance(seconds=0.3)
    assert training.evaluation_seconds < 0.2 * (perf_counter() - started)
    history = training.history
    assert history.epoch[0] == 1
    assert (history.epoch_update == history.epoch * training.plan.updates).all()
    assert len(history.epoch) == len(history.train_loss) == len(history.seconds)


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
