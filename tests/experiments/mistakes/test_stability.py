"""The edge of stability: the formulas against matrices written out, and against runs."""

from itertools import combinations

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import predict
from mbgd.experiments.gradients import batch_gradient, parameters, unflatten
from mbgd.experiments.mistakes import stability
from mbgd.experiments.mistakes.stability import (
    Edge,
    curvature,
    edge,
    largest_curvature,
    mean_square_limit,
    quick,
    safe_bound,
    search_edge,
    with_bias_column,
)
from mbgd.experiments.plain import start
from mbgd.experiments.step import finish

pytestmark = pytest.mark.thorough


def second_moment(X, k, batch_size, rate):
    """E[(I - ηH_B) ⊗ (I - ηH_B)] over all batches of B of these few rows."""
    X = with_bias_column(X)
    moments = []
    for rows in combinations(range(len(X)), batch_size):
        H = 2 / (batch_size * k) * X[list(rows)].T @ X[list(rows)]
        step = np.eye(len(H)) - rate * H
        moments.append(np.kron(step, step))
    return np.mean(moments, axis=0)


def test_the_curvature_matrix_is_the_change_of_the_gradient():
    dataset, settings = load("plane"), Settings(16, 1, 0.1, ())
    layers = start(dataset, settings)
    weights = parameters(layers)
    columns = [
        batch_gradient(unflatten(layers, weights + step), dataset.X_train, dataset.Y_train, "mse")
        - batch_gradient(layers, dataset.X_train, dataset.Y_train, "mse")
        for step in np.eye(3)
    ]
    np.testing.assert_allclose(curvature(dataset.X_train, 1), columns, atol=1e-12)


@pytest.mark.parametrize("batch_size", [1, 2, 4, 6])
@pytest.mark.parametrize("k", [1, 3])
def test_at_the_exact_limit_the_second_moment_has_an_eigenvalue_of_one(batch_size, k):
    X = np.random.default_rng(0).normal(size=(6, 2))
    limit = mean_square_limit(X, k, batch_size)
    sizes = [
        np.abs(np.linalg.eigvals(second_moment(X, k, batch_size, limit * times))).max() for times in (0.99, 1, 1.01)
    ]
    assert sizes[0] < 1 < sizes[2]
    assert sizes[1] == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("data", ["diabetes", "plane", "sine"])
def test_limits_grow_with_the_batch_up_to_the_edge_of_full_batch(data):
    X = load(data).X_train
    top = np.linalg.eigvalsh(curvature(X, 1))[-1]
    limits = [mean_square_limit(X, 1, B) for B in (1, 4, 16, 64, len(X))]
    bounds = [safe_bound(X, 1, B, top) for B in (1, 4, 16, 64, len(X))]
    assert limits == sorted(limits)
    assert limits[-1] == pytest.approx(2 / top, rel=1e-9)
    assert all(bound <= limit * (1 + 1e-9) for bound, limit in zip(bounds, limits, strict=True))


@pytest.mark.parametrize("data", ["diabetes", "plane"])
def test_claim_14_full_batch_runs_away_above_two_over_the_curvature(data):
    dataset, settings = load(data), Settings(10_000, 1, 0.1, ())
    predicted = finish(edge(dataset, settings))
    assert predicted.kind == "exact"
    assert predicted.here == pytest.approx(predicted.full, rel=1e-9)
    assert finish(search_edge(dataset, settings, predicted.here)).rate == pytest.approx(predicted.full, rel=2e-3)


@pytest.mark.parametrize("batch_size", [1, 8])
def test_claim_15_small_batches_run_away_earlier(batch_size):
    dataset, settings = load("plane"), Settings(batch_size, 1, 0.1, ())
    predicted = finish(edge(dataset, settings))
    found = finish(search_edge(dataset, settings, predicted.here))
    assert found.rate == pytest.approx(predicted.here, rel=0.2)
    assert found.rate < predicted.full * 0.9
    assert found.stays < found.rate < found.runs_away
    assert [ran_away for rate, ran_away in found.tried if rate > found.runs_away] == [True] * sum(
        rate > found.runs_away for rate, _ in found.tried
    )


