"""Another activation is one record: registered here, it trains wherever one is asked for by name."""

import numpy as np
import pytest

from mbgd.engine.activations import ACTIVATIONS, Activation, glorot, he, sigmoid
from mbgd.engine.core import Chunk, Core, WeightVector
from mbgd.engine.network import backward, first_weights, forward
from mbgd.engine.plain import plain_epochs
from mbgd.engine.prepared import multiplied
from mbgd.engine.settings import Settings
from mbgd.engine.stack import Stack
from mbgd.engine.trace import trace
from mbgd.engine.training import Training
from mbgd.experiments.gradients import off_the_kinks
from mbgd.experiments.under_the_hood.tricks import TRICKS, predicted_calls, task_of
from tests.engine import central_differences
from tests.engine.runs import N, data, parameters, run


def softplus(Z):
    return np.logaddexp(0.0, Z)


def leaky_relu(Z):
    return np.where(np.asarray(Z) > 0, Z, 0.1 * np.asarray(Z))


def leaky_relu_derivative(Z):
    return np.where(np.asarray(Z) > 0, 1.0, 0.1)


RECORDS = {
    "softplus": Activation(softplus, sigmoid),
    "leaky_relu": Activation(leaky_relu, leaky_relu_derivative, None, he, has_kink=True, bends=False),
}


@pytest.fixture(params=RECORDS)
def name(request, monkeypatch):
    monkeypatch.setitem(ACTIVATIONS, request.param, RECORDS[request.param])
    return request.param


@pytest.mark.parametrize("batch_size", [1, 7, N])
@pytest.mark.parametrize(("loss", "k"), [("mse", 1), ("cross_entropy", 3)])
@pytest.mark.parametrize("hidden", [(), (5,), (4, 3)])
def test_training_and_the_plain_loop_agree(name, hidden, loss, k, batch_size):
    training = run(data(k=k, loss=loss), activation=name, hidden=hidden, batch_size=batch_size, learning_rate=0.02)
    layers = training.layers
    for plain, fast in zip(plain_epochs(layers, training.dataset, training.settings), training, strict=True):
        assert plain.loss == pytest.approx(fast.loss, rel=1e-12)
    expected = np.concatenate([part.ravel() for W, b, _ in layers for part in (W, b)])
    np.testing.assert_allclose(parameters(training), expected, rtol=0, atol=1e-12)
    assert training.evaluate("train").loss < training.start["train"].loss


def test_a_stack_of_runs_trains_with_it(name):
    settings = [Settings(7, 4, rate, (5,), name, seed=0) for rate in (0.02, 0.05)]
    stack = Stack(data(), settings)
    stack.advance()
    for run_number, one in enumerate(settings):
        training = Training(data(), one)
        training.advance()
        for (W, b, _), (V, c, _) in zip(stack.layers(run_number), training.layers, strict=True):
            np.testing.assert_allclose(W, V, rtol=0, atol=1e-12)
            np.testing.assert_allclose(b, c, rtol=0, atol=1e-12)


def test_it_is_traced_by_its_name(name):
    layers, (X, Y) = run(activation=name).layers, data()[:2]
    arrays = {step.expression: step.result.array for step in trace(layers, X, Y, "mse", 0.1)}
    np.testing.assert_array_equal(arrays[f"{name}(Z1)"], ACTIVATIONS[name].function(arrays["X @ W1.T + b1"]))
    assert f"dA1 * {name}′(Z1)" in arrays


def test_its_gradient_is_that_of_its_loss(name):
    rng = np.random.default_rng(0)
    layers = first_weights(rng, (3, 4, 1), name)
    X, Y = data()[:2]
    activations, pre_activations = forward(layers, X)
    (dW, _), _ = backward(layers, activations, pre_activations, 2 * (activations[-1] - Y) / Y.size)

    def loss():
        return float(np.mean((forward(layers, X)[0][-1] - Y) ** 2))

    np.testing.assert_allclose(dW, central_differences(loss, layers[0].W), rtol=0, atol=1e-7)


def test_the_tricks_take_it(name):
    dataset = data()
    settings = Settings(7, 1, 0.05, (5, 4), name)
    ends = []
    for make in TRICKS.values():
        variant = make(task_of(dataset, settings, 0.05))
        variant.train(np.arange(N))
        ends.append(np.concatenate([part.reshape(-1) for pair in variant.weights() for part in pair]))
    assert np.ptp(np.stack(ends), axis=0).max() < 1e-12
    assert predicted_calls(3, name, "mse") == 8 + 2 * (1 + 1) + 2 + 1


def test_its_record_says_the_variance_of_first_weights_and_whether_it_has_a_kink(name):
    W = first_weights(np.random.default_rng(0), [300, 400, 200], name)[0].W
    expected = {glorot: 2 / 700, he: 2 / 300}[ACTIVATIONS[name].first_variance]
    assert abs(W.var() - expected) < 4 * expected * np.sqrt(2 / W.size)
    layers = run(activation=name).layers
    _, moved = off_the_kinks(layers, np.zeros((2, 3)), np.random.default_rng(0))
    assert moved == ACTIVATIONS[name].has_kink


def test_calls_of_its_own_take_the_place_of_the_formulas(name, monkeypatch):
    used = []

    def activate(A, slope):
        def call():
            used.append(A.shape)
            slope[...], A[...] = ACTIVATIONS[name].derivative(A), ACTIVATIONS[name].function(A)

        return [call]

    record = ACTIVATIONS[name]
    expected = run(activation=name)
    expected.advance()
    calls = type(record.calls)(activate, lambda A, slope: [], multiplied)
    monkeypatch.setitem(ACTIVATIONS, name, record._replace(prepared=calls))
    training = run(activation=name)
    training.advance()
    assert used
    np.testing.assert_array_equal(parameters(training), parameters(expected))


@pytest.mark.parametrize("unknown", ["softplus", "ReLU", ""])
def test_an_unknown_one_raises_everywhere(unknown):
    with pytest.raises(ValueError, match=r"^activation must be one of 'relu', 'tanh', 'sigmoid', 'identity', not"):
        Settings(7, 1, 0.1, activation=unknown)
    with pytest.raises(KeyError):
        first_weights(np.random.default_rng(0), (3, 4, 1), unknown)
    layers = [layer._replace(activation=unknown) for layer in run().layers]
    for broken in (
        lambda: forward(layers, np.ones((2, 3))),
        lambda: trace(layers, *data()[:2], "mse", 0.1),
        lambda: predicted_calls(2, unknown, "mse"),
        lambda: off_the_kinks(layers, np.ones((2, 3)), np.random.default_rng(0)),
    ):
        with pytest.raises(KeyError):
            broken()
    weights, step = WeightVector((3, 4, 1), 1), WeightVector((3, 4, 1), 1)
    with pytest.raises(ValueError, match=r"^activation must be one of "):
        Core(weights, step, unknown, "mse", Chunk([5], 3, 1, 1))
