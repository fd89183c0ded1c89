"""Activations: known values, and derivatives against central differences."""

import numpy as np
import pytest

from mbgd.engine.activations import ACTIVATIONS, identity, relu, relu_derivative, sigmoid, tanh

POINTS = np.linspace(-6, 6, 24).reshape(4, 6)  # an even number of them: none is at the kink of ReLU


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_derivative_is_that_of_the_function(name):
    f, derivative = ACTIVATIONS[name].function, ACTIVATIONS[name].derivative
    h = 1e-5
    numeric = (f(POINTS + h) - f(POINTS - h)) / (2 * h)
    np.testing.assert_allclose(derivative(POINTS), numeric, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("shape", [(), (5,), (4, 3), (2, 3, 4)])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_any_shape_is_kept(name, shape):
    Z = np.full(shape, 0.5)
    assert np.shape(ACTIVATIONS[name].function(Z)) == shape
    assert np.shape(ACTIVATIONS[name].derivative(Z)) == shape


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_input_is_not_written_to(name):
    Z = POINTS.copy()
    ACTIVATIONS[name].function(Z)
    ACTIVATIONS[name].derivative(Z)
    np.testing.assert_array_equal(Z, POINTS)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (relu, [0.0, 0.0, 0.0, 0.5, 2.0]),
        (tanh, [-0.9640275800758169, -0.46211715726000973, 0.0, 0.46211715726000973, 0.9640275800758169]),
        (sigmoid, [0.11920292202211755, 0.3775406687981454, 0.5, 0.6224593312018546, 0.8807970779778825]),
        (identity, [-2.0, -0.5, 0.0, 0.5, 2.0]),
    ],
)
def test_known_values(function, expected):
    np.testing.assert_allclose(function(np.array([-2.0, -0.5, 0.0, 0.5, 2.0])), expected, rtol=1e-15, atol=1e-16)


def test_relu_has_derivative_0_at_its_kink():
    np.testing.assert_array_equal(relu_derivative(np.array([-1e-300, 0.0, -0.0, 1e-300])), [0, 0, 0, 1])


def test_sigmoid_of_z_and_of_minus_z_add_up_to_1():
    np.testing.assert_allclose(sigmoid(POINTS) + sigmoid(-POINTS), 1.0, rtol=1e-15)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_far_ends_overflow_nowhere(name):
    ends = np.array([-1e6, 1e6])
    assert np.isfinite(ACTIVATIONS[name].function(ends)).all()
    assert np.isfinite(ACTIVATIONS[name].derivative(ends)).all()


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_a_saturated_unit_has_no_gradient(name):
    np.testing.assert_array_equal(ACTIVATIONS[name].derivative(np.array([-1e6, 1e6])), 0.0)
