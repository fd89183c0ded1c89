"""What a run says was done: its history."""

import numpy as np
import pytest

from mbgd.engine.history import History
from tests.engine.runs import N, data, run, same


@pytest.mark.parametrize("last_batch", ["keep", "drop"])
@pytest.mark.parametrize("batch_size", [1, 7, N - 1, N, N + 5])
def test_history_holds_every_update_and_every_epoch_end(batch_size, last_batch):
    training = run(batch_size=batch_size, last_batch=last_batch)
    losses, rows, train, val, samples, ends = [], 0, [], [], [], []
    for update in training:
        losses.append(update.loss)
        rows += len(update.rows)
        assert training.last is update
        assert training.samples_seen == rows
        if update.update % training.plan.updates == 0:
            ends.append(update.update)
            samples.append(rows)
            train.append(training.evaluate("train").loss)
            val.append(training.evaluate("val").loss)
    history = training.history
    assert history.update.tolist() == list(range(1, len(losses) + 1))
    assert history.batch_loss.tolist() == losses
    assert history.epoch.tolist() == [1, 2, 3, 4]
    assert history.epoch_update.tolist() == ends
    assert history.train_loss.tolist() == train
    assert history.val_loss.tolist() == val
    assert history.samples.tolist() == samples
    np.testing.assert_array_equal(history.seconds, history.update_seconds[history.epoch_update - 1])
    assert (np.diff(history.update_seconds, prepend=0.0) > 0).all()
    assert training.seconds == history.update_seconds[-1]


def test_the_short_last_batch_counts_its_own_rows():
    keep, drop = run(batch_size=7), run(batch_size=7, last_batch="drop")
    for training in (keep, drop):
        training.advance()
    assert keep.history.samples.tolist() == [23, 46, 69, 92]
    assert drop.history.samples.tolist() == [21, 42, 63, 84]


def test_history_of_an_unfinished_epoch():
    training = run()
    assert [len(array) for array in training.history] == [0] * 9
    assert training.last is None
    training.advance(updates=6)
    history = training.history
    assert (len(history.update), len(history.batch_loss), len(history.update_seconds)) == (6, 6, 6)
    assert history.epoch_update.tolist() == [4]
    assert {len(array) for array in history[3:]} == {1}
    assert (training.updates_done, training.epochs_done, training.samples_seen) == (6, 1, 23 + 14)


def test_the_loss_of_an_update_is_that_of_its_batch_before_it():
    training, behind = run(), run()
    for update in training:
        assert update.loss == pytest.approx(behind.loss_of(update.rows), rel=1e-12)
        next(behind)
        assert training.loss_of(update.rows) < update.loss


def test_history_read_earlier_stays_as_it_was():
    training = run(batch_size=1, epochs=10)
    training.advance(epochs=2)
    early = training.history
    copies = [array.copy() for array in early]
    training.advance()
    for array, copy in zip(early, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("name", History._fields)
def test_history_is_read_only(name):
    training = run()
    training.advance()
    with pytest.raises(ValueError, match="read-only"):
        getattr(training.history, name)[0] = 5


def test_layers_are_copies():
    training, twin = run(), run()
    for half in range(2):
        for W, b, _ in training.layers:
            W[:] = b[:] = 99.0
        training.advance(updates=8)
        twin.advance(updates=8)
        assert training.updates_done == 8 * (half + 1)
    assert same(training, twin)


def test_training_leaves_the_data_as_they_were():
    dataset = data()
    copies = [array.copy() for array in dataset[:4]]
    run(dataset).advance()
    for array, copy in zip(dataset[:4], copies, strict=True):
        np.testing.assert_array_equal(array, copy)
