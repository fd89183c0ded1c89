"""The order_seed alone decides the batches, in every experiment that draws some."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import mbgd
from mbgd import Settings, Training, load
from mbgd.experiments.frameworks.comparison import compare
from mbgd.experiments.gradient_check.check import check_gradient
from mbgd.experiments.gradients import parameters
from mbgd.experiments.loop.ways import first_epoch
from mbgd.experiments.mistakes.bug import Case
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.checks import CHECKS
from mbgd.experiments.mistakes.side_by_side import RunPlan, side_by_side
from mbgd.experiments.mistakes.stability import search_edge
from mbgd.experiments.modes.cost import lane_costs
from mbgd.experiments.modes.race import race
from mbgd.experiments.modes.rules import Rules
from mbgd.experiments.plain import Parts, first_batch, plain_training, start
from mbgd.experiments.shapes.doubling import doubling
from mbgd.experiments.shapes.walk import BATCHES, walk
from mbgd.experiments.step import finish

SETTINGS = Settings(8, 2, 0.05, (3,), "tanh")
SINE = load("sine", n=45)  # 36 rows of training: 4 batches of 8, and one of 4
RACE = Rules((4, 9), seeds=2, limit="epochs", most=2)


def train(dataset, settings, parts=None):
    return [update.rows for update in plain_training(start(dataset, settings), dataset, settings, parts)]


def train_with(bug, dataset, settings):
    return train(dataset, settings, BUGS[bug].parts(dataset, settings))


EXPERIMENTS = {
    "training": lambda data, settings: [update.rows for update in Training(data, settings)],
    "plain training": train,
    "the first batch": first_batch,
    "the first epoch of the three ways": first_epoch,
    "a check of the gradient": lambda data, settings: finish(
        check_gradient(data, settings, start(data, settings), np.random.Generator(np.random.PCG64(0)), Parts())
    ),
    "a comparison of programs": lambda data, settings: finish(compare(data, settings, {}, rounds=1)),
    "a race": lambda data, settings: finish(race(data, settings, RACE)),
    "the cost of a race's lane": lambda data, settings: lane_costs(data, settings, RACE, RACE.batch_sizes[:1]),
    "training twice the rows": lambda data, settings: finish(doubling(data, settings, "first")),
    "two trainings side by side": lambda data, settings: finish(
        side_by_side(RunPlan(data, settings), RunPlan(data, replace(settings, batch_size=4)))
    ),
    "the search for the largest rate": lambda data, settings: list(islice(search_edge(data, settings, 0.5), 2)),
    **{
        f"a walk through the batch {which!r}": lambda data, settings, which=which: walk(data, settings, which)
        for which in BATCHES
    },
    **{
        f"the check {name!r}": lambda data, settings, name=name: CHECKS[name](data, settings, Parts())
        for name in CHECKS
    },
}
# A bug may draw batches of its own, or draw none because that is what is wrong with it.
OF_BUGS = {
    **{f"training with {name}": lambda data, settings, name=name: train_with(name, data, settings) for name in BUGS},
    **{
        f"the proof of {name}": lambda data, settings, name=name: finish(
            BUGS[name].prove(BUGS[name], Case(data, settings))
        )
        for name in BUGS
        if name != "carried_over"  # counts rows on a generator of its own
    },
}


@pytest.fixture
def orders_of(monkeypatch):
    """Run an experiment and return the orders of rows that it draws from any generator made for a seed."""
    drawn = []

    class Recording(np.random.Generator):
        def permutation(self, x, axis=0):
            order = super().permutation(x, axis)
            if isinstance(x, int):
                drawn.append(order.tolist())
            return order

    def recorded(experiment, settings):
        drawn.clear()
        with monkeypatch.context() as patched:
            patched.setattr(np.random, "default_rng", lambda seed: Recording(np.random.PCG64(seed)))
            experiment(SINE, settings)
        return list(drawn)

    return recorded


def assert_follows(orders_of, experiment):
    """One order_seed gives the same orders whatever the seed, and another gives others; returns the orders."""
    first = orders_of(experiment, replace(SETTINGS, seed=0, order_seed=5))
    same = orders_of(experiment, replace(SETTINGS, seed=1, order_seed=5))
    other = orders_of(experiment, replace(SETTINGS, seed=0, order_seed=6))
    own = orders_of(experiment, replace(SETTINGS, seed=5))
    orders, expected = [set(map(tuple, each)) for each in (same, own, other)], set(map(tuple, first))
    # The clock may decide how many orders an experiment draws, and in which turn its runs draw theirs.
    assert all(found <= expected or found >= expected for found in orders[:2])
    assert all(bool(found) == bool(expected) for found in orders)
    assert not orders[2] & expected
    return expected


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_batches_follow_the_order_seed_alone(name, orders_of):
    assert assert_follows(orders_of, EXPERIMENTS[name])


@pytest.mark.parametrize("name", OF_BUGS)
def test_so_do_those_of_a_bug_if_it_draws_any(name, orders_of):
    assert_follows(orders_of, OF_BUGS[name])


def test_what_a_batch_decides_changes_with_the_order_seed():
    """The recorded orders are those that are used."""
    settings = [replace(SETTINGS, order_seed=order_seed) for order_seed in (5, 5, 6)]
    for result in (
        lambda one: [rows.tolist() for rows in train(SINE, one)],
        lambda one: walk(SINE, one, "first").rows.tolist(),
        lambda one: first_epoch(SINE, one).X.tolist(),
        lambda one: finish(race(SINE, one, RACE)).lanes[0].train_loss.tolist(),
        lambda one: parameters_after(one),
    ):
        first, again, other = map(result, settings)
        assert first == again
        assert first != other


def parameters_after(settings):
    training = Training(SINE, settings)
    training.advance()
    return parameters(training.layers).tolist()


def test_no_file_takes_the_order_from_the_seed_itself():
    """Settings.order() is the one way to the stream of the batches."""
    package = Path(mbgd.__file__).parent
    users = {
        path.relative_to(package).as_posix() for path in package.rglob("*.py") if "streams(" in path.read_text("utf-8")
    }
    assert users == {"engine/randomness.py", "engine/settings.py", "data/catalogue.py", "data/own/prepared.py"}
