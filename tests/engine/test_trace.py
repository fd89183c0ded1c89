"""A trace is an update of training's own, array by array, and every array has the axes that are said of it."""

import inspect
import math

import numpy as np
import pytest

from mbgd.data.catalogue import load
from mbgd.engine import dense, losses, plain
from mbgd.engine import network as network_module
from mbgd.engine.activations import ACTIVATIONS
from mbgd.engine.network import Layer, backward, first_weights, forward
from mbgd.engine.settings import Settings
from mbgd.engine.trace import (
    DESCENT,
    ELEMENTS,
    GIVEN,
    LOSS,
    PARTS,
    PRODUCT,
    SUM,
    axis_sizes,
    layer_axes,
    operation_count,
    trace,
)
from mbgd.engine.training import Training
from mbgd.experiments.plain import start
from mbgd.experiments.shapes.walk import batch_rows

HIDDEN = (7, 5, 9, 3, 8, 6)
RATE = 0.03


def network(depth, k, activation="tanh", n=4, seed=0):
    rng = np.random.default_rng(seed)
    layers = first_weights(rng, [n, *HIDDEN[:depth], k], activation)
    return [Layer(W, rng.normal(size=len(b)), name) for W, b, name in layers]


def batch(B, k, n=4, seed=1):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(B, n))
    return X, (rng.normal(size=(B, k)) if k == 1 else np.eye(k)[rng.integers(k, size=B)])


def loss_for(k):
    return "mse" if k == 1 else "cross_entropy"


def all_arrays(steps):
    return [array for step in steps for array in (*step.operands, step.result)]


@pytest.mark.parametrize("k", [1, 10])
@pytest.mark.parametrize("depth", range(7))
def test_every_array_has_the_shape_that_its_axes_say(depth, k):
    for B in (1, 11):
        steps = trace(network(depth, k), *batch(B, k), loss_for(k), RATE)
        sizes = {"B": B, "n": 4, "k": k} | {f"h{i}": units for i, units in enumerate(HIDDEN[:depth], 1)}
        assert axis_sizes(steps) == sizes
        assert set(layer_axes(depth + 1)) == set(sizes) - {"B"}
        for name, axes, array in all_arrays(steps):
            assert array.shape == tuple(sizes[letter] for letter in axes), name
            assert array.dtype == np.float64, name


def expected_result(step):
    """What the kind of a step makes of its operands."""
    operands = [operand.array for operand in step.operands]
    if step.kind == PRODUCT:
        left, right, *bias = operands
        return left @ right + bias[0] if bias else left @ right
    if step.kind == SUM:
        return operands[0].sum(axis=0)
    if step.kind == DESCENT:
        return operands[0] - RATE * operands[1]
    if step.kind == ELEMENTS and step.part == "forward":
        return ACTIVATIONS[step.expression.partition("(")[0]].function(operands[0])
    if step.kind == ELEMENTS and step.part == "backward":
        return operands[0] * operands[1]
    if step.kind == ELEMENTS:
        predicted, Y = operands
        return 2 * (predicted - Y) / Y.size if step.expression.startswith("2") else (predicted - Y) / len(Y)
    if step.kind == LOSS:
        return np.array(losses.LOSSES[step.expression.partition("(")[0]].function(*operands))
    return step.result.array


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize("k", [1, 10])
def test_each_result_follows_from_the_operands_as_the_step_says(k, activation):
    for depth in (0, 2):
        for step in trace(network(depth, k, activation), *batch(11, k), loss_for(k), RATE):
            np.testing.assert_allclose(step.result.array, expected_result(step), rtol=1e-13, atol=1e-15)


def test_the_expression_names_its_operands():
    for step in trace(network(2, 10), *batch(11, 10), "cross_entropy", RATE):
        if step.kind != GIVEN:
            assert all(operand.name in step.expression for operand in step.operands), step.expression


