"""A run is its own: nothing that the caller changes later, and no error state of NumPy, reaches it."""

import pickle
import warnings
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.engine.activations import ACTIVATIONS
from mbgd.engine.guards import immutable, quiet
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import copies
from mbgd.engine.plain import plain_epochs, plain_update
from mbgd.engine.stack import Stack
from mbgd.engine.trace import trace
from tests.engine.runs import Data, by_turns, data, parameters, run, same

# --- arrays that nobody can change ---


def pried_open(array):
    """Fill the array, and all arrays below it, by any means that an array offers."""
    memory = array
    while isinstance(memory, np.ndarray):
        with suppress(ValueError):
            memory.flags.writeable = True
        with suppress(ValueError):
            memory[...] = 1
        memory = memory.base
    for fill in (lambda: array.fill(1), lambda: array.sort(), lambda: np.frombuffer(array.data, array.dtype).fill(1)):
        with suppress(ValueError, BufferError, TypeError):
            fill()


@pytest.mark.parametrize("make", [lambda a: a, lambda a: a[1:], lambda a: a.T, lambda a: a[:0], lambda a: a[::2, ::-1]])
@pytest.mark.parametrize("dtype", [np.float64, np.intp])
def test_an_immutable_array_has_the_same_numbers_for_good(make, dtype):
    own = np.arange(12.0).reshape(4, 3).astype(dtype)
    expected = make(own).copy()
    array = immutable(make(own))
    assert (array.dtype, array.shape) == (own.dtype, expected.shape)
    own[...] = 7
    pried_open(array)
    np.testing.assert_array_equal(array, expected)


def test_what_is_immutable_is_not_copied_and_neither_are_its_views():
    array = immutable(np.arange(12.0).reshape(4, 3))
    for view in (array, array[1:], array.T, array.reshape(-1)):
        assert immutable(view) is view


def test_a_flag_that_can_be_taken_back_does_not_do():
    own = np.arange(3.0)
    own.flags.writeable = False
    array = immutable(own)
    own.flags.writeable = True
    own[:] = 9.0
    assert array.tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_an_array_that_was_pickled_is_copied(protocol):
    """NumPy keeps the bytes that it reads an array from as its memory, and writes to them."""
    unpickled = pickle.loads(pickle.dumps(np.arange(3.0), protocol))
    view = unpickled[:]
    unpickled.flags.writeable = False
    array = immutable(unpickled)
    view[:] = 9.0
    assert array.tolist() == [0.0, 1.0, 2.0]


# --- the caller's arrays ---


class Box:
    """A data set whose arrays and loss can be changed."""

    def __init__(self, dataset):
        self.__dict__ |= dataset._asdict()

    def spoil(self):
        for array in (self.X_train, self.Y_train, self.X_val, self.Y_val):
            array[:] = array[::-1] * 3.0 + 1.0
        self.X_train, self.loss = None, "cross_entropy"


def shown_by(training):
    """All that a run says of itself but for times."""
    history = training.history
    return [
        parameters(training),
        history.batch_loss,
        history.train_loss,
        history.val_loss,
        [training.evaluate("train").loss, training.evaluate("val").loss, training.loss_of(np.arange(5))],
    ]


