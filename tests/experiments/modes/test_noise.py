"""The noise of a batch: claims 3 and 16 measured, and claims 2 and 3 proved by exhaustion."""

from dataclasses import replace
from itertools import combinations
from math import comb

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.experiments.gradients import batch_gradient, sample_gradients, squared_lengths
from mbgd.experiments.modes.exhaustion import all_batches, every_size, mean_is
from mbgd.experiments.modes.noise import agrees, falls_to, measurable, noise, noise_sizes, quarter_pair
from mbgd.experiments.plain import start
from mbgd.experiments.step import finish


@pytest.fixture(scope="module")
def layers(dataset):
    return start(dataset, Settings(1, 1, 0.1, (6,), "tanh"))


@pytest.fixture(scope="module")
def found(dataset, layers):
    return finish(noise(layers, dataset, noise_sizes(353), 300, np.random.default_rng(0)))


def test_noise_falls_as_one_over_b_and_is_zero_at_all_rows(found):
    assert found.sizes == (1, 2, 4, 8, 16, 32, 64, 128, 256, 353)
    assert agrees(found).all()
    assert found.predicted[-1] == 0
    assert found.squared[-1] < 1e-25
    assert (found.squared_error[:-1] < 0.1 * found.squared[:-1]).all()  # narrow enough to see the law 1/B


def test_another_law_is_rejected(found):
    assert not agrees(replace(found, S_squared=found.S_squared * 1.5))[3:9].any()


def test_s_squared_is_that_of_all_single_rows(found, dataset, layers):
    X, Y = dataset.X_train, dataset.Y_train
    single = np.array([batch_gradient(layers, X[i : i + 1], Y[i : i + 1], "mse") for i in range(len(X))])
    assert found.S_squared == pytest.approx(single.var(axis=0, ddof=1).sum(), rel=1e-12)
    G = single.mean(axis=0)
    assert found.G_squared == pytest.approx(G @ G, rel=1e-12)
    cosines = single @ G / np.linalg.norm(single, axis=1) / np.linalg.norm(G)
    assert abs(found.cosine[0] - cosines.mean()) < 4 * found.cosine_error[0]


def test_the_direction_of_a_batch_is_about_as_predicted(found):
    """Claim 16 is an approximation, so it holds to 0.1."""
    assert np.abs(found.cosine - found.predicted_cosine).max() < 0.1
    assert found.cosine[-1] == pytest.approx(1)
    assert (np.diff(found.cosine) > 0).all()


def test_the_noise_scale_grows_as_the_loss_falls(found, dataset):
    """Claim 17."""
    training = Training(dataset, Settings(16, 60, 0.05, (6,), "tanh"))
    training.advance(epochs=60)
    later = finish(noise(training.layers, dataset, (1, 353), 2, np.random.default_rng(0)))
    assert later.noise_scale > 3 * found.noise_scale


def test_its_steps_end_with_the_complete_result(dataset, layers):
    steps = list(noise(layers, dataset, (1, 353), 1500, np.random.default_rng(0)))
    assert steps[-1].share == 1
    assert all(0 <= step.share <= 1 for step in steps)
    assert steps[-1].result.draws == 1500
    assert len(steps) > 1


@pytest.mark.parametrize(("ratio", "name"), [(0.9, "same"), (0.5, "half"), (0.26, "quarter"), (0.05, "sixteenth")])
def test_the_factor_of_the_noise_by_name(found, ratio, name):
    small, large = quarter_pair(found.sizes)
    assert found.sizes[large] == 4 * found.sizes[small] <= 353 / 2
    squared = found.squared.copy()
    squared[large] = ratio * squared[small]
    assert falls_to(replace(found, squared=squared)) == name
    assert falls_to(found) == "quarter"


@pytest.mark.parametrize("name", ["diabetes", "penguins"])
def test_squared_lengths_are_those_of_the_gradients_of_the_samples(name):
    dataset = load(name)
    X, Y, layers = dataset.X_train[:9], dataset.Y_train[:9], start(dataset, Settings(1, 1, 0.1, (6, 5), "tanh"))
    lengths = np.linalg.norm(sample_gradients(layers, X, Y, dataset.loss), axis=1)
    np.testing.assert_allclose(squared_lengths(layers, X, Y, dataset.loss), lengths**2, rtol=1e-12)


@pytest.mark.parametrize("updates", range(1, 9))
def test_weights_near_overflow_are_measured_without_a_warning_or_not_at_all(dataset, updates):
    run = Training(dataset, Settings(16, 10, 10.0))
    run.advance(updates=updates)
    if measurable(run.layers, dataset):
        found = finish(noise(run.layers, dataset, noise_sizes(353), 50, np.random.default_rng(0)))
        assert np.isfinite([found.S_squared, found.G_squared, *found.squared_error, *found.cosine]).all()
    else:
        assert updates >= 3
        with pytest.raises(ValueError, match="overflow"):
            finish(noise(run.layers, dataset, noise_sizes(353), 50, np.random.default_rng(0)))


def test_the_weights_of_a_diverging_run_are_not_measurable(dataset, layers):
    run = Training(dataset, Settings(16, 10, 10.0))
    run.advance(updates=5)
    assert not run.diverged
    assert not measurable(run.layers, dataset)
    assert measurable(layers, dataset)


def test_few_rows_have_sizes_too():
    assert noise_sizes(10) == (1, 2, 4, 8, 10)
    assert quarter_pair(noise_sizes(10)) == (0, 2)
    assert noise_sizes(2) == (1, 2)
    assert quarter_pair((1, 2)) == (0, 1)


# --- all batches there are ---


@pytest.mark.parametrize("name", ["diabetes", "moons", "penguins"])
def test_the_mean_of_all_batches_is_the_full_gradient_and_their_noise_is_exact(name):
    """Claims 2 and 3 for N = 6 and every B."""
    dataset = load(name)
    layers = start(dataset, Settings(1, 1, 0.1, (5,), "tanh"))
    *_, last = every_size(layers, dataset.X_train[:6], dataset.Y_train[:6], dataset.loss)
    assert last.share == 1
    assert [len(one.rows) for one in last.result] == [comb(6, B) for B in range(1, 7)]
    for one in last.result:
        assert one.bias <= 1e-14
        assert one.squared_distances.mean() == pytest.approx(one.predicted, abs=1e-12)
        assert mean_is(one) == "full"
    np.testing.assert_allclose(last.result[0].plane @ last.result[0].plane.T, np.eye(2), atol=1e-12)


def test_every_batch_is_listed_once_with_its_gradient(dataset, layers):
    X, Y = dataset.X_train[:5], dataset.Y_train[:5]
    found = all_batches(layers, X, Y, "mse", 3)
    assert [tuple(rows) for rows in found.rows] == list(combinations(range(5), 3))
    np.testing.assert_array_equal(found.gradients[4], batch_gradient(layers, X[[0, 2, 4]], Y[[0, 2, 4]], "mse"))


def test_a_biased_mean_would_be_seen(dataset, layers):
    found = all_batches(layers, dataset.X_train[:6], dataset.Y_train[:6], "mse", 2)
    assert mean_is(found._replace(gradients=found.gradients * 0.5)) == "short"
    assert mean_is(found._replace(gradients=found.gradients * 2)) == "long"
    assert mean_is(found._replace(gradients=found.gradients[:-1])) != "full"


def test_too_many_batches_are_not_listed(dataset, layers):
    with pytest.raises(ValueError, match="batches of 10 of 20 rows"):
        all_batches(layers, dataset.X_train[:20], dataset.Y_train[:20], "mse", 10)
