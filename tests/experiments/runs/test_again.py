"""A run made again: through its learning rates, in short steps, to the update that it ended at or that failed."""

import numpy as np

from mbgd import Settings, Training, load
from mbgd.experiments.runs.again import made_again
from mbgd.experiments.step import finish


def training(rate=0.1, **settings):
    return Training(load("sine", n=40), Settings(8, 50, rate, hidden=(4,), **settings))


def test_the_rates_change_where_they_did():
    one = training()
    one.advance(updates=7)
    one.learning_rate = 0.3
    one.advance(updates=9)
    again = finish(made_again(training(), [(7, 0.1), (16, 0.3)]))
    assert again.rates == one.rates == [(0, 0.1), (7, 0.3)]
    assert again.updates_done == 16
    np.testing.assert_array_equal(again.layers[0].W, one.layers[0].W)


def test_only_the_last_step_is_complete_and_shares_rise():
    shares = [step.share for step in made_again(training(), [(10, 0.1), (20, 0.2)])]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert all(share < 1 for share in shares[:-1])


def test_a_run_that_diverges_ends_there():
    failing = Training(load("plane", n=40), Settings(8, 500, 10.0, hidden=()))
    again = finish(made_again(failing, [(2_000, 10.0)]))
    assert again.diverged
    assert again.updates_done < 2_000
