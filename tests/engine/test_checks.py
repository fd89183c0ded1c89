"""Checks at the door: what passes comes back in its plain type, what does not is told in a sentence."""

import re
from fractions import Fraction

import numpy as np
import pytest

from mbgd.engine.checks import one_of, real_number, shown, two_axes, whole_number, yes_or_no

INF, NAN = float("inf"), float("nan")


# --- a bad value in a sentence ---


@pytest.mark.parametrize("value", [True, "16", 2.5, None, [1, 2], "x" * 78])
def test_a_value_of_at_most_80_characters_is_shown_whole(value):
    assert shown(value) == repr(value)


@pytest.mark.parametrize("value", ["x" * 79, 10**400, list(range(1000))])
def test_a_longer_value_is_cut_to_80_characters(value):
    assert shown(value) == repr(value)[:77] + "..."


# --- whole numbers ---


@pytest.mark.parametrize("good", [1, 16, np.int64(16), np.uint8(7), 10**400])
def test_a_whole_number_comes_back_as_an_int(good):
    number = whole_number("n", good, 1)
    assert type(number) is int
    assert number == good


@pytest.mark.parametrize(
    "bad", [0, -3, 2.5, 16.0, np.float64(16), NAN, INF, True, np.True_, "16", None, [16], np.array(16), 1j]
)
def test_not_a_whole_number(bad):
    with pytest.raises(ValueError, match=r"^n must be a whole number of at least 1, not ") as error:
        whole_number("n", bad, 1)
    assert str(error.value).endswith(f"not {shown(bad)}.")


@pytest.mark.parametrize(("value", "inside"), [(9, False), (10, True), (5_000, True), (5_001, False)])
def test_the_bounds_of_a_whole_number_are_inside(value, inside):
    if inside:
        assert whole_number("n", value, 10, 5_000) == value
    else:
        with pytest.raises(ValueError, match=rf"^n must be a whole number from 10 to 5,000, not {value}\.$"):
            whole_number("n", value, 10, 5_000)


@pytest.mark.parametrize("check", [lambda bad: whole_number("n", bad, 1), lambda bad: real_number("n", bad, 0.0)])
def test_a_number_of_thousands_of_digits_is_not_written_out(check):
    with pytest.raises(ValueError, match=r"^n must be .* not a number of thousands of digits\.$"):
        check(-(10**5_000))


# --- real numbers ---


@pytest.mark.parametrize("good", [0, 0.5, 1e300, 5e-324, np.float32(0.5), np.int64(3), Fraction(1, 3)])
def test_a_real_number_comes_back_as_a_float(good):
    number = real_number("x", good, 0.0)
    assert type(number) is float
    assert number == float(good)


@pytest.mark.parametrize(
    "bad", [-1e-300, NAN, INF, -INF, np.float64("nan"), 10**400, True, np.True_, "0.5", None, 1j, np.array([0.5])]
)
def test_not_a_real_number(bad):
    with pytest.raises(ValueError, match=r"^x must be a finite number of at least 0, not ") as error:
        real_number("x", bad, 0.0)
    assert str(error.value).endswith(f"not {shown(bad)}.")


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_the_ends_count_unless_they_are_open(end):
    assert real_number("x", end, 0.0, 1.0) == end
    with pytest.raises(ValueError, match=rf"^x must be a finite number above 0 and below 1, not {end}\.$"):
        real_number("x", end, 0.0, 1.0, open_ends=True)


@pytest.mark.parametrize("outside", [-0.1, 1.1])
def test_outside_of_both_bounds(outside):
    with pytest.raises(ValueError, match=rf"^x must be a finite number of at least 0 and at most 1, not {outside}\.$"):
        real_number("x", outside, 0.0, 1.0)


# --- names and switches ---


def test_a_known_name_passes():
    assert one_of("fruit", "pear", ("apple", "pear")) == "pear"


@pytest.mark.parametrize("bad", ["Pear", "", None, 1, ["pear"], b"pear"])
def test_an_unknown_name_is_told_the_known_ones(bad):
    with pytest.raises(ValueError, match=r"^fruit must be one of 'apple', 'pear', not ") as error:
        one_of("fruit", bad, {"apple": 1, "pear": 2})
    assert str(error.value).endswith(f"not {shown(bad)}.")


@pytest.mark.parametrize("good", [True, False, np.True_, np.False_])
def test_a_switch_comes_back_as_a_bool(good):
    assert yes_or_no("shuffle", good) is bool(good)


@pytest.mark.parametrize("bad", [0, 1, "True", None, NAN])
def test_not_a_switch(bad):
    with pytest.raises(ValueError, match=r"^shuffle must be True or False, not ") as error:
        yes_or_no("shuffle", bad)
    assert str(error.value).endswith(f"not {shown(bad)}.")


# --- arrays of two axes ---


