"""The checks pass the right code and catch the bugs they are named for."""

import re
from dataclasses import replace

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.experiments.gradients import loss_and_gradient
from mbgd.experiments.mistakes import checks
from mbgd.experiments.mistakes.bug import Rows
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.checks import CHECKS, DUPLICATED, GRADIENT, ORDER, ROWS
from mbgd.experiments.plain import Parts

pytestmark = pytest.mark.thorough

SETTINGS = Settings(16, 5, 0.02, (8,), "tanh")
every_set = pytest.mark.parametrize("data", ["diabetes", "penguins", "moons"])


def found(check, name, dataset, settings=SETTINGS):
    data = BUGS[name].data(dataset)
    return CHECKS[check](data, settings, BUGS[name].parts(data, settings))


@every_set
@pytest.mark.parametrize("hidden", [(), (8,), (6, 5)])
@pytest.mark.parametrize("batch_size", [1, 16, 10_000])
@pytest.mark.parametrize("check", CHECKS)
def test_no_check_raises_a_false_alarm(check, batch_size, hidden, data):
    settings = replace(SETTINGS, batch_size=batch_size, hidden=hidden, activation="relu")
    for name in ("summed", "divided_by_b_alone", "no_shuffle_sorted"):
        assert not CHECKS[check](BUGS[name].data(load(data)), settings, Parts()).caught


@every_set
@pytest.mark.parametrize("name", BUGS)
def test_each_bug_is_caught_by_the_checks_it_names_and_by_no_other(name, data):
    settings = replace(SETTINGS, batch_size=18)
    assert [check for check in CHECKS if found(check, name, load(data), settings).caught] == list(BUGS[name].checks)


@pytest.mark.parametrize(
    ("name", "factor"), [("summed", "16"), ("averaged_twice", "0.0625"), ("divided_by_b_alone", "3")]
)
def test_the_gradient_check_says_the_factor(name, factor):
    assert re.findall(r"[\d.]+", found(GRADIENT, name, load("diabetes")).saw) == [factor]


def test_duplicated_rows_find_a_misplaced_average_but_not_a_missing_k():
    assert found(DUPLICATED, "summed", load("diabetes")).caught
    assert found(DUPLICATED, "averaged_twice", load("diabetes")).caught
    assert not found(DUPLICATED, "divided_by_b_alone", load("diabetes")).caught


def test_settings_that_hide_a_bug_hide_it_from_its_check():
    one = replace(SETTINGS, batch_size=1)
    for name in ("summed", "averaged_twice", "bias_averaged", "last_dropped", "carried_over"):
        assert not any(found(check, name, load("diabetes"), one).caught for check in BUGS[name].checks)
    linear = replace(SETTINGS, hidden=())
    assert not found(GRADIENT, "activation_derivative_left_out", load("diabetes"), linear).caught


@pytest.mark.parametrize(
    ("name", "batch_size", "counted"),
    [
        ("last_dropped", 100, ["40", "240"]),
        ("carried_over", 100, ["40", "240", "140", "100"]),
        ("carried_over", 500, ["240", "240"]),
    ],
)
def test_counting_rows_counts(name, batch_size, counted):
    saw = found(ROWS, name, load("plane"), Settings(batch_size, 1, 0.1)).saw
    assert re.findall(r"\d+", saw) == counted


def test_right_code_on_sorted_data_without_a_shuffle_is_caught():
    data = BUGS["no_shuffle_sorted"].data(load("moons"))
    assert CHECKS[ORDER](data, replace(SETTINGS, shuffle=False), Parts()).caught


@pytest.mark.parametrize("check", [GRADIENT, DUPLICATED])
def test_a_check_of_a_batch_takes_the_batch_that_training_takes_first(check, monkeypatch):
    seen = []

    def watching(layers, X, Y, *others):
        seen.append(X)
        return loss_and_gradient(layers, X, Y, *others)

    monkeypatch.setattr(checks, "batch_gradient", lambda *given: watching(*given)[1])
    dataset, settings = load("diabetes"), replace(SETTINGS, shuffle=False)
    CHECKS[check](dataset, settings, Parts())
    np.testing.assert_array_equal(seen[0], dataset.X_train[: len(seen[0])])


@pytest.mark.parametrize("data", ["sine", "moons", "spiral"])
@pytest.mark.parametrize("seed", range(4))
def test_sorted_rows_are_found_or_said_to_be_too_few(data, seed):
    settings, verdicts = Settings(2, 5, 0.02, (4,), seed=seed), []
    for rows in (10, 20, 24, 40):
        dataset = BUGS["no_shuffle_sorted"].data(load(data, n=rows, validation=0.5, seed=seed))
        right, broken = (
            CHECKS[ORDER](dataset, settings, parts)
            for parts in (Parts(), BUGS["no_shuffle_sorted"].parts(dataset, settings))
        )
        assert not right.caught
        assert broken.caught is not False
        verdicts.append(broken.caught)
    assert verdicts[0] is None
    assert verdicts[-2:] == [True, True]


def test_rows_with_one_target_alone_or_no_rows_at_all_tell_nothing_of_order():
    dataset = load("sine")
    alike = dataset.Y_train.copy()
    alike[:] = 2.0
    rows = Rows(dataset.X_train, alike, dataset.X_val, dataset.Y_val, "mse")
    assert CHECKS[ORDER](rows, SETTINGS, Parts()).caught is None
    assert found(ORDER, "carried_over", dataset, Settings(1_000, 1, 0.1)).caught is None
