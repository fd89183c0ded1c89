"""A network: first weights, forward, gradients of whole networks, and what averages of gradients are equal to."""

from itertools import combinations, count, product

import numpy as np
import pytest

from mbgd.engine.activations import ACTIVATIONS
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, backward, copies, first_weights, forward, predict
from tests.engine import central_differences

HIDDEN = [(), (5,), (5, 4), (6, 5, 4), (4, 4, 4, 4, 4, 4)]


def loss_of(layers, X, Y, loss="mse"):
    return LOSSES[loss].function(Y, predict(layers, X))


def gradients_of(layers, X, Y, loss="mse"):
    """(dW, db) of every layer, as training computes them."""
    activations, pre_activations = forward(layers, X)
    return backward(layers, activations, pre_activations, LOSSES[loss].with_derivative(Y, activations[-1])[1])


def flat(gradients):
    """All of a network's gradients in one vector."""
    return np.concatenate([part.ravel() for gradient in gradients for part in gradient])


def gradient_of(layers, X, Y, loss="mse"):
    return flat(gradients_of(layers, X, Y, loss))


def network(rng, hidden, activation, k, n=3):
    """First weights, with biases moved off zero."""
    layers = first_weights(rng, [n, *hidden, k], activation)
    return [Layer(W, b + 0.1 * rng.normal(size=b.shape), name) for W, b, name in layers]


def batch(rng, B, k, loss="mse", n=3):
    Y = rng.normal(size=(B, k)) if loss == "mse" else np.eye(k)[rng.integers(k, size=B)]
    return rng.normal(size=(B, n)), Y


def smooth_case(hidden, activation, loss, k, B):
    """Layers and a batch with no pre-activation near the kink of ReLU and no layer cut off by it."""
    for seed in count():
        rng = np.random.default_rng(seed)
        layers, (X, Y) = network(rng, hidden, activation, k), batch(rng, B, k, loss)
        near = min(np.abs(Z).min() for Z in forward(layers, X)[1])
        if near > 1e-3 and all(np.any(dW) for dW, _ in gradients_of(layers, X, Y, loss)):
            return layers, X, Y


# --- gradients of whole networks ---


