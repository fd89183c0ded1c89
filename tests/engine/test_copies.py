"""A copied or pickled run is another run: it goes on exactly as the original would, and neither sees the other."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest

from mbgd import Settings, Training
from mbgd.engine import updates
from mbgd.engine.activations import ACTIVATIONS
from mbgd.engine.batches import plan_epoch
from mbgd.engine.core import Chunk, Core, WeightVector
from mbgd.engine.network import first_weights
from mbgd.engine.randomness import streams
from mbgd.engine.stack import Stack
from mbgd.engine.updates import Updates
from mbgd.experiments.under_the_hood.tricks import TRICKS, ProductsAlone, task_of
from tests.engine.runs import N, data, parameters, run, same

pytestmark = pytest.mark.thorough

WAYS = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda value: pickle.loads(pickle.dumps(value)),
}
every_way = pytest.mark.parametrize("copied", WAYS.values(), ids=WAYS)


def fresh(training):
    pass


def within_an_epoch(training):
    training.advance(updates=6)


def after_another_rate(training):
    training.advance(updates=5)
    training.learning_rate = 0.01
    training.advance(updates=1)


def finished(training):
    training.advance()


def interrupted(training):
    training.advance(updates=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Core, "losses", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            training.advance(updates=2)


NETWORKS = [((), "relu", "mse", 1), ((5, 4), "relu", "cross_entropy", 3), ((5,), "tanh", "mse", 2)]
NETWORKS += [((4,), "sigmoid", "cross_entropy", 2), ((3,), "identity", "mse", 1)]
MOMENTS = [fresh, within_an_epoch, after_another_rate, finished, interrupted]


def assert_exactly_alike(one, other):
    assert same(one, other)
    assert one.updates_done == other.updates_done
    assert one.rates == other.rates
    assert one.history.train_loss.tolist() == other.history.train_loss.tolist()
    for record, of_other in ((one.last, other.last), (one.failure, other.failure)):
        assert (record is None) == (of_other is None)
        if record is not None:
            assert record.rows.tolist() == of_other.rows.tolist()
            assert (record.update, record.epoch) == (of_other.update, of_other.epoch)
            np.testing.assert_array_equal(record.loss, of_other.loss)


@every_way
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("chunk", [3, 256])
@pytest.mark.parametrize(("hidden", "activation", "loss", "k"), NETWORKS)
def test_a_copy_goes_on_as_the_original_and_neither_sees_the_other(
    hidden, activation, loss, k, chunk, moment, copied, monkeypatch
):
    monkeypatch.setattr(updates, "CHUNK_UPDATES", chunk)
    options = {"hidden": hidden, "activation": activation, "learning_rate": 0.02}
    training, straight = (run(data(k=k, loss=loss), **options) for _ in range(2))
    moment(training)
    before, done = parameters(training), training.updates_done
    twin = copied(training)
    np.testing.assert_array_equal(parameters(twin), before)
    for one in (twin, training):  # one after the other: what one does, the other does not see
        one.epochs = 6
        one.learning_rate = 0.03
        assert one.advance() == 6 * training.plan.updates - done
        if one is twin:
            np.testing.assert_array_equal(parameters(training), before)
            assert training.updates_done == done
    moment(straight)
    straight.epochs = 6
    straight.learning_rate = 0.03
    straight.advance()
    assert np.abs(parameters(twin) - before).max() > 0
    assert_exactly_alike(twin, straight)
    assert_exactly_alike(training, straight)


@every_way
def test_a_copy_that_takes_turns_with_the_original_stays_with_it(copied):
    training = run(batch_size=3, epochs=10)
    training.advance(updates=2)
    twin = copied(training)
    for one, other in zip(training, twin, strict=True):
        assert (one.update, one.rows.tolist(), one.loss) == (other.update, other.rows.tolist(), other.loss)
    assert_exactly_alike(training, twin)


@every_way
@pytest.mark.parametrize("settings", [{"learning_rate": 1e150, "activation": "relu"}, {"learning_rate": 10.0}])
def test_a_copy_of_a_diverged_run_is_a_diverged_run(settings, copied):
    training = run(hidden=(), epochs=1_000, **settings)
    training.advance()
    assert training.diverged
    twin = copied(training)
    assert twin.advance() == 0
    assert_exactly_alike(training, twin)


@every_way
def test_copies_of_long_runs_share_no_record(copied, monkeypatch):
    monkeypatch.setattr("mbgd.engine.history.Thinned.BLOCK", 8)
    training, straight = run(batch_size=1, epochs=9), run(batch_size=1, epochs=9)
    training.advance(updates=13)
    twin = copied(training)
    training.learning_rate = 0.2
    training.advance()
    twin.advance()
    straight.advance()
    assert_exactly_alike(twin, straight)
    assert not same(training, straight)


@every_way
@pytest.mark.parametrize("done", [0, 5, 1_000])
def test_a_copied_stack_goes_on_as_the_original(copied, done):
    settings = [Settings(7, 40, rate, (5,), "relu", seed=seed) for seed, rate in enumerate((0.02, 0.05, 1e6))]
    stack, straight = Stack(data(), settings), Stack(data(), settings)
    stack.advance(updates=done)
    twin = copied(stack)
    layers = [stack.layers(number) for number in range(3)]
    twin.advance()
    for number, before in enumerate(layers):
        for (W, _, _), (V, _, _) in zip(before, stack.layers(number), strict=True):
            np.testing.assert_array_equal(W, V)
    stack.advance()
    straight.advance()
    assert set(twin.failures) == set(stack.failures) == {2}
    for one in (twin, stack):
        assert one.updates_done == straight.updates_done
        np.testing.assert_array_equal(one.evaluate("val"), straight.evaluate("val"))
        for number in range(3):
            for layer, other in zip(one.layers(number), straight.layers(number), strict=True):
                np.testing.assert_array_equal(layer.W, other.W)
                np.testing.assert_array_equal(layer.b, other.b)


@every_way
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_copied_updates_draw_and_make_the_same_updates(copied, activation):
    dataset, live = data(), np.ones(1, dtype=bool)
    first = first_weights(streams(0).weights, (3, 4, 1), activation)
    made = Updates(dataset.X_train, dataset.Y_train, "mse", plan_epoch(N, 7), streams(0).order, [first])
    rates = np.array([0.05])
    done = len(made.make(0, 3, rates, live).losses)
    twin = copied(made)
    losses = []
    for one in (twin, made):
        at, losses_of = done, []
        while at < 2_000:
            losses_of += one.make(at, 2_000, rates, live).losses[:, 0].tolist()
            at = done + len(losses_of)
        losses.append(losses_of[:1_990])
    assert losses[0] == losses[1]
    assert losses[0][-1] < losses[0][0]


@every_way
@pytest.mark.parametrize(("loss", "k"), [("mse", 2), ("cross_entropy", 2)])
def test_a_copied_core_has_weights_rows_and_calls_of_its_own(copied, loss, k):
    dataset, sizes = data(k=k, loss=loss), (3, 4, k)
    weights, step = WeightVector(sizes, 1), WeightVector(sizes, 1)
    weights.write(0, first_weights(streams(0).weights, sizes, "relu"))
    core = Core(weights, step, "relu", loss, Chunk([5, 5, 3], 3, k, 1))
    core.chunk.fill(np.hstack([np.ones((N, 1)), dataset.X_train]), dataset.Y_train, np.arange(13))
    core.set_rates(np.array([0.1]))
    core.run(0, 1)
    twin, of_twin = copied((core, weights)) if copied is not copy.copy else (copy.copy(core), None)
    before = weights.vector.copy()
    np.testing.assert_array_equal(twin.losses(0, 1), core.losses(0, 1))
    twin.run(1, 3)
    np.testing.assert_array_equal(weights.vector, before)
    core.run(1, 3)
    np.testing.assert_array_equal(twin.losses(0, 3), core.losses(0, 3))
    if of_twin is not None:
        assert np.abs(of_twin.vector - before).max() > 0
        np.testing.assert_array_equal(of_twin.vector, weights.vector)


@every_way
@pytest.mark.parametrize("make", TRICKS.values())
def test_a_copied_trick_trains_its_own_weights(make, copied):
    dataset = data()
    variant = make(task_of(dataset, Settings(7, 1, 0.05, (5, 4), "tanh"), 0.05))
    variant.train(np.arange(7))
    before = [W.copy() for W, _ in variant.weights()]
    twin = copied(variant)
    twin.train(np.arange(N))
    for (W, _), V in zip(variant.weights(), before, strict=True):
        np.testing.assert_array_equal(W, V)
    variant.train(np.arange(N))
    for (W, b), (V, c) in zip(variant.weights(), twin.weights(), strict=True):
        np.testing.assert_array_equal(W, V)
        np.testing.assert_array_equal(b, c)
    assert np.abs(variant.weights()[0][0] - before[0]).max() > 1e-6


@every_way
def test_the_products_alone_of_a_copy_are_its_own(copied):
    alone = ProductsAlone(task_of(data(), Settings(7, 1, 0.05, (5, 4), "tanh"), 0.05))
    step = alone.step.vector
    twin = copied(alone)
    step[...] = 7.0
    twin.train(np.arange(7))
    assert (step == 7.0).all()
    alone.train(np.arange(7))
    assert (step != 7.0).all()


@every_way
@pytest.mark.parametrize("settings", [{}, {"learning_rate": 1e150, "activation": "relu"}])
def test_the_records_of_a_copy_can_t_be_changed_either(settings, copied):
    training = run(**settings)
    training.advance(updates=6)
    twin = copied(training)
    twin.advance(updates=1)
    stack = copied(Stack(data(), [run().settings, replace(run().settings, learning_rate=1e200)]))
    stack.advance()
    assert stack.failures
    failures = [failure.rows for one in (stack, copied(stack)) for failure in one.failures.values()]
    records = [record.rows for one in (twin, copied(training)) for record in (one.last, one.failure) if record]
    assert records
    records += failures
    for array in (*records, *twin.history):
        with pytest.raises(ValueError, match=r"^cannot set WRITEABLE flag to True"):
            array.flags.writeable = True


def test_a_shallow_copy_shares_the_data_set_and_a_deep_one_does_not():
    training = run()
    assert copy.copy(training).dataset is training.dataset
    assert copy.deepcopy(training).dataset is not training.dataset


def test_settings_and_records_can_be_copied_too():
    training = Training(data(), replace(run().settings, epochs=2))
    training.advance()
    for value in (training.settings, training.last, training.history, training.evaluate("train")):
        for copied in WAYS.values():
            assert str(copied(value)) == str(value)
