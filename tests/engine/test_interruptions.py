"""A run that is interrupted, wherever, goes on as if it had not been: to the last bit of all that it says of itself."""

import gc
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mbgd.engine
from mbgd import Settings, Training
from mbgd.engine import updates
from mbgd.engine.history import Thinned
from mbgd.engine.stack import Stack
from tests.engine.runs import data

pytestmark = pytest.mark.thorough

ENGINE = str(Path(mbgd.engine.__file__).parent)
EVERY = 53  # steps: all of them take minutes


class Interruptions:
    """Raises KeyboardInterrupt at these steps of the interpreter in the engine's code, counted over all actions."""

    def __init__(self, at=()):
        self.left, self.steps = sorted(at, reverse=True), 0

    def __call__(self, frame, event, argument):
        if not frame.f_code.co_filename.startswith(ENGINE):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            self.steps += 1
            if self.left and self.steps >= self.left[-1]:
                self.left.pop()
                raise KeyboardInterrupt
        return self

    def through(self, action):
        """Do something, again and again until nothing interrupts it."""
        while True:
            sys.settrace(self)
            try:
                return action()
            except KeyboardInterrupt:
                continue
            finally:
                sys.settrace(None)


# --- what is done with a run: each may be repeated when it was interrupted ---


def to(updates_done):
    def action(training):
        while training.updates_done < updates_done and not training.ended:
            training.advance(updates=updates_done - training.updates_done)

    return action


def one_by_one_to(updates_done):
    def action(training):
        while training.updates_done < updates_done and not training.ended:
            next(training)

    return action


def look(training):
    return training.history, training.evaluate("val"), training.loss_of(np.arange(5)), training.layers


def change(name, value):
    return lambda training: setattr(training, name, value)


LIVELY = [
    to(3),
    look,
    one_by_one_to(9),
    change("learning_rate", 0.01),
    to(10),
    change("learning_rate", 0.03),
    change("epochs", 2),
    look,
    change("epochs", 5),
    to(17),
    change("epochs", 6),
    to(1_000),
]
SCRIPTS = {
    "lively": (LIVELY, Settings(7, 4, 0.02, (4,), "relu", seed=3)),
    "classes, a row at a time": ([to(1_000)], Settings(1, 1, 0.02, (3,), "sigmoid")),
    "all rows at once": ([to(4), look, one_by_one_to(12)], Settings(50, 12, 0.1, (), "tanh")),
    "diverging": ([to(20), look, to(1_000)], Settings(7, 200, 1e6, ())),
}


def dataset_of(name):
    return data(k=3, loss="cross_entropy") if name.startswith("classes") else data()


def done_by(name, interruptions):
    actions, settings = SCRIPTS[name]
    training = Training(dataset_of(name), settings)
    for action in actions:
        interruptions.through(lambda action=action: action(training))
    return training


def all_of(training):
    """Whatever a run says of itself, but for the time it took."""
    history = training.history._replace(update_seconds=np.empty(0), seconds=np.empty(0))
    records = [
        None if record is None else (record.update, record.epoch, record.rows.tolist(), repr(record.loss))
        for record in (training.last, training.failure)
    ]
    weights = [part.tobytes() for W, b, _ in training.layers for part in (W, b)]
    evaluations = [repr(training.evaluate(split)) for split in ("train", "val")]
    shapes = len(training.history.update_seconds), len(training.history.seconds)
    counts = training.updates_done, training.epochs, training.epochs_done, training.rates
    return [array.tobytes() for array in history], records, weights, evaluations, shapes, counts


@pytest.mark.parametrize("chunk", [3, 256])
@pytest.mark.parametrize("name", SCRIPTS)
def test_interrupted_at_any_step_it_goes_on_as_if_it_had_not_been(name, chunk, monkeypatch):
    monkeypatch.setattr(updates, "CHUNK_UPDATES", chunk)
    monkeypatch.setattr(Thinned, "BLOCK", 4)
    monkeypatch.setattr(Thinned, "MOST_KEPT", 16)
    counting = Interruptions()
    expected = all_of(done_by(name, counting))
    assert counting.steps > 1_000
    rng = np.random.default_rng((chunk, len(name)))
    for _ in range(8):
        interruptions = Interruptions(rng.integers(counting.steps, size=rng.integers(1, 5)).tolist())
        training = done_by(name, interruptions)
        assert not interruptions.left
        assert all_of(training) == expected


