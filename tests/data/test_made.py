"""Made-up sets: without noise they lie exactly where their formula says, with noise they move from there."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from mbgd.data import datasets, load, made
from mbgd.data.made import MADE, find_sets
from mbgd.data.made.circles import circles
from mbgd.data.made.moons import moons
from mbgd.data.made.plane import plane
from mbgd.data.made.sine import sine
from mbgd.data.made.spiral import spiral
from mbgd.data.made.xor import xor
from mbgd.data.real import REAL
from mbgd.engine.losses import LOSSES

CLASSES = [xor, circles, moons, spiral]
# Of 50 points with noise 0.3 from each of 20 seeds: links and figures on pages rest on them.
POINTS = {
    "sine": "14953a79753a",
    "plane": "38e78227d1c6",
    "xor": "eb660be7591d",
    "circles": "8d0d65825dea",
    "moons": "a13cf85c07ce",
    "spiral": "186da88ec39d",
}


def make(maker, n=200, noise=0.0, seed=0):
    points, jitter = np.random.default_rng(seed).spawn(2)
    return maker(points, jitter, n, noise)


def test_points_and_noise_are_drawn_from_generators_of_their_own(monkeypatch):
    given = {}

    def maker(points, jitter, n, noise):
        given[noise] = points.random(4).tolist(), jitter.random(4).tolist()
        return sine(points, jitter, n, noise)

    monkeypatch.setitem(MADE, "sine", MADE["sine"]._replace(maker=maker))
    load("sine", n=10, noise=0.1)
    load("sine", n=20, noise=0.2)
    points, jitter = given[0.1]
    assert given[0.2] == (points, jitter)
    assert not set(points) & set(jitter)
    own = np.random.default_rng(np.random.SeedSequence(0).spawn(1)[0]).spawn(2)
    assert [points, jitter] == [rng.random(4).tolist() for rng in own]


def second(table):
    """Which rows are of the second class, (N,)."""
    return table.Y[:, 1] == 1


def digest(arrays):
    """A digest of numbers to 9 places: beyond the 15th, processors differ in their sines."""
    found = sha256()
    for array in arrays:
        found.update((np.round(array, 9) + 0.0).tobytes())  # + 0.0: no -0.0
    return found.hexdigest()[:12]


# --- their files ---


def test_every_file_is_a_set_and_every_set_a_file():
    files = {path.stem for path in Path(made.__file__).parent.glob("*.py")} - {"__init__"}
    assert set(MADE) == files
    assert find_sets() == MADE


def test_the_list_keeps_its_order():
    assert list(MADE)[:6] == ["sine", "plane", "xor", "circles", "moons", "spiral"]
    assert list(datasets())[-len(MADE) :] == list(MADE)
    assert not set(MADE) & set(REAL)


def test_a_set_without_a_place_comes_last_and_places_alike_are_ordered_by_name(monkeypatch):
    for name, place in (("sine", None), ("xor", 1), ("moons", 1)):
        record = MADE[name]
        moved = made.Made(*record[:3]) if place is None else record._replace(place=place)
        monkeypatch.setattr(f"mbgd.data.made.{name}.SET", moved)
    known = ["moons", "xor", "plane", "circles", "spiral", "sine"]
    assert [name for name in find_sets() if name in known] == known


# --- their points ---


@pytest.mark.parametrize("name", POINTS)
def test_a_seed_draws_the_points_it_has_always_drawn(name):
    arrays = [array for seed in range(20) for array in make(MADE[name].maker, 50, 0.3, seed)[:2]]
    assert digest(arrays) == POINTS[name]


def test_sine_without_noise_is_the_sine():
    X, Y = make(sine)[:2]
    np.testing.assert_array_equal(Y, np.sin(X))
    assert X.min() < -3
    assert X.max() > 3
    assert np.abs(X).max() <= np.pi


def test_plane_without_noise_is_the_plane():
    X, Y = make(plane)[:2]
    np.testing.assert_allclose(Y[:, 0], 2 * X[:, 0] - X[:, 1], rtol=0, atol=1e-15)
    assert np.abs(X).max() <= 1


def test_xor_tells_equal_signs_from_opposite_ones():
    table = make(xor)
    np.testing.assert_array_equal(second(table), np.sign(table.X[:, 0]) != np.sign(table.X[:, 1]))
    assert np.abs(table.X).max() <= 1


def test_circles_have_radius_1_and_one_half():
    table = make(circles)
    np.testing.assert_allclose(np.hypot(*table.X.T), np.where(second(table), 0.5, 1.0), rtol=1e-14)


def test_moons_are_two_half_circles_that_reach_into_each_other():
    table = make(moons)
    lower = second(table)
    upper_moon, lower_moon = table.X[~lower], table.X[lower] - [1.0, 0.5]
    np.testing.assert_allclose(np.hypot(*upper_moon.T), 1.0, rtol=1e-14)
    np.testing.assert_allclose(np.hypot(*lower_moon.T), 1.0, rtol=1e-14)
    assert (upper_moon[:, 1] >= 0).all()
    assert (lower_moon[:, 1] <= 0).all()


def test_spiral_arms_turn_once_and_a_half_and_are_half_a_turn_apart():
    table = make(spiral)
    along = np.hypot(*table.X.T)
    angle = 3 * np.pi * along + np.pi * second(table)
    expected = np.column_stack([along * np.cos(angle), along * np.sin(angle)])
    np.testing.assert_allclose(table.X, expected, rtol=0, atol=1e-13)
    assert along.min() >= 0.1 - 1e-12
    assert along.max() <= 1 + 1e-12


@pytest.mark.parametrize("n", [10, 11, 300])
@pytest.mark.parametrize("name", MADE)
def test_shapes_and_names_fit_the_size_asked_for(name, n):
    table = make(MADE[name].maker, n, MADE[name].noise)
    assert table.X.shape == (n, len(table.feature_names)) == (n, len(table.feature_units))
    assert table.Y.shape == (n, len(table.target_names))
    assert table.loss in LOSSES


@pytest.mark.parametrize("maker", CLASSES)
def test_both_classes_are_about_as_large(maker):
    assert 0.4 < second(make(maker, 1000)).mean() < 0.6


@pytest.mark.parametrize("maker", [sine, plane])
def test_noise_moves_the_targets_of_the_same_points(maker):
    quiet, little, much = (make(maker, noise=noise) for noise in (0.0, 0.1, 0.2))
    np.testing.assert_array_equal(quiet.X, much.X)
    assert (little.Y != quiet.Y).all()
    np.testing.assert_allclose(much.Y - quiet.Y, 2 * (little.Y - quiet.Y), rtol=0, atol=1e-14)


@pytest.mark.parametrize("maker", CLASSES)
def test_noise_moves_the_same_points_and_keeps_their_class(maker):
    quiet, little, much = (make(maker, noise=noise) for noise in (0.0, 0.1, 0.2))
    np.testing.assert_array_equal(quiet.Y, much.Y)
    assert (little.X != quiet.X).all()
    np.testing.assert_allclose(much.X - quiet.X, 2 * (little.X - quiet.X), rtol=0, atol=1e-14)


@pytest.mark.parametrize("name", MADE)
def test_noise_is_normal_with_the_deviation_asked_for(name):
    quiet, noisy = (make(MADE[name].maker, 20_000, noise) for noise in (0.0, 0.3))
    moved = (noisy.X - quiet.X, noisy.Y - quiet.Y)[name in ("sine", "plane")]
    standard_error = 0.3 / np.sqrt(2 * moved.size)
    assert abs(moved.std() - 0.3) < 4 * standard_error
    assert abs(moved.mean()) < 4 * 0.3 / np.sqrt(moved.size)
    assert abs((np.abs(moved) < 0.3).mean() - 0.6827) < 0.015


@pytest.mark.parametrize("split", ["train", "val"])
def test_both_splits_of_a_sine_restore_to_the_sine(split):
    dataset = load("sine", noise=0.0)
    x = dataset.inputs.restore(getattr(dataset, f"X_{split}"))
    y = dataset.targets.restore(getattr(dataset, f"Y_{split}"))
    np.testing.assert_allclose(y, np.sin(x), rtol=0, atol=1e-14)


@pytest.mark.parametrize("split", ["train", "val"])
def test_both_splits_of_circles_restore_to_the_circles(split):
    dataset = load("circles", noise=0.0)
    X = dataset.inputs.restore(getattr(dataset, f"X_{split}"))
    inner = getattr(dataset, f"Y_{split}")[:, 1] == 1
    np.testing.assert_allclose(np.hypot(*X.T), np.where(inner, 0.5, 1.0), rtol=1e-13)
