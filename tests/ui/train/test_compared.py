"""The comparison of three batch sizes: its pace, its buttons, and a sentence that agrees with its numbers."""

import re
from itertools import pairwise, product

import numpy as np
import pytest

from mbgd.charts.batch_sizes import batch_name
from mbgd.charts.words import count
from mbgd.experiments.train.comparison import three_sizes
from mbgd.experiments.train.seen import DIVERGED, HIGHER, SLOW, SOLVED, UNSETTLING, Lane, seen
from mbgd.share.choices import DEFAULT, Choices
from mbgd.ui.train import compared as module
from mbgd.ui.train.compared import (
    LIMIT,
    Compared,
    button_label,
    caveat,
    comparison_status,
    is_first_try,
    lesson,
    why,
)
from mbgd.ui.train.ghosts import letter_of
from mbgd.ui.train.numbers import spoken
from mbgd.ui.train.run import Run
from tests.ui.train.runs import LONG, PLANE, choose, data_of, make_run, weights

MANY = [
    {"data": data, "rate": rate, "seed": seed, "hidden": hidden, "epochs": 6, "size": 50}
    for data, rate, (seed, hidden) in product(
        ("spiral", "moons", "sine", "plane"), (0.001, 0.2, 2.0, 10.0), ((0, (8,)), (1, ()), (2, (4, 4)))
    )
]


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    return now


def compared(**chosen):
    run = make_run(**chosen)
    run.compare()
    run.compared.comparison.advance(run.choices.epochs, np.inf)
    run.compared.playing = False
    return run


def lane(losses, accuracy=None, diverged=None):
    losses = np.array(losses, dtype=float)
    return Lane(16, False, np.arange(len(losses)), losses, 1.0, accuracy, diverged)


# --- the decision, and its sentence ---


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (lane([1, 0.5], diverged=7), DIVERGED),
        (lane(np.linspace(1, 0.01, 50), accuracy=0.99), SOLVED),
        (lane([1, *[0.04] * 20]), SOLVED),
        (lane([1] + [0.4, 0.5] * 30), UNSETTLING),
        (lane(np.linspace(1, 0.9, 50)), SLOW),
        (lane(np.linspace(1, 1.2, 50)), HIGHER),
    ],
)
def test_what_a_run_did_is_one_of_the_kinds(made, kind):
    assert seen(made) == kind


def leading(lanes):
    going = [one for one in lanes if one.diverged is None]
    return [one.batch_size for one in going if one.last <= 1.1 * min(other.last for other in going)]


def assert_reasons(reasons, lanes):
    """The reasons have the updates of the first and the last run, and say only what their losses did."""
    noisy, exact = lanes[0], lanes[-1]
    for one in (noisy, exact):
        made = f"{batch_name(one.batch_size)} made {count(one.updates, 'update')}"
        assert (made in reasons) == (one.diverged is None)
        assert (f"{batch_name(one.batch_size)} diverged" in reasons) == (one.diverged is not None)
    if rose := re.search(r"in (\d+)% of the epochs", reasons):
        ups = [after > before for before, after in pairwise(noisy.train_loss)]
        assert int(rose[1]) == round(100 * sum(ups) / len(ups)) >= 10
        assert seen(noisy) != SOLVED
    assert ("enough" in reasons) == (seen(exact) == SOLVED)  # as the line of this run says
    assert ("little harm" in reasons) == (seen(noisy) == SOLVED)
    assert ("all the same" in reasons) == (seen(exact) in (UNSETTLING, HIGHER))
    if "still falls" in reasons:
        assert exact.tail[-1] < exact.tail[0]


def assert_caveat(says, lanes):
    """The caveat names the runs that were best, if not all were alike."""
    best = leading(lanes)
    assert bool(says) == (0 < len(best) < len(lanes))
    for one in lanes:
        assert not says or (f"{batch_name(one.batch_size)} " in says) == (one.batch_size in best)


