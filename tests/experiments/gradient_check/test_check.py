"""The gradient check: right gradients pass, its error curve is a U, and it finds the mistakes in a gradient."""

from functools import cache

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, backward, forward
from mbgd.experiments.gradient_check.check import (
    MOST_PARAMETERS,
    MOST_ROWS,
    MOST_WORK,
    STEP_SIZES,
    affordable,
    check_gradient,
    pick,
    step_name,
)
from mbgd.experiments.gradient_check.verdict import (
    Expected,
    factors,
    is_right,
    reference,
    shape_of,
    size_of_best,
    size_of_second,
    slope,
    tolerance,
)
from mbgd.experiments.gradients import batch_gradient
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.checks import GRADIENT
from mbgd.experiments.plain import Parts, first_batch, start
from mbgd.experiments.step import finish

pytestmark = pytest.mark.thorough


@cache
def checked(name="diabetes", hidden=(16,), activation="tanh", batch_size=16, bug=None, seed=0):
    dataset, settings = load(name, seed=seed), Settings(batch_size, 1, 0.02, hidden, activation, seed=seed)
    parts = Parts()
    if bug:
        dataset = BUGS[bug].data(dataset)
        parts = BUGS[bug].parts(dataset, settings)
    return finish(check_gradient(dataset, settings, start(dataset, settings), np.random.default_rng(0), parts))


def error_at(check, h, smooth=False):
    return check.curve(smooth)[STEP_SIZES.index(h)]


# --- the shape of the error ---


def test_the_error_is_u_shaped_with_its_minimum_near_1e_5():
    curve = (check := checked()).curve()
    assert 1e-6 <= STEP_SIZES[check.best] <= 1e-4
    assert curve[check.best] < 1e-10
    at = check.best
    assert (np.diff(curve[: at - 1]) < 0).all()  # from 1e-1 down to the minimum
    assert (np.diff(curve[at + 2 :]) > 0).all()  # and up again to 1e-12
    assert size_of_best(check) == "hundred-thousandth"


def test_its_branches_are_h_squared_and_one_over_h():
    check = checked()
    assert error_at(check, 1e-2) / error_at(check, 1e-3) == pytest.approx(100, rel=0.02)
    assert error_at(check, 1e-3) / error_at(check, 1e-4) == pytest.approx(100, rel=0.02)
    assert error_at(check, 1e-10) / error_at(check, 1e-7) == pytest.approx(1_000, rel=0.5)


@pytest.mark.parametrize("name", ["diabetes", "moons", "penguins"])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_its_branches_and_its_minimum_are_as_expected(name, activation):
    check = checked(name, (8, 8), activation)
    expected = Expected(check)
    assert 0.2 <= error_at(check, 1e-8, smooth=True) / expected.error(1e-8) <= 5
    assert 0.1 <= STEP_SIZES[check.best] / expected.best_step <= 10
    if expected.curvature:
        assert expected.measured_bend(STEP_SIZES.index(1e-3)) == pytest.approx(expected.error(1e-3), rel=0.2)
    else:
        assert (name, activation) == ("diabetes", "relu")


def test_a_parabola_has_no_error_but_rounding_until_a_unit_switches():
    check = checked(activation="relu")  # ReLU and squared error
    expected = Expected(check)
    assert expected.curvature == 0
    assert size_of_best(check) == "thousandth"
    smooth, everything = check.curve(smooth=True), check.curve()
    for at, h in enumerate(STEP_SIZES):
        if h >= 1e-10:
            assert (everything[at] > 1e-4) == (h >= expected.first_kink)
        assert 0.2 <= smooth[at] * h / expected.rounding <= 5


def test_a_linear_model_is_best_checked_with_the_largest_step():
    check = checked(hidden=())
    assert size_of_best(check) == "large"
    assert Expected(check).best_step == STEP_SIZES[0]


def test_a_step_of_another_size_is_as_good_only_if_its_error_is():
    check = checked(activation="relu")  # its errors are rounding alone, so the test can choose an analytic gradient
    at, other = map([step_name(h) for h in STEP_SIZES].index, ("3e-4", "1e-4"))
    assert size_of_second(check._replace(numerical=np.tile(check.numerical[at], (len(STEP_SIZES), 1)))) == "large"
    far = 2 * check.numerical[at]
    for factor, size in ((1.4, "hundred-thousandth"), (1.7, None)):
        numerical = np.tile(far, (len(STEP_SIZES), 1))
        numerical[at] = check.analytic * (1 + 1e-9)
        numerical[other] = check.analytic * (1 + 1e-9 * factor)
        near = check._replace(numerical=numerical)
        assert (size_of_best(near), size_of_second(near)) == ("thousandth", size)


