"""What the page Train puts into the list of the page Runs, and when; and a run that comes back from there."""

import numpy as np
import pytest

from mbgd.share.runs.store import Runs
from mbgd.ui.train.run import Stage
from tests.ui.train.runs import choose, data_of, make_run, weights

SMALL = {"data": "moons", "size": 40, "hidden": (4,), "epochs": 5, "rate": 0.2}


def ended(run):
    run.training.advance()
    run.note_ended()
    return run


def test_a_run_is_put_there_when_it_has_ended_and_once():
    run = make_run(**SMALL)
    run.step(updates=3)
    run.note_ended()
    assert len(run.runs) == 0
    ended(run).note_ended()
    (one,) = run.runs
    assert (one.updates, one.pinned, one.choices) == (10, False, run.choices)
    assert one.final("val") == run.training.evaluate("val").loss
    np.testing.assert_array_equal(one.layers[0].W, run.training.layers[0].W)


@pytest.mark.parametrize("replace_it", ["reset", "train", "compare", "step"])
def test_no_ended_run_is_lost_whatever_takes_its_place(replace_it):
    run = make_run(**SMALL)
    run.training.advance()
    choose(run, seed=4)
    {"step": lambda: run.step(updates=1)}.get(replace_it, getattr(run, replace_it))()
    assert [one.updates for one in run.runs] == [10]


def test_a_run_that_goes_on_takes_its_own_place_until_it_is_pinned():
    run = ended(make_run(**SMALL))
    choose(run, epochs=7)
    assert [one.updates for one in ended(run).runs] == [14]
    run.pin()
    choose(run, epochs=9)
    assert [(one.updates, one.pinned) for one in ended(run).runs] == [(14, True), (18, False)]


def test_a_rate_that_is_set_before_the_first_update_is_that_of_the_run():
    run = ended(make_run(**SMALL))
    run.reset()
    choose(run, rate=0.1)
    ended(run)
    assert [one.rates for one in run.runs] == [((0, 0.2),), ((0, 0.1),)]
    choose(run, rate=0.3)
    run.reset()  # the fresh network has another rate, so the curve stays
    (ghost,) = run.ghosts
    assert "rate 0.1" in ghost.curve.label


def test_another_rate_on_the_way_is_another_run():
    run = ended(make_run(**SMALL))
    choose(run, epochs=7, rate=0.1)
    ended(run)
    assert [one.rates for one in run.runs] == [((0, 0.2),), ((0, 0.2), (10, 0.1))]


def test_the_runs_of_a_comparison_come_when_it_ends_or_is_pinned():
    run = make_run(**SMALL)
    run.compare()
    comparison = run.compared.comparison
    comparison.advance(2, np.inf)
    run.note_ended()
    assert len(run.runs) == 0
    run.pin()
    assert [one.batch_size for one in run.runs] == [1, 16, 32]
    assert all(one.pinned and one.history.epochs[-1] == 2 for one in run.runs)
    comparison.advance(5, np.inf)
    run.reset()
    assert len(run.runs) == 6
    last = list(run.runs)[-3:]
    for one, runner in zip(last, comparison.runners, strict=True):
        assert one.updates == runner.training.updates_done
        np.testing.assert_array_equal(one.history.train_loss, runner.train_loss)
        assert one.history.rows[-1] == 5 * 32


def test_the_same_run_alone_and_in_a_comparison_is_listed_once():
    run = ended(make_run(**SMALL))
    run.compare()
    run.compared.comparison.advance(5, np.inf)
    run.note_ended()
    assert sorted(one.batch_size for one in run.runs) == [1, 16, 32]


def test_a_run_within_an_epoch_has_its_last_losses():
    run = make_run(**SMALL)
    run.step(updates=3)
    run.pin()
    (one,) = run.runs
    assert one.history.updates[-1] == 3
    assert one.final("train") == run.training.evaluate("train").loss


def test_a_run_comes_back_with_its_rates_and_what_was_there_stays_as_a_curve():
    run = make_run(**SMALL)
    run.step(updates=6)
    choose(run, rate=0.05)
    ended(run)
    (one,), before = run.runs, weights(run)
    choose(run, seed=5)
    run.step(updates=2)
    run.bring_back(one.choices, data_of(one.choices), [Stage(*stage) for stage in one.stages])
    while run.goal is not None:
        run.play(None, 60)
    np.testing.assert_array_equal(weights(run), before)
    assert run.training.learning_rate == 0.05
    assert run.choices == one.choices
    assert 2 in {ghost.curve.position["updates"][-1] for ghost in run.ghosts}
    assert isinstance(run.runs, Runs)
