"""The loss surface of a line: closed forms agree with the engine's loss and its descent."""

from dataclasses import replace

import numpy as np
import pytest

from mbgd import load, mse
from mbgd.experiments.modes.surface import (
    START,
    Path,
    course,
    descent,
    done,
    expected_course,
    how_much_longer,
    line_surface,
    one_input,
    ratio_of_lengths,
)
from mbgd.experiments.step import finish

CASES = [("diabetes", 2, 0.0), ("diabetes", 2, 1.5), ("sine", 0, 1.5)]


def case(name, feature, shift):
    dataset = one_input(load(name), feature, shift)
    return dataset, line_surface(dataset.X_train, dataset.Y_train)


@pytest.mark.parametrize("of", CASES)
def test_the_surface_is_the_loss_of_the_engine(of):
    dataset, surface = case(*of)
    points = np.random.default_rng(0).normal(size=(20, 2))
    expected = [mse(dataset.Y_train, W * dataset.X_train + b) for W, b in points]
    np.testing.assert_allclose(surface.loss(points), expected, rtol=1e-12)
    np.testing.assert_allclose(surface.loss(surface.best[None]), surface.least, rtol=1e-12)
    assert min(expected) >= surface.least


@pytest.mark.parametrize("of", CASES)
def test_a_contour_has_one_loss(of):
    _, surface = case(*of)
    np.testing.assert_allclose(surface.loss(surface.contour(surface.least + 2)), surface.least + 2, rtol=1e-12)


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.24])
@pytest.mark.parametrize("of", CASES)
def test_full_batch_follows_the_closed_form(of, rate):
    dataset, surface = case(*of)
    found = finish(descent(dataset, (len(dataset.X_train),), rate, 80, 0))
    np.testing.assert_allclose(found.paths[0].points, surface.full_batch(np.array(START), rate, 80), rtol=0, atol=1e-12)


def test_full_batch_climbs_above_the_edge_of_stability():
    dataset, surface = case("diabetes", 2, 1.5)
    edge = 2 / surface.curvatures[-1]
    for factor, falls in ((0.99, True), (1.01, False)):
        path = finish(descent(dataset, (353,), factor * edge, 300, 0)).paths[0]
        losses = surface.loss(path.points)
        assert (losses[-1] < losses[0]) == falls


@pytest.mark.parametrize("of", CASES)
@pytest.mark.parametrize(("factor", "expected"), [(0.99, "shrinks"), (1, "stays"), (1.01, "grows")])
def test_the_loss_across_the_valley_behaves_as_the_learning_rate_predicts(of, factor, expected):
    dataset, surface = case(*of)
    rate = factor * surface.limit
    points = finish(descent(dataset, (len(dataset.X_train),), rate, 300, 0)).paths[0].points
    across = surface.across(points)
    np.testing.assert_allclose(across[1:], across[:-1] * (1 - 2 * factor) ** 2, rtol=1e-9)
    assert expected_course(surface, rate) == course(across[0], across[-1]) == expected


@pytest.mark.parametrize("seed", range(5))
def test_rounding_does_not_decide_at_the_limit_of_a_round_valley(seed):
    dataset = one_input(load("sine", seed=seed), 0)
    surface = line_surface(dataset.X_train, dataset.Y_train)
    path = finish(descent(dataset, (len(dataset.X_train),), 1.0, 100, 0)).paths[0]
    assert surface.limit == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(surface.across(path.points), surface.loss(path.points) - surface.least, rtol=1e-9)
    assert expected_course(surface, 1.0) == course(*surface.across(path.points[[0, -1]])) == "stays"


def test_shifting_the_input_makes_the_valley_long_and_leaves_the_line_as_good():
    (_, round_one), (_, long_one) = case("diabetes", 2, 0.0), case("diabetes", 2, 1.5)
    assert round_one.curvatures == pytest.approx([2, 2])
    assert long_one.curvatures[1] / long_one.curvatures[0] == pytest.approx(16)
    assert long_one.least == pytest.approx(round_one.least)


def test_one_input_keeps_the_rows_and_their_units():
    dataset = load("diabetes")
    one = one_input(dataset, 2, 1.5)
    np.testing.assert_allclose(one.inputs.restore(one.X_train), dataset.inputs.restore(dataset.X_train)[:, [2]])
    assert one.feature_names == (dataset.feature_names[2],)
    with pytest.raises(ValueError, match="'moons' has classes"):
        one_input(load("moons"), 0)


def test_all_start_at_the_same_point_and_small_batches_zig_zag():
    dataset, _ = case("diabetes", 2, 0.0)
    steps = list(descent(dataset, (1, 16, 353), 0.05, 100, 0))
    found = steps[-1].result
    assert steps[-1].share == 1
    assert all((path.points[0] == START).all() and len(path.points) == 101 for path in found.paths)
    sgd, mini, full = (path.detour for path in found.paths)
    assert full == pytest.approx(1)  # a round valley: straight down
    assert sgd > mini > full
    assert found.paths[0].up_to(3).points.shape == (4, 2)


def test_a_path_that_diverges_ends():
    dataset, _ = case("diabetes", 2, 0.0)
    path = finish(descent(dataset, (1,), 10.0, 300, 0)).paths[0]
    assert len(path.points) < 301
    assert 1e90 < np.abs(path.points).max() < 1e100


@pytest.mark.parametrize("updates", [10, 100])
def test_above_the_edge_no_path_has_a_way_down(updates):
    dataset, surface = case("sine", 0, 0.0)
    for factor, away in ((0.05, False), (10, True)):
        found = finish(descent(dataset, (1, 16, 240), factor * surface.limit, updates, 0))
        assert found.all_climb == away
        assert (how_much_longer(found) == "away") == away
        broken = [path.updates < updates for path in found.paths]
        assert all(broken) == (away and updates == 100)
        if all(broken):
            assert all(f"B = {path.batch_size}: {path.updates} ✕" in done(found) for path in found.paths)
        else:
            assert done(found) == f"{updates} updates each"
    one_down = replace(found, paths=(*found.paths[:2], Path(240, np.array([START, surface.best]))))
    assert not one_down.all_climb


@pytest.mark.parametrize(
    ("length", "name"), [(0.5, "shorter"), (1.0, "alike"), (1.5, "alike"), (4.0, "several"), (11.0, "many")]
)
def test_how_much_longer_by_name(length, name):
    dataset, _ = case("sine", 0, 0.0)
    found = finish(descent(dataset, (1, 240), 0.05, 2, 0))
    paths = (Path(1, np.array([[0.0, 0.0], [length, 0.0]])), Path(240, np.array([[0.0, 0.0], [0.0, 1.0]])))
    made = replace(found, paths=paths, surface=found.surface._replace(best=np.array([20.0, 20.0])))  # all come down
    assert ratio_of_lengths(made) == pytest.approx(length)
    assert how_much_longer(made) == name