def test_switches_are_those_of_the_pre_activations():
    check, dataset = checked("plane", (5,), "relu", 8), load("plane")
    settings = Settings(8, 1, 0.02, (5,), "relu")
    (W, b, _), last = start(dataset, settings)
    X = dataset.X_train[first_batch(dataset, settings, Parts())[0]]
    at = STEP_SIZES.index(0.1)
    for j, name in enumerate(check.names):
        if not name.startswith("W1["):
            continue
        row, column = map(int, name[3:-1].split(","))
        count = 0
        for end in (0.1, -0.1):
            moved = W.copy()
            moved[row, column] += end
            now, before = (forward([Layer(V, b, "relu"), last], X)[1][0] > 0 for V in (moved, W))
            count += int((now != before).sum())
        assert check.switched[at, j] == count
    assert check.switched[at].any()
    assert not check.switched[:, [name[1] == "2" for name in check.names]].any()


@pytest.mark.parametrize(("batch_size", "n"), [(1, 20), (16, 300)])
@pytest.mark.parametrize("seed", range(12))
def test_units_whose_inputs_are_zero_do_not_make_tiny_steps_the_best(seed, batch_size, n):
    dataset = load("sine", seed=seed, n=n)
    settings = Settings(batch_size, 1, 0.02, (1,) * 6, "relu", seed=seed)
    layers = start(dataset, settings)
    check = finish(check_gradient(dataset, settings, layers, np.random.default_rng(seed), Parts()))
    assert check.moved
    assert size_of_best(check) != "tiny"
    assert is_right(check)
    expected = Expected(check)
    assert 0.1 <= STEP_SIZES[check.best] / expected.best_step <= 10
    assert error_at(check, 1e-8, smooth=True) <= 5 * expected.rounding / 1e-8
    assert not check.switched[STEP_SIZES.index(1e-7) :].any()


def test_weights_off_the_kinks_are_not_moved():
    dataset, settings = load("diabetes"), Settings(16, 1, 0.02, (16,), "relu")
    layers = start(dataset, settings)
    check = finish(check_gradient(dataset, settings, layers, np.random.default_rng(0), Parts()))
    assert not check.moved
    rows, _ = first_batch(dataset, settings)
    gradient = batch_gradient(layers, dataset.X_train[rows], dataset.Y_train[rows], "mse")
    np.testing.assert_array_equal(check.analytic, gradient)


@pytest.mark.parametrize(
    ("activation", "hidden", "batch_size", "limit", "size"),
    [
        ("tanh", (16,), 16, "bend", "hundred-thousandth"),
        ("relu", (16,), 10_000, "kink", "hundred-thousandth"),
        ("relu", (16,), 16, "kink", "thousandth"),
        ("relu", (), 16, "nothing", "large"),
    ],
)
def test_what_limits_the_best_step(activation, hidden, batch_size, limit, size):
    check = checked("diabetes", hidden, activation, batch_size)
    expected = Expected(check)
    assert (expected.limit, size_of_best(check)) == (limit, size)
    if limit == "kink":
        assert expected.curvature == 0
        assert check.switched[STEP_SIZES.index(expected.first_kink)].any()


# --- what it checks ---


@pytest.mark.parametrize("batch_size", [1, 16, 10_000])
@pytest.mark.parametrize("hidden", [(), (4,), (5, 4)])
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "identity"])
@pytest.mark.parametrize("name", ["plane", "moons"])
def test_the_gradient_of_the_engine_is_right(name, activation, hidden, batch_size):
    check = checked(name, hidden, activation, batch_size)
    assert is_right(check)
    assert shape_of(check) == "diagonal"
    assert slope(check)[0] == pytest.approx(1, abs=1e-6)
    assert len(check.names) == check.of == len(set(check.names))


def test_names_and_derivatives_belong_together():
    check, dataset = checked(hidden=(6,)), load("diabetes")
    settings = Settings(16, 1, 0.02, (6,), "tanh")
    layers = start(dataset, settings)
    rows, _ = first_batch(dataset, settings, Parts())
    assert rows.tolist() == next(iter(Training(dataset, settings))).rows.tolist()
    X, Y = dataset.X_train[rows], dataset.Y_train[rows]
    assert check.loss == LOSSES["mse"].function(Y, forward(layers, X)[0][-1])
    np.testing.assert_array_equal(check.analytic, batch_gradient(layers, X, Y, "mse"))
    moved = [Layer(W.copy(), b.copy(), name) for W, b, name in layers]
    moved[0].W[3, 2] += 1e-5
    up = LOSSES["mse"].function(Y, forward(moved, X)[0][-1])
    moved[0].W[3, 2] -= 2e-5
    down = LOSSES["mse"].function(Y, forward(moved, X)[0][-1])
    j = check.names.index("W1[3,2]")
    assert check.numerical[STEP_SIZES.index(1e-5), j] == pytest.approx((up - down) / 2e-5, rel=1e-9)
    assert (check.layer[j], check.bias[j]) == (1, False)
    j = check.names.index("b2[0]")
    assert (check.layer[j], check.bias[j]) == (2, True)
    assert check.bias.sum() == 6 + 1


def test_it_leaves_the_weights_as_they_were():
    dataset, settings = load("plane"), Settings(16, 1, 0.02)
    layers = start(dataset, settings)
    before = [W.copy() for W, _, _ in layers]
    finish(check_gradient(dataset, settings, layers, np.random.default_rng(0), Parts()))
    assert all(np.array_equal(W, layer.W) for W, layer in zip(before, layers, strict=True))


