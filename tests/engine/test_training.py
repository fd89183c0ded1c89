"""Training: the same weights as plain formulas, whatever the batch size, and a record that says what was done."""

import math
import re
from itertools import islice
from time import perf_counter
from typing import NamedTuple

import numpy as np
import pytest

from mbgd.engine.activations import ACTIVATIONS, Array
from mbgd.engine.batches import minibatches
from mbgd.engine.checks import shown
from mbgd.engine.history import History
from mbgd.engine.losses import LOSSES, mse_derivative
from mbgd.engine.network import backward, first_weights, forward, predict
from mbgd.engine.randomness import streams
from mbgd.engine.training import EVALUATED_AT_ONCE, Settings, Training

N = 23
HIDDEN = [(), (5,), (5, 4), (4, 4, 4, 4, 4, 4)]


class Data(NamedTuple):
    X_train: Array
    Y_train: Array
    X_val: Array
    Y_val: Array
    loss: str


def data(n_train=N, k=1, loss="mse", n_val=6):
    rng = np.random.default_rng((n_train, k))
    X = rng.normal(size=(n_train + n_val, 3))
    if loss == "mse":
        Y = np.tanh(X @ rng.normal(size=(3, k))) + 0.1 * rng.normal(size=(len(X), k))
    else:
        Y = np.eye(k)[rng.integers(k, size=len(X))]
    return Data(X[:n_train], Y[:n_train], X[n_train:], Y[n_train:], loss)


def run(dataset=None, **settings):
    chosen = {"batch_size": 7, "epochs": 4, "learning_rate": 0.05, "hidden": (5,), "activation": "tanh"} | settings
    return Training(dataset or data(), Settings(**chosen), evaluate_share=math.inf)


def parameters(training):
    """All weights and biases in one vector."""
    return np.concatenate([part.ravel() for W, b, _ in training.layers for part in (W, b)])


def same(one, other):
    """Whether two runs have done the same to the last digit."""
    return (
        np.array_equal(parameters(one), parameters(other), equal_nan=True)
        and np.array_equal(one.history.batch_loss, other.history.batch_loss)
        and np.array_equal(one.history.val_loss, other.history.val_loss)
    )


# --- against plain formulas ---

PLAIN = {  # f(z), and f'(z) from a = f(z)
    "relu": (lambda z: z * (z > 0), lambda a: 1.0 * (a > 0)),
    "tanh": (lambda z: 2 / (1 + np.exp(-2 * z)) - 1, lambda a: 1 - a * a),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda a: a * (1 - a)),
    "identity": (lambda z: z, lambda a: 1 + 0 * a),
}


def plain_mse(Y, out):
    return ((out - Y) ** 2).mean(), 2 * (out - Y) / out.size


def plain_cross_entropy(Y, out):
    P = np.exp(out) / np.exp(out).sum(axis=1)[:, None]
    return -np.log(P[Y == 1]).mean(), (P - Y) / len(Y)


def recompute(dataset, layers, batches, rates):
    """Parameters in one vector, and the loss of each batch before its update, by formulas written out here."""
    loss_of = {"mse": plain_mse, "cross_entropy": plain_cross_entropy}[dataset.loss]
    layers, losses = [[W.copy(), b.copy(), *PLAIN[name]] for W, b, name in layers], []
    for rows, rate in zip(batches, rates, strict=True):
        A = [dataset.X_train[rows]]
        for W, b, f, _ in layers:
            A.append(f(np.einsum("bn,kn->bk", A[-1], W) + b))
        loss, slope = loss_of(dataset.Y_train[rows], A[-1])
        losses.append(loss)
        for layer, below, above in zip(layers[::-1], A[-2::-1], A[:0:-1], strict=True):
            W, b, _, derivative = layer
            dZ = slope * derivative(above)
            slope = np.einsum("bk,kn->bn", dZ, W)
            layer[0] = W - rate * np.einsum("bk,bn->kn", dZ, below)
            layer[1] = b - rate * np.einsum("bk->k", dZ)
    return np.concatenate([part.ravel() for W, b, _, _ in layers for part in (W, b)]), losses


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
    assert training.history.train_loss[-1] < 0.3 * training.start["train"]


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
    assert np.mean(of_batches) - training.evaluate("train") == pytest.approx(bias, rel=1e-12, abs=1e-12)
    assert np.average(of_batches, weights=list(map(len, epoch))) == pytest.approx(training.evaluate("train"), rel=1e-12)


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


def iterate(training):
    for _ in training:
        pass


def by_seven(training):
    while training.advance(updates=7):
        pass


def by_epochs(training):
    while training.advance(epochs=1):
        pass


def by_moments(training):
    while training.advance(seconds=0):
        pass


