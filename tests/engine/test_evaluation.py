"""The loss over all rows of a split, with its accuracy."""

import numpy as np
import pytest

from mbgd.engine.evaluation import EVALUATED_AT_ONCE
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import predict
from tests.engine.runs import N, data, run, same


@pytest.mark.parametrize("n_train", [1, 23, EVALUATED_AT_ONCE, EVALUATED_AT_ONCE + 1, 1_300])
@pytest.mark.parametrize(("loss", "k"), [("mse", 2), ("cross_entropy", 3)])
def test_evaluation_is_the_loss_over_all_rows_at_once(loss, k, n_train):
    training = run(data(n_train, k, loss))
    X, Y = training.dataset.X_train, training.dataset.Y_train
    expected = pytest.approx(LOSSES[loss].function(Y, predict(training.layers, X)), rel=1e-12)
    assert training.evaluate("train").loss == training.start["train"].loss == expected


def test_evaluation_of_validation_rows_takes_those():
    training = run()
    _, _, X, Y, _ = training.dataset
    assert training.evaluate("val").loss == pytest.approx(LOSSES["mse"].function(Y, predict(training.layers, X)))
    assert training.start["val"] == training.evaluate("val") != training.evaluate("train")


@pytest.mark.parametrize("n_train", [23, 1_300])
def test_accuracy_is_the_share_of_rows_classed_right(n_train):
    training = run(data(n_train, 3, "cross_entropy"), epochs=2)
    training.advance()
    X, Y = training.dataset.X_train, training.dataset.Y_train
    right = [np.argmax(predict(training.layers, x[None])) == np.argmax(y) for x, y in zip(X, Y, strict=True)]
    assert training.evaluate("train").accuracy == np.mean(right)
    assert 0 < np.mean(right) < 1


def test_regression_has_no_accuracy():
    assert run().evaluate("train").accuracy is None


def test_evaluation_of_an_unknown_split_raises():
    with pytest.raises(ValueError, match=r"^split must be one of 'train', 'val', not 'test'"):
        run().evaluate("test")


def test_between_two_updates_the_rows_are_looked_at_once():
    training = run()
    for _ in range(3):
        next(training)
        now = training.evaluate("train")
        assert training.evaluate("train") is now
        assert now.loss == pytest.approx(training.loss_of(np.arange(N)), rel=1e-12)
        assert training.evaluate("val") != now


def test_evaluation_neither_trains_nor_counts():
    training, twin = run(), run()
    for _ in training:
        training.evaluate("train")
        training.loss_of(np.arange(5))
    twin.advance()
    assert same(training, twin)
