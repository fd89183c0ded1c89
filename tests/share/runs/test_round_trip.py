"""A run that was written and read again is made again to the same weights, and goes on as the unbroken one does."""

import json
from dataclasses import replace
from io import BytesIO, StringIO

import numpy as np
import pandas as pd
import pytest

from mbgd.data.catalogue import datasets
from mbgd.experiments.runs.again import made_again
from mbgd.experiments.step import finish
from mbgd.share.runs.checking import check_data, check_weights
from mbgd.share.runs.reading import read_run
from mbgd.share.runs.record import MOST_POINTS, fingerprint, rows_of
from mbgd.share.runs.store import Runs
from mbgd.share.runs.writing import to_csv, to_json, to_npz
from mbgd.ui.train.kept import record_of
from tests.share.runs.made import fresh, record, trained, usual
from tests.ui.train.runs import data_of

WAYS = [
    {"activation": "tanh", "batch": 8, "last": "drop"},
    {"activation": "sigmoid", "hidden": (5, 3), "shuffle": False},
    {"activation": "relu", "mode": "full", "epochs": 30},
    {"activation": "identity", "hidden": (), "mode": "sgd", "epochs": 2},
    {"hidden": (3, 3, 3, 3, 3, 3), "seed": 77, "validation": 50},
]
CASES = [(data, WAYS[i % len(WAYS)]) for i, data in enumerate(datasets())] + [("diabetes", way) for way in WAYS]


@pytest.mark.parametrize(("data", "way"), CASES)
def test_a_run_of_a_file_goes_on_as_the_unbroken_one(data, way):
    way = {"rate": 0.01} | way
    training, dataset, choices = trained(13, rates=((3, 0.005), (9, 0.02)), data=data, **way)
    written = record_of(choices, dataset, training)
    run = read_run(to_json(written))
    assert (run.choices, run.rates, run.updates, run.failed) == (written.choices, written.rates, 13, None)
    assert (run.fingerprint, run.loss, run.seconds) == (written.fingerprint, written.loss, written.seconds)
    for ours, theirs in zip(run.history, written.history, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for ours, theirs in zip(run.layers, written.layers, strict=True):
        np.testing.assert_array_equal(ours.W, theirs.W)
        np.testing.assert_array_equal(ours.b, theirs.b)
    again_data = data_of(run.choices)
    check_data(run, again_data)
    again = finish(made_again(fresh(run, again_data), run.stages))
    assert check_weights(run, again) == 0
    assert again.learning_rate == training.learning_rate
    assert training.advance(updates=8) == again.advance(updates=8)
    for ours, theirs in zip(again.layers, training.layers, strict=True):
        np.testing.assert_array_equal(ours.W, theirs.W)
    assert again.last.loss == training.last.loss
    np.testing.assert_array_equal(again.last.rows, training.last.rows)


def test_a_run_that_diverged_is_made_again_up_to_the_update_that_failed():
    training, dataset, choices = trained(data="plane", hidden=(), rate=10.0, epochs=2_000)
    assert training.diverged
    written = record_of(choices, dataset, training)
    run = read_run(to_json(written))
    again = finish(made_again(fresh(run, dataset), run.stages))
    assert check_weights(run, again) == 0
    assert again.failure.update == training.failure.update == run.failed


def test_a_change_after_the_last_update_is_the_rate_that_follows():
    training, dataset, choices = trained(10, rates=((10, 0.5),), batch=8)
    run = read_run(to_json(record_of(choices, dataset, training)))
    assert (run.choices.rate, run.rates) == (0.5, ((0, 0.2),))


def test_all_digits_are_in_the_json_and_no_nan():
    values = json.loads(to_json(usual()))
    assert values["layers"][0]["W"] == usual().layers[0].W.tolist()
    assert {"python", "numpy", "mbgd"} == set(values["versions"])
    assert values["settings"]["batch_size"] == 8
    assert len(values["data"]["fingerprint"]) == 64


def test_the_npz_holds_the_weights_without_pickle():
    with np.load(BytesIO(to_npz(usual())), allow_pickle=False) as arrays:
        assert set(arrays) == {"W1", "b1", "W2", "b2", "activations"}
        np.testing.assert_array_equal(arrays["W1"], usual().layers[0].W)
        assert arrays["activations"].tolist() == ["relu", "identity"]


def test_the_csv_has_a_line_per_run_and_no_formula():
    runs = Runs()
    for seed in (1, 2):
        runs.add(record(10, seed=seed))
    runs.change(1, name='=HYPERLINK("http://x")')
    runs.change(2, name="@SUM(A1)")
    table = pd.read_csv(StringIO(to_csv(runs).decode("utf-8-sig")))
    assert list(table["run"]) == [1, 2]
    assert [name[0] for name in table["name"]] == ["'", "'"]
    assert table["train_loss"][0] == next(iter(runs)).final("train")


def with_inputs(dataset, X):
    """The data set with other rows to train on, as another object."""
    return replace(dataset, X_train=X)


def test_the_fingerprint_tells_data_apart_and_survives_the_last_digit():
    _, dataset, choices = trained(1)
    X = dataset.X_train
    assert fingerprint(dataset) == fingerprint(with_inputs(dataset, X * (1 + 1e-15)))
    others = [with_inputs(dataset, X + 1e-6), with_inputs(dataset, X[:-1]), trained(1, seed=1)[1]]
    assert len({fingerprint(one) for one in [dataset, *others]}) == 4
    assert rows_of(choices) == rows_of(trained(1, seed=1)[2])


def test_the_fingerprint_of_many_rows_has_all_of_them():
    _, dataset, _ = trained(1, size=2_000)
    X = dataset.X_train.copy()
    X[-1, 0] += 1
    assert fingerprint(with_inputs(dataset, X)) != fingerprint(dataset)


def test_a_long_history_is_thinned_and_its_best_losses_stay():
    training, dataset, choices = trained(mode="full", hidden=(), epochs=3_000, data="sine")
    run = record_of(choices, dataset, training)
    assert len(run.history.updates) <= MOST_POINTS
    assert run.history.updates[[0, -1]].tolist() == [0, 3_000]
    assert run.best("val") == min(training.start["val"].loss, training.history.val_loss.min())
    assert run.final("train") == training.evaluate("train").loss
