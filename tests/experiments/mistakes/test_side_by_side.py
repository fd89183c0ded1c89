"""Two trainings side by side: the right one is Training's, diverged runs are named, and curves are judged."""

from dataclasses import replace

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.side_by_side import (
    MOST_UPDATES,
    RunPlan,
    Side,
    SideBySide,
    classify,
    classify_rows,
    shortened,
    side_by_side,
    stops_at_constant,
)
from mbgd.experiments.step import finish


def ran(name, settings, data="plane", **options):
    dataset = BUGS[name].data(load(data, **options))
    right = replace(settings, shuffle=True) if name == "no_shuffle_sorted" else settings
    return finish(
        side_by_side(RunPlan(dataset, right), RunPlan(dataset, settings, BUGS[name].parts(dataset, settings)))
    )


def side(*losses, diverged=None, unused=(0,), never_used=0, sizes=(4, 4)):
    return Side(
        np.arange(len(losses), dtype=float), np.array(losses, float), len(losses), diverged, unused, never_used, sizes
    )


def test_the_right_side_ends_where_training_does():
    dataset, settings = load("diabetes"), Settings(32, 10, 0.02, (4,))
    result = finish(side_by_side(RunPlan(dataset, settings), RunPlan(dataset, replace(settings, learning_rate=0.01))))
    training = Training(dataset, settings)
    training.advance()
    assert result.right.losses[0] == pytest.approx(training.start["train"].loss, rel=1e-12)
    assert result.right.losses[-1] == pytest.approx(training.history.train_loss[-1], rel=1e-10)
    assert result.right.done == result.right.updates[-1] == training.updates_done == result.total
    assert result.right.unused == (0,) * 10
    assert result.right.sizes == (353 % 32, 32)


def test_steps_go_on_to_one_and_their_results_are_never_changed():
    dataset, settings = load("digits"), Settings(4, 3, 0.02, (16,))
    steps = list(side_by_side(RunPlan(dataset, settings), RunPlan(dataset, settings), RunPlan(dataset, settings)))
    shares = [step.share for step in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1 > shares[-2]
    assert len(steps) > 4
    first, last = steps[0].result, steps[-1].result
    assert first.right.done < last.right.done
    assert len(first.right.updates) == len(first.right.losses)
    assert last.third.losses.tolist() == last.right.losses.tolist() == last.broken.losses.tolist()


def test_a_run_that_diverges_stops_alone_and_names_the_update():
    result = ran("summed", Settings(16, 20, 0.2, ()))
    assert result.broken.diverged
    assert result.broken.diverged - 1 <= result.broken.done <= result.broken.diverged < result.right.done
    assert np.isfinite(result.broken.losses).all()
    assert result.right.diverged is None


def test_a_long_run_is_shortened_but_not_below_three_epochs():
    settings = Settings(16, 100, 0.1)
    assert shortened(settings, 353) == settings
    assert shortened(replace(settings, epochs=10_000), 353).epochs == MOST_UPDATES // 23
    assert shortened(replace(settings, batch_size=1), 100_000).epochs == 3
    assert shortened(replace(settings, batch_size=1, epochs=2), 100_000).epochs == 2


# --- judging curves ---


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (side(4, 2, 1), "same"),
        (side(4, 2, 1.05), "same"),
        (side(4, 2, 1.3), "higher"),
        (side(4, 2, 0.7), "lower"),
        (side(4, 3.9, 1), "same"),  # the way there does not decide: the losses beside the marking are the final ones
        (side(4, 1, 1), "same"),
        (side(4, 9, 99, diverged=3), "explodes"),
    ],
)
def test_curves_are_told_apart(broken, expected):
    assert classify(side(4, 2, 1), broken) == expected


def test_a_correct_run_that_diverges_is_worse_than_a_broken_one_that_does_not():
    assert classify(side(4, 99, diverged=2), side(4, 3, 2)) == "lower"
    assert classify(side(4, 99, diverged=2), side(4, 99, diverged=2)) == "explodes"


def test_a_loss_of_zero_can_be_judged():
    assert classify(side(1, 0, 0), side(1, 0, 0)) == "same"
    assert classify(side(1, 0, 0), side(1, 1, 1)) == "higher"


@pytest.mark.parametrize(
    ("right", "broken", "expected"),
    [(0.3, 1.02, True), (0.3, 0.5, False), (0.97, 1.0, False), (0.3, 3.0, False)],
)
def test_stopping_at_the_best_constant_needs_a_right_training_that_went_below(right, broken, expected):
    assert stops_at_constant(SideBySide(side(5, right), side(5, broken), 1.0, 1)) is expected


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (side(1, unused=(0, 0)), "once"),
        (side(1, unused=(3, 3), never_used=0), "others"),
        (side(1, unused=(3, 3), never_used=3), "never"),
        (side(1, unused=(3, 2), sizes=(4, 7)), "larger"),
    ],
)
def test_rows_are_told_apart(broken, expected):
    assert classify_rows(side(1), broken) == expected


# --- what the bugs do, measured ---


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("summed", Settings(16, 20, 0.2, ()), "explodes"),
        ("summed", Settings(16, 20, 0.0005, ()), "lower"),
        ("summed", Settings(1, 5, 0.01, ()), "same"),
        ("averaged_twice", Settings(60, 20, 0.1, ()), "higher"),
        ("averaged_twice", Settings(1, 5, 0.01, ()), "same"),
        ("averaged_twice", Settings(60, 60, 1.5, ()), "lower"),
        ("divided_by_b_alone", Settings(16, 20, 1.5, ()), "explodes"),
        ("divided_by_b_alone", Settings(240, 20, 0.05, ()), "lower"),
        ("no_shuffle_sorted", Settings(4, 20, 0.2, ()), "higher"),
        ("no_shuffle_sorted", Settings(240, 20, 0.2, ()), "same"),
        ("shuffled_apart", Settings(16, 20, 0.02, ()), "higher"),
        ("last_dropped", Settings(50, 40, 0.1, ()), "same"),
        ("carried_over", Settings(50, 40, 0.1, ()), "same"),
    ],
)
def test_what_a_bug_does_to_the_loss_depends_on_the_settings(name, settings, expected):
    result = ran(name, settings)
    assert classify(result.right, result.broken) == expected


@pytest.mark.parametrize("data", ["diabetes", "moons", "digits"])
def test_shuffled_apart_the_loss_stops_at_the_best_constant(data):
    result = ran("shuffled_apart", Settings(64, 40, 0.05, ()), data)
    assert stops_at_constant(result)
    assert result.broken.end == pytest.approx(result.constant, rel=0.1)


@pytest.mark.parametrize(
    ("name", "options", "expected", "unused", "sizes"),
    [
        ("last_dropped", {}, "others", (40,) * 4, (50, 50)),
        ("last_dropped", {"shuffle": False}, "never", (40,) * 4, (50, 50)),
        ("last_dropped", {"batch_size": 40}, "once", (0,) * 4, (40, 40)),
        ("carried_over", {}, "larger", None, (50, 90)),
        ("carried_over", {"epochs": 1}, "never", (40,), (50, 50)),
        ("carried_over", {"batch_size": 40}, "once", (0,) * 4, (40, 40)),
    ],
)
def test_what_a_bug_does_to_the_rows_depends_on_the_settings(name, options, expected, unused, sizes):
    result = ran(name, Settings(**{"batch_size": 50, "epochs": 4, "learning_rate": 0.05, "hidden": ()} | options))
    assert classify_rows(result.right, result.broken) == expected
    assert unused is None or result.broken.unused == unused
    assert result.broken.sizes == sizes