def test_the_reasons_are_those_of_the_measured_losses():
    full = lane(np.linspace(1, 0.8, 50))._replace(batch_size=240, full=True, updates=50)
    noisy = lane([1] + [0.4, 0.6] * 30)._replace(batch_size=1, updates=12_000)
    calm = lane(np.linspace(1, 0.1, 50))._replace(batch_size=1, updates=12_000)
    lost = lane([1, 0.5], diverged=7)._replace(batch_size=1, updates=6)
    for first in (noisy, calm, lost):
        assert_reasons(why([first, full]), [first, full])
        assert_caveat(caveat([first, full]), [first, full])
    assert " 50% " in why([noisy, full._replace(train_loss=full.train_loss / 4)])
    assert "still falls" in why([calm, full])
    assert_reasons(why(both := [lost, lost._replace(batch_size=240, full=True)]), both)


@pytest.mark.parametrize("rate", [0.2, 0.05])
def test_the_caveat_stays_with_other_data_and_another_rate(rate):
    lanes = compared(data="moons", rate=rate, epochs=3).compared.comparison.lanes
    assert_caveat(caveat(lanes), lanes)
    assert caveat(lanes)


@pytest.mark.thorough
@pytest.mark.parametrize("chosen", MANY)
def test_the_sentence_agrees_with_the_numbers_beside_it(chosen):
    lanes = compared(**chosen).compared.comparison.lanes
    told = lesson(lanes, 6)
    assert told.count("<b>") == 3 + ("<b>Why:</b>" in told)
    assert_reasons(told.partition("<b>Why:</b>")[2], lanes)
    assert_caveat(caveat(lanes), lanes)
    parts = dict(re.findall(r"<b>(.*?)</b>(?: \(full batch\))?: ([^<]*)", told))
    for one in lanes:
        part, (low, high) = parts[batch_name(one.batch_size)], one.spread
        assert np.isfinite(one.train_loss).all()
        if one.diverged is not None:
            assert f"at update {one.diverged:,}" in part
            continue
        assert part.startswith(count(one.updates, "update"))
        if one.accuracy is not None:
            assert f"{one.accuracy:.1%}" in part
        wanted = [f"{low:.3g}", f"{high:.3g}"] if seen(one) == UNSETTLING else [f"{one.last:.3g}"]
        assert all(number in part for number in wanted)
        if ". Solved" in part:
            assert one.accuracy >= 0.98 if one.accuracy is not None else high <= 0.05 * one.guess
        if "more than half" in part:
            assert 0.5 * one.guess < one.last <= min(one.first, one.guess)
        if "above that of guessing" in part:
            assert one.guess < one.last <= one.first
        if "no better than guessing" in part:
            assert low >= one.guess
        if "up and down" in part:
            assert high > 1.05 * low
            assert (np.diff(one.tail) > 0).any()
        if "above its start" in part:
            assert one.last > one.first


@pytest.mark.parametrize(
    ("n_train", "chosen", "sizes"),
    [
        (240, 16, (1, 16, 240)),
        (240, 1, (1, 16, 240)),
        (240, 240, (1, 16, 240)),
        (16, 1, (1, 4, 16)),
        (240, 64, (1, 64, 240)),
        (2, 1, (1, 2)),
    ],
)
def test_three_sizes_are_the_ends_and_one_between(n_train, chosen, sizes):
    assert three_sizes(n_train, chosen) == sizes
    assert button_label(Choices(batch=chosen), n_train).count(",") == len(sizes) - 1


# --- the runs are plain runs, from the same first weights ---


def test_each_run_is_the_one_that_train_makes():
    run = compared(**PLANE, epochs=3)
    for runner, mode in zip(run.compared.comparison.runners, ("sgd", "mini", "full"), strict=True):
        alone = make_run(**PLANE, epochs=3, mode=mode)
        alone.training.advance()
        assert (
            np.concatenate([np.append(W.ravel(), b) for W, b, _ in runner.layers]).tolist() == weights(alone).tolist()
        )
        history = alone.training.history  # on a busy machine Train does not evaluate every epoch
        at = history.epoch_update // alone.training.plan.updates
        assert np.array(runner.train_loss)[at].tolist() == history.train_loss.tolist()


