"""The loop in the open: what Training computes, and what a trace shows."""

from itertools import islice

import numpy as np
import pytest

from mbgd.engine import dense, network
from mbgd.engine import trace as trace_module
from mbgd.engine.activations import ACTIVATIONS
from mbgd.engine.dense import dense_backward_batch, dense_forward
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import backward, copies, descend, forward
from mbgd.engine.plain import plain_epochs, plain_update
from mbgd.engine.trace import trace
from tests.engine.runs import N, data, run

TASKS = [("mse", 1), ("mse", 3), ("cross_entropy", 2), ("cross_entropy", 4)]
HIDDEN = [(), (5,), (4, 3)]
every_network = pytest.mark.parametrize(
    ("loss", "k", "activation", "hidden"),
    [(loss, k, name, hidden) for loss, k in TASKS for name in ACTIVATIONS for hidden in HIDDEN],
)


def assert_alike(layers, others):
    for (W, b, _), (V, c, _) in zip(layers, others, strict=True):
        np.testing.assert_allclose(W, V, rtol=0, atol=1e-12)
        np.testing.assert_allclose(b, c, rtol=0, atol=1e-12)


@pytest.mark.thorough
@every_network
@pytest.mark.parametrize("batch_size", [1, 7, N - 1, N, N + 5])
def test_it_makes_the_updates_of_training(loss, k, activation, hidden, batch_size):
    options = {"activation": activation, "hidden": hidden, "batch_size": batch_size, "learning_rate": 0.01}
    training = run(data(k=k, loss=loss), **options)
    layers = training.layers
    for plain, fast in zip(plain_epochs(layers, training.dataset, training.settings), training, strict=True):
        assert (plain.update, plain.epoch) == (fast.update, fast.epoch)
        assert plain.rows.tolist() == fast.rows.tolist()
        assert plain.loss == pytest.approx(fast.loss, rel=1e-12, abs=1e-12)
    assert training.finished
    assert_alike(layers, training.layers)


@pytest.mark.parametrize(("shuffle", "last_batch", "order_seed"), [(False, "keep", None), (True, "drop", 9)])
def test_its_batches_follow_the_settings(shuffle, last_batch, order_seed):
    training = run(shuffle=shuffle, last_batch=last_batch, order_seed=order_seed)
    updates = plain_epochs(training.layers, training.dataset, training.settings)
    assert [plain.rows.tolist() for plain in updates] == [fast.rows.tolist() for fast in training]


@pytest.mark.thorough
@every_network
@pytest.mark.parametrize("B", [1, 7])
def test_an_update_is_the_traced_one_bit_for_bit(loss, k, activation, hidden, B):
    training = run(data(k=k, loss=loss), activation=activation, hidden=hidden)
    layers, rate = training.layers, 0.05
    rows = next(training).rows[:B]
    X, Y = training.dataset.X_train[rows], training.dataset.Y_train[rows]
    arrays = {step.result.name: step.result.array for step in trace(layers, X, Y, loss, rate)}

    activations, pre_activations = forward(layers, X)
    value, dL_dY = LOSSES[loss].with_derivative(Y, activations[-1])
    expected = {"L": np.array(value), "dL/dŶ": dL_dY}
    for i, (dW, db) in enumerate(backward(layers, activations, pre_activations, dL_dY), 1):
        expected |= {f"Z{i}": pre_activations[i - 1], f"dW{i}": dW, f"db{i}": db}
    trained = copies(layers)
    assert plain_update(trained, X, Y, LOSSES[loss].with_derivative, rate) == value
    for i, (W, b, _) in enumerate(trained, 1):
        expected |= {f"new W{i}": W, f"new b{i}": b}
    dL_dA = dL_dY
    for i, layer in reversed(list(enumerate(layers, 1))):
        derivative = ACTIVATIONS[layer.activation].derivative
        expected[f"dZ{i}"] = dL_dA * derivative(pre_activations[i - 1])
        _, _, dL_dA = dense_backward_batch(activations[i - 1], pre_activations[i - 1], dL_dA, layer.W, derivative)
        expected["dX" if i == 1 else f"dA{i - 1}"] = dL_dA
    for name, array in expected.items():
        np.testing.assert_array_equal(arrays[name], array, err_msg=name)


def test_what_is_traced_comes_from_the_functions_that_train(monkeypatch):
    """A fault in any function of the plain loop is seen in the trace."""
    layers, (X, Y) = run(hidden=(5, 4)).layers, data()[:2]
    right = trace(layers, X, Y, "mse", 0.1)

    def doubled_gradient(Z, dL_dA, derivative):
        return 2.0 * dL_dA * derivative(Z)

    def climb(layer, dW, db, learning_rate):
        descend(layer, -dW, -db, learning_rate)

    for name, fault, seen in (
        ("pre_activation_gradient", doubled_gradient, {"dZ3", "dW3", "db3"}),
        ("descend", climb, {"new W1", "new b3"}),
    ):
        for module in (dense, network, trace_module):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, fault)
        wrong = trace(layers, X, Y, "mse", 0.1)
        pairs = zip(right, wrong, strict=True)
        changed = {a.result.name for a, b in pairs if not np.array_equal(a.result.array, b.result.array)}
        assert seen <= changed
        monkeypatch.undo()


def test_the_backward_pass_and_the_step_can_be_replaced():
    layers, (X, Y), called = run().layers, data()[:2], []

    def zero_gradients(layers, activations, pre_activations, dL_dY):
        called.append(dL_dY.shape)
        return [(np.zeros_like(W), np.zeros_like(b)) for W, b, _ in layers]

    def step(layer, dW, db, learning_rate):
        called.append((dW.any(), learning_rate))

    plain_update(layers, X, Y, LOSSES["mse"].with_derivative, 0.3, backward=zero_gradients, descend=step)
    assert called == [(N, 1), (False, 0.3), (False, 0.3)]


def test_an_update_goes_down_the_gradient_of_its_batch():
    layers, (X, Y) = run(hidden=(5,)).layers, data()[:2]
    loss = LOSSES["mse"].with_derivative
    losses = [plain_update(layers, X, Y, loss, 0.05) for _ in range(20)]
    assert (np.diff(losses) < 0).all()


def test_it_goes_on_through_a_loss_that_is_not_finite():
    training = run(learning_rate=1e150, activation="relu", epochs=3)
    with np.errstate(all="ignore"):
        updates = list(islice(plain_epochs(training.layers, training.dataset, training.settings), 12))
    assert len(updates) == 12
    assert not np.isfinite(updates[-1].loss)


def test_forward_in_the_loop_is_the_layers_one_after_the_other():
    layers, X = run(hidden=(5, 4)).layers, data().X_train
    A = X
    for W, b, name in layers:
        A, _ = dense_forward(A, W, b, ACTIVATIONS[name].function)
    np.testing.assert_array_equal(forward(layers, X)[0][-1], A)