@pytest.mark.parametrize("pieces", [0, 1, 6])
@pytest.mark.parametrize("batch_size", [1, 7, 100])
def test_a_run_does_not_see_what_the_caller_changes(batch_size, pieces):
    box, twin = Box(data()), run(batch_size=batch_size)
    training = run(box, batch_size=batch_size)
    training.advance(updates=pieces)
    box.spoil()
    training.advance()
    twin.advance()
    for one, other in zip(shown_by(training), shown_by(twin), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_stack_does_not_see_what_the_caller_changes():
    box, settings = Box(data()), [Settings(7, 3, rate, (5,)) for rate in (0.05, 0.1)]
    stack, twin = Stack(box, settings), Stack(data(), settings)
    stack.advance(updates=3)
    box.spoil()
    stack.advance()
    twin.advance()
    for split in ("train", "val"):
        np.testing.assert_array_equal(stack.evaluate(split), twin.evaluate(split))
    for one, other in zip(stack.layers(1), twin.layers(1), strict=True):
        np.testing.assert_array_equal(one.W, other.W)


# --- what a run hands out ---


def handed_out(training):
    """The arrays of a run's records."""
    yield from training.history
    for record in (training.last, training.failure):
        if record is not None:
            yield record.rows
    for W, b, _ in training.layers:
        yield from (W, b)


@pytest.mark.parametrize(
    "settings", [{}, {"batch_size": 1}, {"batch_size": 100}, {"shuffle": False}, {"learning_rate": 30.0, "hidden": ()}]
)
def test_what_a_run_hands_out_can_change_nothing_in_it(settings):
    training, twin = run(epochs=200, **settings), run(epochs=200, **settings)
    for updates in (1, 3, 40, 400, None):
        for one in (training, twin):
            one.advance(updates=updates)
        for array in handed_out(training):
            pried_open(array)
        assert same(training, twin)
        for one, other in zip(shown_by(training), shown_by(twin), strict=True):
            np.testing.assert_array_equal(one, other)
        assert training.last.rows.tolist() == twin.last.rows.tolist()
        assert training.diverged == twin.diverged
        if twin.failure is not None:
            assert training.failure.rows.tolist() == twin.failure.rows.tolist()
    assert twin.diverged == ("learning_rate" in settings)


def test_the_updates_of_an_iteration_can_change_nothing_either():
    training, twin = run(batch_size=7), run(batch_size=7)
    for update, other in zip(training, twin, strict=True):
        assert update.rows.tolist() == other.rows.tolist()
        pried_open(update.rows)
    assert same(training, twin)


def test_what_a_stack_hands_out_can_change_nothing_in_it():
    settings = [Settings(16, 200, rate, ()) for rate in (0.05, 20.0, 1.3)]
    stack, twin = (Stack(load("plane", n=70), settings) for _ in range(2))
    while not twin.ended:
        for one in (stack, twin):
            one.advance(updates=100)
        for run_number, failure in stack.failures.items():
            pried_open(failure.rows)
            for layer in stack.layers(run_number):
                layer.W[:] = 9.0
        stack.failures.clear()
        stack.failures[0] = None
    assert list(stack.failures) == list(twin.failures) == [1, 2]
    assert stack.failures[1].rows.tolist() == twin.failures[1].rows.tolist()
    for number in range(3):
        for one, other in zip(stack.layers(number), twin.layers(number), strict=True):
            np.testing.assert_array_equal(one.W, other.W)


# --- NumPy's error state ---


@contextmanager
def strict():
    """The error state of a caller who wants to hear of everything."""
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def extremes(loss, k):
    """Data of very large, very small and ordinary numbers: tails of every function, gradients that vanish."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(29, 3)) * 10.0 ** rng.integers(-160, 3, size=(29, 3))
    X[3], X[4], X[5] = 800.0, -800.0, 5e-324
    if loss == "mse":
        Y = rng.normal(size=(29, k)) * 10.0 ** rng.integers(-170, 1, size=(29, k))
    else:
        Y = np.eye(k)[rng.integers(k, size=29)]
    return Data(X[:23], Y[:23], X[23:], Y[23:], loss)


RATES = (1e-320, 0.05, 40.0, 1e308)


def outcome(dataset, settings):
    """Everything that training, evaluation, stack, plain loop and trace compute."""
    numbers = []
    training = Training(dataset, settings)
    first = training.layers
    by_turns(training)
    numbers += [parameters(training), *training.history[:2], *training.history[3:8]]
    numbers += [training.evaluate("train").loss, training.evaluate("val").loss, training.loss_of(np.arange(5))]
    numbers += [training.failure.loss if training.diverged else 0.0, training.updates_done]
    stack = Stack(dataset, [settings, replace(settings, seed=1), replace(settings, learning_rate=0.01)])
    stack.advance()
    numbers += [layer.W for number in range(3) for layer in stack.layers(number)]
    numbers += [stack.evaluate("val"), list(stack.failures)]
    layers = copies(first)
    numbers += [update.loss for update in islice(plain_epochs(layers, dataset, settings), 9)]
    numbers += [layer.W for layer in layers]
    steps = trace(first, dataset.X_train, dataset.Y_train, dataset.loss, settings.learning_rate)
    return numbers + [step.result.array for step in steps]


@pytest.mark.thorough
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("activation", "hidden"), [("tanh", ()), *((name, (4, 4)) for name in ACTIVATIONS)])
@pytest.mark.parametrize("loss", LOSSES)
def test_the_error_state_of_the_caller_changes_nothing(loss, activation, hidden, rate):
    dataset = extremes(loss, 3)
    settings = Settings(7, 3, rate, hidden, activation)
    with np.errstate(all="ignore"):
        expected = outcome(dataset, settings)
    with strict():
        found = outcome(dataset, settings)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_extremes_underflow_and_overflow():
    """Without the guard each would be heard: the data of these tests are not too tame."""
    heard = set()
    with np.errstate(all="call", call=lambda kind, _: heard.add(kind)):
        for loss in LOSSES:
            for rate in RATES:
                for activation in ACTIVATIONS:
                    settings = Settings(7, 3, rate, (4, 4), activation)
                    layers = settings.first_weights(3, 3)
                    dataset = extremes(loss, 3)
                    unguarded = plain_update.__wrapped__
                    for _ in range(3):
                        unguarded(layers, *dataset[:2], LOSSES[loss].with_derivative, rate)
    assert {"underflow", "overflow", "invalid value"} <= heard


def test_the_error_state_is_the_callers_again_afterwards_and_between_updates():
    training = run()
    with np.errstate(all="raise", under="warn"):
        before = np.geterr()
        for _ in training:
            assert np.geterr() == before
        for _ in plain_epochs(training.layers, training.dataset, training.settings):
            assert np.geterr() == before
        assert np.geterr() == before
    with quiet():
        assert set(np.geterr().values()) == {"ignore"}
