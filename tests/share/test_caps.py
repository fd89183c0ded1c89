"""Every cap: a link that asks for more is refused with value and limit. tests/protocol/test_caps.py: widgets."""

from typing import Any, NamedTuple

import pytest

from mbgd.share.address import from_query
from mbgd.share.allowed import CAPS
from mbgd.share.choices import DEFAULT


class Attack(NamedTuple):
    """A cap's name, the choice in a link and the text, the widget's key, and the field and value of its message."""

    cap: str
    name: str
    text: str
    key: str
    field: str
    sent: Any


MANY = ", ".join(["16"] * (CAPS.layers + 1))
TABLE = [
    Attack("rows", "size", "2001", "choose_size", "string_value", "2001"),
    Attack("units", "hidden", "257", "choose_hidden", "string_value", "257"),
    Attack("layers", "hidden", "16-16-16-16-16-16-16", "choose_hidden", "string_value", MANY),
    Attack("batch", "batch", "100001", "choose_batch", "string_array_value", ["100,001"]),
    Attack("epochs", "epochs", "10001", "choose_epochs", "int_value", 10_001),
    Attack("seed", "seed", "10000", "choose_seed", "int_value", 10_000),
    Attack("noise", "noise", "1.5", "choose_noise", "double_value", 1.5),
]
every_cap = pytest.mark.parametrize("attack", TABLE, ids=[attack.cap for attack in TABLE])


def test_every_cap_is_in_the_table():
    assert tuple(attack.cap for attack in TABLE) == CAPS._fields


@every_cap
def test_a_link_that_asks_for_more_is_refused_with_the_value_and_the_limit(attack):
    choices, (sentence,) = from_query({attack.name: attack.text})
    assert choices == DEFAULT
    assert f"{getattr(CAPS, attack.cap):,}".removesuffix(".0") in sentence
    assert attack.text in sentence


@every_cap
def test_a_link_that_asks_for_the_most_is_taken(attack):
    most = getattr(CAPS, attack.cap)
    text = "-".join(["16"] * most) if attack.cap == "layers" else str(most).removesuffix(".0")
    choices, complaints = from_query({attack.name: text})
    assert complaints == []
    assert choices != DEFAULT
