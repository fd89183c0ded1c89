"""Runs for the tests of the loss chart: each is trained once."""

import math
from functools import cache
from itertools import islice

from mbgd import Settings, Training, load


@cache
def short_last_batch(last_batch="keep"):
    """A run of 16 training rows in batches of 7, 7 and 2, after three epochs and two updates; and each batch's rows."""
    training = Training(
        load("sine", n=20), Settings(7, 5, 0.05, hidden=(4,), last_batch=last_batch), evaluate_share=math.inf
    )
    updates = list(islice(training, 3 * training.plan.updates + 2))
    return training, [len(update.rows) for update in updates]


@cache
def ordinary(updates=400):
    training = Training(load("sine", n=100), Settings(4, 50, 0.05, hidden=(8,)), evaluate_share=math.inf)
    training.advance(updates=updates)
    return training