def by_turns(training):
    next(training)
    training.advance(updates=2)
    training.advance(epochs=1)
    training.advance(seconds=0)
    list(islice(training, 3))
    training.advance(epochs=1, updates=1)
    training.advance()


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


# --- the record ---


@pytest.mark.parametrize("last_batch", ["keep", "drop"])
@pytest.mark.parametrize("batch_size", [1, 7, N - 1, N, N + 5])
def test_history_holds_every_update_and_every_epoch_end(batch_size, last_batch):
    training = run(batch_size=batch_size, last_batch=last_batch)
    losses, rows, train, val, samples, ends = [], 0, [], [], [], []
    for update in training:
        losses.append(update.loss)
        rows += len(update.rows)
        assert training.last is update
        assert training.samples_seen == rows
        if update.update % training.plan.updates == 0:
            ends.append(update.update)
            samples.append(rows)
            train.append(training.evaluate("train"))
            val.append(training.evaluate("val"))
    history = training.history
    assert history.update.tolist() == list(range(1, len(losses) + 1))
    assert history.batch_loss.tolist() == losses
    assert history.epoch.tolist() == [1, 2, 3, 4]
    assert history.epoch_update.tolist() == ends
    assert history.train_loss.tolist() == train
    assert history.val_loss.tolist() == val
    assert history.samples.tolist() == samples
    np.testing.assert_array_equal(history.seconds, history.update_seconds[history.epoch_update - 1])
    assert (np.diff(history.update_seconds, prepend=0.0) > 0).all()
    assert training.seconds == history.update_seconds[-1]


def test_the_short_last_batch_counts_its_own_rows():
    keep, drop = run(batch_size=7), run(batch_size=7, last_batch="drop")
    for training in (keep, drop):
        training.advance()
    assert keep.history.samples.tolist() == [23, 46, 69, 92]
    assert drop.history.samples.tolist() == [21, 42, 63, 84]


def test_history_of_an_unfinished_epoch():
    training = run()
    assert [len(array) for array in training.history] == [0] * 9
    assert training.last is None
    training.advance(updates=6)
    history = training.history
    assert (len(history.update), len(history.batch_loss), len(history.update_seconds)) == (6, 6, 6)
    assert history.epoch_update.tolist() == [4]
    assert {len(array) for array in history[3:]} == {1}
    assert (training.updates_done, training.epochs_done, training.samples_seen) == (6, 1, 23 + 14)


def test_the_loss_of_an_update_is_that_of_its_batch_before_it():
    training, behind = run(), run()
    for update in training:
        assert update.loss == pytest.approx(behind.loss_of(update.rows), rel=1e-12)
        next(behind)
        assert training.loss_of(update.rows) < update.loss


