"""Settings: frozen, and checked once, with the field and the value in the sentence."""

from dataclasses import FrozenInstanceError, asdict, fields, replace

import numpy as np
import pytest

from mbgd.engine.activations import ACTIVATIONS
from mbgd.engine.checks import shown
from mbgd.engine.settings import Settings

GOOD = {"batch_size": 16, "epochs": 5, "learning_rate": 0.1}
INF, NAN = float("inf"), float("nan")

BAD = {
    "batch_size": [0, -1, NAN, INF, 2.5, 16.0, True, "16", None, [16]],
    "epochs": [0, -1, NAN, INF, 2.5, 5.0, True, "5", None],
    "learning_rate": [0, 0.0, -0.1, NAN, INF, -INF, True, "0.1", None, 10**400, -(10**400), 1j],
    "hidden": [16, "16", None, {16}, (8,) * 7, np.array([8])],
    "activation": ["ReLU", "", None, 1, ["relu"]],
    "shuffle": [0, 1, "yes", None],
    "last_batch": ["Keep", "carry", None, True],
    "seed": [-1, 0.5, NAN, True, "0", None],
    "order_seed": [-1, 0.5, NAN, True, "0"],
    "weight_decay": [-0.1, -5e-324, NAN, INF, True, "0.1", None, 10**400, 1j],
}
BAD_UNITS = [0, -8, 8.0, 2.5, NAN, True, "8", None, 4_097, 10**400]


def test_every_field_is_tried():
    assert set(BAD) == {field.name for field in fields(Settings)}


@pytest.mark.parametrize(("name", "bad"), [(name, bad) for name, values in BAD.items() for bad in values])
def test_a_bad_value_raises_with_its_field_and_itself(name, bad):
    with pytest.raises(ValueError, match=f"^{name} must be ") as error:
        Settings(**GOOD | {name: bad})
    assert str(error.value).endswith(f"not {shown(bad)}.")


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("bad", BAD_UNITS)
def test_a_bad_number_of_units_raises_with_itself(bad, place):
    hidden = [8, 8]
    hidden[place] = bad
    with pytest.raises(ValueError, match=r"^hidden must be a whole number from 1 to 4,096, not ") as error:
        Settings(**GOOD, hidden=tuple(hidden))
    assert str(error.value).endswith(f"not {shown(bad)}.")


@pytest.mark.parametrize(("name", "bad"), [("batch_size", 0), ("hidden", (8,) * 7), ("seed", -1)])
def test_a_replaced_value_is_checked_too(name, bad):
    with pytest.raises(ValueError, match=f"^{name} must be "):
        replace(Settings(**GOOD), **{name: bad})


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_no_field_can_be_set_afterwards(field):
    settings = Settings(**GOOD)
    with pytest.raises(FrozenInstanceError):
        setattr(settings, field.name, getattr(settings, field.name))


@pytest.mark.parametrize(
    ("name", "good", "kept"),
    [
        ("batch_size", np.int64(16), 16),
        ("batch_size", 10**400, 10**400),
        ("epochs", np.uint16(5), 5),
        ("learning_rate", np.float32(0.5), 0.5),
        ("learning_rate", 1, 1.0),
        ("learning_rate", 5e-324, 5e-324),
        ("hidden", [8, 4], (8, 4)),
        ("hidden", (), ()),
        ("hidden", (np.int64(8), 4_096), (8, 4_096)),
        ("hidden", (1,) * 6, (1,) * 6),
        ("shuffle", np.False_, False),
        ("last_batch", "drop", "drop"),
        ("seed", np.int32(3), 3),
        ("weight_decay", 0, 0.0),
        ("weight_decay", np.float32(0.5), 0.5),
        *(("activation", name, name) for name in ACTIVATIONS),
    ],
)
def test_a_good_value_is_kept_in_its_plain_type(name, good, kept):
    value = getattr(Settings(**GOOD | {name: good}), name)
    assert value == kept
    assert type(value) is type(kept)
    if name == "hidden":
        assert {type(units) for units in value} <= {int}


def test_what_is_not_said_has_a_default():
    assert asdict(Settings(**GOOD)) == GOOD | {
        "hidden": (16,),
        "activation": "relu",
        "shuffle": True,
        "last_batch": "keep",
        "seed": 0,
        "order_seed": None,
        "weight_decay": 0.0,
    }


def test_equal_settings_are_one_key():
    settings = Settings(**GOOD, hidden=(8, 4))
    assert {settings: "run"}[Settings(np.int64(16), 5, 0.1, hidden=[8, 4])] == "run"
    assert settings != replace(settings, seed=1)
