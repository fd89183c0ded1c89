"""Losses: known values, the convention of the mean over all B·k elements, derivatives against central differences."""

import numpy as np
import pytest

from mbgd.engine.losses import (
    LOSSES,
    cross_entropy,
    cross_entropy_and_derivative,
    cross_entropy_derivative,
    mse,
    mse_and_derivative,
    mse_derivative,
    softmax,
)
from tests.engine import central_differences

SHAPES = [(1, 1), (6, 1), (1, 3), (7, 3), (40, 10)]


def targets_and_output(loss, shape):
    rng = np.random.default_rng(shape)
    Y = rng.normal(size=shape) if loss == "mse" else np.eye(shape[1])[rng.integers(shape[1], size=shape[0])]
    return Y, rng.normal(size=shape)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("name", "loss", "derivative"),
    [("mse", mse, mse_derivative), ("cross_entropy", cross_entropy, cross_entropy_derivative)],
)
def test_derivative_is_that_of_exactly_this_loss(name, loss, derivative, shape):
    Y, output = targets_and_output(name, shape)
    numeric = central_differences(lambda: loss(Y, output), output)
    assert derivative(Y, output).shape == shape
    np.testing.assert_allclose(derivative(Y, output), numeric, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize(
    ("together", "loss", "derivative"),
    [
        (mse_and_derivative, mse, mse_derivative),
        (cross_entropy_and_derivative, cross_entropy, cross_entropy_derivative),
    ],
)
def test_loss_and_derivative_in_one_pass_are_those_of_two(together, loss, derivative):
    Y, output = targets_and_output("cross_entropy", (7, 3))
    value, slope = together(Y, output)
    assert value == loss(Y, output)
    assert type(value) is float
    np.testing.assert_array_equal(slope, derivative(Y, output))


@pytest.mark.parametrize("name", LOSSES)
def test_training_takes_the_loss_and_the_derivative_of_one_function(name):
    Y, output = targets_and_output(name, (7, 3))
    function, with_derivative, _ = LOSSES[name]
    value, slope = with_derivative(Y, output)
    assert value == function(Y, output)
    numeric = central_differences(lambda: function(Y, output), output)
    np.testing.assert_allclose(slope, numeric, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("name", LOSSES)
def test_the_loss_of_a_batch_is_the_mean_of_its_rows_losses(name):
    Y, output = targets_and_output(name, (7, 3))
    of_rows = [LOSSES[name].function(Y[i : i + 1], output[i : i + 1]) for i in range(7)]
    assert LOSSES[name].function(Y, output) == pytest.approx(np.mean(of_rows), rel=1e-14)


@pytest.mark.parametrize("name", LOSSES)
def test_a_batch_given_twice_has_the_same_loss_and_half_the_slope_a_row(name):
    Y, output = targets_and_output(name, (7, 3))
    value, slope = LOSSES[name].with_derivative(Y, output)
    twice_value, twice_slope = LOSSES[name].with_derivative(np.tile(Y, (2, 1)), np.tile(output, (2, 1)))
    assert twice_value == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(twice_slope, np.tile(slope, (2, 1)) / 2, rtol=1e-14)


@pytest.mark.parametrize("function", [mse, mse_derivative, cross_entropy, cross_entropy_derivative])
def test_unlike_shapes_are_refused_rather_than_broadcast(function):
    with pytest.raises(ValueError, match=r"\(4,\) and the prediction \(4, 1\)"):
        function(np.zeros(4), np.zeros((4, 1)))


@pytest.mark.parametrize("name", LOSSES)
def test_the_arguments_are_not_written_to(name):
    Y, output = targets_and_output(name, (7, 3))
    before = Y.copy(), output.copy()
    LOSSES[name].with_derivative(Y, output)
    np.testing.assert_array_equal((Y, output), before)


# --- mean squared error ---


def test_mse_by_hand():
    Y, output = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 4.0], [3.0, 0.0]])
    assert mse(Y, output) == (0 + 4 + 0 + 16) / 4
    np.testing.assert_array_equal(mse_derivative(Y, output), [[0.0, 1.0], [0.0, -2.0]])


@pytest.mark.parametrize("k", [1, 2, 3])
def test_dividing_by_B_alone_is_k_times_the_true_gradient(k):
    Y, output = targets_and_output("mse", (8, k))
    divided_by_rows = 2 * (output - Y) / len(Y)
    np.testing.assert_allclose(divided_by_rows / mse_derivative(Y, output), k, rtol=1e-12)


