"""The update that is walked through, its predicted and counted bytes and operations, and what doubling B doubles."""

import tracemalloc
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from mbgd.data.catalogue import load
from mbgd.engine.activations import ACTIVATIONS
from mbgd.engine.settings import Settings
from mbgd.engine.training import Training
from mbgd.experiments.gradients import parameters
from mbgd.experiments.shapes.counting import counted_operations
from mbgd.experiments.shapes.doubling import LOOP, TRAINING, doubling, traced_parameters, what_changed
from mbgd.experiments.shapes.walk import (
    BATCHES,
    batch_rows,
    counted_bytes,
    expected_bytes,
    kind_of,
    layers_operations,
    named_arrays,
    offered,
    walk,
)
from mbgd.experiments.step import finish

DIABETES = load("diabetes")
SETTINGS = Settings(16, 3, 0.02)


def test_the_batches_are_those_of_the_first_epoch():
    n_train, run, seen = 353, Training(DIABETES, SETTINGS), []
    for update in run:
        if update.epoch > 1:
            break
        seen.append(update.rows)
    np.testing.assert_array_equal(batch_rows(n_train, SETTINGS, "first"), seen[0])
    np.testing.assert_array_equal(batch_rows(n_train, SETTINGS, "last"), seen[-1])
    sizes = [len(batch_rows(n_train, SETTINGS, which)) for which in BATCHES]
    assert sizes == [16, 353 % 16, 1, 353]
    assert len(batch_rows(n_train, replace(SETTINGS, last_batch="drop"), "last")) == 16


@pytest.mark.parametrize("last", ["keep", "drop"])
@pytest.mark.parametrize("B", [1, 2, 16, 200, 352, 353, 1000])
def test_each_batch_is_offered_once_and_none_is_left_out(B, last):
    settings = replace(SETTINGS, batch_size=B, last_batch=last)
    rows = {which: tuple(batch_rows(353, settings, which)) for which in BATCHES}
    names = offered(353, settings)
    assert names[0] == "first"
    assert len({rows[which] for which in names}) == len(names)
    assert {rows[which] for which in names} == set(rows.values())


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize("hidden", [(), (16,), (5, 1, 3)])
@pytest.mark.parametrize("name", ["diabetes", "digits", "sine"])
def test_predicted_bytes_are_those_of_the_arrays(name, hidden, activation):
    dataset = load(name)
    settings = replace(SETTINGS, hidden=hidden, activation=activation)
    n, k = dataset.X_train.shape[1], dataset.Y_train.shape[1]
    for which in BATCHES:
        walked = walk(dataset, settings, which)
        expected = expected_bytes(len(walked.rows), n, hidden, k, activation, dataset.loss)
        assert counted_bytes(walked.steps) == expected


@pytest.mark.parametrize("B", [1, 2, 7])
@pytest.mark.parametrize("hidden", [(), (6,), (5, 1, 3)])
def test_predicted_operations_are_those_counted_one_by_one(B, hidden):
    walked = walk(DIABETES, replace(SETTINGS, hidden=hidden), "first")
    *_, counted = counted_operations([10, *hidden, 1], B)
    assert counted == layers_operations(walked.steps, B)


@pytest.mark.parametrize("which", BATCHES)
@pytest.mark.parametrize(("name", "hidden"), [("diabetes", (16,)), ("digits", (8, 4)), ("moons", ())])
def test_doubling_the_batch_doubles_the_arrays_with_one_row_per_sample(name, hidden, which):
    dataset = load(name)
    result = finish(doubling(dataset, replace(SETTINGS, hidden=hidden), which))
    assert result is not None
    assert what_changed(result) == "rows"
    assert result.changed == result.expected_changed
    assert not set(result.changed) & {f"{d}{letter}{i}" for d in ("", "d") for letter in "Wb" for i in (1, 2, 3)}
    assert result.double.B == 2 * result.single.B <= len(dataset.X_train)
    assert result.double.counted == (2 * result.single.counted[0], result.single.counted[1])
    assert result.single.counted == result.single.expected
    assert result.counted == result.expected_count
    assert result.gradient_error < 1e-12
    assert result.update_error < 1e-14
    assert result.judge == (LOOP if which == "last" else TRAINING)


def test_an_update_from_trained_weights_is_compared_with_the_loop():
    run = Training(DIABETES, SETTINGS)
    run.advance(updates=30)
    result = finish(doubling(DIABETES, SETTINGS, "first", run.layers))
    assert result is not None
    assert (result.judge, result.update_error) == (LOOP, 0)
    walked = walk(DIABETES, SETTINGS, "first", run.layers)
    assert np.abs(traced_parameters(walked.steps) - parameters(run.layers)).max() > 0


def test_an_update_that_overflows_agrees_with_nothing():
    layers = [layer._replace(W=layer.W * 1e200) for layer in Training(DIABETES, SETTINGS).layers]
    result = finish(doubling(DIABETES, SETTINGS, "first", layers))
    assert result is not None
    assert np.isnan(result.gradient_error)
    assert np.isnan(result.update_error)


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        (("X", "Y"), "inputs"),
        (("X", "Y", "Z1", "dZ1"), "rows"),
        (("X", "Z1", "dW1"), "gradients"),
        (("X", "Z1", "dW1", "W1", "new b1"), "all"),
        ((), "none"),
    ],
)
def test_the_answer_follows_from_the_arrays_that_changed(changed, answer):
    assert what_changed(SimpleNamespace(changed=changed)) == answer  # pyright: ignore[reportArgumentType]


def test_every_array_is_of_a_kind():
    kinds = {name: kind_of(name) for name in named_arrays(walk(DIABETES, SETTINGS, "first").steps)}
    assert {name for name, kind in kinds.items() if kind == "gradients"} == {"dW1", "db1", "dW2", "db2"}
    assert {name for name, kind in kinds.items() if kind == "inputs"} == {"X", "Y"}
    assert kinds["L"] == "loss"
    assert {kinds[name] for name in ("W1", "b2", "new W1", "new b2")} == {"parameters"}
    assert {kinds[name] for name in ("Z1", "A1", "Ŷ", "dL/dŶ", "dA1", "dX", "relu′(Z1)")} == {"activations"}


def test_progress_only_grows_and_ends_at_one():
    shares = [step.share for step in doubling(DIABETES, SETTINGS, "all")]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_doubling_keeps_one_pair_of_traces_at_a_time():
    dataset = load("digits")
    settings = replace(SETTINGS, batch_size=len(dataset.X_train), hidden=(64, 64))
    a_trace = sum(counted_bytes(walk(dataset, settings, "first").steps))
    tracemalloc.start()
    finish(doubling(dataset, settings, "first"))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2 * a_trace + 2**23  # B // 2 and B rows, with what the last of them needs; 8 MB of single gradients
