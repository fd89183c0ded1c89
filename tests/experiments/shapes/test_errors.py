"""Wrong expressions are really evaluated: the message is NumPy's, and the silent case gives a wrong result."""

import numpy as np
import pytest

from mbgd.data.catalogue import load
from mbgd.engine.settings import Settings
from mbgd.experiments.shapes.errors import (
    MISTAKES,
    angle,
    attempt,
    clashing_axes,
    names_of,
    nearby,
    nearest_error,
    refusal,
)
from mbgd.experiments.shapes.walk import named_arrays, walk

CASES = [("diabetes", (16,), 16), ("diabetes", (7,), 12), ("digits", (8, 8), 50), ("sine", (), 1), ("moons", (1,), 240)]


def settings_of(hidden, B):
    return Settings(B, 1, 0.02, hidden=hidden)


def names(name, hidden, B):
    dataset = load(name)
    return dataset, names_of(dataset, named_arrays(walk(dataset, settings_of(hidden, B), "first").steps))


@pytest.mark.parametrize("mistake", [name for name in MISTAKES if name != "targets"])
def test_the_message_is_the_one_that_numpy_gives(mistake):
    _, arrays = names("diabetes", (7,), 12)
    tried = attempt(*MISTAKES[mistake].wrong, arrays)
    with pytest.raises(ValueError, match="operand") as raised:
        eval(tried.expression, {"np": np}, arrays)
    assert tried.message == str(raised.value)
    assert tried.result is None
    assert tried.clash is not None


def test_a_column_minus_a_row_raises_no_error():
    _, arrays = names("diabetes", (7,), 12)
    tried = attempt(*MISTAKES["targets"].wrong, arrays)
    assert (tried.message, tried.clash, tried.result.shape) == ("", None, (12, 12))


@pytest.mark.parametrize("mistake", list(MISTAKES))
@pytest.mark.parametrize(("name", "hidden", "B"), CASES)
def test_the_right_expression_gives_the_result_of_training(mistake, name, hidden, B):
    _, arrays = names(name, hidden, B)
    eval(MISTAKES[mistake].right, {"np": np}, arrays)


@pytest.mark.parametrize("mistake", list(MISTAKES))
@pytest.mark.parametrize(("name", "hidden", "B"), CASES)
def test_the_silent_case_raises_no_error_and_is_wrong(mistake, name, hidden, B):
    silent = MISTAKES[mistake].silent(load(name), settings_of(hidden, B))
    assert silent.right.message == silent.wrong.message == ""
    assert np.isfinite([silent.right_value, silent.wrong_value]).all()
    assert abs(silent.right_value - silent.wrong_value) > 1e-3
    if mistake != "targets" or load(name).classes:
        assert silent.wrong.result.shape == silent.right.result.shape
    else:
        rows = len(silent.right.result)
        assert silent.wrong.result.shape == (rows, rows)


@pytest.mark.parametrize(
    ("operator", "left", "right"),
    [
        ("@", (3, 4), (4, 2)),
        ("@", (3, 4), (3, 4)),
        ("@", (4,), (4,)),
        ("@", (2, 3), (2,)),
        ("+", (3, 4), (4,)),
        ("+", (3, 4), (3,)),
        ("-", (3, 1), (3,)),
        ("-", (3, 4), (2, 4)),
        ("+", (5,), (1,)),
        ("-", (), (3,)),
    ],
)
def test_axes_clash_exactly_where_numpy_raises(operator, left, right):
    names = {"a": np.ones(left), "b": np.ones(right)}
    tried = attempt("a", operator, "b", names)
    clash = clashing_axes(operator, left, right)
    assert (clash is not None) == bool(tried.message)
    if clash:
        assert left[clash[0]] != right[clash[1]]


@pytest.mark.parametrize("mistake", [name for name in MISTAKES if name != "targets"])
@pytest.mark.parametrize(("name", "hidden", "B"), CASES)
def test_a_mistake_that_is_silent_here_raises_an_error_nearby(mistake, name, hidden, B):
    found = nearest_error(MISTAKES[mistake].wrong, load(name), hidden, B)
    if found is None:  # a size of one fits everything
        assert hidden == ()
        assert mistake in ("bias", "axis", "gradient", "transpose")
    else:
        assert found.attempt.message


def test_nearby_sizes_differ_and_fit_the_data_set():
    assert nearby(353, (8, 4), 16) == [(17, (8, 4)), (15, (8, 4)), (16, (9, 4)), (17, (9, 4)), (18, (9, 4))]
    assert nearby(353, (8,), 353) == [(352, (8,)), (353, (9,))]
    assert nearby(353, (), 1) == [(2, ()), (3, ())]


def test_with_one_target_a_flat_y_raises_no_error_but_the_engine_refuses_it():
    dataset, arrays = names("diabetes", (16,), 16)
    assert nearest_error(MISTAKES["targets"].wrong, dataset, (16,), 16) is None
    assert "(B, k)" in refusal(dataset, arrays)


def test_a_flat_y_gives_the_mean_over_all_pairs():
    silent = MISTAKES["targets"].silent(load("diabetes"), settings_of((16,), 16))
    _, arrays = names("diabetes", (16,), 16)
    pairs = [(p - t) ** 2 for p in arrays["Ŷ"][:, 0] for t in arrays["Y"][:, 0]]
    assert silent.wrong_value == pytest.approx(np.mean(pairs), rel=1e-12)
    assert silent.right_value == pytest.approx(float(np.mean((arrays["Ŷ"] - arrays["Y"]) ** 2)), rel=1e-12)


def test_angles():
    assert angle(np.array([1.0, 0.0]), np.array([0.0, 2.0])) == pytest.approx(90)
    assert angle(np.ones(3), np.ones(3)) == pytest.approx(0, abs=1e-5)
    assert np.isnan(angle(np.ones(3), np.zeros(3)))