def test_mse_is_0_only_where_the_prediction_is_right():
    Y, output = targets_and_output("mse", (7, 3))
    assert mse(Y, Y) == 0.0
    assert mse(Y, output) == mse(output, Y) > 0.0


# --- cross-entropy ---


def test_softmax_rows_add_up_to_1_and_keep_their_order():
    _, logits = targets_and_output("cross_entropy", (7, 3))
    probabilities = softmax(logits)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-15)
    np.testing.assert_array_equal(probabilities.argsort(axis=1), logits.argsort(axis=1))
    np.testing.assert_allclose(probabilities, np.exp(logits) / np.exp(logits).sum(axis=1)[:, None], rtol=1e-14)


@pytest.mark.parametrize("shift", [-1e4, -3.0, 1e4])
def test_a_shift_of_all_logits_cancels(shift):
    Y, logits = targets_and_output("cross_entropy", (7, 3))
    np.testing.assert_allclose(softmax(logits + shift), softmax(logits), rtol=1e-10)
    assert cross_entropy(Y, logits + shift) == pytest.approx(cross_entropy(Y, logits), rel=1e-10)


@pytest.mark.parametrize("apart", [1e3, 1e6])
def test_a_shift_of_each_row_cancels_however_far_the_rows_are_apart(apart):
    """The largest logit of each row is subtracted: that of the whole batch would leave a row of zeros."""
    Y, logits = targets_and_output("cross_entropy", (7, 3))
    apart_logits = logits + apart * np.arange(-3.0, 4.0)[:, None]
    value, slope = cross_entropy_and_derivative(Y, apart_logits)
    np.testing.assert_allclose(softmax(apart_logits), softmax(logits), rtol=1e-8)
    np.testing.assert_allclose(slope, cross_entropy_derivative(Y, logits), rtol=1e-8, atol=1e-9)
    for found in (value, cross_entropy(Y, apart_logits)):
        assert found == pytest.approx(cross_entropy(Y, logits), rel=1e-8)
    np.testing.assert_array_equal(cross_entropy_derivative(Y, apart_logits), slope)


def test_cross_entropy_is_minus_the_mean_log_probability_of_the_true_class():
    Y, logits = targets_and_output("cross_entropy", (7, 3))
    of_true_class = softmax(logits)[Y == 1]
    assert of_true_class.shape == (7,)
    assert cross_entropy(Y, logits) == pytest.approx(-np.log(of_true_class).mean(), rel=1e-14)


@pytest.mark.parametrize("k", [2, 3, 10])
def test_equal_logits_cost_log_k(k):
    assert cross_entropy(np.eye(k), np.zeros((k, k))) == pytest.approx(np.log(k), rel=1e-15)


def test_a_certain_wrong_answer_costs_a_large_number_and_a_certain_right_one_nothing():
    logits = np.array([[1e4, 0.0]])
    assert cross_entropy(np.array([[0.0, 1.0]]), logits) == 1e4
    assert cross_entropy(np.array([[1.0, 0.0]]), logits) == 0.0
    np.testing.assert_array_equal(cross_entropy_derivative(np.array([[0.0, 1.0]]), logits), [[1.0, -1.0]])


def test_soft_targets_have_a_derivative_too():
    _, logits = targets_and_output("cross_entropy", (7, 3))
    Y = softmax(np.random.default_rng(1).normal(size=(7, 3)))
    numeric = central_differences(lambda: cross_entropy(Y, logits), logits)
    np.testing.assert_allclose(cross_entropy_derivative(Y, logits), numeric, rtol=1e-7, atol=1e-10)


def test_cross_entropy_slopes_of_a_row_add_up_to_0():
    Y, logits = targets_and_output("cross_entropy", (7, 3))
    np.testing.assert_allclose(cross_entropy_derivative(Y, logits).sum(axis=1), 0.0, atol=1e-16)


def test_a_single_class_costs_nothing_and_has_no_slope():
    Y, logits = targets_and_output("cross_entropy", (5, 1))
    assert cross_entropy(Y, logits) == 0.0
    np.testing.assert_array_equal(cross_entropy_derivative(Y, logits), np.zeros((5, 1)))


def test_logits_without_two_axes_are_refused():
    with pytest.raises(ValueError, match=r"logits must have two axes .* not shape \(3,\)"):
        cross_entropy(np.eye(3)[0], np.zeros(3))