def test_a_search_that_starts_far_from_the_edge_says_that_it_never_met_it(monkeypatch):
    monkeypatch.setattr(stability, "SEARCH_UPDATES", 1_000)
    dataset, settings = load("plane"), Settings(10_000, 1, 0.1, ())
    at = finish(edge(dataset, settings)).full
    low, high, right = (finish(search_edge(dataset, settings, at * times)) for times in (0.01, 100, 1))
    assert (low.met, high.met, right.met) == (False, False, True)
    assert low.stays == low.tried[-1][0] < at < high.tried[-1][0] == high.runs_away


def loss_at(layers, dataset, vector):
    return LOSSES[dataset.loss].function(dataset.Y_train, predict(unflatten(layers, vector), dataset.X_train))


@pytest.mark.parametrize(("data", "hidden"), [("moons", ()), ("moons", (3,)), ("sine", (4,))])
def test_the_largest_curvature_is_that_of_the_whole_hessian(data, hidden):
    dataset = load(data, n=40)
    layers = start(dataset, Settings(16, 1, 0.1, hidden, "tanh"))
    weights, h = parameters(layers), 1e-5
    rows = [
        batch_gradient(unflatten(layers, weights + step), dataset.X_train, dataset.Y_train, dataset.loss)
        - batch_gradient(unflatten(layers, weights - step), dataset.X_train, dataset.Y_train, dataset.loss)
        for step in h * np.eye(len(weights))
    ]
    expected = np.linalg.eigvalsh(np.array(rows) / (2 * h))[-1]
    steps = list(largest_curvature(layers, dataset.X_train, dataset.Y_train, dataset.loss))
    assert steps[-1].result == pytest.approx(expected, rel=2e-3)
    assert [step.share for step in steps] == sorted(step.share for step in steps)


def test_where_the_loss_bends_down_more_than_up_the_largest_curvature_is_still_found():
    dataset = load("sine", n=40)
    layers = start(dataset, Settings(16, 1, 0.1, (3,), "tanh"))
    dataset_turned = -dataset.Y_train * 50  # residuals so large that the Hessian bends down more than up
    found = finish(largest_curvature(layers, dataset.X_train, dataset_turned, "mse"))
    weights, h = parameters(layers), 1e-5
    gradients = [
        batch_gradient(unflatten(layers, weights + sign * step), dataset.X_train, dataset_turned, "mse")
        for step in h * np.eye(len(weights))
        for sign in (1, -1)
    ]
    values = np.linalg.eigvalsh((np.array(gradients[::2]) - np.array(gradients[1::2])) / (2 * h))
    assert found == pytest.approx(values[-1], rel=5e-3)


def test_the_edge_of_networks_and_classes_is_local():
    for data, hidden in (("diabetes", (8,)), ("penguins", ()), ("digits", (16,))):
        found = finish(edge(load(data), Settings(16, 1, 0.1, hidden)))
        assert found.kind == "local"
        assert found.here == found.full == pytest.approx(2 / found.curvature)


def test_zones_lie_around_the_limits():
    between = Edge(2.0, 1.0, 0.5, "exact")
    zones = [between.zone(rate) for rate in (0.1, 0.449, 0.46, 1.0, 1.09, 1.11, 50)]
    assert zones == ["below", "below", "edge", "edge", "edge", "above", "above"]
    assert between.half == 0.25 < between.edge_begins


def test_only_large_networks_take_long():
    assert quick(load("digits"), Settings(16, 1, 0.1, (16,)))
    assert quick(load("diabetes"), Settings(16, 1, 0.1, ()))
    assert not quick(load("digits"), Settings(16, 1, 0.1, (256, 256)))