@pytest.mark.parametrize("k", [1, 10])
@pytest.mark.parametrize("depth", range(7))
def test_the_gradients_are_those_of_backward(depth, k):
    layers, (X, Y) = network(depth, k), batch(11, k)
    arrays = {array.name: array.array for array in all_arrays(trace(layers, X, Y, loss_for(k), RATE))}
    activations, pre_activations = forward(layers, X)
    dL_dY = losses.LOSSES[loss_for(k)].with_derivative(Y, activations[-1])[1]
    for i, (dW, db) in enumerate(backward(layers, activations, pre_activations, dL_dY), 1):
        np.testing.assert_array_equal(arrays[f"dW{i}"], dW)
        np.testing.assert_array_equal(arrays[f"db{i}"], db)


@pytest.mark.parametrize("hidden", [(), (16,), (8, 4, 4)])
@pytest.mark.parametrize(("name", "batch_size"), [("diabetes", 16), ("diabetes", 1), ("diabetes", 353), ("digits", 50)])
def test_the_new_weights_are_those_of_training(name, batch_size, hidden):
    dataset, settings = load(name), Settings(batch_size, 1, 0.05, hidden=hidden, seed=3)
    rows = batch_rows(len(dataset.X_train), settings, "first")
    steps = trace(start(dataset, settings), dataset.X_train[rows], dataset.Y_train[rows], dataset.loss, 0.05)
    arrays = {array.name: array.array for array in all_arrays(steps)}
    run = Training(dataset, settings)
    run.advance(updates=1)
    assert run.last is not None
    np.testing.assert_array_equal(rows, run.last.rows)
    assert float(arrays["L"]) == pytest.approx(run.last.loss, rel=1e-14)
    for i, (W, b, _) in enumerate(run.layers, 1):
        np.testing.assert_allclose(arrays[f"new W{i}"], W, rtol=0, atol=1e-14)
        np.testing.assert_allclose(arrays[f"new b{i}"], b, rtol=0, atol=1e-14)


def test_the_layers_stay_as_they_are():
    layers = network(2, 1)
    before = [(W.copy(), b.copy()) for W, b, _ in layers]
    trace(layers, *batch(11, 1), "mse", RATE)
    for (W, b, _), (W_before, b_before) in zip(layers, before, strict=True):
        np.testing.assert_array_equal(W, W_before)
        np.testing.assert_array_equal(b, b_before)


def test_the_lines_of_code_stand_in_the_engine():
    source = (
        inspect.getsource(dense)
        + inspect.getsource(losses)
        + inspect.getsource(network_module)
        + inspect.getsource(plain)
    )
    for k in (1, 10):
        for step in trace(network(1, k), *batch(5, k), loss_for(k), RATE):
            assert step.code in source, step.code


def test_the_order_is_forward_loss_backward_update_and_only_the_first_dX_is_skipped():
    steps = trace(network(2, 1), *batch(11, 1), "mse", RATE)
    parts = [step.part for step in steps]
    assert parts == sorted(parts, key=PARTS.index)
    assert [step.result.name for step in steps if not step.trained] == ["dX"]
    back = [step.layer for step in steps if step.part == "backward"]
    assert back == [3] * 4 + [2] * 4 + [1] * 4


def test_operations_are_counted_from_sizes():
    steps = {step.result.name: step for step in trace(network(1, 1), *batch(11, 1), "mse", RATE)}
    sizes = {"B": 11, "n": 4, "h1": 7, "k": 1}
    assert operation_count(steps["Z1"], sizes) == 2 * 11 * 4 * 7
    assert operation_count(steps["dW1"], sizes) == 7 * 4 * (2 * 11 - 1)
    assert operation_count(steps["db1"], sizes) == 7 * (11 - 1)
    assert operation_count(steps["dL/dŶ"], sizes) == 11 + 1


def test_an_overflow_is_traced_without_a_warning():
    layers = [Layer(W * 1e200, b, name) for W, b, name in network(1, 1, "relu")]
    steps = trace(layers, *batch(5, 1), "mse", RATE)
    assert not math.isfinite(float(next(step.result.array for step in steps if step.result.name == "L")))
