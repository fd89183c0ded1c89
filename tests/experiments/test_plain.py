"""The loop in the open does the same as Training, and accepts other parts."""

from itertools import islice

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import backward
from mbgd.experiments.gradients import parameters
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.plain import Parts, epoch_batches, first_batch, plain_training, start

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize("last_batch", ["keep", "drop"])
@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("batch_size", [1, 32, 10_000])
@pytest.mark.parametrize("name", ["moons", "diabetes"])
def test_it_ends_with_the_weights_and_losses_of_training(name, batch_size, shuffle, last_batch):
    dataset = load(name)
    settings = Settings(batch_size, 3, 0.01, (6,), shuffle=shuffle, last_batch=last_batch, seed=4)
    training = Training(dataset, settings)
    layers = start(dataset, settings)
    updates = list(plain_training(layers, dataset, settings))
    of_training = list(training)
    np.testing.assert_allclose(parameters(layers), parameters(training.layers), rtol=0, atol=1e-12)
    np.testing.assert_allclose([u.loss for u in updates], [u.loss for u in of_training], rtol=0, atol=1e-12)
    assert [(u.update, u.epoch) for u in updates] == [(u.update, u.epoch) for u in of_training]
    assert all(np.array_equal(one.rows, other.rows) for one, other in zip(updates, of_training, strict=True))


@pytest.mark.parametrize("last_batch", ["keep", "drop"])
@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("batch_size", [1, 32, 10_000])
def test_the_first_batch_is_that_of_training(batch_size, shuffle, last_batch):
    dataset = load("diabetes")
    settings = Settings(batch_size, 1, 0.01, (6,), shuffle=shuffle, last_batch=last_batch, seed=4)
    for parts in (None, Parts()):
        rows, target_rows = first_batch(dataset, settings, parts)
        assert rows.tolist() == target_rows.tolist() == next(iter(Training(dataset, settings))).rows.tolist()


def test_the_first_batch_of_a_mistake_is_its_own_if_it_makes_one():
    dataset, settings = load("diabetes"), Settings(32, 1, 0.01, seed=4)
    apart = BUGS["shuffled_apart"].parts(dataset, settings)
    rows, target_rows = first_batch(dataset, settings, apart)
    assert rows.tolist() == first_batch(dataset, settings)[0].tolist() != target_rows.tolist()
    too_large = Settings(10_000, 1, 0.01, seed=4)
    carried = BUGS["carried_over"].parts(dataset, too_large)
    assert not list(epoch_batches(np.random.default_rng(0), len(dataset.X_train), too_large, carried))
    rows, _ = first_batch(dataset, too_large, BUGS["carried_over"].parts(dataset, too_large))
    assert rows.tolist() == first_batch(dataset, too_large)[0].tolist()


def test_each_part_can_be_replaced():
    dataset = load("sine")
    settings = Settings(50, 1, 0.1, ())
    called = []

    def batches(rng, n_samples, batch_size):
        called.append("batches")
        yield np.arange(3), np.arange(3)[::-1]

    def loss(Y, output):
        called.append("loss")
        np.testing.assert_array_equal(Y, dataset.Y_train[[2, 1, 0]])
        return LOSSES["mse"].with_derivative(Y, output)

    def gradients(layers, activations, pre_activations, dL_dY):
        called.append("gradients")
        return [(np.ones_like(W), np.ones_like(b)) for W, b, _ in layers]

    def update(layer, dW, db, rate):
        called.append("update")
        layer.W[...] = 7.0

    layers = start(dataset, settings)
    (made,) = plain_training(layers, dataset, settings, Parts(batches, loss, gradients, update))
    assert called == ["batches", "loss", "gradients", "update"]
    assert layers[0].W.tolist() == [[7.0]]
    assert made.rows.tolist() == [0, 1, 2]
    assert made.target_rows.tolist() == [2, 1, 0]


MANY = 120  # more than two epochs at B = 1
NETWORKS = [((), "relu"), ((5,), "relu"), ((5, 4), "tanh"), ((4, 4), "sigmoid"), ((3,), "identity"), ((4,) * 6, "tanh")]


@pytest.mark.parametrize("last_batch", ["keep", "drop"])
@pytest.mark.parametrize("batch_size", [1, 7, 16, 1_000])
@pytest.mark.parametrize("name", ["plane", "moons"])
@pytest.mark.parametrize(("hidden", "activation"), NETWORKS)
def test_after_many_updates_and_a_change_of_rate_the_weights_are_the_same(
    hidden, activation, name, batch_size, last_batch
):
    dataset = load(name, n=50)
    settings = Settings(batch_size, 1_000, 0.02, hidden, activation, last_batch=last_batch, seed=2)
    training, layers = Training(dataset, settings), start(dataset, settings)
    assert training.advance(updates=MANY) == MANY
    training.learning_rate = 0.005
    training.advance(updates=MANY)
    rates = iter([0.02] * MANY + [0.005] * MANY)

    def gradients(*given):
        rate = next(rates) / settings.learning_rate
        return [(rate * dW, rate * db) for dW, db in backward(*given)]

    updates = list(islice(plain_training(layers, dataset, settings, Parts(gradients=gradients)), 2 * MANY))
    np.testing.assert_allclose(parameters(training.layers), parameters(layers), rtol=0, atol=1e-9)
    np.testing.assert_allclose(training.history.batch_loss, [u.loss for u in updates], rtol=0, atol=1e-9)