def test_all_epochs_take_eight_seconds_and_no_longer(clock):
    made = Compared(Choices(epochs=80), data_of(Choices()))
    done = []
    for _ in range(24):
        made.play(LONG)
        done.append(made.comparison.done)
        clock[0] += 0.4
    assert done[:4] == [1, 5, 9, 13]
    assert done[-1] == 80
    assert not made.playing
    assert comparison_status(made, False)[0] == "good"


def test_a_machine_that_is_too_slow_stops_at_the_limit_and_says_so(clock):
    made = Compared(Choices(epochs=10_000), data_of(Choices()))
    while made.playing:
        made.play(1e-9)
        clock[0] += 0.4
    assert 0 < made.comparison.done < 10_000
    assert count(made.comparison.done, "epoch") in comparison_status(made, False)[1]
    assert f"{made.clock:.0f} s" in comparison_status(made, False)[1]
    assert LIMIT <= made.clock < LIMIT + 1
    made.go_on()
    made.play(1e-9)
    assert made.playing


def test_the_time_left_follows_from_the_pace_so_far(clock):
    made = Compared(Choices(epochs=80), data_of(Choices()))
    made.play(LONG)
    assert made.seconds_left is None
    for _ in range(5):
        clock[0] += 0.4
        made.play(LONG)
    assert made.seconds_left == pytest.approx(made.clock * (80 - made.comparison.done) / made.comparison.done)
    assert 4 < made.seconds_left < 8


def test_time_in_which_nobody_drew_does_not_count(clock):
    made = Compared(Choices(epochs=80), data_of(Choices()))
    made.play(LONG)
    clock[0] += 1_000
    made.play(LONG)
    assert made.comparison.done <= 6


# --- the buttons ---


def test_pause_go_on_and_a_second_press_keep_the_same_comparison():
    run = make_run(**PLANE)
    run.compare()
    first = run.compared
    run.compare()
    assert run.compared is first
    run.pause()
    assert not first.playing
    run.compare()
    assert run.compared is first
    assert first.playing


def test_each_of_the_three_leaves_a_named_curve_and_its_picture_when_something_else_is_trained():
    run = compared(**PLANE, epochs=3)
    run.step(updates=1)
    assert run.compared is None
    assert len(run.ghosts) == 3
    for ghost, name in zip(run.ghosts, ("B = 1,", "B = 16,", "B = 240,"), strict=True):
        assert name in ghost.title
        assert ghost.picture.startswith("data:image/png;base64,")
        assert len(ghost.curve.train_loss) == 4
    assert len(run.ghosts.drawn(run.choices, run.dataset.loss)) == 3


def test_a_run_before_the_comparison_stays_as_a_curve():
    run = make_run(**PLANE)
    run.step(epochs=1)
    run.compare()
    assert len(run.ghosts) == 1
    assert run.training.updates_done == 0


@pytest.mark.parametrize("change", [{"rate": 0.5}, {"seed": 3}, {"batch": 8}, {"data": "moons"}, {"epochs": 7}])
def test_a_change_of_settings_pauses_the_comparison_and_keeps_what_it_showed(change):
    run = make_run(**PLANE)
    run.compare()
    run.compared.comparison.advance(3, np.inf)
    old = run.compared
    choose(run, **change)
    assert not old.playing
    assert run.compared is old
    assert comparison_status(old, run.compared_stale)[0] == "changed"
    run.compare()
    assert run.compared is not old
    assert len(run.ghosts) == 3
    assert run.compared.choices == run.chosen


def test_reset_keeps_the_curves_of_the_comparison_and_forget_all_does_not():
    run = compared(**PLANE, epochs=2)
    run.reset()
    assert run.compared is None
    assert [ghost.curve.mark for ghost in run.ghosts] == ["a", "b", "c"]
    run.ghosts.forget_all()
    assert len(run.ghosts) == 0


