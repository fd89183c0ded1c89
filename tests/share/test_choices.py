"""The sidebar's choices: as words, as the engine's settings, and as stops and arithmetic of the sidebar."""

from dataclasses import replace

import pytest

from mbgd.engine.batches import plan_epoch
from mbgd.share.choices import DEFAULT, Choices, arithmetic, batch_sizes, parse_hidden, show_hidden

OTHER = {
    "data": ["penguins", "digits", "sine", "spiral"],
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


def sentence(n_train, batch, epochs=100, last="keep"):
    settings = Choices(batch=batch, epochs=epochs, last=last).settings(n_train)
    plan = plan_epoch(n_train, settings.batch_size, last)
    return arithmetic(n_train, settings, plan.updates, plan.last_rows)


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


# --- what they mean to the engine ---


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
        ({"size": 20}, {"size": 2_000, "noise": 0.5}),
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


def test_the_arithmetic_of_diabetes():
    assert sentence(353, 16) == (
        "353 training rows ÷ 16 = 23 updates an epoch, the last one with 1 row; 100 epochs = 2,300 updates."
    )


@pytest.mark.parametrize(
    ("n_train", "batch", "epochs", "last", "expected"),
    [
        (353, 10, 2, "keep", "353 training rows ÷ 10 = 36 updates an epoch, the last one with 3 rows; 2 epochs = 72"),
        (353, 16, 100, "drop", "353 training rows ÷ 16 = 22 updates an epoch, 1 row left out; 100 epochs = 2,200"),
        (353, 10, 2, "drop", "353 training rows ÷ 10 = 35 updates an epoch, 3 rows left out; 2 epochs = 70"),
        (240, 16, 100, "keep", "240 training rows ÷ 16 = 15 updates an epoch; 100 epochs = 1,500"),
        (240, 16, 100, "drop", "240 training rows ÷ 16 = 15 updates an epoch; 100 epochs = 1,500"),
        (1_437, 1, 1, "keep", "1,437 training rows ÷ 1 = 1,437 updates an epoch; 1 epoch = 1,437"),
        (353, 353, 5, "keep", "353 training rows ÷ 353 = 1 update an epoch; 5 epochs = 5"),
        (353, 9_999, 5, "drop", "353 training rows ÷ 353 = 1 update an epoch; 5 epochs = 5"),
        (353, 352, 5, "drop", "353 training rows ÷ 352 = 1 update an epoch, 1 row left out; 5 epochs = 5"),
        (353, 200, 5, "drop", "353 training rows ÷ 200 = 1 update an epoch, 153 rows left out; 5 epochs = 5"),
    ],
)
def test_the_arithmetic_of_other_runs(n_train, batch, epochs, last, expected):
    assert sentence(n_train, batch, epochs, last) == f"{expected} updates."


def test_one_update_in_all():
    assert sentence(353, 353, epochs=1) == "353 training rows ÷ 353 = 1 update an epoch; 1 epoch = 1 update."