def test_interrupted_at_one_step_after_the_other_it_goes_on_as_if_it_had_not_been():
    settings = Settings(7, 3, 0.02, (4,), "relu", seed=3)

    def trained(interruptions):
        training = Training(data(), settings)
        training.advance(updates=2)
        interruptions.through(lambda: to(8)(training))
        return training

    counting = Interruptions()
    expected = all_of(trained(counting))
    for step in range(1, counting.steps + 1, EVERY):
        assert all_of(trained(Interruptions([step]))) == expected, step


@pytest.mark.parametrize("chunk", [3, 256])
def test_interrupted_stacks_go_on_as_if_they_had_not_been(chunk, monkeypatch):
    monkeypatch.setattr(updates, "CHUNK_UPDATES", chunk)
    settings = [Settings(7, 8, rate, (4,), "tanh", seed=seed) for seed, rate in enumerate((0.02, 0.1, 1e200))]

    def trained(interruptions):
        stack = Stack(data(), settings)
        for until in (1, 5, 9, 1_000):
            interruptions.through(lambda until=until: stack.advance(updates=max(0, until - stack.updates_done)))
        failures = {run: (failure.update, failure.rows.tolist()) for run, failure in stack.failures.items()}
        weights = [part.tobytes() for run in range(3) for W, b, _ in stack.layers(run) for part in (W, b)]
        return failures, weights, stack.updates_done, stack.evaluate("val").tobytes()

    counting = Interruptions()
    expected = trained(counting)
    assert set(expected[0]) == {2}
    rng = np.random.default_rng(chunk)
    for _ in range(20):
        interruptions = Interruptions(rng.integers(counting.steps, size=rng.integers(1, 4)).tolist())
        assert trained(interruptions) == expected
        assert not interruptions.left


@pytest.fixture
def no_garbage():
    """No search for garbage: Hypothesis times each, and an alarm in its clock would be told as an error of its own."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_garbage")
def test_an_alarm_at_any_moment_leaves_a_run_that_goes_on():
    settings = Settings(16, 60, 0.02, (16, 16), "tanh")
    dataset = data(150)

    def ring(number, frame):
        raise KeyboardInterrupt

    straight = Training(dataset, settings)
    straight.advance()
    rng, before, rung = np.random.default_rng(0), signal.signal(signal.SIGALRM, ring), 0
    try:
        for _ in range(15):
            training = Training(dataset, settings)
            while not training.ended:
                try:
                    signal.setitimer(signal.ITIMER_REAL, rng.uniform(1e-4, 4e-3))
                    training.advance()
                    signal.setitimer(signal.ITIMER_REAL, 0)
                except KeyboardInterrupt:
                    rung += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            assert all_of(training) == all_of(straight)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert rung > 15


def test_an_exception_from_the_caller_s_clock_is_one_more_interruption():
    straight, rng, raised = Training(data(), Settings(7, 4, 0.02)), np.random.default_rng(0), 0
    straight.advance()

    def clock():
        if started and rng.random() < 0.1:
            raise RuntimeError("the clock has stopped")
        return 0.0

    started = False
    training = Training(data(), Settings(7, 4, 0.02), clock=clock)
    started = True
    while not training.ended:
        try:
            training.advance(updates=1)
        except RuntimeError:
            raised += 1
    assert raised > 5
    assert all_of(training) == all_of(straight)


def test_after_an_interruption_another_rate_acts_from_the_last_update_on():
    settings = Settings(7, 4, 0.02, (4,), "tanh")
    for step in (50, 300, 700):
        training = Training(data(), settings)
        training.advance(updates=2)
        interruptions = Interruptions([step])
        sys.settrace(interruptions)
        try:
            training.advance(updates=9)
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(None)
        done = training.updates_done
        assert not interruptions.left
        training.learning_rate = 0.1
        training.advance()
        straight = Training(data(), settings)
        straight.advance(updates=done)
        straight.learning_rate = 0.1
        straight.advance()
        assert all_of(training) == all_of(straight)


def test_a_run_of_other_settings_is_seen_as_other():
    """That the comparison above can fail at all."""
    actions, settings = SCRIPTS["lively"]
    trainings = [Training(data(), replace(settings, seed=seed)) for seed in (3, 4)]
    for training in trainings:
        for action in actions:
            action(training)
    one, other = map(all_of, trainings)
    assert one != other
    assert one[-1] == other[-1]
