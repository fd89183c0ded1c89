"""How a data set is pictured: told by its table, or the first kind that fits its columns; what can't be is refused."""

import numpy as np
import pytest

from mbgd.data import load
from mbgd.data.dataset import Table, one_hot, split_and_scale
from mbgd.data.pictured import KINDS, MOST_CLASSES, Pictured

EXPECTED = {
    "diabetes": Pictured("actual"),
    "penguins": Pictured("classes", features=(2, 0)),
    "digits": Pictured("images", shape=(8, 8), largest=16),
    "sine": Pictured("curve"),
} | dict.fromkeys(("plane", "xor", "circles", "moons", "spiral"), Pictured("plane"))


def dataset_of(n, k, pictured=None):
    """Twelve rows of n features and k classes, or a quantity for k = 0."""
    rng = np.random.default_rng(0)
    X, names = rng.normal(size=(12, n)), tuple(f"x{i}" for i in range(n))
    Y = one_hot(np.arange(12) % k, k) if k else rng.normal(size=(12, 1))
    loss = "cross_entropy" if k else "mse"
    targets = tuple(f"class {i}" for i in range(k)) or ("y",)
    table = Table(X, Y, loss, names, ("",) * n, targets, "", "made up", "none", pictured)
    return split_and_scale("own", table, rng, 0.25)


@pytest.mark.parametrize("name", EXPECTED)
def test_each_set_is_pictured_as_it_has_always_been(name):
    assert load(name).pictured == EXPECTED[name]


@pytest.mark.parametrize(
    ("n", "k", "kind"),
    [
        (1, 0, "curve"),
        (1, 2, "curve"),
        (1, 3, "confusion"),
        (2, 0, "plane"),
        (2, 2, "plane"),
        (2, 3, "classes"),
        (3, 0, "actual"),
        (10, 0, "actual"),
        (4, 2, "classes"),
        (4, MOST_CLASSES, "classes"),
        (4, MOST_CLASSES + 1, "confusion"),
        (64, 10, "confusion"),
    ],
)
def test_a_table_that_does_not_say_is_pictured_by_its_columns(n, k, kind):
    assert dataset_of(n, k).pictured == Pictured(kind)


@pytest.mark.parametrize(
    ("n", "k", "told"),
    [
        (2, 2, Pictured("confusion")),
        (2, 0, Pictured("actual")),
        (5, 3, Pictured("classes", features=(4, 1))),
        (6, 3, Pictured("images", shape=(2, 3), largest=255)),
    ],
)
def test_a_table_says_how_it_is_pictured(n, k, told):
    assert dataset_of(n, k, told).pictured == told


@pytest.mark.parametrize(
    ("n", "k", "told"),
    [
        (2, 2, Pictured("curve")),
        (1, 3, Pictured("curve")),
        (3, 0, Pictured("plane")),
        (2, 3, Pictured("plane")),
        (3, 3, Pictured("actual")),
        (3, 0, Pictured("classes")),
        (1, 2, Pictured("classes")),
        (3, MOST_CLASSES + 1, Pictured("classes")),
        (3, 3, Pictured("classes", features=(0, 3))),
        (3, 3, Pictured("classes", features=(-1, 0))),
        (3, 3, Pictured("classes", features=(1, 1))),
        (3, 3, Pictured("classes", features=(0, 1, 2))),
        (3, 0, Pictured("confusion")),
        (6, 3, Pictured("images")),
        (6, 3, Pictured("images", shape=(2, 2))),
        (6, 0, Pictured("images", shape=(2, 3))),
        (6, 3, Pictured("images", shape=(2, 3), largest=0)),
    ],
)
def test_a_picture_that_does_not_fit_is_refused_with_what_it_needs(n, k, told):
    with pytest.raises(ValueError, match="needs") as error:
        dataset_of(n, k, told)
    assert KINDS[told.kind].needs in str(error.value)


def test_an_unknown_kind_of_picture_is_told_all_known_ones():
    with pytest.raises(ValueError, match="'pie'") as error:
        dataset_of(2, 2, Pictured("pie"))
    assert all(repr(kind) in str(error.value) for kind in KINDS)


def test_images_are_their_rows_in_ink():
    digits = load("digits")
    images = digits.images(digits.X_val[:3])
    assert images.shape == (3, 8, 8)
    np.testing.assert_allclose(images.reshape(3, 64) * 16, digits.inputs.restore(digits.X_val[:3]), rtol=1e-12)
    assert images.max() == pytest.approx(1.0)
