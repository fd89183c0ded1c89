"""Three ways to one gradient: equal to rounding for every network and after an epoch; and their code loops as said."""

import inspect

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.experiments.compare import largest_difference
from mbgd.experiments.gradients import batch_gradient, flatten, parameters, sample_gradients
from mbgd.experiments.loop.timing import batches_of
from mbgd.experiments.loop.ways import (
    MATRICES,
    WAYS,
    first_epoch,
    gradients,
    train,
    weights_after,
    zeros_like,
)

NETWORKS = [
    ("diabetes", (), "relu"),
    ("diabetes", (16,), "relu"),
    ("moons", (5, 3), "tanh"),
    ("penguins", (6,), "sigmoid"),
    ("digits", (7, 5, 4), "identity"),
    ("sine", (4, 4, 4, 4, 4, 4), "tanh"),
]
every_network = pytest.mark.parametrize(("name", "hidden", "activation"), NETWORKS)


def epoch_of(name, hidden=(16,), activation="relu", seed=3):
    return first_epoch(load(name), Settings(1, 1, 0.1, hidden, activation, seed=seed))


@every_network
@pytest.mark.parametrize("rows", [1, 2, 7, 64])
def test_the_three_gradients_are_equal_to_rounding(name, hidden, activation, rows):
    batch = epoch_of(name, hidden, activation).first(rows)
    of_ways = gradients(batch)
    assert len(of_ways) == 3
    assert largest_difference(*of_ways) < 1e-12
    loss = "cross_entropy" if load(name).classes else "mse"
    expected = batch_gradient(batch.layers, batch.X, batch.Y, loss)
    assert np.abs(expected).max() > 1e-3
    np.testing.assert_array_equal(of_ways[list(WAYS).index(MATRICES)], expected)
    per_sample = sample_gradients(batch.layers, batch.X, batch.Y, loss)
    np.testing.assert_allclose(of_ways[0], per_sample.mean(axis=0), rtol=0, atol=1e-12)


@pytest.mark.parametrize("way", WAYS)
def test_gradients_have_the_shapes_of_their_layers_and_leave_the_layers_alone(way):
    batch = epoch_of("moons", (5, 3), "tanh").first(9)
    before = parameters(batch.layers).copy()
    X, Y = batch.X.copy(), batch.Y.copy()
    for (dW, db), (W, b, _) in zip(WAYS[way](batch), batch.layers, strict=True):
        assert dW.shape == W.shape
        assert db.shape == b.shape
    np.testing.assert_array_equal(parameters(batch.layers), before)
    np.testing.assert_array_equal(batch.X, X)
    np.testing.assert_array_equal(batch.Y, Y)


@every_network
@pytest.mark.parametrize("batch_size", [1, 32, 10_000])
def test_a_whole_epoch_ends_at_the_same_weights_and_those_of_training(name, hidden, activation, batch_size):
    dataset = load(name, n=60) if name in ("moons", "sine") else load(name, validation=0.9)
    settings = Settings(batch_size, 1, 0.01, hidden, activation, seed=3)
    epoch = first_epoch(dataset, settings)
    batches = batches_of(len(epoch.X), batch_size)
    ends = [weights_after(way, epoch, batches, 0.01) for way in WAYS.values()]
    assert largest_difference(*ends) < 1e-12
    training = Training(dataset, settings)
    training.advance()
    np.testing.assert_allclose(ends[0], parameters(training.layers), rtol=0, atol=1e-12)
    assert np.abs(ends[0] - parameters(epoch.layers)).max() > 1e-5


def test_without_a_shuffle_the_rows_keep_their_order():
    dataset = load("sine")
    epoch = first_epoch(dataset, Settings(1, 1, 0.1, shuffle=False))
    np.testing.assert_array_equal(epoch.X, dataset.X_train)
    assert not np.array_equal(epoch_of("sine").X, dataset.X_train)


def test_training_changes_only_the_given_layers():
    epoch = epoch_of("moons")
    layers = epoch.fresh_layers()
    before = parameters(epoch.layers).copy()
    train(WAYS[MATRICES], layers, epoch, [slice(0, 10), slice(10, 20)], 0.1)
    np.testing.assert_array_equal(parameters(epoch.layers), before)
    assert largest_difference(parameters(layers), before) > 1e-3


def test_repeated_rows_are_the_rows_again():
    epoch = epoch_of("sine")
    N = len(epoch.X)
    longer = epoch.repeated(2 * N + 5)
    assert len(longer.X) == len(longer.Y) == 2 * N + 5
    np.testing.assert_array_equal(longer.X[2 * N :], epoch.X[:5])
    np.testing.assert_array_equal(longer.Y[N : 2 * N], epoch.Y)


def test_zeros_are_new_arrays():
    epoch = epoch_of("moons")
    pairs = zeros_like(epoch.layers)
    assert not flatten(pairs).any()
    pairs[0][0][:] = 1
    assert not flatten(zeros_like(epoch.layers)).any()


def test_the_code_shown_loops_where_the_page_says_it_does():
    one_by_one, adding_up, as_matrices = map(inspect.getsource, WAYS.values())
    assert "W @ x + b" in one_by_one
    assert "forward(" not in one_by_one
    assert "forward(" in adding_up
    assert "for x, dz in zip(" in adding_up
    assert "for " not in as_matrices.split('"""')[2]
    longest = max(len(line) for source in (one_by_one, adding_up, as_matrices) for line in source.splitlines())
    assert longest <= 46  # the width of a third of the page
