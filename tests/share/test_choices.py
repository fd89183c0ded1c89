"""The sidebar's choices: as text, as the engine's settings, as the slider's stops, and as arithmetic."""

import re
from dataclasses import replace

import pytest

from mbgd.data.made import MADE
from mbgd.engine.batches import plan_epoch
from mbgd.share.allowed import CAPS
from mbgd.share.choices import (
    DEFAULT,
    OWN,
    Choices,
    arithmetic,
    batch_sizes,
    most_units,
    parse_hidden,
    short_batch,
    show_hidden,
)

OTHER = {
    "data": ["penguins", "digits", "sine", "diabetes"],
    "own": ["0123456789abcdef"],
    "size": [20, 2_000],
    "noise": [0.0, 0.15, 1.0],
    "validation": [5, 50],
    "hidden": [(), (1,), (16, 8), (256,) * 6],
    "activation": ["tanh", "sigmoid", "identity"],
    "mode": ["sgd", "full"],
    "batch": [1, 100_000],
    "epochs": [1, 10_000],
    "rate": [1e-5, 0.015, 10.0],
    "shuffle": [False],
    "last": ["drop"],
    "seed": [1, 9_999],
}


def numbers(n_train, batch, epochs=100, last="keep"):
    """The numbers in the sentence of arithmetic, in their order."""
    settings = Choices(batch=batch, epochs=epochs, last=last).settings(n_train)
    plan = plan_epoch(n_train, settings.batch_size, last)
    text = arithmetic(n_train, settings, plan.updates, plan.last_rows)
    return [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", text)]


# --- hidden layers ---


@pytest.mark.parametrize(
    ("text", "hidden"),
    [("16", (16,)), (" 16 , 8 ", (16, 8)), ("16-8", (16, 8)), ("", ()), (" ", ()), ("none", ()), ("256", (256,))],
)
def test_hidden_layers_are_read(text, hidden):
    assert parse_hidden(text) == hidden


@pytest.mark.parametrize("hidden", [(), (16,), (16, 8, 4)])
def test_hidden_layers_are_shown_as_they_are_written(hidden):
    assert parse_hidden(show_hidden(hidden)) == hidden


@pytest.mark.parametrize(
    ("text", "named"), [("16, x", "'x'"), ("257", "'257'"), ("²", "'²'"), ("1," * 6 + "1", "7 layers")]
)
def test_bad_hidden_layers_are_named(text, named):
    with pytest.raises(ValueError, match=named):
        parse_hidden(text)


# --- as the engine's settings ---


@pytest.mark.parametrize(
    ("mode", "batch", "expected"), [("sgd", 16, 1), ("mini", 16, 16), ("mini", 999, 353), ("full", 16, 353)]
)
def test_the_mode_decides_the_batch_size(mode, batch, expected):
    choices = Choices(mode=mode, batch=batch)
    assert choices.batch_size(353) == choices.settings(353).batch_size == expected


def test_settings_carry_every_choice():
    choices = Choices(**{name: values[-1] for name, values in OTHER.items()})
    settings = choices.settings(100)
    assert (settings.epochs, settings.learning_rate, settings.hidden) == (10_000, 10.0, (256,) * 6)
    assert (settings.activation, settings.shuffle, settings.last_batch) == ("identity", False, "drop")
    assert settings.seed == 9_999


def test_size_and_noise_are_options_of_made_up_sets_only():
    assert Choices(data="diabetes", size=20, noise=0.5).data_options() == {
        "name": "diabetes",
        "seed": 0,
        "validation": 0.2,
    }
    assert Choices(data="moons", size=20, noise=0.5, seed=3, validation=10).data_options() == {
        "name": "moons",
        "seed": 3,
        "validation": 0.1,
        "n": 20,
        "noise": 0.5,
    }


@pytest.mark.parametrize(
    ("data", "noise", "level"),
    [("diabetes", 0.5, None), ("moons", None, 0.15), ("moons", 0.5, 0.5), ("sine", 0.0, 0.0)],
)
def test_the_noise_level_is_the_chosen_one_or_the_sets_own(data, noise, level):
    assert Choices(data=data, noise=noise).noise_level == level


@pytest.mark.parametrize("change", [{"rate": 0.5}, {"epochs": 7}, {"rate": 1.0, "epochs": 1}])
def test_rate_and_epochs_need_no_fresh_network(change):
    assert not DEFAULT.needs_fresh_network(replace(DEFAULT, **change), 353)


@pytest.mark.parametrize(
    "change",
    [
        {name: OTHER[name][0]}
        for name in ("data", "size", "noise", "validation", "hidden", "activation", "mode", "shuffle", "last", "seed")
    ]
    + [{"batch": 8}, {"batch": 8, "rate": 0.5}],
)
def test_anything_else_needs_a_fresh_network(change):
    moons = Choices(data="moons")
    assert moons.needs_fresh_network(replace(moons, **change), 240)
    assert replace(moons, **change).needs_fresh_network(moons, 240)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"mode": "mini", "batch": 353}, {"mode": "full"}),
        ({"mode": "mini", "batch": 9_999}, {"mode": "full"}),
        ({"mode": "mini", "batch": 1}, {"mode": "sgd"}),
        ({"mode": "full", "batch": 16}, {"mode": "full", "batch": 32}),
        ({"data": "diabetes", "size": 20}, {"data": "diabetes", "size": 2_000, "noise": 0.5}),
    ],
)
def test_the_same_run_by_another_name_needs_no_fresh_network(one, other):
    assert not Choices(**one).needs_fresh_network(Choices(**other), 353)


