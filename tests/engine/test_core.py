"""The fast core makes the steps of forward and backward: every architecture, loss, batch size and number of runs."""

import numpy as np
import pytest

from mbgd.engine.activations import ACTIVATIONS
from mbgd.engine.core import LOSS_CALLS, Chunk, Core, WeightVector
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import backward, first_weights, forward
from mbgd.engine.prepared import RELU

SIZES = [(3, 2), (2, 5, 2), (3, 4, 4, 2), (2, 3, 3, 3, 3, 3, 3, 4)]


def batches(loss, sizes, B, count=4):
    """Inputs (N, n) and targets (N, k) of so many batches of B rows."""
    rng = np.random.default_rng((B, *sizes))
    X, k = rng.normal(size=(count * B, sizes[0])), sizes[-1]
    return X, rng.normal(size=(len(X), k)) if loss == "mse" else np.eye(k)[rng.integers(k, size=len(X))]


def prepared(networks, loss, X, Y, B):
    """Weights of these networks, and a core whose chunk holds these rows."""
    sizes = [X.shape[1], *(len(b) for _, b, _ in networks[0])]
    weights, step = WeightVector(sizes, len(networks)), WeightVector(sizes, len(networks))
    for run, layers in enumerate(networks):
        weights.write(run, layers)
    chunk = Chunk([B] * (len(X) // B), X.shape[1], Y.shape[1], len(networks))
    chunk.fill(np.hstack([np.ones((len(X), 1)), X]), Y, np.arange(len(X)))
    return weights, Core(weights, step, networks[0][0].activation, loss, chunk)


def descend(layers, loss, X, Y, rate):
    """One update of the layers in place, by the functions to read; the batch's loss before it."""
    activations, pre_activations = forward(layers, X)
    value, dL_dY = LOSSES[loss].with_derivative(Y, activations[-1])
    for (W, b, _), (dW, db) in zip(layers, backward(layers, activations, pre_activations, dL_dY), strict=True):
        W -= rate * dW
        b -= rate * db
    return value


@pytest.mark.parametrize("runs", [1, 3])
@pytest.mark.parametrize("B", [1, 7])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", SIZES, ids=len)
def test_its_updates_are_those_of_forward_and_backward(sizes, activation, loss, B, runs):
    rng, rates = np.random.default_rng(0), np.linspace(0.02, 0.1, runs)
    networks = [first_weights(rng, sizes, activation) for _ in range(runs)]
    X, Y = batches(loss, sizes, B)
    weights, core = prepared(networks, loss, X, Y, B)
    core.set_rates(rates)
    before = weights.vector.copy()
    core.run(0, 4)
    losses = core.losses(0, 4)
    for run, layers in enumerate(networks):
        for j in range(4):
            expected = descend(layers, loss, X[j * B : j * B + B], Y[j * B : j * B + B], rates[run])
            assert losses[j, run] == pytest.approx(expected, rel=1e-12)
        for (W, b), layer in zip(weights.read(run), layers, strict=True):
            np.testing.assert_allclose(W, layer.W, rtol=0, atol=1e-12)
            np.testing.assert_allclose(b, layer.b, rtol=0, atol=1e-12)
    assert np.abs(weights.vector - before).max() > 1e-3


@pytest.mark.parametrize("runs", [1, 3])
def test_rows_of_a_batch_may_have_logits_far_apart(runs):
    """The core subtracts the largest logit of each row: that of the whole batch would leave a row of zeros."""
    rng, rates = np.random.default_rng(0), np.linspace(1e-7, 3e-7, runs)
    networks = [first_weights(rng, (2, 3), "tanh") for _ in range(runs)]
    for layers in networks:
        layers[0].W[:, 0] = 1.0  # the first input moves all logits of its row alike
    X, Y = batches("cross_entropy", (2, 3), 7, count=2)
    X[:, 0] = 1e3 * np.arange(-7.0, 7.0)
    weights, core = prepared(networks, "cross_entropy", X, Y, 7)
    core.set_rates(rates)
    core.run(0, 2)
    losses = core.losses(0, 2)
    for run, layers in enumerate(networks):
        for j, batch in enumerate((slice(0, 7), slice(7, 14))):
            expected = descend(layers, "cross_entropy", X[batch], Y[batch], rates[run])
            assert 0.0 < expected < 10.0
            assert losses[j, run] == pytest.approx(expected, rel=1e-9)
        np.testing.assert_allclose(weights.read(run)[0][0], layers[0].W, rtol=0, atol=1e-12)


def test_a_chunk_can_be_filled_again_and_in_part():
    rng = np.random.default_rng(0)
    networks = [first_weights(rng, (2, 4, 1), "tanh")]
    X, Y = batches("mse", (2, 4, 1), 5)
    weights, core = prepared(networks, "mse", X, Y, 5)
    core.set_rates(np.array([0.1]))
    rows = np.array([3, 1, 4, 15, 9, 2, 6, 5, 18, 0])
    core.chunk.fill(np.hstack([np.ones((len(X), 1)), X]), Y, rows)
    core.run(0, 2)
    for batch in (rows[:5], rows[5:]):
        descend(networks[0], "mse", X[batch], Y[batch], 0.1)
    np.testing.assert_allclose(weights.read(0)[0][0], networks[0][0].W, rtol=0, atol=1e-13)


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_of_any_stretch_of_unequal_batches_and_several_runs(loss):
    rng, chunk_sizes = np.random.default_rng(0), [5, 5, 3, 5, 1]
    networks = [first_weights(rng, (3, 4, 2), "tanh") for _ in range(2)]
    X, Y = batches(loss, (3, 4, 2), sum(chunk_sizes), 1)
    weights, step = WeightVector((3, 4, 2), 2), WeightVector((3, 4, 2), 2)
    for run, layers in enumerate(networks):
        weights.write(run, layers)
    core = Core(weights, step, "tanh", loss, Chunk(chunk_sizes, 3, 2, 2))
    core.chunk.fill(np.hstack([np.ones((len(X), 1)), X]), Y, np.arange(len(X)))
    core.set_rates(np.zeros(2))
    core.run(0, 5)
    expected = np.empty((5, 2))
    for j, (start, size) in enumerate(zip(np.cumsum(chunk_sizes) - chunk_sizes, chunk_sizes, strict=True)):
        for run, layers in enumerate(networks):
            output = forward(layers, X[start : start + size])[0][-1]
            expected[j, run] = LOSSES[loss].function(Y[start : start + size], output)
    for start in range(5):
        for stop in range(start + 1, 6):
            np.testing.assert_allclose(core.losses(start, stop), expected[start:stop], rtol=1e-12)


def test_the_slope_of_relu_is_told_from_the_bits_of_the_activation():
    A = np.tile([0.0, -0.0, -5e-324, -1.0, -np.inf, 5e-324, 1e-300, 1.0, 1e300, np.inf], 7)
    slope, D = np.empty_like(A), np.full(A.shape, -0.3)
    for call in (*RELU.activate(A, slope), *RELU.slopes(A, slope), *RELU.times_slope(D, slope)):
        call()
    np.testing.assert_array_equal(D, np.tile([0.0] * 5 + [-0.3] * 5, 7))


def test_a_rate_of_nothing_moves_nothing():
    networks = [first_weights(np.random.default_rng(0), (2, 4, 1), "relu")]
    weights, core = prepared(networks, "mse", *batches("mse", (2, 4, 1), 5), 5)
    core.set_rates(np.array([0.0]))
    before = weights.vector.copy()
    core.run(0, 4)
    np.testing.assert_array_equal(weights.vector, before)
    assert (core.losses(0, 4) > 0).all()


def test_weights_are_written_and_read_run_by_run():
    networks = [first_weights(np.random.default_rng(seed), (2, 4, 1), "relu") for seed in range(3)]
    weights = WeightVector((2, 4, 1), 3)
    for run, layers in enumerate(networks):
        weights.write(run, layers)
    assert weights.vector.size == 3 * (4 * 3 + 1 * 5)
    for run, layers in enumerate(networks):
        for (W, b), layer in zip(weights.read(run), layers, strict=True):
            np.testing.assert_array_equal(W, layer.W)
            np.testing.assert_array_equal(b, layer.b)


def test_every_loss_has_its_calls():
    assert list(LOSS_CALLS) == list(LOSSES)


@pytest.mark.parametrize(("activation", "loss", "said"), [("swish", "mse", "activation"), ("tanh", "hinge", "loss")])
@pytest.mark.parametrize("sizes", [(3, 2), (3, 4, 2)])
def test_an_unknown_activation_or_loss_is_refused(sizes, activation, loss, said):
    weights, step = WeightVector(sizes, 1), WeightVector(sizes, 1)
    with pytest.raises(ValueError, match=rf"^{said} must be one of "):
        Core(weights, step, activation, loss, Chunk([5], 3, 2, 1))