@pytest.mark.parametrize(
    "away",
    [
        lambda run: run.step(updates=1),
        lambda run: run.train(),
        lambda run: choose(run, rate=0.5) or run.step(updates=1),
    ],
)
def test_a_stopped_comparison_goes_on_after_something_else_was_trained(away):
    run = make_run(**PLANE)
    run.compare()
    run.compared.comparison.advance(3, np.inf)
    first = run.compared
    run.pause()
    away(run)
    assert run.compared is None
    letters = [(ghost.number, ghost.curve.mark) for ghost in run.ghosts]
    run.ghosts.change(letters[0][0], name="mine")
    choose(run, rate=PLANE["rate"])
    assert run.goes_on_comparing
    run.compare()
    assert run.compared is first
    assert first.playing
    assert not [ghost for ghost in run.ghosts if ghost.number in dict(letters)]  # drawn as themselves, and once
    run.step(updates=1)
    again = [ghost for ghost in run.ghosts if ghost.number in dict(letters)]
    assert [(ghost.number, ghost.curve.mark) for ghost in again] == letters
    assert again[0].title == "mine"


def test_a_comparison_that_has_ended_begins_again_and_says_so():
    run = compared(**PLANE, epochs=2)
    first = run.compared
    assert not run.goes_on_comparing
    assert run.compares_again
    run.compare()
    assert run.compared is not first
    assert len(run.ghosts) == 0  # the same three runs, drawn as themselves
    assert not run.compares_again


def test_a_letter_once_given_stays_with_its_run_and_is_given_once():
    run = make_run(**PLANE)
    for batch in (8, 4, 32, 64):
        run.step(epochs=1)
        choose(run, batch=batch)
    run.step(epochs=1)
    assert [ghost.curve.mark for ghost in run.ghosts] == ["a", "b", "c", "d"]
    run.ghosts.delete(2)
    assert [ghost.curve.mark for ghost in run.ghosts] == ["a", "c", "d"]
    choose(run, batch=16)  # the run of letter a, once more
    run.step(epochs=2)
    choose(run, batch=2)
    run.step(epochs=1)
    marks = [ghost.curve.mark for ghost in run.ghosts]
    assert len(set(marks)) == len(marks)
    assert "b" not in marks
    assert {ghost.curve.mark for ghost in run.ghosts if "B = 16," in ghost.curve.label} == {"a"}
    assert [letter_of(number) for number in (1, 26, 27, 53)] == ["a", "z", "a2", "a3"]


def test_the_second_try_is_offered_after_the_default_only():
    assert is_first_try(DEFAULT)
    assert is_first_try(Choices(seed=5, mode="full"))
    assert not is_first_try(Choices(rate=0.1))
    assert isinstance(Run(DEFAULT, data_of(DEFAULT)), Run)


# --- the list of earlier runs ---


def test_an_earlier_run_can_be_named_hidden_and_deleted():
    run = compared(**PLANE, epochs=2)
    run.step(updates=1)
    one, two, three = (ghost.number for ghost in run.ghosts)
    run.ghosts.change(one, name="  <b>mine</b>  ")
    run.ghosts.change(two, hidden=True)
    run.ghosts.delete(three)
    drawn = run.ghosts.drawn(run.choices, run.dataset.loss)
    assert [curve.label for curve in drawn] == ["<b>mine</b>"]
    assert len(run.ghosts) == 2
    run.ghosts.change(one, name="")
    assert next(iter(run.ghosts)).title.startswith("plane, B = 1,")


def test_a_screen_reader_hears_of_a_comparison_with_its_losses():
    run = compared(data="moons", epochs=3)
    said = spoken(run)
    assert "<" not in said
    for one in run.compared.comparison.lanes:
        assert f"{one.last:.3g}" in said
    run.compared.playing = True
    assert spoken(run) != said