# --- the slider of batch sizes ---


@pytest.mark.parametrize("n_train", [1, 2, 10, 16, 240, 353, 1_437, 100_000])
@pytest.mark.parametrize("chosen", [1, 7, 16, 353, 100_000])
def test_stops_are_sorted_unique_and_hold_one_all_and_the_chosen_size(n_train, chosen):
    stops = batch_sizes(n_train, chosen)
    assert stops == sorted(set(stops))
    assert {1, n_train, min(chosen, n_train)} <= set(stops)
    assert (stops[0], stops[-1]) == (1, n_train)
    assert len(stops) < 40


def test_stops_are_powers_of_two_and_halfway_between():
    assert batch_sizes(48, 5) == [1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 48]


# --- the arithmetic ---


@pytest.mark.parametrize(
    ("n_train", "batch", "epochs", "last", "expected"),
    [
        # rows, batch size, updates per epoch, rows of a short last batch or left out, epochs, updates in all
        (353, 16, 100, "keep", [353, 16, 23, 1, 100, 2_300]),
        (353, 10, 2, "keep", [353, 10, 36, 3, 2, 72]),
        (353, 16, 100, "drop", [353, 16, 22, 1, 100, 2_200]),
        (353, 10, 2, "drop", [353, 10, 35, 3, 2, 70]),
        (240, 16, 100, "keep", [240, 16, 15, 100, 1_500]),
        (240, 16, 100, "drop", [240, 16, 15, 100, 1_500]),
        (1_437, 1, 1, "keep", [1_437, 1, 1_437, 1, 1_437]),
        (353, 353, 1, "keep", [353, 353, 1, 1, 1]),
        (353, 353, 5, "keep", [353, 353, 1, 5, 5]),
        (353, 9_999, 5, "drop", [353, 353, 1, 5, 5]),
        (353, 352, 5, "drop", [353, 352, 1, 1, 5, 5]),
        (353, 200, 5, "drop", [353, 200, 1, 153, 5, 5]),
    ],
)
def test_the_arithmetic_of_a_run(n_train, batch, epochs, last, expected):
    assert numbers(n_train, batch, epochs, last) == expected


@pytest.mark.parametrize(("last", "left_out"), [("keep", False), ("drop", True)])
def test_rows_of_a_short_batch_are_left_out_only_where_it_is_dropped(last, left_out):
    settings = Choices(batch=16, last=last).settings(353)
    plan = plan_epoch(353, 16, last)
    assert ("left out" in arithmetic(353, settings, plan.updates, plan.last_rows)) == left_out


@pytest.mark.parametrize(("batch", "last_rows", "said"), [(16, 1, ["1", "16"]), (32, 26, ["26", "1.23"]), (16, 16, [])])
def test_a_short_last_batch_says_how_much_its_rows_count(batch, last_rows, said):
    assert re.findall(r"\d[\d.]*\d|\d", short_batch(batch, last_rows)) == said


# --- what tells data from other data ---


@pytest.mark.parametrize(
    "change",
    [
        {"data": "circles"},
        {"size": 100},
        {"noise": 0.5},
        {"validation": 30},
        {"seed": 1},
        {"data": "diabetes"},
    ],
)
def test_the_key_of_the_data_changes_with_all_that_the_rows_depend_on(change):
    choices = Choices(data="moons")
    assert replace(choices, **change).data_key != choices.data_key


def test_the_key_of_own_data_is_that_of_its_fingerprint():
    mine = Choices(data=OWN, own="0123456789abcdef")
    assert replace(mine, own="f" * 16).data_key != mine.data_key
    assert replace(mine, seed=1).data_key != mine.data_key
    assert replace(mine, size=20).data_key == mine.data_key
    assert Choices(data="moons", own=mine.own).data_key == Choices(data="moons").data_key


@pytest.mark.parametrize("n_train", [16, 1_900, 8_000, 10_000, 95_000])
def test_an_update_of_all_rows_stays_within_the_caps(n_train):
    most = most_units(n_train)
    assert most * n_train <= CAPS.rows * CAPS.units * CAPS.layers
    assert most >= sum(DEFAULT.hidden)
    if n_train <= CAPS.rows:
        assert most >= CAPS.units * CAPS.layers


@pytest.mark.parametrize(
    ("data", "change"),
    [
        ("moons", {"noise": MADE["moons"].noise}),  # its own
        ("moons", {"hidden": (4,), "epochs": 3, "rate": 1.0, "mode": "sgd", "batch": 3, "shuffle": False}),
        ("diabetes", {"size": 100, "noise": 0.5}),
    ],
)
def test_the_key_of_the_data_is_the_same_for_the_same_rows(data, change):
    choices = Choices(data=data)
    assert replace(choices, **change).data_key == choices.data_key
    hash(choices.data_key)
