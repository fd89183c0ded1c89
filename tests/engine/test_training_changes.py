"""What may change in mid-run, what ends it, and what is refused at the door."""

import math
import re
from itertools import islice

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.engine.batches import minibatches
from mbgd.engine.checks import shown
from mbgd.engine.randomness import streams
from tests.engine.runs import Data, N, by_epochs, by_moments, by_seven, data, iterate, parameters, recompute, run, same

# --- what may change between updates ---


def test_a_learning_rate_set_in_mid_run_acts_on_the_next_update():
    training = run()
    start = training.layers
    updates = list(islice(training, 3))
    training.learning_rate = 0.2
    assert training.learning_rate == 0.2
    updates += list(islice(training, 4))
    training.learning_rate = 0.2
    training.learning_rate = np.float32(0.01)
    updates += list(training)
    rates = [0.05] * 3 + [0.2] * 4 + [float(np.float32(0.01))] * 9
    expected, losses = recompute(training.dataset, start, [u.rows for u in updates], rates)
    np.testing.assert_allclose(parameters(training), expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose([u.loss for u in updates], losses, rtol=0, atol=1e-12)
    assert training.rates == [(0, 0.05), (3, 0.2), (7, float(np.float32(0.01)))]


@pytest.mark.parametrize("bad", [0, -0.1, float("nan"), float("inf"), True, "0.1", 10**400, None])
def test_a_bad_learning_rate_raises_and_the_old_one_stays(bad):
    training = run()
    with pytest.raises(
        ValueError, match=rf"^learning_rate must be a finite number above 0, not {re.escape(shown(bad))}\.$"
    ):
        training.learning_rate = bad
    assert training.learning_rate == 0.05
    assert training.rates == [(0, 0.05)]


@pytest.mark.parametrize("batch_size", [1, 7, N])
def test_more_epochs_let_a_finished_run_go_on(batch_size):
    training, longer = run(batch_size=batch_size, epochs=2), run(batch_size=batch_size, epochs=5)
    training.advance()
    assert training.finished
    training.epochs = 5
    assert not training.finished
    assert training.advance() == 3 * training.plan.updates
    longer.advance()
    assert same(training, longer)


def test_fewer_epochs_finish_a_run_at_once():
    training = run(epochs=4)
    training.advance(updates=6)
    training.epochs = 1
    assert training.finished
    assert training.advance() == training.advance(epochs=1) == 0
    assert training.updates_done == 6


@pytest.mark.parametrize("bad", [0, -1, 2.5, True, "5", None])
def test_bad_epochs_raise_and_the_old_ones_stay(bad):
    training = run(epochs=4)
    with pytest.raises(
        ValueError, match=rf"^epochs must be a whole number of at least 1, not {re.escape(shown(bad))}\.$"
    ):
        training.epochs = bad
    assert training.epochs == 4


# --- divergence ---

DIVERGING = [
    pytest.param({"learning_rate": 10.0, "hidden": (), "epochs": 1_000}, id="slowly"),
    pytest.param({"learning_rate": 1e150, "activation": "relu"}, id="at once"),
    pytest.param({"learning_rate": 1e308, "activation": "relu", "hidden": (4, 4)}, id="beyond floats"),
    pytest.param({"learning_rate": 1e308, "activation": "sigmoid"}, id="saturated"),
    pytest.param({"learning_rate": 1e200, "hidden": (), "batch_size": 1, "epochs": 9}, id="row by row"),
]


@pytest.mark.parametrize("settings", DIVERGING)
@pytest.mark.parametrize(("loss", "k"), [("mse", 1), ("mse", 3)])
def test_divergence_ends_the_run_and_names_the_update(loss, k, settings):
    training = run(data(k=k, loss=loss), **settings)
    updates = list(training)
    assert training.diverged
    assert len(updates) == training.updates_done < training.total_updates
    assert training.failure.update == len(updates) + 1
    assert training.failure.epoch == len(updates) // training.plan.updates + 1
    assert not np.isfinite(training.failure.loss)
    assert training.last is updates[-1]


@pytest.mark.parametrize("settings", DIVERGING)
def test_history_of_a_diverged_run_is_finite(settings):
    training = run(**settings)
    training.advance()
    assert training.diverged
    for array in training.history:
        assert np.isfinite(array).all()
    assert len(training.history.batch_loss) == training.updates_done
    assert len(training.history.train_loss) == training.epochs_done


@pytest.mark.parametrize("settings", DIVERGING)
def test_weights_of_a_diverged_run_are_those_before_the_update_that_failed(settings):
    training, before = run(**settings), run(**settings)
    training.advance()
    before.advance(updates=training.failure.update - 1)
    assert not before.diverged
    assert same(training, before)


def test_the_failure_holds_the_rows_whose_loss_was_not_finite():
    training = run(learning_rate=1e150, activation="relu")
    training.advance()
    assert not np.isfinite(training.loss_of(training.failure.rows))
    assert not np.isfinite(training.evaluate("train").loss)
    expected = np.concatenate(list(minibatches(streams(0).order, N, 7)))
    start = (training.failure.update - 1) * 7
    np.testing.assert_array_equal(training.failure.rows, expected[start : start + 7])


def one_row_too_large():
    """Data of which the rows 7 to 13 alone, second batch of an unshuffled run, have a loss beyond floats."""
    dataset = data()
    dataset.X_train[10] = 1e200
    return run(dataset, hidden=(), shuffle=False)


def test_a_run_that_has_not_failed_is_not_diverged():
    training = run()
    training.advance()
    assert not training.diverged
    assert training.failure is None


@pytest.mark.parametrize("way", [iterate, by_seven, by_epochs, by_moments])
def test_a_diverged_run_goes_no_further(way):
    training = one_row_too_large()
    training.advance()
    failure, weights = training.failure, parameters(training)
    assert failure.update == 2
    for _ in range(9):
        way(training)
        assert training.advance() == 0
    assert training.updates_done == 1
    assert training.failure is failure
    np.testing.assert_array_equal(parameters(training), weights)


def validation_too_large():
    dataset = data()
    return run(dataset._replace(X_val=1e200 * dataset.X_val), hidden=())


def training_row_too_large():
    """Data with a training row that no whole batch holds, whose loss is beyond floats."""
    dataset = data()
    dataset.X_train[N - 1] = 1e200
    return run(dataset, hidden=(), shuffle=False, last_batch="drop")


@pytest.mark.parametrize("share", [0, math.inf])
@pytest.mark.parametrize("make", [validation_too_large, training_row_too_large])
def test_a_split_whose_loss_is_not_finite_at_the_end_is_a_divergence(make, share):
    planned = make()
    training = Training(planned.dataset, planned.settings, evaluate_share=share)
    assert training.advance() == training.total_updates == 4 * training.plan.updates
    assert training.diverged
    assert (training.failure.update, training.failure.epoch) == (training.total_updates, 4)
    assert training.failure.loss == np.inf
    assert len(training.history.batch_loss) == training.total_updates
    assert len(training.history.epoch) == 0
    assert len(list(make())) == training.total_updates


@pytest.mark.parametrize("share", [0, math.inf])
@pytest.mark.parametrize("rate", [1.3, 20.0])
def test_where_a_run_diverges_does_not_depend_on_what_is_evaluated(rate, share):
    dataset, settings = load("plane", n=70), Settings(64, 2_000, rate, ())
    failures = []
    for pieces in (1, 7, 10_000):
        training = Training(dataset, settings, evaluate_share=share)
        while training.advance(updates=pieces):
            pass
        failures.append(training.failure.update)
    assert failures == [{1.3: 527, 20.0: 95}[rate]] * 3


@pytest.mark.parametrize("bad", [-1, math.nan, "a", None])
def test_a_bad_share_is_refused(bad):
    with pytest.raises(ValueError, match=r"^evaluate_share must be a finite number of at least 0, not "):
        Training(data(), Settings(7, 1, 0.1), evaluate_share=bad)


def test_a_run_that_is_finished_by_fewer_epochs_is_evaluated_there():
    training = Training(data(), Settings(7, 10, 0.1), evaluate_share=0)
    training.advance(epochs=3)
    assert training.history.epoch.tolist() == [1]
    training.epochs = 3
    assert training.finished
    assert training.history.epoch.tolist() == [1, 3]
    assert training.history.train_loss[-1] == training.evaluate("train").loss
    training.epochs = 2
    assert training.history.epoch.tolist() == [1, 3]


def test_weights_lost_in_the_last_update_of_all_are_a_divergence():
    training = run(learning_rate=1e300, batch_size=N, epochs=1)
    assert len(list(training)) == 1
    assert training.diverged
    assert training.failure.update == 1


# --- at the door ---


def test_targets_of_one_axis_are_refused():
    dataset = data()
    with pytest.raises(ValueError, match=r"^Y_train must have two axes, .* not shape \(23,\): .* written \(N, 1\)\.$"):
        run(dataset._replace(Y_train=dataset.Y_train[:, 0]))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["X_train", "Y_train", "X_val", "Y_val"])
