"""Tricks: six variants of one update give the same weights, and the calls counted are those predicted."""

from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.experiments.plain import plain_training, start
from mbgd.experiments.under_the_hood.tricks import (
    TRICKS,
    AllocatedOnce,
    Columns,
    DotMethod,
    OneCopy,
    Plain,
    Prepared,
    ProductsAlone,
    predicted_calls,
    predicted_products,
    products_of,
    task_of,
)

NETWORKS = [
    ("diabetes", (), "relu"),
    ("diabetes", (16,), "relu"),
    ("plane", (4, 2), "tanh"),
    ("moons", (5, 3), "identity"),
    ("penguins", (6,), "sigmoid"),
    ("digits", (9, 7), "relu"),
    ("sine", (4, 4, 4, 4, 4, 4), "tanh"),
]
every_network = pytest.mark.parametrize(("name", "hidden", "activation"), NETWORKS)


def plain_weights(dataset, settings):
    layers = start(dataset, settings)
    for _ in plain_training(layers, dataset, settings):
        pass
    return [part for W, b, _ in layers for part in (W, b)]


@pytest.mark.thorough
@every_network
@pytest.mark.parametrize("batch_size", [1, 7, 64, 5_000])
def test_all_variants_end_at_the_weights_of_plain_training(name, hidden, activation, batch_size):
    dataset = load(name)
    settings = Settings(batch_size, 1, 0.002, hidden, activation, seed=2)
    expected = plain_weights(dataset, settings)
    first = [part for W, b, _ in start(dataset, settings) for part in (W, b)]
    assert max(np.abs(a - b).max() for a, b in zip(expected, first, strict=True)) > 1e-6
    for make in TRICKS.values():
        variant = make(task_of(dataset, settings, 0.002))
        variant.train(settings.order().permutation(len(dataset.X_train)))
        found = [part for pair in variant.weights() for part in pair]
        for mine, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-12, err_msg=make.__name__)


def test_several_targets_share_the_mean_of_a_squared_error():
    rng = np.random.default_rng(4)
    X, Y = rng.normal(size=(50, 3)), rng.normal(size=(50, 4))
    dataset: Any = SimpleNamespace(X_train=X, Y_train=Y, X_val=X, Y_val=Y, loss="mse")
    settings = Settings(8, 1, 0.1, (6, 5), "sigmoid")
    expected = plain_weights(dataset, settings)
    for make in TRICKS.values():
        variant = make(task_of(dataset, settings, 0.1))
        variant.train(settings.order().permutation(50))
        found = [part for pair in variant.weights() for part in pair]
        for mine, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-12, err_msg=make.__name__)


def test_one_of_the_batch_sizes_leaves_a_short_last_batch():
    assert {len(load(name).X_train) % 7 for name, *_ in NETWORKS} - {0}
    assert task_of(load("diabetes"), Settings(16, 1, 0.1), 0.1).batch_sizes == [16] * 22 + [1]
    assert task_of(load("diabetes"), Settings(5_000, 1, 0.1), 0.1).batch_sizes == [353]


@pytest.mark.parametrize("name", ["diabetes", "penguins"])
def test_each_variant_returns_the_loss_before_its_update(name):
    dataset, settings = load(name), Settings(8, 1, 0.05, (5,), "tanh")
    expected = next(plain_training(start(dataset, settings), dataset, settings))
    task = task_of(dataset, settings, 0.05)
    for make in TRICKS.values():
        if make is Prepared:  # it computes the losses of all updates together
            prepared = Prepared(task)
            prepared.train(expected.rows)
            loss = prepared.losses[0]
        else:
            variant = cast(OneCopy, make(task))
            loss = variant.update(variant.X[expected.rows], variant.Y[expected.rows])
        assert loss == pytest.approx(expected.loss, abs=1e-12)


def test_the_first_batches_of_an_epoch_can_be_trained_alone():
    dataset, settings = load("moons"), Settings(7, 1, 0.05, (5, 3), "tanh")
    order = settings.order().permutation(len(dataset.X_train))
    ends = []
    for make in TRICKS.values():
        variant = make(task_of(dataset, settings, 0.05))
        variant.train(order[:21])
        ends.append(np.concatenate([part.reshape(-1) for pair in variant.weights() for part in pair]))
    assert np.ptp(np.stack(ends), axis=0).max() < 1e-12


def test_an_epoch_of_many_chunks_is_trained_in_order():
    dataset, settings = load("digits"), Settings(1, 1, 0.01, (3,))
    task = task_of(dataset, settings, 0.01)
    prepared = Prepared(task)
    assert len(prepared.chunks) > 2
    assert len(prepared.cores) == 2
    order = settings.order().permutation(len(dataset.X_train))
    plain = OneCopy(task)
    for variant in (plain, prepared):
        variant.train(order)
    for (W, _), (V, _) in zip(plain.weights(), prepared.weights(), strict=True):
        np.testing.assert_allclose(W, V, rtol=0, atol=1e-12)


@every_network
def test_the_calls_of_a_prepared_update_are_as_many_as_predicted(name, hidden, activation):
    dataset, settings = load(name), Settings(8, 1, 0.1, hidden, activation)
    prepared = Prepared(task_of(dataset, settings, 0.1))
    layers = len(hidden) + 1
    # without hidden layers the only activation is the output's
    used = activation if hidden else "identity"
    for core in prepared.cores.values():
        for update in core.updates:
            assert len(update) == predicted_calls(layers, used, dataset.loss)
            assert len(products_of(update, prepared.vector, prepared.step)) == predicted_products(layers)


def test_the_calls_predicted_by_hand():
    assert predicted_calls(2, "relu", "mse") == 11
    assert predicted_calls(3, "tanh", "mse") == 17
    assert predicted_calls(2, "relu", "cross_entropy") == 16
    assert predicted_calls(1, "identity", "mse") == 5


@every_network
def test_the_products_are_those_of_the_shapes_of_the_layers(name, hidden, activation):
    dataset, settings = load(name), Settings(8, 1, 0.1, hidden, activation)
    task = task_of(dataset, settings, 1e-9)
    alone = ProductsAlone(task)
    before = alone.vector.vector.copy()
    alone.train(np.arange(80))
    np.testing.assert_array_equal(alone.vector.vector, before)
    shapes = []
    for call in alone.products:
        call = cast(partial, call)
        a, (b, out) = getattr(call.func, "__self__"), call.args  # noqa: B009
        assert (len(a), b.shape[1]) == out.shape
        shapes.append((*a.shape, b.shape[1]))
    sizes = [(len(W), W.shape[1] + 1) for W, _, _ in task.layers]  # (k, n+1)
    expected = [(k, n, 8) for k, n in sizes] + [(n, 8, k) for k, n in sizes] + [(n - 1, k, 8) for k, n in sizes[1:]]
    assert sorted(shapes) == sorted(expected)


def test_variants_with_the_same_arrays_share_them_and_compute_the_same():
    task = task_of(load("diabetes"), Settings(16, 1, 0.05, (8,)), 0.05)
    rows = np.arange(len(task.X))
    first, second, other = AllocatedOnce(task), DotMethod(task), Columns(task)
    for variant in (second, other):
        variant.share_with([Plain(task), first])
    assert second.memory is first.memory
    assert other.memory is not first.memory
    for variant in (first, second, other):
        variant.train(rows)
    for (W, b), (other_W, other_b) in zip(first.weights(), second.weights(), strict=True):
        np.testing.assert_array_equal(W, other_W)
        np.testing.assert_array_equal(b, other_b)