def test_history_read_earlier_stays_as_it_was():
    training = run(batch_size=1, epochs=10)
    training.advance(epochs=2)
    early = training.history
    copies = [array.copy() for array in early]
    training.advance()
    for array, copy in zip(early, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("name", History._fields)
def test_history_is_read_only(name):
    training = run()
    training.advance()
    with pytest.raises(ValueError, match="read-only"):
        getattr(training.history, name)[0] = 5


def test_layers_are_copies():
    training, twin = run(), run()
    for half in range(2):
        for W, b, _ in training.layers:
            W[:] = b[:] = 99.0
        training.advance(updates=8)
        twin.advance(updates=8)
        assert training.updates_done == 8 * (half + 1)
    assert same(training, twin)


def test_training_leaves_the_data_as_they_were():
    dataset = data()
    copies = [array.copy() for array in dataset[:4]]
    run(dataset).advance()
    for array, copy in zip(dataset[:4], copies, strict=True):
        np.testing.assert_array_equal(array, copy)


# --- evaluation ---


@pytest.mark.parametrize("n_train", [1, 23, EVALUATED_AT_ONCE, EVALUATED_AT_ONCE + 1, 1_300])
@pytest.mark.parametrize(("loss", "k"), [("mse", 2), ("cross_entropy", 3)])
def test_evaluation_is_the_loss_over_all_rows_at_once(loss, k, n_train):
    training = run(data(n_train, k, loss))
    X, Y = training.dataset.X_train, training.dataset.Y_train
    assert training.evaluate("train") == pytest.approx(LOSSES[loss].function(Y, predict(training.layers, X)), rel=1e-12)
    assert training.start["train"] == training.evaluate("train")


def test_evaluation_of_validation_rows_takes_those():
    training = run()
    _, _, X, Y, _ = training.dataset
    assert training.evaluate("val").loss == pytest.approx(LOSSES["mse"].function(Y, predict(training.layers, X)))
    assert training.start["val"] == training.evaluate("val") != training.evaluate("train")


@pytest.mark.parametrize("n_train", [23, 1_300])
def test_accuracy_is_the_share_of_rows_classed_right(n_train):
    training = run(data(n_train, 3, "cross_entropy"), epochs=2)
    training.advance()
    X, Y = training.dataset.X_train, training.dataset.Y_train
    right = [np.argmax(predict(training.layers, x[None])) == np.argmax(y) for x, y in zip(X, Y, strict=True)]
    assert training.evaluate("train").accuracy == np.mean(right)
    assert 0 < np.mean(right) < 1


def test_regression_has_no_accuracy():
    assert run().evaluate("train").accuracy is None


def test_evaluation_of_an_unknown_split_raises():
    with pytest.raises(ValueError, match=r"^split must be one of 'train', 'val', not 'test'"):
        run().evaluate("test")


def test_evaluation_neither_trains_nor_counts():
    training, twin = run(), run()
    for _ in training:
        training.evaluate("train")
        training.loss_of(np.arange(5))
    twin.advance()
    assert same(training, twin)


# --- what may change between updates ---


def test_a_learning_rate_set_in_mid_run_acts_on_the_next_update():
    training = run()
    start = training.layers
    updates = list(islice(training, 3))
    training.learning_rate = 0.2
    assert training.learning_rate == 0.2
    updates += list(islice(training, 4))
    training.learning_rate = 0.2
    training.learning_rate = np.float32(0.01)
    updates += list(training)
    rates = [0.05] * 3 + [0.2] * 4 + [float(np.float32(0.01))] * 9
    expected, losses = recompute(training.dataset, start, [u.rows for u in updates], rates)
    np.testing.assert_allclose(parameters(training), expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose([u.loss for u in updates], losses, rtol=0, atol=1e-12)
    assert training.rates == [(0, 0.05), (3, 0.2), (7, float(np.float32(0.01)))]


@pytest.mark.parametrize("bad", [0, -0.1, float("nan"), float("inf"), True, "0.1", 10**400, None])
def test_a_bad_learning_rate_raises_and_the_old_one_stays(bad):
    training = run()
    with pytest.raises(
        ValueError, match=rf"^learning_rate must be a finite number above 0, not {re.escape(shown(bad))}\.$"
    ):
        training.learning_rate = bad
    assert training.learning_rate == 0.05
    assert training.rates == [(0, 0.05)]


@pytest.mark.parametrize("batch_size", [1, 7, N])
def test_more_epochs_let_a_finished_run_go_on(batch_size):
    training, longer = run(batch_size=batch_size, epochs=2), run(batch_size=batch_size, epochs=5)
    training.advance()
    assert training.finished
    training.epochs = 5
    assert not training.finished
    assert training.advance() == 3 * training.plan.updates
    longer.advance()
    assert same(training, longer)


def test_fewer_epochs_finish_a_run_at_once():
    training = run(epochs=4)
    training.advance(updates=6)
    training.epochs = 1
    assert training.finished
    assert training.advance() == training.advance(epochs=1) == 0
    assert training.updates_done == 6


@pytest.mark.parametrize("bad", [0, -1, 2.5, True, "5", None])
def test_bad_epochs_raise_and_the_old_ones_stay(bad):
    training = run(epochs=4)
    with pytest.raises(
        ValueError, match=rf"^epochs must be a whole number of at least 1, not {re.escape(shown(bad))}\.$"
    ):
        training.epochs = bad
    assert training.epochs == 4


# --- divergence ---

DIVERGING = [
    pytest.param({"learning_rate": 10.0, "hidden": (), "epochs": 1_000}, id="slowly"),
    pytest.param({"learning_rate": 1e150, "activation": "relu"}, id="at once"),
    pytest.param({"learning_rate": 1e308, "activation": "relu", "hidden": (4, 4)}, id="beyond floats"),
    pytest.param({"learning_rate": 1e308, "activation": "sigmoid"}, id="saturated"),
    pytest.param({"learning_rate": 1e200, "hidden": (), "batch_size": 1, "epochs": 9}, id="row by row"),
]


@pytest.mark.parametrize("settings", DIVERGING)
@pytest.mark.parametrize(("loss", "k"), [("mse", 1), ("mse", 3)])
def test_divergence_ends_the_run_and_names_the_update(loss, k, settings):
    training = run(data(k=k, loss=loss), **settings)
    updates = list(training)
    assert training.diverged
    assert len(updates) == training.updates_done < training.total_updates
    assert training.failure.update == len(updates) + 1
    assert training.failure.epoch == len(updates) // training.plan.updates + 1
    assert not np.isfinite(training.failure.loss)
    assert training.last is updates[-1]


@pytest.mark.parametrize("settings", DIVERGING)
def test_history_of_a_diverged_run_is_finite(settings):
    training = run(**settings)
    training.advance()
    assert training.diverged
    for array in training.history:
        assert np.isfinite(array).all()
    assert len(training.history.batch_loss) == training.updates_done
    assert len(training.history.train_loss) == training.epochs_done


@pytest.mark.parametrize("settings", DIVERGING)
def test_weights_of_a_diverged_run_are_those_before_the_update_that_failed(settings):
    training, before = run(**settings), run(**settings)
    training.advance()
    before.advance(updates=training.failure.update - 1)
    assert not before.diverged
    assert same(training, before)


def test_the_failure_holds_the_rows_whose_loss_was_not_finite():
    training = run(learning_rate=1e150, activation="relu")
    training.advance()
    assert not np.isfinite(training.loss_of(training.failure.rows))
    assert not np.isfinite(training.evaluate("train"))
    expected = np.concatenate(list(minibatches(streams(0).order, N, 7)))
    start = (training.failure.update - 1) * 7
    np.testing.assert_array_equal(training.failure.rows, expected[start : start + 7])


def one_row_too_large():
    """Data of which the rows 7 to 13 alone, second batch of an unshuffled run, have a loss beyond floats."""
    dataset = data()
    dataset.X_train[10] = 1e200
    return run(dataset, hidden=(), shuffle=False)


def test_a_run_that_has_not_failed_is_not_diverged():
    training = run()
    training.advance()
    assert not training.diverged
    assert training.failure is None


@pytest.mark.parametrize("way", [iterate, by_seven, by_epochs, by_moments])
def test_a_diverged_run_goes_no_further(way):
    training = one_row_too_large()
    training.advance()
    failure, weights = training.failure, parameters(training)
    assert failure.update == 2
    for _ in range(9):
        way(training)
        assert training.advance() == 0
    assert training.updates_done == 1
    assert training.failure is failure
    np.testing.assert_array_equal(parameters(training), weights)


def validation_too_large():
    dataset = data()
    return run(dataset._replace(X_val=1e200 * dataset.X_val), hidden=())


def test_an_epoch_end_that_is_not_finite_is_a_divergence():
    training = validation_too_large()
    assert training.advance() == training.plan.updates
    assert training.diverged
    assert (training.failure.update, training.failure.epoch) == (4, 1)
    assert training.failure.loss == np.inf
    assert [len(array) for array in training.history] == [4, 4, 4, 0, 0, 0, 0, 0, 0]


def test_iteration_ends_at_an_epoch_end_that_is_not_finite():
    assert len(list(validation_too_large())) == 4


def test_weights_lost_in_the_last_update_of_all_are_a_divergence():
    training = run(learning_rate=1e300, batch_size=N, epochs=1)
    assert len(list(training)) == 1
    assert training.diverged
    assert training.failure.update == 1


# --- at the door ---


def test_targets_of_one_axis_are_refused():
    dataset = data()
    with pytest.raises(ValueError, match=r"^Y_train must have two axes, .* not shape \(23,\): .* written \(N, 1\)\.$"):
        run(dataset._replace(Y_train=dataset.Y_train[:, 0]))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["X_train", "Y_train", "X_val", "Y_val"])
def test_values_that_are_not_finite_are_refused(name, bad):
    dataset = data()
    getattr(dataset, name)[3] = bad
    with pytest.raises(ValueError, match=rf"^{name} must hold finite numbers only; row 3 does not\.$"):
        run(dataset)


@pytest.mark.parametrize(("split", "rows"), [("train", 23), ("val", 6)])
def test_unequal_rows_are_refused(split, rows):
    dataset = data()
    shorter = dataset._replace(**{f"Y_{split}": getattr(dataset, f"Y_{split}")[:-1]})
    sentence = rf"^X_{split} has {rows} rows and Y_{split} {rows - 1}: each row needs its target\.$"
    with pytest.raises(ValueError, match=sentence):
        run(shorter)


@pytest.mark.parametrize("name", ["X_train", "Y_train", "X_val", "Y_val"])
def test_no_rows_are_refused(name):
    dataset = data()
    with pytest.raises(ValueError, match=rf"^{name} must have two axes, .* at least one of each"):
        run(dataset._replace(**{name: getattr(dataset, name)[:0]}))


def test_an_unknown_loss_is_refused():
    with pytest.raises(ValueError, match=r"^loss must be one of 'mse', 'cross_entropy', not 'hinge'\.$"):
        run(data()._replace(loss="hinge"))


def test_lists_of_whole_numbers_are_data_too():
    X, Y = [[0], [1], [2], [3]], [[0], [2], [4], [6]]
    training = run(Data(X, Y, X, Y, "mse"), hidden=(), batch_size=4, epochs=500, learning_rate=0.1)
    training.advance()
    assert training.history.train_loss[-1] < 1e-6
