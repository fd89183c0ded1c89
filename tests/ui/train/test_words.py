"""In what the sidebar differs from a run, in words."""

from dataclasses import fields, replace

import pytest

from mbgd.share.choices import DEFAULT, OWN, Choices
from mbgd.ui.train.words import changes_in_words

MINE = Choices(data=OWN, own="a" * 16)
OTHER = {
    "data": "moons",
    "own": "b" * 16,
    "size": 100,
    "noise": 0.4,
    "validation": 30,
    "hidden": (8,),
    "activation": "tanh",
    "mode": "full",
    "batch": 4,
    "shuffle": False,
    "last": "drop",
    "seed": 3,
}  # another value for each choice, but for the learning rate and the epochs, which need no fresh network


def test_each_choice_is_here():
    assert {field.name for field in fields(Choices)} == {*OTHER, "epochs", "rate"}


@pytest.mark.parametrize("name", OTHER)
def test_whatever_needs_a_fresh_network_is_named(name):
    then = MINE if name == "own" else DEFAULT
    now = replace(then, **{name: OTHER[name]})
    assert then.needs_fresh_network(now, 240)
    assert len(changes_in_words(then, now, 240, 240)) == 1


def test_other_data_of_ones_own_are_named_once():
    assert changes_in_words(MINE, replace(MINE, own="b" * 16), 40, 60) == ["your own data"]
    assert len(changes_in_words(MINE, DEFAULT, 40, 40)) == 1
    assert changes_in_words(MINE, MINE, 40, 40) == []
