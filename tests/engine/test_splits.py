"""The rows of a run at the door: what a data set must have, and the targets that a loss can have."""

import copy
import pickle
import re

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.engine.splits import SUM_TOLERANCE, splits
from mbgd.engine.stack import Stack
from tests.engine.runs import Data, data
from tests.engine.test_checks import REFUSED, Frame, assert_one_sentence

ARRAYS = ("X_train", "Y_train", "X_val", "Y_val")


def refused(dataset, said):
    """Both doors refuse the data set in one sentence, which has this in it; warnings are errors here."""
    for open_door in (lambda: Training(dataset, Settings(7, 1, 0.1)), lambda: Stack(dataset, [Settings(7, 1, 0.1)])):
        with pytest.raises(ValueError, match=said) as error:
            open_door()
        assert_one_sentence(str(error.value))


def classes(k=3):
    return data(k=k, loss="cross_entropy")


def with_rows(dataset, name, row, values):
    """The data set with another row of targets."""
    Y = getattr(dataset, name).copy()
    Y[row] = values
    return dataset._replace(**{name: Y})


# --- the data set ---


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("kind", REFUSED)
def test_arrays_that_hold_no_numbers_are_refused_by_name(kind, name):
    make, said = REFUSED[kind]
    refused(data()._replace(**{name: make()}), f"^{name} must .*{said.replace('X must ', '')}")


@pytest.mark.parametrize("missing", [*ARRAYS, "loss"])
def test_a_data_set_without_one_of_its_arrays_is_refused(missing):
    class Part:
        pass

    for name, value in data()._asdict().items():
        if name != missing:
            setattr(Part, name, value)
    refused(Part, rf"^A data set needs .* a value of type type has no {missing}: ")


@pytest.mark.parametrize(
    ("value", "kind"), [(None, "None"), ({}, "dict"), ([1], "list"), ("moons", "str"), (np.eye(2), "ndarray")]
)
def test_what_is_no_data_set_is_refused(value, kind):
    refused(value, rf"^A data set needs .* and (a value of type )?{kind} has no loss: ")


@pytest.mark.parametrize("bad", [None, "hinge", b"mse", ["mse"], {}])
def test_a_loss_that_is_not_known_is_refused(bad):
    refused(data()._replace(loss=bad), r"^loss must be one of 'mse', 'cross_entropy', not ")


def test_the_splits_need_the_same_columns():
    dataset = load("moons")

    class Odd:
        X_train, Y_train, Y_val, loss = dataset.X_train, dataset.Y_train, dataset.Y_val, dataset.loss
        X_val = np.ones((len(dataset.X_val), 3))

    refused(Odd(), "X_train has 2 columns and X_val 3")
    refused(classes()._replace(Y_val=np.eye(2)[[0] * 6]), "Y_train has 3 columns and Y_val 2")


@pytest.mark.parametrize(("n", "share", "held_out"), [(100, 0.07, 7), (300, 0.07, 21), (100, 0.55, 55), (101, 0.2, 21)])
def test_the_share_held_out_is_rounded_up_from_its_true_value(n, share, held_out):
    assert len(load("sine", n=n, validation=share).X_val) == held_out


# --- targets that a loss can't have ---


def test_one_column_is_refused_under_cross_entropy():
    refused(data()._replace(loss="cross_entropy"), r"^Y_train must have a column for each class .* at least 2, not 1: ")
    for labels in (np.zeros(1), np.ones(1)):
        one = data(k=1, loss="cross_entropy")
        refused(one._replace(Y_train=one.Y_train * labels), r"^Y_train must have a column for each class")


@pytest.mark.parametrize("name", ["Y_train", "Y_val"])
@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([1.5, -0.5, 0.0], r"numbers from 0 to 1, not -0\.5 as in row 4: "),
        ([1.0, -1e-12, 0.0], r"numbers from 0 to 1, not -1e-12 as in row 4: "),
        ([0.0, 0.0, 0.0], r"add up to 1 within 1e-05 .* not to 0 as row 4 does: "),
        ([1.0, 1.0, 0.0], r"add up to 1 .* not to 2 as row 4 does: "),
        ([0.333, 0.333, 0.333], r"add up to 1 .* not to 0\.999 as row 4 does: "),
        ([1e308, 1e308, 1e308], r"add up to 1 .* not to inf as row 4 does: "),
        ([2.0, 0.0, 0.0], r"add up to 1 .* not to 2 as row 4 does: "),
    ],
)
def test_rows_that_are_no_probabilities_are_refused_under_cross_entropy(name, row, said):
    with np.errstate(all="raise"):
        refused(with_rows(classes(), name, 4, row), rf"^{name} must .*{said}")


