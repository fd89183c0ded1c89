"""What a control allows: values are checked, written into an address and read back."""

import math

import pytest

from mbgd.share.allowed import YES_OR_NO, Allowed, Among, Between, Several, Text

GOOD = [
    (Among(["On the surface", "Six rows"]), "Six rows", "six-rows"),
    (Among((1e-5, 0.1)), 1e-5, "1e-05"),
    (YES_OR_NO, True, "yes"),
    (Between(1, 100_000, whole=True), 353, "353"),
    (Between(0.0, 1.0), 0.25, "0.25"),
    (Several([1, 16, 0], most=2), [1, 16], "1-16"),
    (Several([1, 16, 0], most=2, empty="none"), [], "none"),
]
BAD = [
    (Among(["a"]), None, "b"),
    (YES_OR_NO, "yes", "true"),
    (Between(1, 10, whole=True), 2.5, "2.5"),
    (Between(1, 10, whole=True), math.nan, "nan"),
    (Between(0.0, 1.0), math.nan, "nan"),
    (Between(0.0, 1.0), math.inf, "1e999"),
    (Between(0.0, 1.0), True, ""),
    (Several([1, 16, 0], most=2), [1, 2], "1-2"),
    (Several([1, 16, 0], most=2), [1, 16, 0], "1-16-0"),
]


@pytest.mark.parametrize(("allowed", "value", "text"), GOOD)
def test_a_value_comes_back_from_its_text(allowed: Allowed, value: object, text: str):
    assert value in allowed
    assert allowed.write(value) == text
    assert allowed.read(text) == value


@pytest.mark.parametrize("text", ["10", "10.0", "10.", "1e1", "1E+1"])
@pytest.mark.parametrize(
    "allowed", [Among((0.5, 10.0)), Between(1, 20, whole=True), Between(1.0, 20.0)], ids=["choices", "whole", "real"]
)
def test_a_number_is_read_however_it_is_written(allowed: Allowed, text: str):
    assert allowed.read(text) == 10
    assert allowed.write(allowed.read(text)) == "10"


@pytest.mark.parametrize("text", ["1", "0.0"])
def test_a_number_is_not_taken_for_a_value_that_is_written_in_words(text: str):
    for allowed in (YES_OR_NO, Among((0, 1), ["age", "sex"].__getitem__)):
        with pytest.raises(ValueError, match=r"\.$"):
            allowed.read(text)


@pytest.mark.parametrize(("allowed", "value", "text"), BAD)
def test_what_is_not_allowed_is_neither_a_value_nor_read(allowed: Allowed, value: object, text: str):
    assert value not in allowed
    with pytest.raises(ValueError, match=r"\.$"):
        allowed.read(text)


def test_an_old_text_is_read_as_the_one_of_today():
    assert Among(["Six rows"], renamed={"proof": "six-rows"}).read("proof") == "Six rows"


def test_any_text_is_a_text_and_nothing_else_is():
    assert "" in Text()
    assert 3 not in Text()
