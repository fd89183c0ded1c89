"""A short race for all tests of races."""

import pytest

from mbgd import Settings, load
from mbgd.experiments.modes.race import race
from mbgd.experiments.modes.rules import Rules
from mbgd.experiments.step import finish

SETTINGS = Settings(1, 1, 0.02)


@pytest.fixture(scope="package")
def dataset():
    return load("diabetes")


@pytest.fixture(scope="package")
def run(dataset):
    return finish(race(dataset, SETTINGS, Rules((1, 32, 353), seeds=3, limit="epochs", most=8)))