@pytest.mark.parametrize(
    "value",
    [[[1, 2], [3, 4]], np.array([[1, 2], [3, 4]], dtype=np.float32), np.array([[1, 3], [2, 4]]).T, ((1, 2), (3, 4))],
)
def test_an_array_comes_back_contiguous_in_float64(value):
    array = two_axes("X", value)
    assert array.dtype == np.float64
    assert array.flags.c_contiguous
    np.testing.assert_array_equal(array, [[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    "value", [np.zeros(5), np.zeros((2, 2, 2)), np.zeros((0, 3)), np.zeros((3, 0)), 1.0, True, [], [[]], [1.0, 2.0]]
)
def test_other_than_two_axes_is_refused_with_its_shape(value):
    with pytest.raises(ValueError, match=r"^Y must have two axes, .* a single column is written \(N, 1\)\.$") as error:
        two_axes("Y", value)
    assert f"not shape {np.shape(value)}:" in str(error.value)


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
def test_a_value_that_is_not_finite_is_refused_with_its_row(bad):
    value = np.zeros((6, 2))
    value[3, 1] = value[5, 0] = bad
    with pytest.raises(ValueError, match=r"^X must hold finite numbers only; row 3 does not\.$"):
        two_axes("X", value)


class Frame:
    """What NumPy turns into an array by a method of its own, as a data frame is."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


class Sparse:
    """A matrix that stores few of its numbers."""

    shape = (2, 2)

    def toarray(self):
        return np.eye(2)


class Closed:
    """What refuses to become an array, as a tensor with a gradient does."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("detach first")


def masked(*, mask=True):
    return np.ma.masked_array([[1.0, 2.0], [3.0, 4.0]], mask=[[mask, False], [False, False]])


def recursive():
    rows = []
    rows.append(rows)
    return rows


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize(
    "make",
    [
        lambda: np.matrix([[0, 1], [1, 0]]),
        lambda: Frame(np.array([[0, 1], [1, 0]])),
        lambda: [np.array([0, 1]), (1.0, 0)],
        lambda: np.array([[False, True], [True, False]]),
        lambda: [[False, 1], [1.0, 0]],
        lambda: np.array([[0, 1], [1, 0]], dtype=np.float16),
        lambda: np.array([[0, 1], [1, 0]], dtype=np.longdouble),
        lambda: np.array([[0, 1], [1, 0]], dtype=">u2"),
    ],
)
def test_what_numpy_reads_as_numbers_is_an_array_and_true_is_1(make):
    array = two_axes("X", make())
    assert type(array) is np.ndarray
    assert array.dtype == np.float64
    assert array.tolist() == [[0.0, 1.0], [1.0, 0.0]]


def test_a_data_frame_is_an_array_of_its_columns():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2], "b": [0.5, 0.25]})
    assert two_axes("X", frame).tolist() == [[1.0, 0.5], [2.0, 0.25]]
    for refused in (frame.assign(c=["x", "y"]), frame.assign(c=pandas.array([1, None], dtype="Int64"))):
        with pytest.raises(ValueError, match=r"^X must hold numbers .*objects such as"):
            two_axes("X", refused)


REFUSED = {
    "sparse": (lambda: Sparse(), r"sparse Sparse: .*toarray"),
    "rows of a sparse matrix": (lambda: [Sparse(), Sparse()], r"sparse Sparse: .*toarray"),
    "masked": (lambda: masked(), r"without a mask, not a value of type MaskedArray: .*filled"),
    "masked nowhere": (lambda: masked(mask=False), r"without a mask"),
    "rows of a masked array": (lambda: list(masked()), r"without a mask"),
    "a masked cell": (lambda: [[1.0, np.ma.masked], [1.0, 2.0]], r"without a mask"),
    "text": (lambda: np.array([["1", "2"]]), r"numbers, not text: "),
    "text among numbers": (lambda: [[1.0, "2"], [3.0, 4.0]], r"numbers, not text: "),
    "a text": (lambda: "1 2", r"numbers, not text: "),
    "bytes": (lambda: [[b"1", b"2"]], r"numbers, not bytes: "),
    "ragged": (lambda: [[1.0, 2.0], [3.0]], r"equal length, which \[\[1.0, 2.0\], \[3.0\]\] is not: "),
    "ragged arrays": (lambda: [np.ones(2), np.ones(3)], r"equal length, which "),
    "complex": (lambda: np.array([[1j, 2.0]]), r"not complex numbers: "),
    "dates": (lambda: np.array([["2026-01-01"]], dtype="M8[D]"), r"not dates: "),
    "durations": (lambda: np.array([[5]], dtype="m8[s]"), r"not durations: "),
    "records": (lambda: np.zeros((2, 2), dtype=[("a", float)]), r"not values of type "),
    "objects": (lambda: np.array([[1.0, None]], dtype=object), r"objects such as None: "),
    "numbers as objects": (lambda: np.array([[1.0, 2.0]], dtype=object), r"objects such as 1.0: "),
    "huge": (lambda: [[10**400, 1]], r"objects such as 1000.*\.\.\.: "),
    "huge beyond words": (lambda: [[10**5_000, 1]], r"objects such as a number of thousands of digits: "),
    "None": (lambda: None, r"numbers, not None: "),
    "a dict": (lambda: {"a": [1.0]}, r"numbers, not a value of type dict: "),
    "a set": (lambda: {1.0, 2.0}, r"numbers, not a value of type set: "),
    "a generator": (lambda: ([i] for i in range(3)), r"numbers, not a value of type generator: "),
    "dicts": (lambda: [{"a": 1.0}], r"objects such as \{'a': 1.0\}: "),
    "closed": (lambda: Closed(), r"array of numbers, .* is not: "),
    "rows within themselves": (recursive, r"equal length, which "),
    "beyond float64": (lambda: np.array([[np.longdouble("1e4000")]]), r"finite numbers only; row 0"),
}


@pytest.mark.parametrize("settings", [{}, {"all": "raise"}])
@pytest.mark.parametrize("name", REFUSED)
def test_what_holds_no_numbers_is_refused_in_a_sentence(name, settings):
    make, said = REFUSED[name]
    with np.errstate(**settings), pytest.raises(ValueError, match=rf"^X must .*{said}") as error:
        two_axes("X", make())
    assert_one_sentence(str(error.value))


def assert_one_sentence(text):
    assert "\n" not in text
    assert text.endswith(".")
    assert not re.search(r"\.\s+[A-Z]", text)


def test_a_value_of_many_lines_is_shown_in_one():
    assert shown(np.eye(2)) == "array([[1., 0.], [0., 1.]])"
