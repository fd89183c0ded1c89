"""Training: the same weights as plain formulas, whatever the batch size, and whatever the way through a run."""

import re
from itertools import islice
from time import perf_counter

import numpy as np
import pytest

from mbgd.engine import updates
from mbgd.engine.activations import ACTIVATIONS
from mbgd.engine.batches import minibatches
from mbgd.engine.checks import shown
from mbgd.engine.losses import mse_derivative
from mbgd.engine.network import backward, first_weights, forward
from mbgd.engine.plain import plain_epochs
from mbgd.engine.randomness import streams
from mbgd.engine.training import Training
from tests.engine.runs import (
    N,
    by_epochs,
    by_moments,
    by_seven,
    by_turns,
    data,
    iterate,
    parameters,
    recompute,
    run,
    same,
)

HIDDEN = [(), (5,), (5, 4), (4, 4, 4, 4, 4, 4)]


# --- against plain formulas ---


@pytest.mark.thorough
@pytest.mark.parametrize("last_batch", ["keep", "drop"])
@pytest.mark.parametrize("batch_size", [1, 7, N - 1, N, N + 5])
@pytest.mark.parametrize(("loss", "k"), [("mse", 2), ("cross_entropy", 3)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden", HIDDEN, ids=len)
def test_weights_and_losses_are_those_of_plain_formulas(hidden, activation, loss, k, batch_size, last_batch):
    training = run(
        data(k=k, loss=loss),
        hidden=hidden,
        activation=activation,
        batch_size=batch_size,
        last_batch=last_batch,
        epochs=3 if batch_size == 1 else 20,
    )
    start = training.layers
    updates = list(training)
    expected, losses = recompute(training.dataset, start, [u.rows for u in updates], [0.05] * len(updates))
    assert len(updates) >= 20
    assert np.abs(expected - parameters(Training(training.dataset, training.settings))).max() > 1e-3
    np.testing.assert_allclose(parameters(training), expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose([u.loss for u in updates], losses, rtol=0, atol=1e-9)


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("last_batch", ["keep", "drop"])
@pytest.mark.parametrize("batch_size", [1, 7, N - 1, N, N + 5])
def test_batches_are_those_of_minibatches_epoch_after_epoch(batch_size, last_batch, shuffle):
    training = run(batch_size=batch_size, last_batch=last_batch, shuffle=shuffle, seed=3)
    order = streams(3).order
    expected = [
        (epoch, rows.tolist())
        for epoch in (1, 2, 3, 4)
        for rows in minibatches(order, N, batch_size, shuffle=shuffle, last_batch=last_batch)
    ]
    updates = list(training)
    assert [(u.epoch, u.rows.tolist()) for u in updates] == expected
    assert [u.update for u in updates] == list(range(1, len(expected) + 1))
    assert training.total_updates == training.updates_done == len(expected)


@pytest.mark.parametrize("chunk", [updates.CHUNK_UPDATES, 3])
@pytest.mark.parametrize("batch_size", [1, 7, N - 1])
def test_every_epoch_has_an_order_of_its_own(batch_size, chunk, monkeypatch):
    """Of the run and of the loop in the open: an order drawn once, for all epochs or for those of a chunk, fails."""
    monkeypatch.setattr(updates, "CHUNK_UPDATES", chunk)
    training = run(batch_size=batch_size, epochs=40)
    plain = plain_epochs(training.layers, training.dataset, training.settings)
    for made in (training, plain):
        orders = {}
        for update in made:
            orders.setdefault(update.epoch, []).extend(update.rows.tolist())
        assert len(orders) == len(set(map(tuple, orders.values()))) == 40


def test_first_weights_come_from_the_seed():
    training = run(hidden=(5, 4), activation="relu", seed=3)
    expected = first_weights(streams(3).weights, [3, 5, 4, 1], "relu")
    for layer, other in zip(training.layers, expected, strict=True):
        np.testing.assert_array_equal(layer.W, other.W)
        np.testing.assert_array_equal(layer.b, other.b)
        assert layer.activation == other.activation


def test_training_brings_the_loss_down():
    training = run(epochs=100)
    training.advance()
    assert training.history.train_loss[-1] < 0.3 * training.start["train"].loss


# --- what steps are equal to ---


def walk(training, slope, rate):
    """Parameters after a run's own batches, updated by rate times what comes back from slope(Y, output)."""
    dataset, layers = training.dataset, training.layers
    for update in training:
        activations, pre_activations = forward(layers, dataset.X_train[update.rows])
        dL_dY = slope(dataset.Y_train[update.rows], activations[-1])
        for (W, b, _), (dW, db) in zip(layers, backward(layers, activations, pre_activations, dL_dY), strict=True):
            W -= rate * dW
            b -= rate * db
    return np.concatenate([part.ravel() for W, b, _ in layers for part in (W, b)])


@pytest.mark.parametrize("B", [1, 4, 8, 24])
def test_a_sum_in_place_of_a_mean_is_a_rate_of_B_k_times(B):
    k, rate = 3, 0.002
    training = run(data(24, k), batch_size=B, learning_rate=rate * B * k)
    summed = walk(training, lambda Y, output: 2 * (output - Y), rate)
    np.testing.assert_allclose(parameters(training), summed, rtol=0, atol=1e-12)


@pytest.mark.parametrize("B", [1, 4, 8, 24])
def test_averaging_twice_is_a_rate_divided_by_B(B):
    training = run(data(24, 3), batch_size=B, learning_rate=0.2 / B)
    averaged_twice = walk(training, lambda Y, output: mse_derivative(Y, output) / B, 0.2)
    np.testing.assert_allclose(parameters(training), averaged_twice, rtol=0, atol=1e-12)


def test_dividing_by_B_alone_is_a_rate_of_k_times():
    training = run(data(24, 3), learning_rate=0.15)
    divided_by_rows = walk(training, lambda Y, output: 2 * (output - Y) / len(Y), 0.05)
    np.testing.assert_allclose(parameters(training), divided_by_rows, rtol=0, atol=1e-12)


def test_the_order_of_the_rows_does_not_matter_to_full_batch():
    ordered = run(batch_size=N, shuffle=False, epochs=30)
    shuffled = run(batch_size=N, epochs=30)
    other = np.random.default_rng(9).permutation(N)
    moved = ordered.dataset._replace(X_train=ordered.dataset.X_train[other], Y_train=ordered.dataset.Y_train[other])
    permuted = run(moved, batch_size=N, shuffle=False, epochs=30)
    for training in (ordered, shuffled, permuted):
        training.advance()
    np.testing.assert_allclose(parameters(shuffled), parameters(ordered), rtol=0, atol=1e-12)
    np.testing.assert_allclose(parameters(permuted), parameters(ordered), rtol=0, atol=1e-12)
    np.testing.assert_allclose(shuffled.history.train_loss, ordered.history.train_loss, rtol=0, atol=1e-12)


def twice(dataset):
    return dataset._replace(
        X_train=np.repeat(dataset.X_train, 2, axis=0), Y_train=np.repeat(dataset.Y_train, 2, axis=0)
    )


def test_every_row_twice_changes_nothing_for_full_batch():
    once, doubled = run(batch_size=N, epochs=30), run(twice(data()), batch_size=2 * N, epochs=30)
    once.advance()
    doubled.advance()
    np.testing.assert_allclose(parameters(doubled), parameters(once), rtol=0, atol=1e-12)
    np.testing.assert_allclose(doubled.history.train_loss, once.history.train_loss, rtol=0, atol=1e-12)


@pytest.mark.parametrize("B", [1, 4, 6])
def test_every_row_twice_doubles_the_updates_of_a_mini_batch_epoch(B):
    once, doubled = run(data(24), batch_size=B), run(twice(data(24)), batch_size=B)
    assert once.advance(epochs=1) * 2 == doubled.advance(epochs=1)
    assert once.samples_seen * 2 == doubled.samples_seen


@pytest.mark.parametrize("B", [4, 7, 22, 23])
def test_the_mean_of_the_batch_losses_is_off_by_what_the_short_batch_weighs_too_much(B):
    training = run(batch_size=B)
    epoch = list(minibatches(np.random.default_rng(0), N, B))
    of_batches = [training.loss_of(rows) for rows in epoch]
    rest = np.concatenate(epoch[:-1]) if len(epoch) > 1 else epoch[0]
    m, r = len(epoch), len(epoch[-1])
    bias = (1 / m - r / N) * (of_batches[-1] - training.loss_of(rest))
    loss = training.evaluate("train").loss
    assert np.mean(of_batches) - loss == pytest.approx(bias, rel=1e-12, abs=1e-12)
    assert np.average(of_batches, weights=list(map(len, epoch))) == pytest.approx(loss, rel=1e-12)


def test_an_epoch_of_several_chunks_ends_with_its_short_batch(monkeypatch):
    monkeypatch.setattr(updates, "CHUNK_UPDATES", 4)  # of eight updates an epoch, the last with two rows
    training = run(batch_size=3)
    start, batches = training.layers, [update.rows for update in training]
    assert [len(rows) for rows in batches] == 4 * ([3] * 7 + [2])
    expected, losses = recompute(training.dataset, start, batches, [0.05] * len(batches))
    np.testing.assert_allclose(parameters(training), expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(training.history.batch_loss, losses, rtol=0, atol=1e-12)


# --- streams of their own ---


def test_the_batch_size_changes_neither_first_weights_nor_data_nor_order():
    dataset = data()
    before = [array.copy() for array in dataset[:4]]
    runs = [run(dataset, batch_size=B) for B in (1, 7, N, 100)]
    first = parameters(runs[0])
    for training in runs:
        np.testing.assert_array_equal(parameters(training), first)
        epoch = islice(training, training.plan.updates)
        assert np.concatenate([u.rows for u in epoch]).tolist() == streams(0).order.permutation(N).tolist()
    for array, copy in zip(dataset[:4], before, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_a_run_is_repeated_to_the_last_digit_by_its_seed():
    one, again, other = run(), run(), run(seed=1)
    for training in (one, again, other):
        training.advance()
    assert same(one, again)
    assert not same(one, other)


# --- iterating and advancing ---


@pytest.mark.parametrize("last_batch", ["keep", "drop"])
@pytest.mark.parametrize("way", [iterate, by_seven, by_epochs, by_moments, by_turns])
def test_every_way_through_a_run_is_the_same_run(way, last_batch):
    straight, other = run(last_batch=last_batch), run(last_batch=last_batch)
    straight.advance()
    way(other)
    assert other.finished
    assert same(straight, other)


def test_advance_returns_how_many_updates_were_done():
    training = run(epochs=4)  # 4 updates an epoch
    assert training.advance(updates=0) == 0
    assert training.advance(updates=3) == 3
    assert training.advance(epochs=0) == 0
    assert training.advance(epochs=2) == 5
    assert training.advance(updates=3, epochs=1) == 3
    assert training.advance(updates=100) == 5
    assert training.advance() == training.advance(epochs=1) == training.advance(seconds=0) == 0


@pytest.mark.parametrize("already", [1, 2, 3])
def test_advance_one_epoch_from_the_middle_goes_to_its_end(already):
    training = run()
    training.advance(updates=already)
    assert training.epochs_done == 0
    assert training.advance(epochs=1) == training.plan.updates - already
    assert training.epochs_done == len(training.history.epoch) == 1


def test_advance_no_seconds_makes_one_update():
    training = run()
    assert training.advance(seconds=0) == 1
    assert training.advance(seconds=0, updates=5) == 1
    assert training.updates_done == 2


def test_advance_stops_when_its_seconds_are_over():
    training = run(epochs=10**9)
    started = perf_counter()
    done = training.advance(seconds=0.1)
    wall = perf_counter() - started
    assert done > 1
    assert not training.finished
    assert 0.1 <= wall < 5
    assert 0 < training.seconds <= wall


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        *(("updates", bad) for bad in (-1, 2.5, True, "3", float("nan"))),
        *(("epochs", bad) for bad in (-1, 2.5, True, "3", float("inf"))),
        *(("seconds", bad) for bad in (-0.1, True, "3", float("nan"), float("inf"))),
    ],
)
def test_a_bad_limit_raises_and_nothing_is_done(name, bad):
    training = run()
    with pytest.raises(ValueError, match=rf"^{name} must be .* not {re.escape(shown(bad))}\.$"):
        training.advance(**{name: bad})
    assert training.updates_done == 0


def test_an_iterator_that_has_ended_stays_so():
    training = run()
    assert iter(training) is training
    assert len(list(training)) == training.total_updates
    assert list(training) == []
    assert next(training, "ended") == "ended"
