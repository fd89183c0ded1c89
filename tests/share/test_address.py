"""The choices written to a page's address and read back, with one sentence per unusable part."""

from dataclasses import fields, replace

import pytest

from mbgd.share.address import PARAMETERS, from_query, to_query
from mbgd.share.choices import DEFAULT, RATES, Choices
from tests.share.test_choices import OTHER

one_of_each = pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in OTHER.items() for value in values]
)

BAD = [
    ("batch", "0"),
    ("batch", "2.5"),
    ("batch", "abc"),
    ("batch", ""),
    ("batch", "１６"),
    ("batch", "100001"),
    ("rate", "nan"),
    ("rate", "inf"),
    ("rate", "1e99"),
    ("rate", "0"),
    ("rate", "-0.1"),
    ("rate", "fast"),
    ("hidden", "16,,x"),
    ("hidden", "9999"),
    ("hidden", "0"),
    ("hidden", "2-2-2-2-2-2-2"),
    ("activation", "foo"),
    ("activation", "ReLU"),
    ("data", "nope"),
    ("mode", "batch"),
    ("last", "both"),
    ("seed", "-1"),
    ("seed", "10000"),
    ("epochs", "0"),
    ("epochs", "10001"),
    ("epochs", "9" * 5_000),
    ("shuffle", "maybe"),
    ("shuffle", "True"),
    ("noise", "-1"),
    ("noise", "2"),
    ("validation", "99"),
    ("validation", "0"),
    ("size", "19"),
]


def test_every_choice_has_its_parameter():
    assert list(PARAMETERS) == list(OTHER) == [field.name for field in fields(Choices)]


def test_the_default_needs_no_query():
    assert to_query(DEFAULT) == {}
    assert from_query({}) == (DEFAULT, [])


@one_of_each
def test_each_choice_comes_back_from_the_address(name, value):
    choices = replace(DEFAULT, **{name: value})
    query = to_query(choices)
    assert list(query) == [name]
    assert from_query(query) == (choices, [])
    assert to_query(from_query(query)[0]) == query


def test_all_choices_together_come_back_from_the_address():
    choices = Choices(**{name: values[-1] for name, values in OTHER.items()})
    query = to_query(choices)
    assert len(query) == len(PARAMETERS)
    assert from_query(query) == (choices, [])


@pytest.mark.parametrize("rate", RATES)
def test_every_rate_of_the_slider_comes_back_to_the_last_digit(rate):
    assert from_query(to_query(Choices(rate=rate)))[0].rate == rate


@pytest.mark.parametrize(("name", "text"), [("rate", "0.01234567"), ("noise", "0.1234567")])
def test_a_number_with_many_digits_comes_back_to_the_last_digit(name, text):
    choices, complaints = from_query({name: text})
    assert complaints == []
    assert to_query(choices) == {name: text}


@pytest.mark.parametrize(
    ("name", "texts", "value"),
    [("batch", ["8", "8.0", "8e0"], 8), ("rate", ["1", "1.0", "1e0"], 1.0), ("epochs", ["100.0", "1e2"], 100)],
)
def test_a_number_is_read_however_it_is_written(name, texts, value):
    for text in texts:
        assert from_query({name: text}) == (replace(DEFAULT, **{name: value}), [])


@pytest.mark.parametrize("text", ["none", ""])
def test_no_hidden_layers_can_be_asked_for(text):
    assert from_query({"hidden": text}) == (Choices(hidden=()), [])


def test_no_hidden_layers_are_written_as_none():
    assert to_query(Choices(hidden=())) == {"hidden": "none"}


@pytest.mark.parametrize(("name", "text"), BAD)
def test_a_bad_value_gets_one_complaint_and_the_default(name, text):
    choices, complaints = from_query({name: text})
    assert choices == DEFAULT
    assert len(complaints) == 1
    assert f"{name}={text[:60]}" in complaints[0]
    assert len(complaints[0]) < 300


@pytest.mark.parametrize(
    ("name", "text", "instead"),
    [("batch", "0", "16"), ("noise", "-1", "noise"), ("hidden", "x", "16-16"), ("shuffle", "maybe", "yes")],
)
def test_the_complaint_names_the_value_used_instead(name, text, instead):
    assert instead in from_query({name: text})[1][0].rpartition(". ")[2].split()


@pytest.mark.parametrize(("name", "text", "allowed"), [("batch", "0", "1 to 100,000"), ("hidden", "9999", "1 to 256")])
def test_the_complaint_says_what_is_allowed(name, text, allowed):
    assert allowed in from_query({name: text})[1][0]


def test_good_values_are_kept_beside_bad_ones():
    choices, complaints = from_query({"batch": "0", "rate": "0.5", "data": "nope", "seed": "7"})
    assert choices == Choices(rate=0.5, seed=7)
    assert len(complaints) == 2


def test_unknown_names_are_ignored():
    assert from_query({"utm_source": "mail", "Batch": "0", "embed": "true"}) == (DEFAULT, [])