def test_a_large_network_is_sampled_in_each_of_its_arrays():
    check = checked("digits", (16,), "relu", 4)
    assert check.of == 64 * 16 + 16 + 16 * 10 + 10
    assert len(check.names) == MOST_PARAMETERS
    arrays = {name.split("[")[0] for name in check.names}
    assert arrays == {"W1", "b1", "W2", "b2"}
    assert is_right(check)


def test_parameters_are_drawn_in_equal_shares_and_small_arrays_give_all():
    picked = pick(np.random.default_rng(0), [100, 3, 100, 50], 103)
    counts = np.histogram(picked, [0, 100, 103, 203, 253])[0]
    assert counts.tolist() == [33, 3, 34, 33]
    assert len(set(picked)) == 103
    assert pick(np.random.default_rng(0), [4, 2], 600) == list(range(6))


@pytest.mark.parametrize(("rows", "count"), [(16, 193), (1, 5_000), (100_000, 5_000), (1_437, 350_000)])
def test_the_work_is_bounded(rows, count):
    checked_rows, parameters = affordable(rows, count)
    assert 1 <= checked_rows <= min(rows, MOST_ROWS)
    assert 1 <= parameters <= min(count, MOST_PARAMETERS)
    assert 2 * len(STEP_SIZES) * count * checked_rows * parameters <= MOST_WORK


def test_its_steps_end_at_one_and_earlier_results_do_not_change():
    dataset, settings = load("diabetes"), Settings(32, 1, 0.02, (32,))
    steps = list(check_gradient(dataset, settings, start(dataset, settings), np.random.default_rng(0), Parts()))
    shares = [step.share for step in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert max(shares[:-1]) < 1
    last = steps[-1].result
    for step in steps:
        done = len(step.result.numerical)
        assert step.result.step_sizes.tolist() == list(STEP_SIZES[:done])
        np.testing.assert_array_equal(step.result.numerical, last.numerical[:done])
        assert step.result.switched.shape == step.result.numerical.shape


def test_steps_are_written_in_short_form():
    assert [step_name(h) for h in (0.1, 3e-2, 1e-5, 1e-12)] == ["1e-1", "3e-2", "1e-5", "1e-12"]
    assert len(STEP_SIZES) == 23
    assert list(STEP_SIZES) == sorted(STEP_SIZES, reverse=True)


# --- mistakes ---


@pytest.mark.parametrize("name", ["diabetes", "penguins"])
@pytest.mark.parametrize("bug", list(BUGS))
def test_a_mistake_multiplies_each_derivative_by_its_factor(bug, name):
    check = checked(name, (8,), "tanh", 16, bug)
    loss = BUGS[bug].data(load(name)).loss
    wanted = factors(bug, check, loss, "tanh")
    for factor in np.unique(wanted[~np.isnan(wanted)]):
        s, off = slope(check, wanted == factor)
        assert s == pytest.approx(factor, rel=1e-6)
        assert off < 1e-6
    if np.isnan(wanted).any():
        assert slope(check, np.isnan(wanted))[1] > 0.01
    assert is_right(check) == (GRADIENT not in BUGS[bug].checks)


@pytest.mark.parametrize(
    ("bug", "shape", "factor"),
    [
        ("summed", "steeper", 16.0),
        ("averaged_twice", "flatter", 1 / 16),
        ("divided_by_b_alone", "steeper", 3.0),
        ("bias_averaged", "apart", None),
        ("activation_derivative_left_out", "apart", None),
        ("no_shuffle_sorted", "diagonal", 1.0),
        ("shuffled_apart", "diagonal", 1.0),
        ("last_dropped", "diagonal", 1.0),
        ("carried_over", "diagonal", 1.0),
    ],
)
def test_where_the_points_of_a_mistake_lie(bug, shape, factor):
    check = checked(bug=bug)
    assert shape_of(check) == shape
    if factor:
        assert slope(check)[0] == pytest.approx(factor, rel=1e-8)


@pytest.mark.parametrize("bug", ["summed", "averaged_twice", "bias_averaged"])
def test_with_one_row_a_wrong_average_is_right(bug):
    assert shape_of(checked("diabetes", batch_size=1, bug=bug)) == "diagonal"


def test_with_the_identity_leaving_out_the_activations_derivative_is_right():
    check = checked(activation="identity", bug="activation_derivative_left_out")
    assert is_right(check)
    assert (factors("activation_derivative_left_out", check, "mse", "identity") == 1).all()


def test_a_small_mistake_in_one_derivative_is_found():
    def gradients(layers, activations, pre_activations, dL_dY):
        found = backward(layers, activations, pre_activations, dL_dY)
        found[0][0][2, 1] *= 1.001
        return found

    dataset, settings = load("diabetes"), Settings(16, 1, 0.02, (8,), "tanh")
    parts = Parts(gradients=gradients)
    check = finish(check_gradient(dataset, settings, start(dataset, settings), np.random.default_rng(0), parts))
    assert not is_right(check)
    assert check.names[int(np.argmax(check.errors(reference(check))))] == "W1[2,1]"
    assert tolerance(check) == 1e-6