def test_values_that_are_not_finite_are_refused(name, bad):
    dataset = data()
    getattr(dataset, name)[3] = bad
    with pytest.raises(ValueError, match=rf"^{name} must hold finite numbers only; row 3 does not\.$"):
        run(dataset)


@pytest.mark.parametrize(("split", "rows"), [("train", 23), ("val", 6)])
def test_unequal_rows_are_refused(split, rows):
    dataset = data()
    shorter = dataset._replace(**{f"Y_{split}": getattr(dataset, f"Y_{split}")[:-1]})
    sentence = rf"^X_{split} has {rows} rows and Y_{split} {rows - 1}: each row needs its target\.$"
    with pytest.raises(ValueError, match=sentence):
        run(shorter)


@pytest.mark.parametrize("name", ["X_train", "Y_train", "X_val", "Y_val"])
def test_no_rows_are_refused(name):
    dataset = data()
    with pytest.raises(ValueError, match=rf"^{name} must have two axes, .* at least one of each"):
        run(dataset._replace(**{name: getattr(dataset, name)[:0]}))


def test_an_unknown_loss_is_refused():
    with pytest.raises(ValueError, match=r"^loss must be one of 'mse', 'cross_entropy', not 'hinge'\.$"):
        run(data()._replace(loss="hinge"))


def test_lists_of_whole_numbers_are_data_too():
    X, Y = [[0], [1], [2], [3]], [[0], [2], [4], [6]]
    training = run(Data(X, Y, X, Y, "mse"), hidden=(), batch_size=4, epochs=500, learning_rate=0.1)
    training.advance()
    assert training.history.train_loss[-1] < 1e-6