@pytest.mark.parametrize("B", [1, 2, 7])
@pytest.mark.parametrize(("loss", "k"), [("mse", 1), ("mse", 3), ("cross_entropy", 2), ("cross_entropy", 3)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_gradient_is_that_of_central_differences(hidden, activation, loss, k, B):
    layers, X, Y = smooth_case(hidden, activation, loss, k, B)
    for (W, b, _), (dW, db) in zip(layers, gradients_of(layers, X, Y, loss), strict=True):
        for values, gradient in ((W, dW), (b, db)):
            numeric = central_differences(lambda: loss_of(layers, X, Y, loss), values)
            difference = np.linalg.norm(gradient - numeric)
            rounding = 1e-10  # about 1e-16 of the loss, divided by the step of 1e-5
            assert difference <= 1e-7 * (np.linalg.norm(gradient) + np.linalg.norm(numeric)) + rounding


def test_the_error_of_the_check_has_a_u_shape_in_the_step():
    layers, X, Y = smooth_case((6,), "tanh", "mse", 3, 7)
    exact, _ = gradients_of(layers, X, Y)[0]

    def error(h):
        numeric = central_differences(lambda: loss_of(layers, X, Y), layers[0].W, h)
        return np.linalg.norm(numeric - exact) / np.linalg.norm(exact)

    assert error(1e-5) < 1e-8 < error(1e-2)
    assert error(1e-5) < 1e-8 < 1e-5 < error(1e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_one_class_leaves_nothing_to_learn(activation):
    rng = np.random.default_rng(0)
    layers, (X, Y) = network(rng, (5, 4), activation, 1), batch(rng, 7, 1, "cross_entropy")
    np.testing.assert_array_equal(gradient_of(layers, X, Y, "cross_entropy"), 0.0)


def test_a_linear_network_has_the_gradient_of_least_squares():
    rng = np.random.default_rng(0)
    (layer,), (X, Y) = network(rng, (), "relu", 3), batch(rng, 7, 3)
    residual = X @ layer.W.T + layer.b - Y
    ((dW, db),) = gradients_of([layer], X, Y)
    np.testing.assert_allclose(dW, 2 / Y.size * residual.T @ X, rtol=0, atol=1e-14)
    np.testing.assert_allclose(db, 2 / Y.size * residual.sum(axis=0), rtol=0, atol=1e-14)


# --- averages of gradients ---


def six_eight_three(activation="tanh", N=256):
    rng = np.random.default_rng(3)
    return network(rng, (8,), activation, 3, n=6), *batch(rng, N, 3, n=6)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_batch_gradient_is_the_mean_of_per_sample_gradients(activation, loss):
    rng = np.random.default_rng(1)
    layers, (X, Y) = network(rng, (8, 5), activation, 3), batch(rng, 64, 3, loss)
    of_samples = [gradient_of(layers, X[i : i + 1], Y[i : i + 1], loss) for i in range(64)]
    np.testing.assert_allclose(np.mean(of_samples, axis=0), gradient_of(layers, X, Y, loss), rtol=0, atol=1e-12)


def gradients_of_six_rows():
    """A function from rows to their batch gradient, and the gradients of six single rows (6, parameters)."""
    layers, X, Y = six_eight_three(N=6)

    def of(rows):
        return gradient_of(layers, X[list(rows)], Y[list(rows)])

    return of, np.array([of([i]) for i in range(6)])


@pytest.mark.parametrize("B", range(1, 7))
def test_batch_gradient_is_unbiased_over_all_batches(B):
    of, singles = gradients_of_six_rows()
    of_batches = [of(rows) for rows in combinations(range(6), B)]
    np.testing.assert_allclose(np.mean(of_batches, axis=0), singles.mean(axis=0), rtol=0, atol=1e-12)


@pytest.mark.parametrize("B", range(1, 7))
def test_noise_without_replacement_falls_as_1_by_B_to_zero_at_N(B):
    of, singles = gradients_of_six_rows()
    G = singles.mean(axis=0)
    S2 = ((singles - G) ** 2).sum() / 5
    noise = np.mean([((of(rows) - G) ** 2).sum() for rows in combinations(range(6), B)])
    assert noise == pytest.approx(S2 / B * (1 - B / 6), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("B", [1, 2, 3])
def test_noise_with_replacement_falls_as_1_by_B(B):
    of, singles = gradients_of_six_rows()
    G = singles.mean(axis=0)
    noise = np.mean([((of(rows) - G) ** 2).sum() for rows in product(range(6), repeat=B)])
    assert noise == pytest.approx(((singles - G) ** 2).sum() / 6 / B, rel=1e-12)


def test_sampled_noise_is_the_predicted_one():
    layers, X, Y = six_eight_three()
    G = gradient_of(layers, X, Y)
    S2 = sum(((gradient_of(layers, X[i : i + 1], Y[i : i + 1]) - G) ** 2).sum() for i in range(256)) / 255
    rng = np.random.default_rng(0)
    draws = [rng.permutation(256)[:16] for _ in range(400)]
    noise = [((gradient_of(layers, X[rows], Y[rows]) - G) ** 2).sum() for rows in draws]
    standard_error = np.std(noise) / np.sqrt(len(noise))
    assert abs(np.mean(noise) - S2 / 16 * (1 - 16 / 256)) < 4 * standard_error


@pytest.mark.parametrize("shards", [2, 4, 8])
def test_mean_of_equal_shards_is_the_full_gradient(shards):
    layers, X, Y = six_eight_three()
    of_shards = [gradient_of(layers, *both) for both in zip(np.split(X, shards), np.split(Y, shards), strict=True)]
    np.testing.assert_allclose(np.mean(of_shards, axis=0), gradient_of(layers, X, Y), rtol=0, atol=1e-12)


def test_unequal_shards_must_be_weighted_by_their_size():
    layers, X, Y = six_eight_three()
    sizes, G = (200, 50, 6), gradient_of(layers, X, Y)
    edges = np.cumsum(sizes)[:-1]
    of_shards = [gradient_of(layers, *both) for both in zip(np.split(X, edges), np.split(Y, edges), strict=True)]
    np.testing.assert_allclose(np.average(of_shards, axis=0, weights=sizes), G, rtol=0, atol=1e-12)
    assert np.linalg.norm(np.mean(of_shards, axis=0) - G) > 0.1 * np.linalg.norm(G)


@pytest.mark.parametrize("micro", [1, 3, 8, 24, 10])
def test_accumulated_micro_batches_are_one_batch(micro):
    layers, X, Y = six_eight_three(N=24)
    accumulated = np.zeros_like(gradient_of(layers, X, Y))
    for start in range(0, 24, micro):
        rows = slice(start, start + micro)
        accumulated += len(X[rows]) / 24 * gradient_of(layers, X[rows], Y[rows])
    np.testing.assert_allclose(accumulated, gradient_of(layers, X, Y), rtol=0, atol=1e-12)


def test_the_order_of_the_rows_does_not_matter_to_a_gradient():
    layers, X, Y = six_eight_three()
    order = np.random.default_rng(0).permutation(256)
    np.testing.assert_allclose(gradient_of(layers, X[order], Y[order]), gradient_of(layers, X, Y), rtol=0, atol=1e-12)


# --- first weights and the forward pass ---


@pytest.mark.parametrize("hidden", HIDDEN)
def test_layers_have_the_sizes_asked_for_and_an_identity_at_the_end(hidden):
    layers = first_weights(np.random.default_rng(0), [3, *hidden, 2], "tanh")
    ins, outs = [3, *hidden], [*hidden, 2]
    assert [W.shape for W, _, _ in layers] == list(zip(outs, ins, strict=True))
    assert [name for _, _, name in layers] == ["tanh"] * len(hidden) + ["identity"]
    for _, b, _ in layers:
        np.testing.assert_array_equal(b, 0.0)


@pytest.mark.parametrize(
    ("activation", "variances"),
    [
        ("relu", (2 / 300, 2 / (400 + 200))),  # He where ReLU cuts, Glorot at the output
        ("tanh", (2 / (300 + 400), 2 / (400 + 200))),
        ("sigmoid", (2 / (300 + 400), 2 / (400 + 200))),
        ("identity", (2 / (300 + 400), 2 / (400 + 200))),
    ],
)
def test_first_weights_have_the_variance_of_he_or_glorot(activation, variances):
    layers = first_weights(np.random.default_rng(0), [300, 400, 200], activation)
    for (W, _, _), variance in zip(layers, variances, strict=True):
        standard_error = variance * np.sqrt(2 / W.size)
        assert abs(W.var() - variance) < 4 * standard_error
        assert abs(W.mean()) < 4 * np.sqrt(variance / W.size)


@pytest.mark.parametrize("activation", ["relu", "identity", "tanh"])
def test_signals_keep_their_size_through_six_layers(activation):
    rng = np.random.default_rng(0)
    layers = first_weights(rng, [200] * 7 + [1], activation)
    activations, _ = forward(layers, 0.1 * rng.normal(size=(50, 200)))
    sizes = [np.mean(A**2) for A in activations[:-1]]
    assert 0.4 < sizes[-1] / sizes[0] < 2.5


@pytest.mark.parametrize("B", [1, 7])
@pytest.mark.parametrize("hidden", HIDDEN)
def test_forward_keeps_every_layers_input_and_pre_activation(hidden, B):
    rng = np.random.default_rng(0)
    layers, (X, _) = network(rng, hidden, "sigmoid", 2), batch(rng, B, 2)
    activations, pre_activations = forward(layers, X)
    assert [A.shape for A in activations] == [(B, size) for size in (3, *hidden, 2)]
    assert [Z.shape for Z in pre_activations] == [(B, size) for size in (*hidden, 2)]
    assert activations[0] is X
    for (W, b, name), below, Z, above in zip(layers, activations, pre_activations, activations[1:], strict=False):
        np.testing.assert_allclose(Z, np.einsum("bn,kn->bk", below, W) + b, rtol=0, atol=1e-14)
        np.testing.assert_array_equal(above, ACTIVATIONS[name].function(Z))
    np.testing.assert_array_equal(predict(layers, X), activations[-1])


def test_gradients_come_first_layer_first_with_the_parameters_shapes():
    layers, X, Y = six_eight_three()
    for (W, b, _), (dW, db) in zip(layers, gradients_of(layers, X, Y), strict=True):
        assert (dW.shape, db.shape) == (W.shape, b.shape)


def test_backward_leaves_layers_and_batch_as_they_were():
    layers, X, Y = six_eight_three("relu")
    before = [array.copy() for W, b, _ in layers for array in (W, b)], X.copy(), Y.copy()
    gradient_of(layers, X, Y)
    for array, copy in zip((array for W, b, _ in layers for array in (W, b)), before[0], strict=True):
        np.testing.assert_array_equal(array, copy)
    np.testing.assert_array_equal(X, before[1])
    np.testing.assert_array_equal(Y, before[2])


def test_copies_are_equal_and_have_arrays_of_their_own():
    layers = network(np.random.default_rng(0), (5, 4), "tanh", 2)
    own = copies(layers)
    for layer, copied in zip(layers, own, strict=True):
        assert copied.activation == layer.activation
        for array, other in ((layer.W, copied.W), (layer.b, copied.b)):
            assert np.array_equal(array, other)
            assert not np.shares_memory(array, other)