def test_any_finite_targets_will_do_for_the_squared_error():
    dataset = with_rows(data(k=3), "Y_train", 4, [-5.0, 0.0, 1e6])
    assert np.isfinite(Training(dataset, Settings(7, 1, 0.1)).start["train"].loss)


@pytest.mark.parametrize(
    "soft", [lambda P: P, lambda P: P.astype(np.float32), lambda P: P.round(6), lambda P: P == P.max(1)[:, None]]
)
def test_probabilities_that_are_rounded_pass(soft):
    dataset, rng = classes(10), np.random.default_rng(0)
    Y_train, Y_val = (soft(rng.dirichlet(np.ones(10), len(Y))) for Y in (dataset.Y_train, dataset.Y_val))
    checked = splits(dataset._replace(Y_train=Y_train, Y_val=Y_val))
    assert np.abs(checked["train"].Y.sum(axis=1) - 1).max() < SUM_TOLERANCE
    np.testing.assert_array_equal(checked["val"].Y, Y_val)


@pytest.mark.parametrize(("off", "passes"), [(0.9, True), (1.1, False)])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_tolerance_of_a_sum_is_what_it_says(sign, off, passes):
    dataset = with_rows(classes(), "Y_val", 0, [0.5, 0.25, 0.25 + sign * off * SUM_TOLERANCE])
    if passes:
        splits(dataset)
    else:
        refused(dataset, "^Y_val must have rows that add up to 1")


# --- the caller's arrays ---


def every_way_in(array):
    """Ways to hand over an array's numbers: with each, whether they need a copy, and how to change them later."""
    own = array.copy()
    closed = own.view()
    closed.flags.writeable = False
    reopened = array.copy()
    reopened.flags.writeable = False
    buffer = bytearray(array.tobytes())
    from_buffer = np.frombuffer(buffer).reshape(array.shape)
    from_buffer.flags.writeable = False
    framed = array.copy()

    def reopen():
        reopened.flags.writeable = True
        reopened[:] = 9.0

    yield own, lambda: own.fill(9.0)
    yield closed, lambda: own.fill(9.0)
    yield own.T.copy().T, lambda: None
    yield reopened, reopen
    yield from_buffer, lambda: buffer.__setitem__(slice(None), bytes(len(buffer)))
    yield Frame(framed), lambda: framed.fill(9.0)


@pytest.mark.parametrize("way", range(6))
def test_no_change_of_the_callers_arrays_reaches_the_splits(way):
    dataset, given, changes = data(), {}, []
    for name in ARRAYS:
        given[name], change = list(every_way_in(getattr(dataset, name)))[way]
        changes.append(change)
    checked = splits(dataset._replace(**given))
    for change in changes:
        change()
    for split in ("train", "val"):
        np.testing.assert_array_equal(checked[split].X, getattr(dataset, f"X_{split}"))
        np.testing.assert_array_equal(checked[split].Y, getattr(dataset, f"Y_{split}"))


def test_a_data_set_of_ours_is_not_copied():
    dataset = load("moons")
    for split, (X, Y) in splits(dataset).items():
        assert X is getattr(dataset, f"X_{split}")
        assert Y is getattr(dataset, f"Y_{split}")


def test_what_had_to_be_converted_is_not_copied_again(monkeypatch):
    copied = []
    monkeypatch.setattr("mbgd.engine.splits.immutable", lambda array: copied.append(array) or array)
    dataset = data()
    converted = Data(*(np.asfortranarray(array) for array in dataset[:4]), "mse")
    splits(converted._replace(X_train=dataset.X_train.astype(np.float32), Y_train=dataset.Y_train.tolist()))
    assert [array.shape for array in copied] == [(6, 1)]  # Y_val, whose one column lies in both orders at once


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda both: pickle.loads(pickle.dumps(both))])
def test_no_change_of_a_copied_data_set_reaches_the_copied_splits(copied):
    """NumPy copies an array into memory that can be written to, and a copy of a run copies its data set along."""
    given = load("moons")
    dataset, checked = copied((given, splits(given)))
    for name in ARRAYS:
        array = getattr(dataset, name)
        if array.flags.writeable:
            array[:] = 9.0
    for split in ("train", "val"):
        np.testing.assert_array_equal(checked[split].X, getattr(given, f"X_{split}"))
        np.testing.assert_array_equal(checked[split].Y, getattr(given, f"Y_{split}"))


def test_sentences_name_the_value_the_limit_and_what_to_do():
    with pytest.raises(ValueError, match="row 2") as error:
        splits(with_rows(classes(), "Y_train", 2, [0.5, 0.25, 0.125]))
    assert re.search(r"not to 0\.875 .*: write classes one-hot, or divide each row by its sum\.$", str(error.value))
