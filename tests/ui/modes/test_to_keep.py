"""What to keep of Three modes: its numbers are those of the runs, also when they show the opposite."""

from dataclasses import replace

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.experiments.modes.exhaustion import every_size
from mbgd.experiments.modes.lanes import Failure
from mbgd.experiments.modes.noise import noise, noise_sizes, quarter_pair
from mbgd.experiments.modes.race import race
from mbgd.experiments.modes.rules import Rules
from mbgd.experiments.modes.surface import descent, one_input, ratio_of_lengths
from mbgd.experiments.plain import start
from mbgd.experiments.step import finish
from mbgd.ui.modes.race import marked_decision
from mbgd.ui.modes.to_keep import AMOUNT, of_exhaustion, of_noise, of_race, of_surface, to_keep
from tests.pages.app import numbers

SETTINGS = Settings(1, 1, 0.02)


@pytest.fixture(scope="module")
def dataset():
    return load("diabetes")


@pytest.fixture(scope="module")
def run(dataset):
    return finish(race(dataset, SETTINGS, Rules((1, 16, 353), seeds=2, limit="epochs", most=30)))


def with_losses(run, *losses):
    """The race with the same lanes, each with these losses at its first and last checkpoint."""
    lanes = [
        replace(
            lane,
            update=np.array([0, 10]),
            train_loss=np.array([[4.0, 4.0], [loss, loss]]),
            seconds=np.array([[0.0, 0.0], [0.01, 0.01]]),
        )
        for lane, loss in zip(run.lanes, losses, strict=True)
    ]
    return replace(run, lanes=tuple(lanes))


def test_the_winners_and_their_prices_are_those_of_the_race_at_the_line_of_the_page(run):
    least, compared = of_race(run)
    target, _, paid, best, *_ = marked_decision(run)
    assert numbers(least)[0] == float(f"{target:.3g}")
    for axis, text in AMOUNT.items():
        assert text(min(getattr(price, axis) for price in paid)) in least
    assert all(f"B = {size}" in least for sizes in best.values() for size in sizes)
    assert ("No batch size" in compared) == (not set.intersection(*(set(best[axis]) for axis in AMOUNT)))


def test_one_winner_on_all_axes_is_said(run):
    won = of_race(with_losses(run, 3.9, 1.0, 3.9))
    assert "B = 16 was best" in won[1]
    assert [number for number in numbers(won[0]) if number in (1, 16, 353)] == [16, 16, 16]


def test_a_race_that_shows_nothing_says_so(run):
    for losses in ((1e3, 1e3, 1e3), (4.5, 4.5, 4.5)):
        shown = with_losses(run, *losses)
        (said,) = of_race(shown)
        assert numbers(said)[-1] == float(f"{marked_decision(shown).target:.3g}")
    lost = (Failure(0, 5, 1), Failure(1, 7, 1))
    away = with_losses(run, np.inf, np.inf, np.inf)
    (said,) = of_race(replace(away, lanes=tuple(replace(lane, failures=lost) for lane in away.lanes)))
    assert "all diverged" in said
    lanes = (replace(run.lanes[0], failures=lost[:1]), *run.lanes[1:])
    assert numbers(of_race(replace(run, lanes=lanes))[-1]) == [2, 1, 1]


def test_the_ratio_of_the_paths_and_climbing_paths(dataset):
    line = one_input(dataset, 2)
    found = finish(descent(line, (1, 353), 0.05, 50, 0))
    assert f"{ratio_of_lengths(found):.3g}" in of_surface(found)[0]
    away = finish(descent(line, (1, 353), 3.0, 50, 0))
    assert away.all_climb
    assert numbers(of_surface(away)[0])[-2:] == [3, float(f"{away.surface.limit:.3g}")]


def test_the_noise_falls_by_the_measured_factor(dataset):
    found = finish(noise(start(dataset, SETTINGS), dataset, noise_sizes(353), 50, np.random.default_rng(0)))
    small, large = quarter_pair(found.sizes)
    assert f" {found.squared[large] / found.squared[small]:.3g} of its value. The formula " in of_noise(found)[0]
    off = replace(found, squared=2 * found.squared, squared_error=found.squared_error / 100)
    assert "But the formula " in of_noise(off)[0]


def test_the_mean_of_all_batches(dataset):
    sizes = finish(every_size(start(dataset, SETTINGS), dataset.X_train[:4], dataset.Y_train[:4], "mse"))
    assert numbers(of_exhaustion(sizes)[0])[0] == 15
    assert "equals" in of_exhaustion(sizes)[0]
    wrong = tuple(found._replace(gradients=2 * found.gradients) for found in sizes)
    assert "differs" in of_exhaustion(wrong)[0]


def test_all_runs_that_are_complete_are_kept(run):
    assert to_keep({"race": run}) == of_race(run)
    assert to_keep({}) == []
    *_, last = to_keep({"race": run}, {"race": "sine, seed 3"})
    assert last.startswith(of_race(run)[-1])
    assert "sine, seed 3" in last
